"""Locks between processes of one machine; those between machines are PostgreSQL's (``Hub.only_one``)."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(path: Path, *, wait: bool = True) -> Iterator[None]:
    """No other thread or process that asks is at the file or folder meanwhile. Raises BlockingIOError when one is and nobody wants to ``wait``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
