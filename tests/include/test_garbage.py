"""The collector looks seldom while rows go through, and as ever afterwards, whatever happens."""

import gc

import pytest

from include.garbage import CONTAINERS, seldom


def test_the_thresholds_are_put_back_whatever_happens() -> None:
    usual = gc.get_threshold()
    with pytest.raises(KeyError), seldom():
        assert gc.get_threshold() == (CONTAINERS, *usual[1:])
        raise KeyError
    assert gc.get_threshold() == usual
