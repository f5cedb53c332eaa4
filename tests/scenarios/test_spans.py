"""A large run refined by several processes side by side comes to the same tables as by one."""

import multiprocessing
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from include import steps
from include.flows import flow
from include.hub import Hub
from include.refining import todo
from include.runs import Wish, begin, get
from include.settings import Settings
from tests.conftest import fresh_database
from tests.scenarios.conftest import Province, pointed_at

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]
TABLES = {
    "golden": "SELECT to_jsonb(g) - '{id,updated_at}'::text[] FROM golden.enterprise g",
    "crosswalk": "SELECT source_key, row_hash, moment, rule, n, idx FROM hub.source_record",
    "quarantine": "SELECT n, idx, source_key, codes, issues, state FROM hub.quarantine",
    "warnings": "SELECT n, idx, code, field, why FROM hub.warning",
    "results": "SELECT step, first, rule, rows, evaluated, failed, status FROM hub.rule_result",
    "batches": "SELECT first, last, counts, filled FROM hub.refined_batch",
    "validation": "SELECT step, sha256 FROM hub.validation",
    "outbox": "SELECT target, count(*) FROM hub.outbox GROUP BY target",
}


def spanned(hub: Hub, rows: int) -> Hub:
    return replace(hub, settings=Settings(hub.settings.environment | {"HUB_SPAN_ROWS": str(rows), "HUB_BATCH_ROWS": "20"}))


def tables(hub: Hub, rows: int) -> tuple[int, dict[str, list[Any]]]:
    """How many parts there were, and all tables after the merge."""
    of, several = flow("enterprises"), spanned(hub, rows)
    begin(several, of, "r1", Wish(full=True))
    steps.land(several, of, "r1")
    parts = steps.spans(several, of, "r1")
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=steps.refine_span, args=(several, of, "r1", first, last)) for first, last in parts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    if parts:
        assert todo(several, get(several, of.id, "r1")) == []
    steps.refine(several, of, "r1")
    steps.merge(several, of, "r1")
    return len(parts), {name: sorted(map(repr, several.db.rows(query))) for name, query in TABLES.items()}


def test_one_two_and_four_workers_come_to_the_same(hub: Hub, province: Province, server: str):
    found = {}
    for rows in (200, 50, 25):
        with fresh_database(server) as db:
            parts, found[rows] = tables(pointed_at(province, replace(hub, db=db)), rows)
            found[rows]["parts"] = [str(parts)]
    alone, two, four = found.values()
    assert [each.pop("parts") for each in (alone, two, four)] == [["0"], ["2"], ["4"]]
    assert alone == two == four
    assert len(alone["golden"]) > 100


def test_parts_are_whole_batches_without_gap_or_overlap(hub: Hub, province: Province):
    several = spanned(pointed_at(province, hub), 30)
    begin(several, flow("enterprises"), "r1", Wish(full=True))
    steps.land(several, flow("enterprises"), "r1")
    parts = steps.spans(several, flow("enterprises"), "r1")
    pages = [page.n for page in todo(several, get(several, "enterprises", "r1"))]
    assert (parts[0][0], parts[-1][1]) == (pages[0], pages[-1])
    assert all(one[1] + 1 == two[0] for one, two in pairwise(parts))
    first, last = parts[1]
    steps.refine_span(several, flow("enterprises"), "r1", first, last)
    steps.refine_span(several, flow("enterprises"), "r1", first, last)
    left = [page.n for page in todo(several, get(several, "enterprises", "r1"))]
    assert left == [n for n in pages if not first <= n <= last], "a part done twice is done once, and the others are still to do"


def test_a_small_run_has_no_parts(world: Hub):
    begin(world, flow("enterprises"), "r1", Wish(full=True))
    steps.land(world, flow("enterprises"), "r1")
    assert steps.spans(world, flow("enterprises"), "r1") == []
