"""The small tables under ``data/``, and weighted draws from them."""

import csv
import json
from bisect import bisect
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")
DATA = Path(__file__).parent / "data"


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of ``data/<name>.csv``."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def procedures() -> tuple[dict[str, Any], ...]:
    """The administrative procedures of ``data/procedures.json``."""
    return tuple(json.loads((DATA / "procedures.json").read_text(encoding="utf-8")))


class Weighted:
    """Draws texts with given weights; several times faster than ``random.choices``."""

    def __init__(self, weights: dict[str, float]) -> None:
        self._texts = list(weights)
        self._sums = list(accumulate(weights.values()))

    def draw(self, random: Random) -> str:
        """One text."""
        return self._texts[bisect(self._sums, random.random() * self._sums[-1])]


def pick(random: Random, values: Sequence[T]) -> T:
    """One of ``values``; faster than ``random.choice``."""
    return values[int(random.random() * len(values))]
