"""What every source must be able to do, whatever its protocol. A new source gets a line in ``CASES`` and passes all of it."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import requests

from connectors.dialects import portal2025
from connectors.errors import BadAnswer, SourceRefused, SourceUnavailable
from connectors.page import Endpoint, Page, Source
from connectors.transport import Patience
from include import sources
from include.sandbox.run import Running
from tests.connectors.conftest import QUICK, Door, Say, Script, Seen, Server, endpoint_of

SINCE = {"since": "2024-11-01T00:00:00+07:00"}
"""Before the first change of the synthetic province."""
UNTIL = datetime.fromisoformat("2026-11-23T00:00:00+07:00")


@dataclass(frozen=True)
class Case:
    """A source, the system it reads, what its operation is called there, and the dataset of ``truth.json`` it gives."""

    make: Callable[[Endpoint], Source]
    system: str
    operation: str
    dataset: str
    key: Callable[[dict[str, Any]], str]


CASES = {
    "enterprises": Case(sources.enterprises, "lgsp", "danhSachHoSo", "enterprises", lambda row: row["MainInformation"]["ENTERPRISE_ID"]),
    "births": Case(sources.civil_status("LTKS"), "lgsp", "dsHoSoDangKy", "births", lambda row: row["maGCS"]),
    "participants": Case(sources.participants, "bhxh", "DanhSachNguoiThamGia", "insurance", lambda row: row["maSoBhxh"]),
    "dossiers": Case(sources.dossiers, "motcua", "DanhSachHoSoThayDoi", "dossiers", lambda row: row["maHoSo"]),
    "portal_filed": Case(sources.filed, "dvcqg", "LayDanhSachHoSo", "portal_filed", lambda row: row["MaHoSo"]),
    "portal_2025": Case(portal2025.filed, "dvcqg", "danhsach", "portal_filed", lambda row: row["MaHoSo"]),
}
WITH_SESSION = ["enterprises", "births", "participants", "dossiers", "portal_filed", "portal_2025"]
"""Social insurance has no session to lose: each message carries a token of its own."""


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def made(sandbox: Running) -> Iterator[Callable[..., Any]]:
    """``made(case)`` is the source of a case with hardly a pause between attempts; ``secret=…`` and ``url=…`` change its endpoint."""
    open_sources = []

    def make(case: Case, patience: Patience = QUICK, **changed: str) -> Any:
        source: Any = case.make(endpoint_of(sandbox, case.system, **changed))
        source.transport.patience = patience
        open_sources.append(source)
        return source

    yield make
    for source in open_sources:
        source.close()


@pytest.fixture
def source(case: Case, made: Callable[..., Any], door: Door) -> Any:
    return made(case)


def all_pages(source: Source) -> list[Page]:
    return list(source.pages(SINCE, UNTIL))


def rows(source: Source, pages: list[Page]) -> list[bytes]:
    return [row for page in pages for row in source.rows(page.body)]


def first_page(source: Source) -> Page:
    """The first page that holds a row."""
    return next(page for page in source.pages(SINCE, UNTIL) if page.rows)


def truth(sandbox: Running) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((sandbox.state / "truth.json").read_text(encoding="utf-8"))
    return found


def test_every_row_is_read(case: Case, source: Source, sandbox: Running) -> None:
    pages = all_pages(source)
    assert len(rows(source, pages)) == sum(page.rows for page in pages) == truth(sandbox)["rows"][case.dataset]


def test_one_read_takes_several_pages_and_only_the_last_is_finished(source: Source) -> None:
    pages = all_pages(source)
    assert len(pages) > 1
    assert [page.finished for page in pages] == [False] * (len(pages) - 1) + [True]


def test_behind_the_last_page_stands_only_where_to_begin_next_time(source: Source) -> None:
    assert all_pages(source)[-1].after == {"since": UNTIL.isoformat()}


def test_reading_twice_gives_the_same_bytes(source: Source) -> None:
    assert [page.body for page in all_pages(source)] == [page.body for page in all_pages(source)]


def test_each_cursor_goes_on_with_exactly_the_rest(source: Source, case: Case, made: Callable[..., Any]) -> None:
    pages = all_pages(source)
    for at in range(0, len(pages) - 1, max(1, len(pages) // 6)):
        cursor = json.loads(json.dumps(pages[at].after))
        later = list(made(case).pages(cursor, datetime.fromisoformat("2027-01-01T00:00:00+07:00")))
        assert [page.body for page in later] == [page.body for page in pages[at + 1 :]]
        assert later[-1].after == pages[-1].after


def test_a_landed_page_is_read_again_without_the_system(case: Case, source: Source, made: Callable[..., Any]) -> None:
    page = first_page(source)
    offline = made(case, url="http://127.0.0.1:9")
    assert offline.rows(page.body) == source.rows(page.body)
    assert offline.decode(offline.rows(page.body)[0]) == source.decode(source.rows(page.body)[0])


def texts(value: Any) -> bool:
    """Text all the way down; what JSON sends as a whole number may stay one."""
    if isinstance(value, dict):
        return all(isinstance(name, str) and texts(inner) for name, inner in value.items())
    if isinstance(value, list):
        return all(texts(inner) for inner in value)
    return isinstance(value, str) or type(value) is int


def test_records_are_nested_dicts_of_text_with_the_key_in_its_place(case: Case, source: Source) -> None:
    records = [source.decode(row) for row in rows(source, all_pages(source))]
    assert all(isinstance(record, dict) and texts(record) for record in records)
    assert all(case.key(record) for record in records)


def test_a_check_of_a_healthy_system_is_all_good(source: Source) -> None:
    assert [(check.what, check.ok) for check in source.check()] == [("credentials", True), ("one page", True)]


def test_bad_credentials_are_refused_and_not_tried_again(case: Case, made: Callable[..., Any], door: Door) -> None:
    stranger = made(case, secret="wrong")
    with pytest.raises(SourceRefused):
        all_pages(stranger)
    once_renewed = 2
    assert sum(door.calls(case.system).values()) <= once_renewed


def test_a_check_with_bad_credentials_says_whose_side_it_is(case: Case, made: Callable[..., Any], door: Door) -> None:
    last = list(made(case, secret="wrong").check())[-1]
    assert not last.ok
    assert last.side.startswith("ours")
    assert "wrong" not in last.detail


def test_a_check_of_a_system_that_is_away_says_it_is_theirs(case: Case, made: Callable[..., Any]) -> None:
    last = list(made(case, url="http://127.0.0.1:9").check())[-1]
    assert not last.ok
    assert last.side.startswith("theirs")


@pytest.mark.parametrize("kind", ["429", "503", "truncated_body", "reset", "lost_answer", "slow_drip"])
def test_a_passing_trouble_changes_nothing(case: Case, source: Source, door: Door, kind: str) -> None:
    untroubled = [page.body for page in all_pages(source)]
    door.fault(case.system, kind=kind, path=case.operation, after=1, retry_after=0, seconds=0.001)
    assert [page.body for page in all_pages(source)] == untroubled
    assert door.pending(case.system) == 0


@pytest.mark.parametrize("name", WITH_SESSION)
def test_a_session_lost_on_the_way_is_renewed_unnoticed(name: str, made: Callable[..., Any], door: Door) -> None:
    case, source = CASES[name], made(CASES[name], Patience(attempts=1))
    untroubled = [page.body for page in all_pages(source)]
    door.fault(case.system, kind="expired_token", path=case.operation, after=1)
    assert [page.body for page in all_pages(source)] == untroubled
    assert door.pending(case.system) == 0


def test_the_time_a_throttling_system_names_is_waited(case: Case, made: Callable[..., Any], door: Door) -> None:
    source = made(case, Patience(attempts=2, first=0.001, longest=0.02))
    door.fault(case.system, kind="429", path=case.operation, retry_after=60)
    start = time.monotonic()
    first_page(source)
    assert time.monotonic() - start >= 0.2, "sixty seconds were asked for, ten times the longest pause is what we grant"


def test_a_system_that_stays_away_is_unavailable(case: Case, source: Source, door: Door) -> None:
    door.fault(case.system, kind="503", path=case.operation, times=-1)
    with pytest.raises(SourceUnavailable):
        first_page(source)
    assert door.calls(case.system)[case.operation] == QUICK.attempts


def test_a_login_page_in_place_of_an_answer_is_a_bad_answer(case: Case, source: Source, door: Door) -> None:
    door.fault(case.system, kind="html_login", path=case.operation, times=-1)
    with pytest.raises(BadAnswer):
        first_page(source)
    assert door.calls(case.system)[case.operation] == 1


def test_an_answer_above_the_cap_is_refused(case: Case, source: Any) -> None:
    source.transport.cap = 100
    with pytest.raises(BadAnswer, match="larger than"):
        all_pages(source)


def test_rows_delivered_twice_do_not_hide_others(case: Case, source: Source, door: Door, sandbox: Running) -> None:
    once = {case.key(source.decode(row)) for row in rows(source, all_pages(source))}
    door.fault(case.system, kind="duplicate_delivery", path=case.operation, after=1, rows=3)
    assert {case.key(source.decode(row)) for row in rows(source, all_pages(source))} == once


@pytest.fixture
def relayed(serve: Callable[[Script], Server], sandbox: Running) -> Callable[[str], Server]:
    """``relayed(system)`` stands between a source and a system, and remembers what was asked."""

    def relay(system: str) -> Server:
        def forward(request: Seen) -> Say:
            headers = {name: value for name, value in request.headers.items() if name not in {"Host", "Content-Length"}}
            answer = requests.request(request.method, sandbox.root(system) + request.path, data=request.body, headers=headers, timeout=10)
            return Say(answer.status_code, answer.content, {"Content-Type": answer.headers["Content-Type"]})

        return serve(forward)

    return relay


def test_no_url_carries_a_number_of_a_person_or_a_secret(
    case: Case, made: Callable[..., Any], relayed: Callable[[str], Server], sandbox: Running
) -> None:
    server = relayed(case.system)
    path = sandbox.endpoints[case.system].removeprefix(sandbox.root(case.system))
    source = made(case, url=server.url + path)
    assert any(page.rows for page in source.pages({"since": "2026-10-01T00:00:00+07:00"}, UNTIL))
    for request in server.seen:
        assert not re.search(r"\d{9}", request.path)
        assert "sandbox" not in request.path


def test_an_error_names_no_person(case: Case, source: Any, door: Door) -> None:
    numbers = re.compile(r"\d{9}")
    door.fault(case.system, kind="truncated_body", path=case.operation, times=-1)
    with pytest.raises(SourceUnavailable) as caught:
        all_pages(source)
    assert not numbers.search(str(caught.value))
