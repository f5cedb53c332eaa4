"""A trial keeps nothing, however it ends, and is never mistaken for the run that counts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from include import cli, steps
from include.counts import Counts
from include.errors import Busy, GateClosed
from include.hub import Hub
from include.runs import Wish, begin, get
from include.steps import run_flow
from tests.conftest import NOW
from tests.include.shelf import shelved
from tests.include.test_merge import birth, golden

pytestmark = pytest.mark.postgres
TRIAL = Wish(full=True, dry=True)
ROWS = [birth(f"A{n}", soDinhDanh=f"0243260001{n:02}", nks__HoTen=f"TRẦN {chr(65 + n % 26)}{chr(65 + n // 26)}") for n in range(60)]
BAD = [birth(f"B{n}", nks__GioiTinh="9") for n in range(20)]


@pytest.fixture(autouse=True)
def nobody_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "publish", lambda *_: Counts())


def test_a_trial_the_gate_stops_leaves_no_line_behind(hub: Hub) -> None:
    flow = replace(shelved("births", ROWS + BAD), max_bad=0.1)
    with pytest.raises(GateClosed):
        run_flow(hub, flow, "dry", TRIAL)
    assert hub.db.rows("SELECT FROM hub.quarantine") == []


def test_what_a_killed_trial_put_aside_is_put_aside_by_the_run_that_counts(hub: Hub) -> None:
    flow = replace(shelved("births", ROWS + BAD), max_bad=1.0)
    begin(hub, flow, "dry", TRIAL)
    for step in (steps.land, steps.refine):
        step(hub, flow, "dry")
    counts = run_flow(hub, flow, "r1")
    assert (counts.quarantined, counts.held) == (20, 0)


def test_a_trial_takes_up_no_unfinished_run(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = shelved("births", [birth("A")])
    begin(hub, flow, "r1")
    monkeypatch.setattr("include.flows.flow", lambda _: flow)
    monkeypatch.setattr(cli, "connect", lambda: hub)
    assert CliRunner().invoke(cli.app, ["run", "births", "--dry-run"]).exit_code == 0
    assert golden(hub, "full_name") == []
    assert [dry for (dry,) in hub.db.rows("SELECT dry FROM hub.run WHERE run <> 'r1'")] == [True]


def test_a_run_that_publishes_is_not_asked_to_be_a_trial(hub: Hub) -> None:
    flow = shelved("births", [birth("A")])
    begin(hub, flow, "r1")
    with pytest.raises(LookupError, match="another name"):
        run_flow(hub, flow, "r1", Wish(dry=True))
    assert not get(hub, "births", "r1").dry


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
        run_flow(hub, shelved("births", [birth("A")]), "r1", wish)
    assert hub.db.rows("SELECT FROM hub.run") == hub.db.rows("SELECT FROM hub.flow_state") == []


def test_a_window_ends_now_at_the_latest_so_that_the_next_one_misses_nothing(hub: Hub) -> None:
    run_flow(hub, shelved("births", [birth("A")]), "r1", Wish(until=NOW + timedelta(days=200)))
    assert get(hub, "births", "r1").until == NOW
    assert begin(hub, shelved("births"), "r2").cursor["since"] < NOW.isoformat()


def test_a_run_that_waits_its_turn_has_not_failed(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise Busy("deliver:onestop_citizens is being worked on by another process")

    monkeypatch.setattr(steps, "publish", busy)
    with pytest.raises(Busy):
        run_flow(hub, shelved("births", [birth("A")]), "r1")
    assert get(hub, "births", "r1").state == "running"


def test_a_gate_that_closes_names_what_the_source_sends_otherwise(hub: Hub) -> None:
    run_flow(hub, shelved("births", ROWS), "r1", Wish(full=True))
    renamed = [{"hoVaTenMoi" if name == "soDinhDanh" else name: value for name, value in row.items()} for row in ROWS]
    with pytest.raises(GateClosed, match=r"soDinhDanh \(field_dropped\)"):
        run_flow(hub, shelved("births", renamed), "r2", Wish(full=True))
