"""``./hub run``: goes on with what was begun, unless something else is asked for."""

import pytest

from include.flows import flow
from include.hub import Hub
from include.runs import Wish, begin
from tests.commands import said

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]


def ran(world: Hub, *options: str) -> list[tuple[str, bool, str]]:
    code, told = said(world, "run", "surveys", *options)
    assert code == 0, told
    return world.db.rows("SELECT run, dry, state FROM hub.run ORDER BY started_at, run")


def test_an_unfinished_run_is_gone_on_with(world: Hub) -> None:
    begin(world, flow("surveys"), "r1", Wish(full=True))
    assert ran(world) == [("r1", False, "done")]


def test_a_trial_takes_up_no_unfinished_run(world: Hub) -> None:
    begin(world, flow("surveys"), "r1")
    assert [(dry, state) for _, dry, state in ran(world, "--dry-run")] == [(False, "running"), (True, "done")]
    assert world.db.rows("SELECT FROM golden.survey_answer") == []
