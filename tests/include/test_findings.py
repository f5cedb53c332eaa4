"""A person's word on a finding opens the gate for a field that its source dropped for good, and for nothing else."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from typer.testing import CliRunner

from include import cli, findings, schema
from include.counts import Counts
from include.errors import GateClosed
from include.filing import Batch, Rows
from include.flows import flow as find
from include.gating import ask_gate
from include.hub import Hub
from include.runs import Run, Wish, begin, close
from quality.gate import Filled
from quality.schema import Change

pytestmark = pytest.mark.postgres
FLOW = find("births")
WIRE = next(one for one in FLOW.dataset.fields if one.field == "mother_name").wires[0]
NOW = Counts(received=100, new=100)


def ran(hub: Hub, name: str, filled: dict[str, int], rows: int = NOW.received) -> Run:
    """A run that did well, with so many rows filled in."""
    run = begin(hub, FLOW, name, Wish(full=True))
    with hub.db.transaction() as connection:
        connection.execute("UPDATE hub.run SET state = 'done' WHERE run = %s", [name])
        query = "INSERT INTO hub.refined_batch (flow, run, first, last, counts, filled, seconds, fields) VALUES (%s, %s, 1, 1, %s, %s, '{}', '{}')"
        connection.execute(query, [FLOW.id, name, Jsonb(NOW.document()), Jsonb({"": [rows, filled]})])
    return run


def dropped(hub: Hub, run: Run, rows: int, again: str = schema.ADDED) -> None:
    """A batch without the field."""
    batch = Batch(Rows([1] * rows, list(range(rows)), [b""] * rows, []))
    batch.changes = [Change("field_dropped", WIRE, range(rows))]
    with hub.db.transaction() as connection:
        schema.note(connection, hub, run, batch, again)


def accept(hub: Hub, code: str, field: str = "") -> None:
    """A person says that it is so."""
    number = next(one["id"] for one in findings.listed(hub) if one["code"] == code and field in ("", one["field"]))
    findings.triage(hub, number, "an", "normal", "đã hỏi nguồn")


def gate(hub: Hub, run: Run) -> None:
    ask_gate(hub, FLOW, run, replace(NOW, staged=100), {"": Filled(100, {"full_name": 100})})


def test_a_dropped_field_that_was_accepted_no_longer_closes_the_gate(hub: Hub) -> None:
    ran(hub, "r1", {"full_name": 100, "mother_name": 100})
    run = begin(hub, FLOW, "r2", Wish(full=True))
    dropped(hub, run, 3)
    with pytest.raises(GateClosed, match="mother_name is empty"):
        gate(hub, run)
    accept(hub, "field_dropped")
    gate(hub, run)


def test_what_closed_the_gate_is_a_finding_and_accepted_it_closes_it_no_more(hub: Hub) -> None:
    ran(hub, "r1", {"full_name": 100, "mother_name": 100, "father_name": 100})
    run = begin(hub, FLOW, "r2", Wish(full=True))
    with pytest.raises(GateClosed, match="hub findings births"):
        gate(hub, run)
    kept = {(one["kind"], one["code"], one["field"], one["state"]) for one in findings.listed(hub)}
    assert kept == {("gate", "column_emptied", "father_name", "new"), ("gate", "column_emptied", "mother_name", "new")}
    accept(hub, "column_emptied", "mother_name")
    with pytest.raises(GateClosed, match="father_name is empty") as closed:
        gate(hub, begin(hub, FLOW, "r3", Wish(full=True)))
    assert "mother_name" not in str(closed.value)
    accept(hub, "column_emptied", "father_name")
    gate(hub, begin(hub, FLOW, "r4", Wish(full=True)))


def test_an_acceptance_is_for_what_was_seen_and_not_for_worse(hub: Hub) -> None:
    ran(hub, "r1", {"full_name": 100})
    run = begin(hub, FLOW, "r2", Wish(full=True))

    def read(rows: int) -> None:
        ask_gate(hub, FLOW, run, Counts(received=rows, staged=rows), {"": Filled(rows, {"full_name": rows})})

    with pytest.raises(GateClosed, match="80 rows"):
        read(80)
    accept(hub, "too_few_rows")
    read(80)
    with pytest.raises(GateClosed, match="60 rows"):
        read(60)
    assert [one["state"] for one in findings.listed(hub)] == ["new"]


def test_once_a_run_was_published_what_was_accepted_before_counts_no_more(hub: Hub) -> None:
    ran(hub, "r1", {"full_name": 100})
    run = begin(hub, FLOW, "r2", Wish(full=True))
    many = Counts(received=100, staged=60, quarantined=40)
    with pytest.raises(GateClosed, match="40/100"):
        ask_gate(hub, FLOW, run, many, {"": Filled(60, {"full_name": 60})})
    accept(hub, "too_many_quarantined")
    ask_gate(hub, FLOW, run, many, {"": Filled(60, {"full_name": 60})})
    close(replace(hub, clock=lambda: hub.clock() + timedelta(minutes=5)), run, "done")
    with pytest.raises(GateClosed, match="40/100"):
        ask_gate(hub, FLOW, begin(hub, FLOW, "r3", Wish(full=True)), many, {"": Filled(60, {"full_name": 60})})


def test_an_acceptance_of_a_full_run_outlives_the_incremental_runs_beside_it(hub: Hub) -> None:
    ran(hub, "r1", {"full_name": 100})
    few = Counts(received=80, staged=80)
    with pytest.raises(GateClosed, match="80 rows"):
        ask_gate(hub, FLOW, begin(hub, FLOW, "r2", Wish(full=True)), few, {"": Filled(80, {"full_name": 80})})
    accept(hub, "too_few_rows")
    close(replace(hub, clock=lambda: hub.clock() + timedelta(minutes=15)), begin(hub, FLOW, "r3", Wish()), "done")
    ask_gate(hub, FLOW, begin(hub, FLOW, "r4", Wish(full=True)), few, {"": Filled(80, {"full_name": 80})})


def test_what_a_run_with_hardly_a_row_had_filled_hides_no_lost_column(hub: Hub) -> None:
    ran(hub, "r1", {"full_name": 100, "mother_name": 100})
    ran(replace(hub, clock=lambda: hub.clock() + timedelta(minutes=5)), "r2", {"full_name": 3, "mother_name": 0}, rows=3)
    with pytest.raises(GateClosed, match="mother_name is empty"):
        gate(hub, begin(hub, FLOW, "r3", Wish()))


def test_a_dry_run_leaves_no_finding(hub: Hub) -> None:
    ran(hub, "r1", {"full_name": 100, "mother_name": 100})
    with pytest.raises(GateClosed):
        gate(hub, begin(hub, FLOW, "r2", Wish(full=True, dry=True)))
    assert findings.listed(hub) == []


def test_another_emptied_field_still_closes_it_and_so_does_one_dropped_again(hub: Hub) -> None:
    ran(hub, "r1", {"full_name": 100, "mother_name": 100, "father_name": 100})
    run = begin(hub, FLOW, "r2", Wish(full=True))
    dropped(hub, run, 3)
    findings.triage(hub, findings.listed(hub)[0]["id"], "an", "normal", "nguồn bỏ hẳn trường này")
    with pytest.raises(GateClosed, match="father_name is empty") as closed:
        gate(hub, run)
    assert "mother_name" not in str(closed.value)
    later = begin(hub, FLOW, "r3", Wish(full=True))
    dropped(hub, later, 3)
    with pytest.raises(GateClosed, match="mother_name is empty"):
        gate(hub, later)


def test_the_value_of_a_change_is_its_rows_in_the_whole_run(hub: Hub) -> None:
    run = begin(hub, FLOW, "r1", Wish())
    dropped(hub, run, 3)
    dropped(hub, run, 4)
    assert [one["value"] for one in findings.listed(hub)] == [7]
    dropped(hub, run, 3, schema.FROZEN)
    assert [one["value"] for one in findings.listed(hub)] == [7]


def test_findings_are_listed_and_triaged_from_the_command_line(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "connect", lambda: hub)
    dropped(hub, begin(hub, FLOW, "r1", Wish()), 3)

    def told(*args: str) -> Any:
        return CliRunner().invoke(cli.app, ["findings", *args])

    [row] = json.loads(told("--json").stdout)
    number = str(row["id"])
    assert (row["code"], row["field"], row["state"]) == ("field_dropped", WIRE, "new")
    assert told("--id", number, "--triage", "normal", "--who", "an").exit_code != 0, "a reason is needed"
    assert told("--id", number, "--triage", "normal", "--who", "an", "--comment", "nguồn báo trước").exit_code == 0
    assert [one["state"] for one in findings.listed(hub)] == ["normal"]
