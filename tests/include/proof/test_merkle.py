"""Every proof of every tree up to 300 leaves holds, fails when touched, and agrees with an independent implementation."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from include.proof.audit import Frontier
from include.proof.merkle import (
    EMPTY,
    Subtree,
    consistency_ranges,
    consistent,
    inclusion_ranges,
    leaf_hash,
    range_hash,
    root,
    root_from_inclusion,
)

MOST = 300
LEAVES = [leaf_hash(b"%d" % number) for number in range(MOST)]


@cache
def subtree(which: Subtree) -> bytes:
    level, index = which
    return root(LEAVES[index << level : index + 1 << level])


@cache
def head(size: int) -> bytes:
    return range_hash((0, size), subtree)


@cache
def span(lo: int, hi: int) -> bytes:
    return range_hash((lo, hi), subtree)


@pytest.fixture(scope="module")
def oracle() -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for number in range(MOST):
        tree.append(b"%d" % number)
    return tree


def test_heads_are_those_of_an_independent_implementation(oracle: InmemoryTree) -> None:
    assert all(head(size) == root(LEAVES[:size]) == oracle.get_state(size) for size in range(1, MOST + 1))


def test_a_log_without_entries_has_the_hash_of_nothing() -> None:
    assert head(0) == EMPTY == root([])


def test_a_tree_grown_leaf_by_leaf_has_the_same_heads() -> None:
    frontier = Frontier()
    for size, leaf in enumerate(LEAVES, 1):
        frontier.push(leaf)
        assert frontier.root() == head(size)


def test_every_entry_of_every_size_is_proved() -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            path = [span(*each) for each in inclusion_ranges(index, size)]
            assert root_from_inclusion(LEAVES[index], index, size, path) == head(size)


def test_every_size_is_proved_to_begin_every_later_one() -> None:
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            assert consistent(old, new, head(old), head(new), [span(*each) for each in consistency_ranges(old, new)])


@given(st.data())
def test_inclusion_proofs_are_those_of_an_independent_implementation(oracle: InmemoryTree, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MOST))
    index = data.draw(st.integers(0, size - 1))
    theirs = oracle.prove_inclusion(index + 1, size).serialize()["path"]
    ours = [span(*each) for each in inclusion_ranges(index, size)]
    assert sorted([LEAVES[index].hex(), *(each.hex() for each in ours)]) == sorted(theirs)


@settings(max_examples=300)
@given(st.data())
def test_a_proof_fails_for_another_leaf_place_or_path(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    path = [span(*each) for each in inclusion_ranges(index, size)]
    assert root_from_inclusion(LEAVES[other], index, size, path) != head(size)
    assert root_from_inclusion(LEAVES[index], other, size, path) != head(size)
    assert root_from_inclusion(LEAVES[index], index, size, path[:-1]) != head(size)
    assert root_from_inclusion(LEAVES[index], index, size, [*path, EMPTY]) != head(size)
    at = data.draw(st.integers(0, len(path) - 1))
    assert root_from_inclusion(LEAVES[index], index, size, [*path[:at], EMPTY, *path[at + 1 :]]) != head(size)


@settings(max_examples=300)
@given(st.data())
def test_a_rewritten_beginning_is_not_consistent(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, new - 1))
    path = [span(*each) for each in consistency_ranges(old, new)]
    forged = root([EMPTY, *LEAVES[1:old]])
    assert not consistent(old, new, forged, head(new), path)
    assert not consistent(old, new, head(old), root([*LEAVES[: new - 1], EMPTY]), path)
    assert not consistent(old, new, head(old), head(new), path[:-1])


@pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0)])
def test_what_is_not_in_the_log_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(LookupError, match="not among"):
        inclusion_ranges(index, size)


def test_a_shorter_log_is_no_continuation() -> None:
    with pytest.raises(LookupError, match="no beginning"):
        consistency_ranges(5, 3)
