"""The one-stop system as a target."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.dialects.motcua import OnestopSink
from connectors.errors import BadAnswer, SourceRefused, SourceUnavailable
from connectors.page import Item, Outcome, Receipt
from connectors.transport import Patience
from include.sandbox.run import Running
from tests.connectors.conftest import QUICK, Door, endpoint_of

ONCE = Patience(attempts=1)
OPERATION = "CapNhatCongDan"


def citizen(number: int, **changed: Any) -> Item:
    payload = {
        "maThamChieu": f"c{number}",
        "soDinhDanh": f"024094{number:06d}",
        "hoTen": "Nguyễn Văn Mẫu",
        "ngaySinh": "19940115",
        "gioiTinh": "1",
        "maXa": "07210",
    }
    return Item(f"c{number}", payload | changed)


def told(receipts: list[Receipt]) -> list[tuple[str, str]]:
    return [(receipt.outcome.value, receipt.code) for receipt in receipts]


@pytest.fixture
def connect(sandbox: Running, door: Door) -> Iterator[Callable[..., OnestopSink]]:
    sinks = []

    def make(patience: Patience = QUICK, operation: str = OPERATION, item: str = "congDan", **changed: str) -> OnestopSink:
        sinks.append(OnestopSink(endpoint_of(sandbox, "motcua", **changed), operation, item, patience))
        return sinks[-1]

    yield make
    for sink in sinks:
        sink.close()


@pytest.fixture
def sink(connect: Callable[..., OnestopSink]) -> OnestopSink:
    return connect()


def test_each_item_gets_its_own_receipt_in_order(sink: OnestopSink, door: Door) -> None:
    items = [citizen(1), citizen(2, ngaySinh="19941301"), citizen(3, maXa="99999"), citizen(4)]
    receipts = sink.push("r1", items)
    assert [receipt.reference for receipt in receipts] == ["c1", "c2", "c3", "c4"]
    assert told(receipts) == [("accepted", "00"), ("refused", "10"), ("refused", "20"), ("accepted", "00")]
    assert door.records("motcua", "citizens") == [citizen(1).payload, citizen(4).payload]


def test_a_refusal_says_why(sink: OnestopSink) -> None:
    assert [receipt.message for receipt in sink.push("r1", [citizen(1), citizen(2, maXa="99999")])] == ["", "maXa không có trong danh mục"]


def test_a_whole_batch_is_one_call(sink: OnestopSink, door: Door) -> None:
    assert len(sink.push("r1", [citizen(n) for n in range(sink.batch)])) == sink.batch
    assert door.calls("motcua") == {OPERATION: 1}


def test_the_same_content_in_another_request_is_taken_before(sink: OnestopSink) -> None:
    sink.push("r1", [citizen(1)])
    assert told(sink.push("r2", [citizen(1)])) == [("accepted", "01")]


def test_the_same_request_again_gets_the_first_answer(sink: OnestopSink, door: Door) -> None:
    items = [citizen(1), citizen(2, maXa="99999")]
    first = sink.push("r1", items)
    assert sink.push("r1", items) == first
    assert len(door.records("motcua", "citizens")) == 1


def test_an_item_the_first_answer_does_not_name_is_unknown_not_accepted(sink: OnestopSink) -> None:
    sink.push("r1", [citizen(1)])
    assert told(sink.push("r1", [citizen(1), citizen(2)])) == [("accepted", "00"), ("unknown", "")]


@pytest.mark.parametrize("broken", [{"hoTen": None}, {"unheardOf": "x"}], ids=["required missing", "unknown field"])
def test_an_item_that_breaks_the_schema_is_refused_alone(sink: OnestopSink, door: Door, broken: dict[str, Any]) -> None:
    items = [citizen(n, **(broken if n == 3 else {})) for n in range(1, 8)]
    receipts = sink.push("r1", items)
    assert [receipt.reference for receipt in receipts] == [item.reference for item in items]
    assert [receipt.reference for receipt in receipts if receipt.outcome is Outcome.REFUSED] == ["c3"]
    assert len(door.records("motcua", "citizens")) == 6


def test_halves_of_a_request_tried_again_get_their_first_answers(sink: OnestopSink, door: Door) -> None:
    items = [citizen(n, **({"unheardOf": "x"} if n == 3 else {})) for n in range(1, 8)]
    assert sink.push("r1", items) == sink.push("r1", items)


def test_a_refusal_of_the_schema_names_no_person(sink: OnestopSink) -> None:
    receipt = sink.push("r1", [citizen(1, unheardOf="024094000001")])[0]
    assert receipt.outcome is Outcome.REFUSED
    assert "024094000001" not in receipt.message
    assert "Mẫu" not in receipt.message


def test_a_lost_answer_is_resolved_by_its_request_id(connect: Callable[..., OnestopSink], door: Door) -> None:
    sink, items = connect(ONCE), [citizen(1), citizen(2, maXa="99999")]
    door.fault("motcua", kind="lost_answer", path=OPERATION)
    with pytest.raises(SourceUnavailable):
        sink.push("r1", items)
    assert told(sink.resolve("r1", items)) == [("accepted", "00"), ("refused", "20")]


def test_a_request_that_never_arrived_is_unknown(connect: Callable[..., OnestopSink], door: Door) -> None:
    sink, items = connect(ONCE), [citizen(1)]
    door.fault("motcua", kind="503", path=OPERATION)
    with pytest.raises(SourceUnavailable):
        sink.push("r1", items)
    assert told(sink.resolve("r1", items)) == [("unknown", "")]
    assert door.records("motcua", "citizens") == []


@pytest.mark.parametrize("kind", ["429", "503", "truncated_body", "reset", "lost_answer", "expired_token"])
def test_a_passing_trouble_changes_nothing(sink: OnestopSink, door: Door, kind: str) -> None:
    door.fault("motcua", kind=kind, path=OPERATION, retry_after=0)
    assert told(sink.push("r1", [citizen(1), citizen(2)])) == [("accepted", "00"), ("accepted", "00")]
    assert door.pending("motcua") == 0


def test_bad_credentials_are_ours_and_no_item_is_blamed(connect: Callable[..., OnestopSink], door: Door) -> None:
    with pytest.raises(SourceRefused):
        connect(secret="wrong").push("r1", [citizen(n) for n in range(1, 5)])
    assert door.calls("motcua")[OPERATION] <= 2


def test_a_fault_about_credentials_is_ours_and_no_item_is_blamed(sink: OnestopSink, door: Door) -> None:
    door.fault("motcua", kind="soap_fault", ma="XACTHUC", path=OPERATION, times=-1)
    with pytest.raises(SourceRefused, match="XACTHUC"):
        sink.push("r1", [citizen(1), citizen(2)])
    assert door.calls("motcua")[OPERATION] == 1


def test_a_login_page_in_place_of_an_answer_is_a_bad_answer(sink: OnestopSink, door: Door) -> None:
    door.fault("motcua", kind="html_login", path=OPERATION)
    with pytest.raises(BadAnswer):
        sink.push("r1", [citizen(1)])


def test_enterprises_are_taken_too(connect: Callable[..., OnestopSink], door: Door) -> None:
    sink = connect(operation="CapNhatDoanhNghiep", item="doanhNghiep")
    good = {"maThamChieu": "e1", "maSoThue": "024094000001", "ten": "CÔNG TY TNHH MẪU"}
    bad = {"maThamChieu": "e2", "maSoThue": "2400000000", "ten": "CÔNG TY TNHH MẪU"}
    assert told(sink.push("r1", [Item("e1", good), Item("e2", bad)])) == [("accepted", "00"), ("refused", "10")]
    assert door.records("motcua", "enterprises") == [good]


def test_a_check_of_a_healthy_system_is_all_good_and_changes_nothing(sink: OnestopSink, door: Door) -> None:
    assert [check.ok for check in sink.check()] == [True, True]
    assert door.records("motcua", "citizens") == []


def test_a_check_with_bad_credentials_says_whose_side_it_is(connect: Callable[..., OnestopSink]) -> None:
    last = list(connect(secret="wrong").check())[-1]
    assert not last.ok
    assert last.side.startswith("ours")
