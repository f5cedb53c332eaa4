"""The one-stop system as a target for dossiers: looked up, then written, never over what a desk changed unseen."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.dialects.motcua import OnestopDossierSink
from connectors.errors import SourceUnavailable
from connectors.page import Item, Outcome
from connectors.transport import Patience
from include.sandbox.run import Running
from mappings.apply import apply
from mappings.motcua_dossiers import DOSSIERS
from mappings.onestop_dossier import ho_so_mot_cua
from tests.connectors.conftest import QUICK, Door, endpoint_of

LONG_AGO, TODAY = "2020-01-01T00:00:00+07:00", "2999-01-01T00:00:00+07:00"


def item(number: int, **changed: Any) -> Item:
    """The sample dossier under a number of its own, as the hub writes it."""
    code = f"H05.16-261102-{number:04d}"
    columns = apply(DOSSIERS, [{**DOSSIERS.sample, "maHoSo": code}]).columns
    return Item(code, ho_so_mot_cua({name: values[0] for name, values in columns.items()}) | changed, seen=TODAY)


@pytest.fixture
def sink(sandbox: Running, door: Door) -> Iterator[OnestopDossierSink]:
    sink = OnestopDossierSink(endpoint_of(sandbox, "motcua"), QUICK)
    yield sink
    sink.close()


def outcomes(sink: OnestopDossierSink, request: str, *items: Item) -> list[tuple[str, str]]:
    return [(one.outcome.value, one.code) for one in sink.push(request, items)]


def test_new_dossiers_are_taken_and_refused_one_by_one(sink: OnestopDossierSink, door: Door) -> None:
    items = [item(9001), item(9002, trangThai="42"), item(9003, maXa="99999"), item(9004)]
    assert outcomes(sink, "r1", *items) == [("accepted", "00"), ("refused", "10"), ("refused", "20"), ("accepted", "00")]
    assert door.records("motcua", "dossiers") == [items[0].payload, items[3].payload]
    assert door.calls("motcua") == {"TraCuuHoSo": 1, "CapNhatHoSo": 1}


def test_what_is_held_already_is_found_and_not_written_again(sink: OnestopDossierSink, door: Door) -> None:
    sink.push("r1", [item(9001)])
    assert outcomes(sink, "r2", item(9001)) == [("accepted", "01")]
    assert door.calls("motcua")["CapNhatHoSo"] == 1


def test_the_next_version_is_written_over_the_copy_that_was_looked_up(sink: OnestopDossierSink, door: Door) -> None:
    sink.push("r1", [item(9001)])
    assert outcomes(sink, "r2", item(9001, trichYeu="Khác")) == [("accepted", "00")]
    assert [one["trichYeu"] for one in door.records("motcua", "dossiers")] == ["Khác"]


def test_what_a_desk_changed_unseen_is_not_overwritten(sink: OnestopDossierSink, door: Door) -> None:
    sink.push("r1", [item(9001)])
    door._call("motcua", "POST", "change", {"dataset": "dossiers", "key": item(9001).reference, "set": {"email": "moi@example.com"}})
    mine = item(9001, trichYeu="Khác")
    assert outcomes(sink, "r2", replace(mine, seen=LONG_AGO)) == [("unknown", "30")]
    assert outcomes(sink, "r3", mine) == [("accepted", "00")]


def test_a_change_between_look_up_and_write_is_refused_and_the_record_waits(sink: OnestopDossierSink, door: Door) -> None:
    sink.push("r1", [item(9001)])
    sink.held = lambda _: {}  # type: ignore[method-assign] # the look-up came before somebody else wrote
    assert outcomes(sink, "r2", item(9001, trichYeu="Khác")) == [("unknown", "30")]


def test_a_lost_answer_is_found_by_its_request(sandbox: Running, door: Door) -> None:
    sink = OnestopDossierSink(endpoint_of(sandbox, "motcua"), Patience(attempts=1))
    door.fault("motcua", kind="lost_answer", path="CapNhatHoSo")
    with pytest.raises(SourceUnavailable):
        sink.push("r1", [item(9001)])
    assert [one.outcome for one in sink.resolve("r1", [item(9001)])] == [Outcome.ACCEPTED]
    assert [one.outcome for one in sink.resolve("never", [item(9001)])] == [Outcome.UNKNOWN]
    sink.close()
