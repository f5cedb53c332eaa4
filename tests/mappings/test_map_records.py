"""Records as columns: names are counted the same whether all records are alike or not."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import records
from mappings.records import Records

VALUES = st.none() | st.just("x") | st.dictionaries(st.sampled_from(["", "b", "c.d"]), st.none() | st.just("y"), max_size=2)


def names(shapes: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    """Whatever the order of the names in a record."""
    return Counter(tuple(sorted(shape)) for shape in shapes.elements())


@given(st.lists(st.dictionaries(st.sampled_from(["", ".", "a", "b", "a.b"]), VALUES, max_size=3), max_size=6))
def test_shapes_are_those_of_each_record(rows):
    assert names(Records(rows).shapes("")) == names(Counter(map(tuple, rows)))
    inner = [row["a"] for row in rows if isinstance(row.get("a"), dict)]
    assert names(Records(rows).shapes("a")) == names(Counter(map(tuple, inner)))


def test_records_alike_have_one_shape():
    rows = [{"a": "1", "b": {"c": "2"}}, {"b": {"c": "3"}, "a": "4"}]
    assert sum(Records(rows).shapes("").values()) == 2
    assert Records(rows).shapes("b") == Counter({("c",): 2})


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, max_size=3), max_size=6), st.integers(1, 3))
def test_what_is_taken_in_one_pass_is_what_each_record_has(rows, at_hand):
    wires = ["a", "b", "c", "a.b", "a.c.d", ".", "d"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(records, "AT_HAND", at_hand)
        taken = Records(rows)
        taken.take(wires)
    assert {wire: list(taken.values(wire)) for wire in wires} == {wire: list(Records(rows).values(wire)) for wire in wires}
