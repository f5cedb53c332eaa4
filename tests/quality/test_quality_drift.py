"""Drift is told from habit, one bad day in the past hides nothing, and false alarms are as rare as stated."""

from datetime import timedelta

import numpy as np

from quality import drift

HABIT = [1000, 1020, 980, 1010, 990, 1005, 1015, 985]


def test_a_usual_volume_is_quiet_and_half_of_it_is_not() -> None:
    assert drift.rows(1030, HABIT) == []
    assert [finding.code for finding in drift.rows(500, HABIT)] == ["drift_rows"]


def test_nothing_at_all_is_unusual_where_there_always_was_something() -> None:
    assert drift.rows(0, HABIT)


def test_one_bad_day_in_the_past_does_not_hide_the_next() -> None:
    assert drift.rows(0, [*HABIT, 0])


def test_a_source_that_never_changes_may_change_by_a_little() -> None:
    assert drift.rows(1040, [1000] * 10) == []


def test_a_short_past_is_no_past() -> None:
    assert drift.rows(0, HABIT[:6]) == []


def test_a_field_that_suddenly_empties_is_named() -> None:
    (finding,) = drift.shares("drift_nulls", {"phone": 0.6, "name": 0.0}, [{"phone": 0.1, "name": 0.0}] * 8)
    assert (finding.field, finding.value, finding.expected) == ("phone", 0.6, 0.1)


def test_a_value_that_takes_over_is_named_with_its_field() -> None:
    (finding,) = drift.shares("drift_mix", {"channel=online": 0.9}, [{"channel=online": 0.4}] * 8)
    assert (finding.field, finding.detail["what"]) == ("channel", "channel=online")


def test_silence_is_told_after_three_times_the_usual_wait() -> None:
    daily = [timedelta(days=1)] * 10
    assert drift.silence(timedelta(days=2), daily) == []
    assert [finding.code for finding in drift.silence(timedelta(days=4), daily)] == ["source_stale"]


def test_false_alarms_are_as_rare_as_the_module_says() -> None:
    """Draws like their past, without the floor: the worst case."""
    random = np.random.default_rng(717)
    for length, most in ((drift.LEAST, 0.021), (14, 0.0025), (drift.WINDOW, 0.0004)):
        drawn = random.normal(1000, 50, (100_000, length + 1))
        middle = np.median(drawn[:, :-1], axis=1)
        spread = drift.SCALE * np.median(np.abs(drawn[:, :-1] - middle[:, None]), axis=1)
        rate = float(np.mean(np.abs(drawn[:, -1] - middle) > drift.LIMIT * spread))
        assert rate < most
