"""The collector looks seldom while rows go through, and as ever afterwards, whatever happens."""

import gc

import pytest

from include.garbage import CONTAINERS, seldom, settle


def test_the_thresholds_are_put_back_whatever_happens() -> None:
    usual, meanwhile = gc.get_threshold(), []

    @seldom()
    def fail() -> None:
        meanwhile.append(gc.get_threshold())
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert meanwhile == [(CONTAINERS, *usual[1:])]
    assert gc.get_threshold() == usual


def test_a_process_that_serves_walks_what_it_started_with_no_more() -> None:
    usual = gc.get_threshold()
    try:
        settle()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold() == (CONTAINERS, *usual[1:])
    finally:
        gc.unfreeze()
        gc.set_threshold(*usual)
