"""A process that dies at a failpoint, as kill -9 would have it."""

import os
from collections.abc import Callable

KILLED = 137


def dying(failpoint: str, work: Callable[[], object]) -> int:
    """Does the work in a forked process that may die at ``failpoint``; its exit code, ``KILLED`` when it did."""
    child = os.fork()
    if child == 0:
        os.environ["HUB_FAIL_AT"] = failpoint
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
