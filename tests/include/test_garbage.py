"""The collector looks seldom while rows go through, and as ever afterwards, whatever happens."""

import gc

import pytest

from include.garbage import CONTAINERS, seldom


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
