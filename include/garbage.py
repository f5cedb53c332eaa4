"""Python's cyclic garbage collector while rows go through: each pass walks every container of the batch, and there is hardly a cycle in them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

CONTAINERS = 100_000
"""New containers after which the collector looks; Python's own 700 costs a fifth of the mapping."""


def settle() -> None:
    """For a process that has imported what it needs: all that stays out of every pass from now on, and what is new is looked at seldom.

    The hot path of the sharing service leaves no cycles, yet looking for them took a fifteenth of a worker's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


@contextmanager
def seldom() -> Iterator[None]:
    """Collects seldom until the block ends; what lies about meanwhile is a few batches' worth at the most."""
    usual = gc.get_threshold()
    gc.set_threshold(CONTAINERS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
