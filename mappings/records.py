"""Decoded records of the wire as columns: each path is walked once per batch, whoever asks for it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any

AT_HAND = 1_000
"""Records looked into together: as many as the processor keeps near it."""


class Records:
    """Records of one level; ``row_of`` tells which row of the batch each belongs to."""

    def __init__(self, records: Sequence[Any], row_of: Sequence[int] | None = None) -> None:
        self.rows = records
        self.row_of: Sequence[int] = range(len(records)) if row_of is None else row_of
        self._parents: dict[str, Sequence[Any]] = {"": records}
        self._values: dict[str, Sequence[Any]] = {}
        self._kinds: dict[str, frozenset[type]] = {}
        self._shapes: dict[str, Counter[tuple[Any, ...]]] = {}
        self._elements: dict[str, Records] = {}

    @classmethod
    def of(cls, rows: "Sequence[Mapping[str, Any]] | Records") -> "Records":
        """``rows`` themselves when they are Records already."""
        return rows if isinstance(rows, Records) else cls(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def parents(self, path: str) -> Sequence[Any]:
        """What stands at ``path`` in each record, to look into."""
        if path not in self._parents:
            self._parents[path] = self.values(path)
        return self._parents[path]

    def values(self, wire: str) -> Sequence[Any]:
        """What stands at ``wire`` in each record; None where there is nothing. ``.`` is the record itself."""
        if wire == ".":
            return self.rows
        if wire not in self._values:
            parent, _, leaf = wire.rpartition(".")
            parents = self.parents(parent)
            if self.kinds(parent) == {dict}:
                self._values[wire] = list(map(dict.get, parents, repeat(leaf)))
            else:
                self._values[wire] = [one.get(leaf) if isinstance(one, dict) else None for one in parents]
        return self._values[wire]

    def take(self, wires: Iterable[str]) -> None:
        """Takes what will be asked for in one pass over the records, each looked into while it is at hand: half the price of one pass per path."""
        leaves: dict[str, set[str]] = {}
        for wire in wires:
            parent, _, leaf = wire.rpartition(".")
            if leaf and wire not in self._values:
                leaves.setdefault(parent, set()).add(leaf)
        for parent, names in sorted(leaves.items()):
            if len(names) > 1 and self.kinds(parent) == {dict}:
                for name, column in zip(names, columns(self.parents(parent), list(names)), strict=True):
                    self._values[f"{parent}.{name}" if parent else name] = column

    def kinds(self, wire: str) -> frozenset[type]:
        """The Python types found at ``wire``; the empty path is the records themselves."""
        if wire not in self._kinds:
            self._kinds[wire] = frozenset(map(type, self.parents(wire) if wire in {"", "."} else self.values(wire)))
        return self._kinds[wire]

    def shapes(self, path: str) -> Counter[tuple[Any, ...]]:
        """Which names the records at ``path`` have, and how many have just those. What is no record is left out."""
        if path not in self._shapes:
            self._shapes[path] = self._alike(path) or Counter(map(tuple, [one for one in self.parents(path) if isinstance(one, dict)]))
        return self._shapes[path]

    def _alike(self, path: str) -> Counter[tuple[Any, ...]] | None:
        """The one shape of records that all have the names of the first and a value under each; None when they differ."""
        parents = self.parents(path)
        if self.kinds(path) != {dict}:
            return None
        names = tuple(parents[0])
        if any(type(name) is not str or not name or "." in name for name in names) or sum(map(len, parents)) != len(names) * len(parents):
            return None
        wires = [f"{path}.{name}" if path else name for name in names]
        return None if any(type(None) in self.kinds(wire) for wire in wires) else Counter({names: len(parents)})

    def elements(self, wire: str) -> "Records":
        """The elements of the lists at ``wire``, as records of one level; one that came bare is a list of one."""
        if wire not in self._elements:
            flat: list[Any] = []
            row_of: list[int] = []
            for row, value in zip(self.row_of, self.values(wire), strict=True):
                found = value if isinstance(value, list) else [] if value is None or value == "" else [value]
                flat += found
                row_of += [row] * len(found)
            self._elements[wire] = Records(flat, row_of)
        return self._elements[wire]


def columns(records: Sequence[dict[str, Any]], names: Sequence[str]) -> list[list[Any]]:
    """What the records have under each of the names, two or more; None where there is nothing."""
    found: list[list[Any]] = [[] for _ in names]
    together = itemgetter(*names)
    for first in range(0, len(records), AT_HAND):
        some = records[first : first + AT_HAND]
        try:
            parts: Iterable[Iterable[Any]] = zip(*map(together, some), strict=True)
        except KeyError:
            parts = (map(dict.get, some, repeat(name)) for name in names)
        for column, part in zip(found, parts, strict=True):
            column += part
    return found
