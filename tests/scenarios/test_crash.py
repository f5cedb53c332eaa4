"""kill -9 anywhere, run again: the same tables as an undisturbed run, nothing lost, nothing sent twice."""

from typing import Any

import pytest

from include.flows import flow as find
from include.hub import Hub
from include.runs import Wish
from include.steps import run_flow
from tests.forks import KILLED, dying
from tests.scenarios.conftest import Province

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]

TARGETS = {"enterprises": ("motcua", "enterprises"), "births": ("motcua", "citizens"), "dossiers": ("dvcqg", "dossiers")}
QUERIES = (
    "SELECT to_jsonb(g) - 'id' - 'updated_at' FROM golden.{entity} g ORDER BY g.{key}, 1",
    "SELECT flow, source_key, row_hash, rule, run, n, idx FROM hub.source_record ORDER BY 1, 2",
    "SELECT flow, run, n, idx, source_key, codes, state FROM hub.quarantine ORDER BY 1, 2, 3, 4",
    "SELECT flow, run, n, idx, code, field FROM hub.warning ORDER BY 1, 2, 3, 4, 5, 6",
    "SELECT n, sha256, rows, after - 'since' - 'until' FROM hub.landed_page ORDER BY n",
    "SELECT run, state FROM hub.run",
    "SELECT target, outcome, count(*) FROM hub.receipt GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT count(*) FROM hub.outbox",
    "SELECT step, counts FROM hub.step ORDER BY 1",
)


def snapshot(world: Hub, province: Province, flow_id: str) -> list[Any]:
    """Everything that must be the same, whatever happened on the way; golden ids differ by nature."""
    entity = find(flow_id).dataset.entity
    tables = [world.db.rows(query.format(entity=entity.name, key=entity.key)) for query in QUERIES]
    over_there = [{k: v for k, v in record.items() if k != "maThamChieu"} for record in province.written(*TARGETS[flow_id])]
    return [*tables, sorted(map(repr, over_there))]


def run_in_child(world: Hub, flow_id: str, failpoint: str) -> int:
    """Runs the flow in a process that may die at ``failpoint``; its exit code."""
    return dying(failpoint, lambda: run_flow(world, find(flow_id), "r1", Wish(full=True)))


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, list[Any]]:
    """What a run nobody kills comes to, per flow; filled by the first test that needs it."""
    return {}


POINTS = [
    *[("enterprises", point) for point in ("land.fetched:2", "land.stored:9", "land.page:5")],
    *[("enterprises", point) for point in ("refine.copied", "refine.written:2", "refine.batch:2")],
    *[("enterprises", point) for point in ("merge.applied", "merge.before_commit", "merge.committed")],
    *[("enterprises", point) for point in ("publish.intended", "publish.pushed", "publish.settled")],
    *[("dossiers", point) for point in ("publish.intended", "publish.pushed:2", "publish.settled")],
    ("births", "publish.pushed:2"),
]


@pytest.mark.parametrize(("flow_id", "failpoint"), POINTS)
def test_a_run_killed_and_run_again_ends_as_if_nothing_had_happened(
    world: Hub, province: Province, undisturbed: dict[str, list[Any]], flow_id: str, failpoint: str
) -> None:
    if flow_id not in undisturbed:
        run_flow(world, find(flow_id), "r1", Wish(full=True))
        undisturbed[flow_id] = [*snapshot(world, province, flow_id), pushes(province, flow_id)]
        province.forget()
        empty(world)
    assert run_in_child(world, flow_id, failpoint) == KILLED
    run_flow(world, find(flow_id), "r1", Wish(full=True))
    *expected, pushed = undisturbed[flow_id]
    assert snapshot(world, province, flow_id) == expected
    assert pushes(province, flow_id) == pushed


def pushes(province: Province, flow_id: str) -> dict[str, int]:
    """How often each writing operation was called: once more would be something sent twice."""
    system, _ = TARGETS[flow_id]
    calls: dict[str, int] = province.door(system, "calls")
    return {name: number for name, number in calls.items() if name.startswith(("CapNhatCongDan", "CapNhatDoanhNghiep", "DongBoHoSoMC"))}


def empty(world: Hub) -> None:
    """The database as it was before."""
    with world.db.transaction() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        found = connection.execute("SELECT schemaname || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname IN ('hub','golden','staging')")
        tables = ", ".join(row[0] for row in found if not row[0].endswith("alembic_version"))
        connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
