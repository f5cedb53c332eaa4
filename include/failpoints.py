"""Places where a test may let the process die, as kill -9 would: ``HUB_FAIL_AT=merge.applied`` or ``land.page:3`` for the third time."""

import os

_seen: dict[str, int] = {}


def reached(name: str) -> None:
    """Dies here without a word when HUB_FAIL_AT says so."""
    wanted = os.environ.get("HUB_FAIL_AT")
    if not wanted:
        return
    place, _, nth = wanted.partition(":")
    if place == name:
        _seen[name] = _seen.get(name, 0) + 1
        if _seen[name] >= int(nth or 1):
            os._exit(137)
