import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_field_that_a_person_said_is_gone_does_not_close_the_gate():
    earlier = RunCounts(100, 0, {"phone": 80, "address": 80})
    reasons = decide(RunCounts(100, 0, {}), earlier, gone={"phone"}).reasons
    assert [reason.en for reason in reasons] == ["address is empty in every row"]


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


def test_every_lost_field_is_a_reason_of_its_own():
    earlier = RunCounts(1000, 0, {"phone": 900, "address": 900, "email": 900})
    reasons = decide(RunCounts(100, 0, {"email": 1}), earlier).reasons
    assert [reason.code for reason in reasons] == ["column_emptied", "column_emptied"]
    assert [name for name in ("phone", "address") if not any(name in reason.en for reason in reasons)] == []


def test_a_field_hardly_ever_filled_may_be_empty():
    assert codes(RunCounts(1000, 0, {}), RunCounts(1000, 0, {"phone": 24})) == []
    assert codes(RunCounts(1000, 0, {}), RunCounts(1000, 0, {"phone": 25})) == ["column_emptied"]


def test_floor_can_be_set():
    full = RunCounts(1000, 0, full=True)
    assert codes(RunCounts(500, 0, full=True), None, full, floor=0.5) == []
    assert codes(RunCounts(499, 0, full=True), None, full, floor=0.5) == ["too_few_rows"]


def test_empty_incremental_run_publishes_nothing_and_is_open():
    assert decide(RunCounts(0, 0), RunCounts(1000, 0, {"phone": 900}), RunCounts(1000, 0, full=True)).open


@given(st.integers(0, 10**7).map(lambda fifth: fifth * 5))
def test_exactly_a_fifth_is_not_more_than_a_fifth(rows: int):
    assert codes(RunCounts(rows, rows // 5)) == []
    assert (codes(RunCounts(rows, rows // 5 + 1)) == ["too_many_quarantined"]) is (rows >= 50)


@given(st.integers(0, 10**7).map(lambda tenth: tenth * 10))
def test_exactly_nine_tenths_is_not_fewer(rows: int):
    full = RunCounts(rows, 0, full=True)
    assert codes(RunCounts(rows * 9 // 10, 0, full=True), None, full) == []
    if rows:
        assert codes(RunCounts(rows * 9 // 10 - 1, 0, full=True), None, full) == ["too_few_rows"]


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 3))
def test_more_faults_never_open_a_closed_gate(rows: int, held: int, more: int, stops: int):
    if not decide(RunCounts(rows, held, stops=stops)).open:
        assert not decide(RunCounts(rows, held + more, stops=stops + 1)).open
