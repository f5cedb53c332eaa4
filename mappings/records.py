"""Decoded records of the wire as columns: each path is walked once per batch, whoever asks for it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any


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
