"""Schema drift: what a source sends, compared with its contract and with what it sent before, and what follows by the mode agreed with it.

==================  =============================  ==================================  ========================================================
change              ``evolve``                     ``freeze``                          ``quarantine``
==================  =============================  ==================================  ========================================================
``unknown_field``   noted once; the rows go on     no row of the batch is written and  rows that have it are put aside (``schema_changed``)
``field_dropped``   noted once; the rows go on     nothing of the run is merged;       every row of the batch is put aside
``type_changed``    noted once; the rows go on     the error names field, source,      rows with such a value are put aside
                    if the value can be read       page
==================  =============================  ==================================  ========================================================

"Goes on" means to the rules: a value no converter can read, or a required one that is gone, is put aside for that, in every mode. The modes are
data: ``schema.yaml``.
"""

from collections import Counter
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mappings.apply import Issue, Mapping
from mappings.records import Records
from mappings.refusal import both
from quality.contracts import Level, levels

ENOUGH, NEARLY_ALL = 50, 0.99
"""A field is one that all records have when so many of so many had it: a faulty record among them does not hide that the field is gone."""
TYPES: dict[type, str] = {str: "text", int: "number", float: "number", bool: "flag", dict: "structure", list: "structure"}
CHANGED = "schema_changed"
FINDINGS = ("unknown_field", "field_dropped", "type_changed")


class Mode(StrEnum):
    """What follows from a change."""

    EVOLVE = "evolve"
    FREEZE = "freeze"
    QUARANTINE = "quarantine"


class Seen(NamedTuple):
    """A field as a batch has it, or as all runs before had it: the records it could stand in, those it stood in, the types of its values."""

    records: int
    present: int
    types: frozenset[str]

    @property
    def usual(self) -> bool:
        """Whether it is a field that all records have."""
        return self.records >= ENOUGH and self.present >= NEARLY_ALL * self.records


class Change(NamedTuple):
    """One change of the schema, and the rows that carry it. ``now`` are types never seen before in the field."""

    code: str
    field: str
    rows: Sequence[int]
    was: frozenset[str] = frozenset()
    now: frozenset[str] = frozenset()

    @property
    def vi(self) -> str:
        """In Vietnamese."""
        return {
            "unknown_field": f"trường {self.field} không có trong hợp đồng dữ liệu",
            "field_dropped": f"không còn trường {self.field}",
            "type_changed": f"trường {self.field} đổi kiểu từ {listed(self.was)} sang {listed(self.now)}",
        }[self.code]

    @property
    def en(self) -> str:
        """In English."""
        return {
            "unknown_field": f"the contract does not know the field {self.field}",
            "field_dropped": f"the field {self.field} is gone",
            "type_changed": f"the field {self.field} changed from {listed(self.was)} to {listed(self.now)}",
        }[self.code]


class Compared(NamedTuple):
    """The schema of a batch, and what has changed in it."""

    seen: dict[str, Seen]
    changes: list[Change]

    def unchanged(self) -> dict[str, Seen]:
        """The schema without its changes: what may be recorded of a batch whose changes nobody accepted."""
        kept = dict(self.seen)
        for change in self.changes:
            if change.code == "type_changed":
                kept[change.field] = kept[change.field]._replace(types=change.was)
            else:
                del kept[change.field]
        return kept

    def issues(self) -> list[Issue]:
        """A reason to put aside each row that carries a change."""
        return [Issue(row, CHANGED, change.field, both(change.vi, change.en)) for change in self.changes for row in change.rows]


def listed(types: frozenset[str]) -> str:
    """Types in a sentence."""
    return ", ".join(sorted(types))


@cache
def _agreed() -> dict[str, Any]:
    agreed: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("schema.yaml").read_text(encoding="utf-8"))
    for dataset, name in {"default": agreed["default"], **agreed["datasets"]}.items():
        if name not in set(Mode):
            raise LookupError(f"schema.yaml, {dataset}: {name!r} is no mode; there are {', '.join(Mode)}")
    return agreed


def mode(dataset: str) -> Mode:
    """The mode agreed for a dataset."""
    agreed = _agreed()
    return Mode(agreed["datasets"].get(dataset, agreed["default"]))


def words(of: Mode) -> tuple[str, str]:
    """What a mode does, in Vietnamese and English."""
    told = _agreed()["modes"][of]
    return told["vi"], told["en"]


def compare(mapping: Mapping, records: Records, before: Dict[str, Seen]) -> Compared:
    """The schema of a batch against the contract and what earlier runs recorded (``before``, by the field's path on the wire)."""
    seen: dict[str, Seen] = {}
    changes: list[Change] = []
    for level in levels(mapping, records):
        typed = {wire for one in level.scalars() for wire in one.wires}
        for path, known in level.known():
            shapes = level.records.shapes(path)
            present = Counter[str]()
            for shape, count in shapes.items():
                present.update(dict.fromkeys(map(str, shape), count))
            size = shapes.total() - shapes[()]  # what could not be decoded has no field at all
            for name in known | present.keys():
                wire = f"{path}.{name}" if path else name
                field = level.wire + wire
                look = name not in known or wire in typed
                types = frozenset(TYPES[kind] for kind in level.records.kinds(wire) if kind in TYPES) if look and present[name] else frozenset()
                now = Seen(size, present[name], types)
                if change := _change(level, wire, now, before.get(field), stranger=name not in known):
                    changes.append(change)
                seen[field] = now
    return Compared(seen, changes)


def _change(level: Level, wire: str, now: Seen, then: Seen | None, *, stranger: bool) -> Change | None:
    """What has changed in one field. A field nobody recorded has changed only when the contract does not know it."""
    field, records = level.wire + wire, level.records
    if then is None:
        return Change("unknown_field", field, _rows(records, wire, present=True), now=now.types) if stranger else None
    if not now.present:
        return Change("field_dropped", field, _rows(records, wire, present=False)) if now.records and then.usual else None
    if then.types and (new := now.types - then.types):
        rows = [row for row, value in zip(records.row_of, records.values(wire), strict=True) if TYPES.get(type(value)) in new]
        return Change("type_changed", field, rows, then.types, new)
    return None


def _rows(records: Records, wire: str, *, present: bool) -> list[int]:
    """The rows whose record has the field, or could have it and has not."""
    path, _, name = wire.rpartition(".")
    found = zip(records.row_of, records.parents(path), strict=True)
    return list(dict.fromkeys(row for row, one in found if isinstance(one, dict) and one and (name in one) is present))
