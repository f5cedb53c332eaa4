"""The index by day, summed by PostgreSQL, is the index of the day."""

from datetime import timedelta

import pytest

from include import scores
from include.flows import FLOWS
from include.hub import Hub
from quality.dqi import roll_up

pytestmark = pytest.mark.postgres
ALL = [flow.id for flow in FLOWS]


@pytest.mark.parametrize(("flows", "field"), [(ALL, ""), (["births"], ""), (["dossiers"], "code"), (["births"], "full_name")])
@pytest.mark.parametrize("every", [1, 7])
def test_the_trend_is_the_index_of_each_span_of_days(history: Hub, flows: list[str], field: str, every: int) -> None:
    until = history.today
    found = scores.trend(history, until - timedelta(days=20), until, flows, field=field, every=every)
    assert len(found) == (3 if every == 7 else 21)
    for last, total in found.items():
        span = scores.lines(history, last - timedelta(days=every - 1), last, flows, field=field)
        assert total == pytest.approx(roll_up(map(scores.tally, span)).total)


def test_days_nobody_checked_anything_on_are_left_out(history: Hub) -> None:
    long_ago = history.today - timedelta(days=900)
    assert scores.trend(history, long_ago, long_ago + timedelta(days=3), ALL) == {}
