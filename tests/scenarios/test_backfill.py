"""A long time read again in slices: nothing lost between them, each done once, and a slice ahead of the cursor leaves no gap behind."""

from datetime import datetime
from itertools import pairwise

import pytest

from include.backfill import Filled, Slice, backfill, planned
from include.clock import HANOI
from include.flows import flow
from include.hub import Hub
from include.steps import run_flow, silent
from tests.scenarios.conftest import Province

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]
FIRST, END = datetime(2024, 11, 1, tzinfo=HANOI), datetime(2026, 11, 24, tzinfo=HANOI)


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=HANOI)


def filled(hub: Hub, flow_id: str, slices: list[Slice]) -> list[Filled]:
    return list(backfill(hub, flow(flow_id), slices, lambda _: silent))


@pytest.mark.parametrize("count", [1, 2, 3, 7, 29, 30])
def test_slices_touch_and_cover_whole_days(count: int) -> None:
    slices = planned(day(2026, 10, 1), day(2026, 10, 31), count)
    assert len(slices) == count
    assert (slices[0].since, slices[-1].until) == (day(2026, 10, 1), day(2026, 10, 31))
    assert all(one.until == two.since for one, two in pairwise(slices))
    lengths = {(one.until - one.since).days for one in slices}
    assert max(lengths) - min(lengths) <= 1


def test_there_are_no_more_slices_than_days() -> None:
    assert [one.name for one in planned(day(2026, 10, 1), day(2026, 10, 3), 9)] == ["backfill-20261001-20261002", "backfill-20261002-20261003"]


@pytest.mark.parametrize("end", [day(2026, 10, 1), day(2026, 9, 1)])
def test_nothing_to_read_is_told(end: datetime) -> None:
    with pytest.raises(LookupError, match="nothing to read between"):
        planned(day(2026, 10, 1), end, 3)


def test_slices_together_are_one_whole_read_and_done_only_once(world: Hub, province: Province) -> None:
    slices = planned(FIRST, END, 4)
    done = filled(world, "births", slices)
    assert [one.state for one in done] == ["done"] * 4
    assert (
        sum(one.counts.received - one.counts.unchanged for one in done)
        <= province.truth["rows"]["births"]
        <= sum(one.counts.received for one in done)
    )
    assert [one.state for one in filled(world, "births", slices)] == ["before"] * 4
    again = run_flow(world, flow("births"), "whole", tell=silent)
    assert (again.new, again.changed) == (0, 0)


def test_a_slice_that_fails_keeps_no_other_from_being_read_and_is_run_again_alone(world: Hub, province: Province) -> None:
    slices = planned(FIRST, END, 3)
    province.door("lgsp", "faults", "POST", json=[{"kind": "html_login", "path": "dsHoSoDangKy", "times": 1}])
    states = [one.state for one in filled(world, "births", slices)]
    assert states == ["BadAnswer", "done", "done"]
    assert [one.state for one in filled(world, "births", slices)] == ["done", "before", "before"]


def test_a_slice_ahead_of_the_cursor_leaves_no_gap_behind(world: Hub, province: Province) -> None:
    ahead = planned(day(2026, 11, 1), END, 1)
    [one] = filled(world, "births", ahead)
    assert world.db.rows("SELECT cursor FROM hub.flow_state WHERE flow = 'births'") == []
    rest = run_flow(world, flow("births"), "r1", tell=silent)
    assert rest.received == province.truth["rows"]["births"]
    assert 0 < rest.unchanged <= one.counts.received
    [(cursor,)] = world.db.rows("SELECT cursor FROM hub.flow_state WHERE flow = 'births'")
    filled(world, "births", planned(day(2025, 1, 1), day(2025, 2, 1), 1))
    assert world.db.rows("SELECT cursor FROM hub.flow_state WHERE flow = 'births'") == [(cursor,)], "nor does one behind it turn it back"
