import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.gate import NOTHING, Filled, RunCounts, Stages, decide


def codes(run: RunCounts, earlier: Stages = NOTHING, last_full: RunCounts | None = None, **settings: float) -> list[str]:
    return [reason.code for reason in decide(run, earlier, last_full, **settings).reasons]


def filled(rows: int, **fields: int) -> Stages:
    """Of an entity without stages."""
    return {"": Filled(rows, fields)}


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
    earlier = filled(100, phone=80, address=0)
    assert codes(RunCounts(100, 0, filled(100, phone=0, address=0)), earlier) == ["column_emptied"]
    assert codes(RunCounts(100, 0, filled(100, address=0)), earlier) == ["column_emptied"]
    assert codes(RunCounts(100, 0, filled(100, phone=1)), earlier) == []
    assert codes(RunCounts(10, 0, filled(10)), earlier) == []


def test_field_that_a_person_said_is_gone_does_not_close_the_gate():
    reasons = decide(RunCounts(100, 0, filled(100)), filled(100, phone=80, address=80), gone={"phone"}).reasons
    assert [reason.en for reason in reasons] == ["address is empty in every row"]


FILED = {"1": Filled(900, {"name": 900, "due_at": 0}), "4": Filled(300, {"name": 300, "due_at": 299})}


def test_field_that_nothing_of_their_stage_ever_had_is_not_missed_in_dossiers_just_filed():
    assert codes(RunCounts(334, 0, {"1": Filled(334, {"name": 334})}), FILED) == []


def test_field_that_dossiers_of_their_stage_had_is_missed():
    assert codes(RunCounts(360, 0, {"1": Filled(334, {"name": 334}), "4": Filled(26, {"name": 26})}), FILED) == ["column_emptied"]
    assert codes(RunCounts(334, 0, {"1": Filled(334, {})}), FILED) == ["column_emptied"]


def test_stage_never_seen_before_says_nothing():
    assert codes(RunCounts(334, 0, {"9": Filled(334, {})}), FILED) == []


def test_full_run_that_lost_a_tenth_of_its_rows_closes_the_gate():
    full = RunCounts(1000, 0, full=True)
    assert codes(RunCounts(899, 0, full=True), NOTHING, full) == ["too_few_rows"]
    assert codes(RunCounts(900, 0, full=True), NOTHING, full) == []
    assert codes(RunCounts(5, 0, full=False), NOTHING, full) == []
    assert codes(RunCounts(0, 0, full=True), NOTHING, full) == ["too_few_rows"]


def test_unreadable_page_closes_the_gate():
    assert codes(RunCounts(100, 0, stops=1)) == ["stopped"]


def test_first_run_has_nothing_to_be_compared_with():
    assert decide(RunCounts(100, 0, filled(100, phone=0), full=True)).open


def test_every_reason_is_told_in_both_languages():
    full = RunCounts(1000, 0, full=True)
    verdict = decide(RunCounts(100, 50, filled(50), full=True, stops=2), filled(1000, phone=900), full)
    assert not verdict.open
    assert len(verdict.reasons) == 4
    assert all(reason.vi and reason.en and reason.vi != reason.en for reason in verdict.reasons)


def test_every_lost_field_is_a_reason_of_its_own():
    reasons = decide(RunCounts(100, 0, filled(100, email=1)), filled(1000, phone=900, address=900, email=900)).reasons
    assert [reason.code for reason in reasons] == ["column_emptied", "column_emptied"]
    assert [name for name in ("phone", "address") if not any(name in reason.en for reason in reasons)] == []


def test_a_field_hardly_ever_filled_may_be_empty():
    assert codes(RunCounts(1000, 0, filled(1000)), filled(1000, phone=24)) == []
    assert codes(RunCounts(1000, 0, filled(1000)), filled(1000, phone=25)) == ["column_emptied"]
    assert codes(RunCounts(100, 0, filled(100)), filled(1000, phone=25)) == []


def test_floor_can_be_set():
    full = RunCounts(1000, 0, full=True)
    assert codes(RunCounts(500, 0, full=True), NOTHING, full, floor=0.5) == []
    assert codes(RunCounts(499, 0, full=True), NOTHING, full, floor=0.5) == ["too_few_rows"]


def test_empty_incremental_run_publishes_nothing_and_is_open():
    assert decide(RunCounts(0, 0), filled(1000, phone=900), RunCounts(1000, 0, full=True)).open


@given(st.integers(0, 10**7).map(lambda fifth: fifth * 5))
def test_exactly_a_fifth_is_not_more_than_a_fifth(rows: int):
    assert codes(RunCounts(rows, rows // 5)) == []
    assert (codes(RunCounts(rows, rows // 5 + 1)) == ["too_many_quarantined"]) is (rows >= 50)


@given(st.integers(0, 10**7).map(lambda tenth: tenth * 10))
def test_exactly_nine_tenths_is_not_fewer(rows: int):
    full = RunCounts(rows, 0, full=True)
    assert codes(RunCounts(rows * 9 // 10, 0, full=True), NOTHING, full) == []
    if rows:
        assert codes(RunCounts(rows * 9 // 10 - 1, 0, full=True), NOTHING, full) == ["too_few_rows"]


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 3))
def test_more_faults_never_open_a_closed_gate(rows: int, held: int, more: int, stops: int):
    if not decide(RunCounts(rows, held, stops=stops)).open:
        assert not decide(RunCounts(rows, held + more, stops=stops + 1)).open
