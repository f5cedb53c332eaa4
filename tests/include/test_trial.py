"""A trial keeps nothing, however it ends; a run is what it was begun as, in a window that has been."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from include import steps
from include.errors import Busy, GateClosed
from include.hub import Hub
from include.runs import Wish, begin, close, get
from include.steps import run_flow
from tests.conftest import NOW
from tests.include.shelf import record, shelved
from tests.include.test_merge import birth

pytestmark = pytest.mark.postgres
FULL, TRIAL = Wish(full=True), Wish(full=True, dry=True)


def answer(code: str, score: str = "5") -> dict[str, Any]:
    return record("surveys", maPhieu=code, diem=score)


ROWS = [answer(f"A{n}") for n in range(60)]
BAD = [answer(f"B{n}", "9") for n in range(20)]


def test_a_trial_the_gate_stops_leaves_no_line_behind(hub: Hub) -> None:
    flow = replace(shelved("surveys", ROWS + BAD), max_bad=0.1)
    with pytest.raises(GateClosed):
        run_flow(hub, flow, "dry", TRIAL)
    assert hub.db.rows("SELECT FROM hub.quarantine") == []


def test_what_a_killed_trial_put_aside_is_put_aside_by_the_run_that_counts(hub: Hub) -> None:
    flow = replace(shelved("surveys", ROWS + BAD), max_bad=1.0)
    begin(hub, flow, "dry", TRIAL)
    for step in (steps.land, steps.refine):
        step(hub, flow, "dry")
    counts = run_flow(hub, flow, "r1")
    assert (counts.quarantined, counts.held) == (20, 0)


@pytest.mark.parametrize(("begun", "asked"), [(FULL, TRIAL), (TRIAL, FULL), (Wish(), FULL)])
def test_a_run_is_not_asked_to_be_another_kind_and_stays_as_it_was(hub: Hub, begun: Wish, asked: Wish) -> None:
    flow = shelved("surveys", [answer("A")])
    close(hub, begin(hub, flow, "r1", begun), "held", {"reasons": ["why"]})
    with pytest.raises(LookupError, match="another name"):
        run_flow(hub, flow, "r1", asked)
    assert hub.db.rows("SELECT state, note FROM hub.run") == [("held", {"reasons": ["why"]})]


def test_what_the_ledger_says_of_an_unforeseen_error_quotes_nobody(hub: Hub) -> None:
    flow = shelved("births", [birth("A")])
    fields = tuple(replace(one, convert=lambda name: str(int(name))) if one.field == "full_name" else one for one in flow.dataset.fields)
    with pytest.raises(ValueError, match="invalid literal"):
        run_flow(hub, replace(flow, dataset=replace(flow.dataset, fields=fields)), "r1")
    [(note,)] = hub.db.rows("SELECT note::text FROM hub.run")
    assert "NHIÊN" not in note.upper()
    assert "ValueError at" in note


@pytest.mark.parametrize("wish", [Wish(since=NOW, until=NOW - timedelta(days=1)), Wish(since=NOW + timedelta(days=1))])
def test_a_window_that_ends_before_it_begins_is_refused_and_moves_nothing(hub: Hub, wish: Wish) -> None:
    with pytest.raises(LookupError, match="begins after its end"):
        run_flow(hub, shelved("surveys", [answer("A")]), "r1", wish)
    assert hub.db.rows("SELECT FROM hub.run") == hub.db.rows("SELECT FROM hub.flow_state") == []


def test_a_window_ends_now_at_the_latest_so_that_the_next_one_misses_nothing(hub: Hub) -> None:
    run_flow(hub, shelved("surveys", [answer("A")]), "r1", Wish(until=NOW + timedelta(days=200)))
    assert get(hub, "surveys", "r1").until == NOW
    assert begin(hub, shelved("surveys"), "r2").cursor["since"] < NOW.isoformat()


def test_a_run_that_waits_its_turn_has_not_failed(hub: Hub) -> None:
    with hub.only_one("deliver:onestop_citizens"), pytest.raises(Busy):
        run_flow(hub, shelved("births", [birth("A")]), "r1")
    assert get(hub, "births", "r1").state == "running"


def test_a_gate_that_closes_names_what_the_source_sends_otherwise(hub: Hub) -> None:
    run_flow(hub, shelved("surveys", ROWS), "r1", FULL)
    renamed = [{"maCoQuanMoi" if name == "maCoQuan" else name: value for name, value in row.items()} for row in ROWS]
    with pytest.raises(GateClosed, match=r"maCoQuan \(field_dropped\)"):
        run_flow(hub, shelved("surveys", renamed), "r2", FULL)
