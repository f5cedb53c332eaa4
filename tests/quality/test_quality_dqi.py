"""The official index: weighted means of weighted means, nothing untested counts as good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.dqi import Tally, colour, roll_up

tallies = st.lists(
    st.builds(
        lambda field, criterion, evaluated, share, weight: Tally(field, criterion, evaluated, int(evaluated * share), weight),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["Đúng", "Đủ", "Sạch"]),
        st.integers(0, 1000),
        st.floats(0, 1),
        st.sampled_from([1.0, 2.0, 3.0]),
    ),
    max_size=30,
)


def test_the_index_of_a_worked_example() -> None:
    scores = roll_up([Tally("a", "Đúng", 100, 10, 2), Tally("a", "Đúng", 100, 40, 1), Tally("a", "Đủ", 50, 0), Tally("b", "Sạch", 10, 5, 1, 3)])
    assert scores.criteria == {"Đúng": 80.0, "Đủ": 100.0, "Sạch": 50.0}
    assert scores.fields == {"a": 90.0, "b": 50.0}
    assert scores.total == pytest.approx((90 + 3 * 50) / 4)


@given(tallies)
def test_a_score_lies_between_its_worst_and_best_part(found: list[Tally]) -> None:
    scores, parts = roll_up(found), [tally.score for tally in found if tally.score is not None]
    if not parts:
        assert scores.total is None
        return
    assert min(parts) - 1e-9 <= (scores.total or 0) <= max(parts) + 1e-9


@given(tallies)
def test_what_was_not_evaluated_changes_nothing(found: list[Tally]) -> None:
    assert roll_up([*found, Tally("d", "Sống", 0, 0)]) == roll_up(found)


@given(tallies)
def test_the_order_of_rules_does_not_matter(found: list[Tally]) -> None:
    assert roll_up(found[::-1]).total == pytest.approx(roll_up(found).total)


def test_one_bad_identifier_is_a_serious_incident() -> None:
    assert roll_up([Tally("personal_number", "Đúng", 1000, 1, identifier=True)]).failing_identifiers == ("personal_number",)


@pytest.mark.parametrize(("score", "expected"), [(None, "none"), (90, "green"), (89.9, "yellow"), (75, "yellow"), (74.9, "red")])
def test_colours_are_those_of_the_index(score: float | None, expected: str) -> None:
    assert colour(score) == expected


@pytest.mark.parametrize(("score", "expected"), [(100, "green"), (99.99, "red")])
def test_identifiers_are_green_only_at_a_hundred(score: float, expected: str) -> None:
    assert colour(score, identifier=True) == expected
