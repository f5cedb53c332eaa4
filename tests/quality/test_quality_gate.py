import pytest

from quality.gate import RunCounts, decide


def codes(*runs: RunCounts | None, **settings: float) -> list[str]:
    return [reason.code for reason in decide(*runs, **settings).reasons]


@pytest.mark.parametrize(
    ("rows", "held", "closed"),
    [(100, 20, False), (100, 21, True), (50, 11, True), (49, 49, False), (0, 0, False), (1000, 200, False), (1000, 201, True), (50, 10, False)],
)
def test_more_than_a_fifth_quarantined_closes_the_gate(rows: int, held: int, closed: bool):
    assert codes(RunCounts(rows, held)) == (["too_many_quarantined"] if closed else [])


def test_limit_can_be_set():
    assert codes(RunCounts(100, 21), limit=0.5) == []
    assert codes(RunCounts(100, 6), limit=0.05) == ["too_many_quarantined"]


def test_field_that_was_filled_and_now_is_empty_closes_the_gate():
    earlier = RunCounts(100, 0, {"phone": 80, "address": 0})
    assert codes(RunCounts(100, 0, {"phone": 0, "address": 0}), earlier) == ["column_emptied"]
    assert codes(RunCounts(100, 0, {"address": 0}), earlier) == ["column_emptied"]
    assert codes(RunCounts(100, 0, {"phone": 1}), earlier) == []
    assert codes(RunCounts(10, 0, {}), earlier) == []


def test_full_run_that_lost_a_tenth_of_its_rows_closes_the_gate():
    full = RunCounts(1000, 0, full=True)
    assert codes(RunCounts(899, 0, full=True), None, full) == ["too_few_rows"]
    assert codes(RunCounts(900, 0, full=True), None, full) == []
    assert codes(RunCounts(5, 0, full=False), None, full) == []
    assert codes(RunCounts(0, 0, full=True), None, full) == ["too_few_rows"]


def test_unreadable_page_closes_the_gate():
    assert codes(RunCounts(100, 0, stops=1)) == ["stopped"]


def test_first_run_has_nothing_to_be_compared_with():
    assert decide(RunCounts(100, 0, {"phone": 0}, full=True)).open


def test_every_reason_is_told_in_both_languages():
    earlier, full = RunCounts(1000, 0, {"phone": 900}), RunCounts(1000, 0, full=True)
    verdict = decide(RunCounts(100, 50, {}, full=True, stops=2), earlier, full)
    assert not verdict.open
    assert len(verdict.reasons) == 4
    assert all(reason.vi and reason.en and reason.vi != reason.en for reason in verdict.reasons)
