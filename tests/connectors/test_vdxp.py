"""The national portal behind the VDXP adapter, as a target."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.dialects import vdxp
from connectors.dialects.vdxp import PortalRefusal, PortalSink
from connectors.errors import BadAnswer, SessionExpired, SourceRefused, SourceUnavailable
from connectors.page import Endpoint, Item, Outcome, Receipt
from connectors.transport import Answer, Patience
from include.sandbox.run import Running
from mappings.apply import apply
from mappings.motcua_dossiers import DOSSIERS
from mappings.portal_dossier import ho_so, tien_do
from tests.connectors.conftest import QUICK, Door, Say, Script, Seen, Server, endpoint_of

ONCE = Patience(attempts=1)
JSON = {"Content-Type": "application/json"}


def item(number: int, known: bool = False, **changed: Any) -> Item:
    """The sample dossier, filed at a desk under a number of its own and mapped as the hub maps it; ``changed`` replaces fields of its HoSo."""
    code = f"H05.16-261102-{number:04d}"
    mapped = apply(DOSSIERS, [{**DOSSIERS.sample, "maHoSo": code}])
    assert not mapped.issues
    dossier = {name: column[0] for name, column in mapped.columns.items()}
    return Item(code, {"HoSo": ho_so(dossier) | {"NoiNopHoSo": "2"} | changed, "TienDo": tien_do(dossier)}, known)


def outcomes(receipts: list[Receipt]) -> list[Outcome]:
    return [receipt.outcome for receipt in receipts]


@pytest.fixture
def connect(sandbox: Running, door: Door) -> Iterator[Callable[..., PortalSink]]:
    sinks = []

    def make(patience: Patience = QUICK, **changed: Any) -> PortalSink:
        sinks.append(PortalSink(endpoint_of(sandbox, "dvcqg", **changed), patience))
        return sinks[-1]

    yield make
    for sink in sinks:
        sink.close()


@pytest.fixture
def sink(connect: Callable[..., PortalSink]) -> PortalSink:
    return connect()


def test_new_dossiers_and_their_progress_are_taken(sink: PortalSink, door: Door) -> None:
    items = [item(1), item(2)]
    assert sink.push("r1", items) == [Receipt(one.reference, Outcome.ACCEPTED, "0") for one in items]
    assert door.records("dvcqg", "dossiers") == [one.payload["HoSo"] for one in items]
    assert door.records("dvcqg", "progress") == [step for one in items for step in one.payload["TienDo"]]


def test_a_whole_batch_is_one_call(sink: PortalSink, door: Door) -> None:
    assert set(outcomes(sink.push("r1", [item(n) for n in range(1, sink.batch + 1)]))) == {Outcome.ACCEPTED}
    assert door.calls("dvcqg") == {"login": 1, "DongBoHoSoMC": 1, "CapNhatTienDoHoSoMC": 5}


def test_nothing_to_push_is_no_call(sink: PortalSink, door: Door) -> None:
    assert sink.push("r1", []) == []
    assert door.calls("dvcqg") == {}


def test_one_bad_dossier_is_refused_alone(sink: PortalSink, door: Door) -> None:
    items = [item(n, **({"TrangThaiHoSo": "42"} if n == 4 else {})) for n in range(1, 9)]
    receipts = sink.push("r1", items)
    assert [receipt.reference for receipt in receipts] == [one.reference for one in items]
    assert [receipt.reference for receipt in receipts if receipt.outcome is Outcome.REFUSED] == ["H05.16-261102-0004"]
    assert receipts[3].code == "-5"
    assert len(door.records("dvcqg", "dossiers")) == len(door.records("dvcqg", "progress")) == 7


def test_a_refusal_is_told_by_its_number_and_not_in_words_that_may_name_a_person(sink: PortalSink) -> None:
    assert sink.push("r1", [item(1, TrangThaiHoSo="42")])[0].message == "the portal refuses with error_code -5"


def test_a_dossier_thought_new_that_exists_is_updated(sink: PortalSink, door: Door) -> None:
    sink.push("r1", [item(1)])
    assert outcomes(sink.push("r2", [item(1, GhiChu="second"), item(2)])) == [Outcome.ACCEPTED] * 2
    assert [one["GhiChu"] for one in door.records("dvcqg", "dossiers")] == ["second", ""]


def test_a_dossier_thought_known_that_does_not_exist_is_created(sink: PortalSink, door: Door) -> None:
    assert outcomes(sink.push("r1", [item(1, known=True), item(2, known=True)])) == [Outcome.ACCEPTED] * 2
    assert len(door.records("dvcqg", "dossiers")) == 2


def test_new_and_known_go_in_one_push_and_receipts_keep_the_order(sink: PortalSink, door: Door) -> None:
    sink.push("r1", [item(2)])
    receipts = sink.push("r2", [item(2, known=True, GhiChu="changed"), item(1)])
    assert [(receipt.reference[-1], receipt.outcome) for receipt in receipts] == [("2", Outcome.ACCEPTED), ("1", Outcome.ACCEPTED)]


def test_the_same_push_again_changes_nothing(sink: PortalSink, door: Door) -> None:
    sink.push("r1", [item(1), item(2)])
    before = door.records("dvcqg", "dossiers"), door.records("dvcqg", "progress")
    assert outcomes(sink.push("r1", [item(1), item(2)])) == [Outcome.ACCEPTED] * 2
    assert (door.records("dvcqg", "dossiers"), door.records("dvcqg", "progress")) == before


def test_progress_refused_refuses_its_dossier_alone(sink: PortalSink, door: Door) -> None:
    good, bad = item(1), item(2)
    bad.payload["TienDo"][0]["TrangThai"] = "42"
    assert outcomes(sink.push("r1", [good, bad])) == [Outcome.ACCEPTED, Outcome.REFUSED]
    assert [one["MaHoSo"] for one in door.records("dvcqg", "progress")] == [good.reference]


def test_a_session_lost_is_opened_again_once(sink: PortalSink, door: Door) -> None:
    sink.push("r1", [item(1)])
    door.fault("dvcqg", kind="expired_token", path="DongBoHoSoMC")
    assert outcomes(sink.push("r2", [item(2)])) == [Outcome.ACCEPTED]
    assert door.calls("dvcqg")["login"] == 2


def test_a_session_lost_every_time_is_given_up(sink: PortalSink, door: Door) -> None:
    door.fault("dvcqg", kind="expired_token", path="DongBoHoSoMC", times=-1)
    with pytest.raises(SessionExpired):
        sink.push("r1", [item(1), item(2)])
    assert door.calls("dvcqg") == {"login": 2, "DongBoHoSoMC": 2}


@pytest.mark.parametrize("kind", ["429", "503", "truncated_body", "reset"])
def test_a_passing_trouble_changes_nothing(sink: PortalSink, door: Door, kind: str) -> None:
    for operation in ("login", "DongBoHoSoMC", "CapNhatTienDoHoSoMC"):
        door.fault("dvcqg", kind=kind, path=operation, retry_after=0)
    assert outcomes(sink.push("r1", [item(1), item(2)])) == [Outcome.ACCEPTED] * 2
    assert door.pending("dvcqg") == 0
    assert len(door.records("dvcqg", "progress")) == 2


def test_a_login_page_in_place_of_an_answer_is_a_bad_answer(sink: PortalSink, door: Door) -> None:
    door.fault("dvcqg", kind="html_login", path="DongBoHoSoMC")
    with pytest.raises(BadAnswer):
        sink.push("r1", [item(1)])


def test_a_lost_answer_is_resolved_by_looking_up(connect: Callable[..., PortalSink], door: Door) -> None:
    sink, items = connect(ONCE), [item(1), item(2)]
    door.fault("dvcqg", kind="lost_answer", path="DongBoHoSoMC")
    with pytest.raises(SourceUnavailable):
        sink.push("r1", items)
    receipts = sink.resolve("r1", [*items, item(3)])
    assert outcomes(receipts) == [Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.UNKNOWN]
    assert len(door.records("dvcqg", "progress")) == 2, "progress that was never sent is sent when its dossier is found"


def test_a_lost_answer_of_progress_is_resolved_without_sending_a_step_twice(connect: Callable[..., PortalSink], door: Door) -> None:
    sink, items = connect(ONCE), [item(1)]
    door.fault("dvcqg", kind="lost_answer", path="CapNhatTienDoHoSoMC")
    with pytest.raises(SourceUnavailable):
        sink.push("r1", items)
    assert outcomes(sink.resolve("r1", items)) == [Outcome.ACCEPTED]
    assert len(door.records("dvcqg", "progress")) == 1


def test_an_older_version_at_the_portal_is_not_mistaken_for_ours(sink: PortalSink) -> None:
    sink.push("r1", [item(1)])
    assert outcomes(sink.resolve("r2", [item(1, known=True, GhiChu="newer")])) == [Outcome.UNKNOWN]


def test_bad_credentials_are_ours_and_no_dossier_is_blamed(connect: Callable[..., PortalSink], door: Door) -> None:
    with pytest.raises(SourceRefused) as caught:
        connect(secret="wrong").push("r1", [item(n) for n in range(1, 5)])
    assert not isinstance(caught.value, PortalRefusal)
    assert door.calls("dvcqg") == {"login": 1}


@pytest.mark.parametrize("option", ["madonvi", "dstcode"])
def test_a_wrong_name_of_ours_is_ours_and_no_dossier_is_blamed(connect: Callable[..., PortalSink], sandbox: Running, option: str) -> None:
    right = dict(endpoint_of(sandbox, "dvcqg").options)
    with pytest.raises(SourceRefused, match="error_code -9") as caught:
        connect(options=right | {option: "other"}).push("r1", [item(n) for n in range(1, 5)])
    assert not isinstance(caught.value, PortalRefusal)


def test_a_check_of_a_healthy_portal_is_all_good_and_changes_nothing(sink: PortalSink, door: Door) -> None:
    assert all(check.ok for check in sink.check())
    assert door.records("dvcqg", "dossiers") == []


def test_a_check_with_bad_credentials_says_whose_side_it_is(connect: Callable[..., PortalSink]) -> None:
    last = list(connect(secret="wrong").check())[-1]
    assert not last.ok
    assert last.side.startswith("ours")


def test_a_dossier_held_is_shown_as_it_was_sent(sink: PortalSink) -> None:
    sink.push("r1", [item(1)])
    assert sink.held("H05.16-261102-0001") == item(1).payload["HoSo"]
    assert sink.held("H05.16-261102-9999") is None


@pytest.mark.parametrize("code", ["0", '"0"', '"00"'])
def test_every_way_of_writing_zero_is_success(code: str) -> None:
    vdxp.verdict(Answer(200, JSON, f'{{"error_code":{code}}}'.encode()))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ('"-2"', SessionExpired),
        ("-2", SessionExpired),
        ('"-3"', PortalRefusal),
        ("-4", PortalRefusal),
        ('"-5"', PortalRefusal),
        ('"-1"', SourceRefused),
        ("99", SourceRefused),
        ('"yes"', BadAnswer),
        ("null", BadAnswer),
        ('""', BadAnswer),
    ],
)
def test_every_other_code_is_read_as_a_number(code: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        vdxp.verdict(Answer(200, JSON, f'{{"error_code":{code},"message":"Thành công"}}'.encode()))
    assert type(caught.value) is error


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b'{"error_code":"\xff"}'])
def test_an_answer_without_code_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        vdxp.verdict(Answer(200, JSON, body))


@pytest.mark.parametrize("session", ["", None, 7])
def test_a_login_without_session_is_a_bad_answer(serve: Callable[[Script], Server], session: Any) -> None:
    server = serve(lambda _: Say(body=json.dumps({"error_code": "0", "session": session}).encode()))
    sink = PortalSink(Endpoint("dvcqg", server.url, "u", "p", {"dstcode": "d", "madonvi": "m"}), ONCE)
    with pytest.raises(BadAnswer, match="no session"):
        sink.push("r1", [item(1)])
    sink.close()


def test_what_is_sent_follows_the_specification(serve: Callable[[Script], Server]) -> None:
    def script(request: Seen) -> Say:
        return Say(body=b'{"error_code":"0","session":"s1","result":[]}')

    server = serve(script)
    sink = PortalSink(Endpoint("dvcqg", server.url, "u", "p", {"dstcode": "VN:X", "madonvi": "H05"}), ONCE)
    sink.push("r1", [item(1)])
    sink.close()
    assert [request.path.rsplit("/", 1)[-1] for request in server.seen] == ["login", "p", "p"]
    assert {request.headers["dstcode"] for request in server.seen} == {"VN:X"}
    sent = json.loads(server.seen[1].body)
    assert {name: sent[name] for name in ("session", "madonvi", "service", "isUpdating")} == {
        "session": "s1",
        "madonvi": "H05",
        "service": "DongBoHoSoMC",
        "isUpdating": "False",
    }


@pytest.fixture
def filed(sandbox: Running, door: Door) -> str:
    """The code of a dossier that was filed on the portal."""
    sink = PortalSink(endpoint_of(sandbox, "dvcqg"), QUICK)
    rows = sink.call("g", "LayDanhSachHoSo", tuNgay="20241101000000", denNgay="29991231000000", trang=1, soLuong=1)["result"]
    sink.close()
    return str(rows[0]["MaHoSo"])


def of(code: str, seen: str) -> Item:
    one = item(1, MaHoSo=code, NoiNopHoSo="1")
    return Item(code, {"HoSo": one.payload["HoSo"], "TienDo": []}, seen=seen)


def test_a_dossier_filed_on_the_portal_is_looked_up_and_then_updated(sink: PortalSink, door: Door, filed: str) -> None:
    before = door.calls("dvcqg").get("DongBoHoSoMC", 0)
    assert outcomes(sink.push("r1", [of(filed, "2999-01-01T00:00:00+07:00")])) == [Outcome.ACCEPTED]
    assert door.calls("dvcqg")["DongBoHoSoMC"] == before + 1
    assert door.calls("dvcqg")["TraCuuHoSo"] == 1, "and not twice"
    assert sink.held(filed) == of(filed, "").payload["HoSo"]


def test_only_what_was_filed_on_the_portal_is_looked_up(sink: PortalSink, door: Door, filed: str) -> None:
    sink.push("r1", [item(1), of(filed, "2999-01-01T00:00:00+07:00"), item(2)])
    assert door.calls("dvcqg")["TraCuuHoSo"] == 1


def test_what_its_owner_changed_on_the_portal_unread_is_not_overwritten(sink: PortalSink, filed: str) -> None:
    assert outcomes(sink.push("r1", [of(filed, "2020-01-01T00:00:00+07:00")])) == [Outcome.UNKNOWN]
    assert sink.copy(filed)["TrangThaiHoSo"] == "1"  # type: ignore[index]
