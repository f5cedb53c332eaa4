"""Rows put aside are played again, whatever ends a replay on the way: none is lost, none is played that was not chosen."""

from dataclasses import replace
from typing import Any

import pytest

from include.errors import Busy
from include.flows import Flow
from include.hub import Hub
from include.replay import Choice, replay
from include.runs import unfinished
from include.steps import run_flow
from tests.forks import KILLED, dying
from tests.include.shelf import record, shelved
from tests.include.test_merge import golden

pytestmark = pytest.mark.postgres
STATES = "SELECT source_key, state FROM hub.quarantine WHERE run = 'r1' ORDER BY source_key"


def answer(code: str, score: str) -> dict[str, Any]:
    return record("surveys", maPhieu=code, diem=score)


@pytest.fixture
def held(hub: Hub) -> Flow:
    """A flow with a good row and two put aside for their score; the mapping that is returned understands the first of these."""
    flow = replace(shelved("surveys", [answer("A", "5"), answer("B", "9"), answer("C", "8")]), max_bad=1.0)
    run_flow(hub, flow, "r1")
    old = next(one.convert for one in flow.dataset.fields if one.field == "score")

    def convert(value: Any) -> Any:
        return 4 if value == "9" else old(value)  # type: ignore[operator]

    fields = tuple(replace(one, convert=convert) if one.field == "score" else one for one in flow.dataset.fields)
    return replace(flow, dataset=replace(flow.dataset, fields=fields))


def killed(hub: Hub, flow: Flow, failpoint: str = "refine.batch") -> None:
    assert dying(failpoint, lambda: replay(hub, flow, Choice())) == KILLED
    for lock in ("replay:surveys", "flow:surveys"):  # the server may take a while to notice who is gone
        with hub.only_one(lock, wait=20):
            pass


def test_only_the_rows_chosen_are_played(hub: Hub, held: Flow) -> None:
    [(number,)] = hub.db.rows("SELECT id FROM hub.quarantine WHERE source_key = 'B'")
    [(run, counts)] = replay(hub, held, Choice(ids=(number,)))
    assert (run, counts.received, counts.new) == ("r1~1", 1, 1)
    assert hub.db.rows(STATES) == [("B", "replayed"), ("C", "open")]
    assert golden(hub, "code, score", "survey_answer") == [("A", 5), ("B", 4)]


@pytest.mark.parametrize("failpoint", ["refine.written", "refine.batch", "merge.applied", "merge.before_commit", "merge.committed"])
def test_one_that_was_killed_is_gone_on_with(hub: Hub, held: Flow, failpoint: str) -> None:
    killed(hub, held, failpoint)
    (first, _), *_ = replay(hub, held, Choice())
    assert first == "r1~1"
    assert hub.db.rows(STATES) == [("B", "replayed"), ("C", "replayed")]
    assert hub.db.rows("SELECT DISTINCT source_key FROM hub.quarantine WHERE state = 'open'") == [("C",)]
    assert golden(hub, "code, score", "survey_answer") == [("A", 5), ("B", 4)]


def test_until_its_merge_its_rows_are_open(hub: Hub, held: Flow) -> None:
    killed(hub, held, "merge.before_commit")
    assert hub.db.rows(STATES)[0] == ("B", "open")


def test_what_the_database_forgot_is_played_again_and_nothing_else(hub: Hub, held: Flow) -> None:
    killed(hub, held)
    with hub.db.transaction() as connection:
        connection.execute("TRUNCATE staging.survey_answer")  # a crash of PostgreSQL empties unlogged tables
    (_, counts), *_ = replay(hub, held, Choice())
    assert (counts.received, counts.new, counts.quarantined) == (2, 1, 1)


def test_the_next_sync_does_not_go_on_with_a_replay(hub: Hub, held: Flow) -> None:
    killed(hub, held)
    assert unfinished(hub, "surveys") is None


def test_while_the_flow_is_busy_nothing_is_begun(hub: Hub, held: Flow) -> None:
    with hub.only_one("flow:surveys"), pytest.raises(Busy):
        replay(hub, held, Choice())
    assert hub.db.rows("SELECT run FROM hub.run") == [("r1",)]
    assert [run for run, _ in replay(hub, held, Choice())] == ["r1~1"]
