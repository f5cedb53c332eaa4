"""The citizen database, asked as its guide says: in order, signed, for an officer; and only yes, no, or one person comes back."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.contract import contract
from connectors.dialects.c06 import LOOK_UP, VERIFY, CitizenDatabase, Question
from connectors.dialects.providers import provider
from connectors.errors import BadAnswer, ConnectorError, RequestRefused, SessionExpired, SourceRefused, SourceUnavailable
from connectors.page import Endpoint
from connectors.xmlguard import local, parse
from include.sandbox.accounts import ACCOUNTS
from include.sandbox.run import ROOT, Running
from include.sandbox.store import Store, file_of
from include.sandbox.wire import INSURANCE
from tests.connectors.conftest import QUICK, Say, Script, Server
from tests.connectors.wsdls import envelope

OFFICER = "024085000123"
XML = {"Content-Type": "text/xml; charset=utf-8"}
DAN_CU = "http://www.mic.gov.vn/dancu/1.0"


@pytest.fixture(scope="module")
def c06(sandbox: Running) -> Iterator[str]:
    """The address of the sandbox's citizen database."""
    command = [sys.executable, "-m", "include.sandbox.server", "c06", "--state", str(sandbox.state)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment)
    assert process.stdin is not None
    assert process.stdout is not None
    yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
    process.stdin.close()
    process.wait(timeout=10)
    process.stdout.close()


def fault(c06: str, **fault: Any) -> None:
    assert requests.post(f"{c06}/_sandbox/faults", json=[fault], timeout=10).ok


def endpoint(url: str, **changed: str) -> Endpoint:
    account = dict(ACCOUNTS["c06"]) | changed
    return Endpoint("c06", f"{url}/dancu" if "127" in url else url, account.pop("user"), account.pop("secret"), account)


@pytest.fixture
def database(c06: str) -> Iterator[CitizenDatabase]:
    made = CitizenDatabase(endpoint(c06), QUICK)
    yield made
    made.close()


@pytest.fixture(scope="module")
def person(sandbox: Running) -> dict[str, str]:
    """Somebody the sandbox knows whole."""
    store = Store(file_of(sandbox.state, "bhxh"))
    rows = [INSURANCE.parse(fragment) for fragment in store.page(INSURANCE.name, "", "\uffff", 0, 500)]
    store.close()
    return next(row for row in rows if len(row.get("soDinhDanh", "")) == 12 and len(row.get("soCmnd", "")) == 9 and row["loaiNgaySinh"] == "0")


def question(person: dict[str, str], **changed: str) -> Question:
    return replace(Question(OFFICER, person["soDinhDanh"], person["hoTen"].lower(), person["ngaySinh"]), **changed)


def test_somebody_who_is_so_exists(database: CitizenDatabase, person: dict[str, str]) -> None:
    assert database.verify(question(person)) is True


def test_the_old_number_and_the_year_alone_may_be_asked_by(database: CitizenDatabase, person: dict[str, str]) -> None:
    assert database.verify(question(person, personal=person["soCmnd"], birth=person["ngaySinh"][:4])) is True


@pytest.mark.parametrize("changed", [{"name": "Ai Đó Khác"}, {"birth": "19000101"}, {"personal": "024000000000"}], ids=lambda c: next(iter(c)))
def test_somebody_who_is_not_quite_so_does_not(database: CitizenDatabase, person: dict[str, str], changed: dict[str, str]) -> None:
    assert database.verify(question(person, **changed)) is False
    assert database.look_up(question(person, **changed)) is None


def test_what_is_held_of_one_person_comes_with_its_moment(database: CitizenDatabase, person: dict[str, str]) -> None:
    found = database.look_up(question(person))
    assert found is not None
    assert found["SoDinhDanh"] == person["soDinhDanh"]
    assert " ".join(found["HoVaTen"].values()).replace("  ", " ") == person["hoTen"].upper()
    assert found["ThoiDiemDuLieu"]


def test_the_request_is_what_the_guide_says_child_by_child(serve: Callable[[Script], Server], person: dict[str, str]) -> None:
    server = serve(lambda _: Say(body=envelope(f'<KetQuaXacThuc xmlns="{DAN_CU}"><TonTai>true</TonTai></KetQuaXacThuc>'), headers=XML))
    CitizenDatabase(endpoint(server.url, madonvi="H05", taikhoan="tk", sodienthoai="0204"), QUICK).verify(question(person), "24-1")
    headers, asked = server.seen[0].headers, parse(server.seen[0].body).find("{*}Body")[0]
    assert asked.tag == f"{{http://dancuquocgia.bca}}{VERIFY}"
    assert [local(node) for node in asked] == [
        *("MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", "MaDonVi", "TaiKhoan", "SoDienThoai", "SoDinhDanh", "HoVaTen", "NgayThangNamSinh"),
    ]
    assert (asked.findtext("{*}MaYeuCau"), asked.findtext("{*}MaTichHop"), asked.findtext("{*}MaCanBo")) == ("24-1", "033", OFFICER)
    assert asked.findtext("{*}HoVaTen") == person["hoTen"].upper()
    assert (headers["SOAPAction"], headers["ApiKey"], headers["X-Road-Client"]) == ('""', "sandbox-c06-key", "VN/GOV/000.00.00.H05/hub")
    assert server.seen[0].path == "/dancu", "no person in an address"


def test_a_question_tried_again_keeps_its_number_and_renews_its_signature(serve: Callable[[Script], Server], person: dict[str, str]) -> None:
    answers = [Say(503), Say(body=envelope(f'<KetQuaXacThuc xmlns="{DAN_CU}"><TonTai>0</TonTai></KetQuaXacThuc>'), headers=XML)]
    server = serve(lambda _: answers.pop(0))
    assert CitizenDatabase(endpoint(server.url), QUICK).verify(question(person)) is False
    assert len({parse(request.body).findtext(".//{*}MaYeuCau") for request in server.seen}) == 1


@pytest.mark.parametrize(
    "changed",
    [
        *({"officer": wrong} for wrong in ("", "canbo")),
        *({"personal": wrong} for wrong in ("", "0270990001", "٠٢٤٠٨٥٠٠٠١٢٣")),
        *({"name": wrong} for wrong in (" ", "Nguyễn 027")),
        *({"birth": wrong} for wrong in ("", "02/01/1999")),
    ],
    ids=str,
)
def test_a_question_that_lacks_something_never_leaves_the_house(person: dict[str, str], changed: dict[str, str]) -> None:
    with pytest.raises(RequestRefused) as caught:
        CitizenDatabase(endpoint("http://127.0.0.1:9"), QUICK).verify(question(person, **changed))
    assert str(caught.value) == f"the citizen database cannot be asked: {next(iter(changed))} is missing or of another form"


@pytest.mark.parametrize("changed", [{"secret": "other"}, {"user": "other"}, {"apikey": "other"}, {"client": "VN/GOV/other/hub"}], ids=str)
def test_wrong_credentials_are_refused(c06: str, person: dict[str, str], changed: dict[str, str]) -> None:
    stranger = CitizenDatabase(endpoint(c06, **changed), QUICK)
    with pytest.raises(SessionExpired):
        stranger.verify(question(person))
    stranger.close()


def test_a_refused_moment_is_signed_anew_once(c06: str, database: CitizenDatabase, person: dict[str, str]) -> None:
    fault(c06, kind="expired_token")
    assert database.verify(question(person)) is True


@pytest.mark.parametrize("kind", ["503", "429", "truncated_body", "reset", "lost_answer"])
def test_a_passing_trouble_changes_nothing(c06: str, database: CitizenDatabase, person: dict[str, str], kind: str) -> None:
    fault(c06, kind=kind, retry_after=0)
    assert database.verify(question(person)) is True


ANSWERS: dict[str, tuple[str, str, type[ConnectorError]]] = {
    "yes in words": (VERIFY, f'<KetQuaXacThuc xmlns="{DAN_CU}"><TonTai>có</TonTai></KetQuaXacThuc>', BadAnswer),
    "nothing said": (VERIFY, f'<KetQuaXacThuc xmlns="{DAN_CU}"/>', BadAnswer),
    "the other answer": (VERIFY, f'<CongdanCollection xmlns="{DAN_CU}" SoCongDan="0"/>', BadAnswer),
    "another namespace": (VERIFY, '<KetQuaXacThuc xmlns="urn:x"><TonTai>true</TonTai></KetQuaXacThuc>', BadAnswer),
    "fewer than promised": (LOOK_UP, f'<CongdanCollection xmlns="{DAN_CU}" SoCongDan="1"/>', BadAnswer),
    "no count": (LOOK_UP, f'<CongdanCollection xmlns="{DAN_CU}"/>', BadAnswer),
    "two who fit": (
        LOOK_UP,
        f'<CongdanCollection xmlns="{DAN_CU}" SoCongDan="2">'
        + "<CongDan><SoDinhDanh>1</SoDinhDanh><HoVaTen><Ho>A</Ho><Ten>B</Ten></HoVaTen><NgayThangNamSinh><Nam>1999</Nam></NgayThangNamSinh></CongDan>"
        * 2
        + "</CongdanCollection>",
        BadAnswer,
    ),
}


@pytest.mark.parametrize("case", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_says_less_or_more_is_not_used(
    serve: Callable[[Script], Server], person: dict[str, str], case: tuple[str, str, type[ConnectorError]]
) -> None:
    operation, inner, error = case
    server = serve(lambda _: Say(body=envelope(inner), headers=XML))
    asked = CitizenDatabase(endpoint(server.url), QUICK)
    with pytest.raises(error):
        asked.verify(question(person)) if operation == VERIFY else asked.look_up(question(person))


def test_a_system_that_is_away_is_unavailable(person: dict[str, str]) -> None:
    with pytest.raises(SourceUnavailable):
        CitizenDatabase(endpoint("http://127.0.0.1:9"), QUICK).verify(question(person))


def test_a_check_names_what_is_missing_and_asks_after_nobody(c06: str) -> None:
    assert [check.ok for check in CitizenDatabase(endpoint(c06)).check()] == [True]
    bare = CitizenDatabase(replace(endpoint(c06), options={"apikey": "x", "client": "y"}))
    assert [(check.ok, check.detail) for check in bare.check()] == [(False, "\"endpoint c06 has no option 'madvc'\"")]


def test_a_question_shown_shows_nobody(person: dict[str, str]) -> None:
    assert person["soDinhDanh"] not in repr(question(person))


def test_the_contract_is_pinned_and_keeps_the_order() -> None:
    assert contract("c06.wsdl").operations[LOOK_UP].answers == f"{{{DAN_CU}}}CongdanCollection"
    assert Path(contract("c06.wsdl").path).name == "c06.wsdl"


GOOD = "https://apigiaytocanhan.dichvucong.gov.vn"


def test_a_provider_on_the_list_is_named_in_the_request() -> None:
    listed = Endpoint("dvcqg", "x", options={"providers": f"{GOOD} https://kho.gov.vn/api"})
    assert provider(listed, GOOD) == {"providerurl": GOOD}


@pytest.mark.parametrize(
    "address", ["", f"{GOOD}/", f"{GOOD}.evil.vn", GOOD.upper(), f"{GOOD}&providerurl=https://evil", "http://169.254.169.254/", "file:///etc/passwd"]
)
def test_a_provider_that_is_not_on_the_list_is_refused(address: str) -> None:
    with pytest.raises(SourceRefused, match="not in option providers"):
        provider(Endpoint("dvcqg", "x", options={"providers": GOOD}), address)


@pytest.mark.parametrize(
    "address", ["http://kho.gov.vn", "https://a@b/c", "https://a/c?x=1", "https://a/../c", "https:///x", "https://a/%2e%2e", "//a/b"]
)
def test_even_the_list_holds_plain_addresses_only(address: str) -> None:
    with pytest.raises(SourceRefused, match="not plain https"):
        provider(Endpoint("dvcqg", "x", options={"providers": address}), address)
