"""A source that changes its schema between two runs, in each mode, on the real protocols."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from include import findings
from include.errors import GateClosed, SchemaFrozen
from include.flows import flow as find
from include.hub import Hub
from include.replay import Choice, replay
from include.runs import Wish
from include.schema import changes, recorded
from include.steps import run_flow
from quality import schema
from quality.schema import Mode
from tests.scenarios.conftest import Province

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]

NEW = {"maVung": "1"}
RETYPED = {"quay": 3}
CASES = (
    ("tickets", "lgsp", NEW, "unknown_field", "maVung"),
    ("tickets", "lgsp", RETYPED, "type_changed", "quay"),
    ("births", "lgsp", {"nks.QuocTich": None}, "field_dropped", "nks.QuocTich"),
)
EACH = pytest.mark.parametrize(("flow", "system", "change", "code", "field"), CASES, ids=[case[3] for case in CASES])


@pytest.fixture
def agreed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``agreed(flow, mode)``: as if ``schema.yaml`` said so."""
    return lambda flow, mode: monkeypatch.setitem(schema._agreed()["datasets"], flow, str(mode))


class Source:
    """A source read once whole, two of whose records then change; one of them carries the change of schema."""

    def __init__(self, world: Hub, province: Province, flow: str, system: str, change: dict[str, Any], plain: str) -> None:
        self.world, self.flow = world, find(flow)
        run_flow(world, self.flow, "r1", Wish(full=True))
        keys = [key for (key,) in world.db.rows("SELECT source_key FROM hub.source_record WHERE flow = %s ORDER BY 1 LIMIT 2", flow)]
        at = world.clock().isoformat()
        changed = [(keys[0], change), *([(keys[1], {plain: "Nhà mới"})] if plain else [])]
        body = [{"dataset": flow, "key": key, "set": set_to, "at": at} for key, set_to in changed]
        province.door(system, "change", "POST", json=body)
        self.odd, self.even = keys
        self.later(10)

    def later(self, minutes: int) -> None:
        now = self.world.clock() + timedelta(minutes=minutes)
        self.world = replace(self.world, clock=lambda: now)

    def found(self) -> list[tuple[str, str, str]]:
        return [(one["code"], one["field"], one["state"]) for one in changes(self.world, self.flow.id)]

    def accept(self) -> None:
        for one in changes(self.world, self.flow.id):
            findings.triage(self.world, one["id"], "an", "normal", "cơ quan đã báo trước")


PLAIN = {"tickets": "quay", "births": ""}


def changed_source(world: Hub, province: Province, flow: str, system: str, change: dict[str, Any]) -> Source:
    return Source(world, province, flow, system, change, PLAIN[flow])


@EACH
def test_evolve_records_the_change_and_goes_on(
    world: Hub, province: Province, agreed: Any, flow: str, system: str, change: dict[str, Any], code: str, field: str
) -> None:
    agreed(flow, Mode.EVOLVE)
    source = changed_source(world, province, flow, system, change)
    counts = run_flow(source.world, source.flow, "r2")
    assert counts.quarantined == 0
    assert counts.received >= 1
    assert source.found() == [(code, field, "new")]
    assert field in recorded(source.world, flow)


def test_what_evolved_is_told_once(world: Hub, province: Province, agreed: Any) -> None:
    agreed("tickets", Mode.EVOLVE)
    source = changed_source(world, province, "tickets", "lgsp", NEW)
    run_flow(source.world, source.flow, "r2")
    body = {"dataset": "tickets", "key": source.even, "set": NEW, "at": source.world.clock().isoformat()}
    province.door("lgsp", "change", "POST", json=body)
    source.later(10)
    assert run_flow(source.world, source.flow, "r3").received >= 1
    assert source.found() == [("unknown_field", "maVung", "new")]


@EACH
def test_freeze_stops_before_anything_is_merged_and_names_field_source_and_page(
    world: Hub, province: Province, agreed: Any, flow: str, system: str, change: dict[str, Any], code: str, field: str
) -> None:
    source = changed_source(world, province, flow, system, change)
    agreed(flow, Mode.FREEZE)
    merged = "SELECT source_key, row_hash, run FROM hub.source_record WHERE flow = %s ORDER BY 1"
    before = source.world.db.rows(merged, flow)
    with pytest.raises(SchemaFrozen, match=rf"\({flow}\), trang \d+: .*{field}") as stopped:
        run_flow(source.world, source.flow, "r2")
    assert source.flow.dataset.en in str(stopped.value)
    assert source.world.db.rows(merged, flow) == before
    assert source.world.db.rows("SELECT state FROM hub.run WHERE flow = %s AND run = 'r2'", flow) == [("held",)]
    assert source.found() == [(code, field, "new")]


@EACH
def test_a_frozen_run_goes_on_where_it_stood_once_the_change_is_accepted(
    world: Hub, province: Province, agreed: Any, flow: str, system: str, change: dict[str, Any], code: str, field: str
) -> None:
    source = changed_source(world, province, flow, system, change)
    agreed(flow, Mode.FREEZE)
    with pytest.raises(GateClosed):
        run_flow(source.world, source.flow, "r2")
    source.accept()
    counts = run_flow(source.world, source.flow, "r2")
    assert (counts.received, counts.quarantined) == (2 if PLAIN[flow] else 1, 0)
    assert source.found() == [(code, field, "normal")]


@EACH
def test_quarantine_puts_aside_the_rows_that_carry_the_change_and_takes_the_others(
    world: Hub, province: Province, agreed: Any, flow: str, system: str, change: dict[str, Any], code: str, field: str
) -> None:
    source = changed_source(world, province, flow, system, change)
    agreed(flow, Mode.QUARANTINE)
    counts = run_flow(source.world, source.flow, "r2")
    assert (counts.quarantined, counts.changed) == (1, 1 if PLAIN[flow] else 0)
    assert held(source) == [(source.odd, ["schema_changed"], field)]
    assert source.found() == [(code, field, "new")]


def held(source: Source) -> Sequence[tuple[Any, ...]]:
    query = "SELECT source_key, codes, issues->0->>'field' FROM hub.quarantine WHERE flow = %s AND run = 'r2'"
    return source.world.db.rows(query, source.flow.id)


def test_rows_put_aside_are_replayed_once_the_change_is_accepted(world: Hub, province: Province, agreed: Any) -> None:
    source = changed_source(world, province, "tickets", "lgsp", NEW)
    agreed("tickets", Mode.QUARANTINE)
    run_flow(source.world, source.flow, "r2")
    [(_, still)] = replay(source.world, source.flow, Choice(run="r2", code="schema_changed"))
    source.accept()
    [(_, counts)] = replay(source.world, source.flow, Choice(code="schema_changed"))
    assert (still.quarantined, counts.quarantined, counts.unchanged) == (1, 0, 1)


def test_a_change_that_is_not_accepted_is_not_recorded(world: Hub, province: Province, agreed: Any) -> None:
    source = changed_source(world, province, "tickets", "lgsp", NEW)
    agreed("tickets", Mode.QUARANTINE)
    run_flow(source.world, source.flow, "r2")
    assert "maVung" not in recorded(source.world, "tickets")


def test_a_change_stands_in_the_report_of_its_run(world: Hub, province: Province, agreed: Any) -> None:
    agreed("tickets", Mode.EVOLVE)
    source = changed_source(world, province, "tickets", "lgsp", RETYPED)
    run_flow(source.world, source.flow, "r2")
    [(document,)] = source.world.db.rows("SELECT document FROM hub.report WHERE run = 'r2'")
    [told] = document["schema"]["changes"]
    assert document["schema"]["mode"] == "evolve"
    assert (told["code"], told["field"], told["was"], told["now"]) == ("type_changed", "quay", ["text"], ["number"])
    page = next((source.world.settings.home / "reports" / "tickets").glob("r2.html")).read_text(encoding="utf-8")
    assert "Nguồn đổi cấu trúc dữ liệu" in page
    assert "text → number" in page
