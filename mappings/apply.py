"""Records to columns: each wire field through its converter, once per unique value of a batch."""

from collections import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from mappings.canonical import Entity, Field
from mappings.memo import converted
from mappings.records import Records
from mappings.refusal import NO_VALUE, Refusal, no_text
from mappings.text import text

Converter = Callable[..., Any]
"""Takes the wire's value(s), text or None, gives the canonical value or None; raises Refusal and nothing else."""


@dataclass(frozen=True, slots=True)
class Map:
    """One canonical field from one wire path, or from several (``convert`` then takes as many values)."""

    field: str
    wire: str | tuple[str, ...]
    convert: "Converter | Each | Whole" = text
    required: bool = False

    @property
    def wires(self) -> tuple[str, ...]:
        """The wire paths, always as a tuple."""
        return (self.wire,) if isinstance(self.wire, str) else self.wire


@dataclass(frozen=True, slots=True)
class Each:
    """Converts a repeated element: every sub-record through ``maps``. The wire path ``.`` is the element itself."""

    maps: tuple[Map, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """Converts a structure at once: ``convert`` gets the list of sub-records."""

    convert: Callable[[list[Any]], Any]


@dataclass(frozen=True, slots=True)
class Mapping:
    """One dataset of one system, field by field.

    ``key`` are the wire paths whose values joined by ``|`` name the record at its source; ``moment`` is the path of its change moment;
    ``ignored`` are wire fields known and not taken; ``alike`` are fields in which all its records say the same by nature (dossiers filed on the
    portal came online); ``sample`` is one synthetic record of the wire.
    """

    id: str
    entity: Entity
    system: str
    dataset: str
    vi: str
    en: str
    agency: str
    legal_basis: str
    key: tuple[str, ...]
    moment: str
    moment_form: Converter
    fields: tuple[Map, ...]
    ignored: tuple[str, ...] = ()
    alike: frozenset[str] = frozenset()
    sample: abc.Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with one field of one row. ``why`` never quotes personal data; ``proposal`` may: it is for the officer at work."""

    row: int
    code: str
    field: str
    why: str
    proposal: str | None = None


@dataclass(slots=True)
class Mapped:
    """A batch in canonical columns: every field of the entity in its order, then ``source_key`` and ``source_moment``."""

    columns: dict[str, list[Any]]
    issues: list[Issue]


def apply(mapping: Mapping, rows: "Sequence[abc.Mapping[str, Any]] | Records") -> Mapped:
    """``rows`` (decoded records of the wire) as canonical columns, with an issue for every value that could not be taken."""
    batch = _Batch(Records.of(rows))
    batch.records.take([*(wire for one in mapping.fields for wire in one.wires), *mapping.key, mapping.moment])
    entity = mapping.entity
    columns: dict[str, list[Any]] = {name: [None] * len(rows) for name in entity.names}
    for one in mapping.fields:
        target = entity.field(one.field)
        columns[one.field] = batch.column(one, one.field, personal=target.personal, parts=target.parts)
    keys = [batch.column(Map("source_key", wire, required=True), "source_key", personal=True) for wire in mapping.key]
    columns["source_key"] = keys[0] if len(keys) == 1 else [None if None in parts else "|".join(parts) for parts in zip(*keys, strict=True)]
    columns["source_moment"] = batch.column(Map("source_moment", mapping.moment, mapping.moment_form, required=True), "source_moment", personal=False)
    batch.issues.sort(key=lambda issue: issue.row)
    return Mapped(columns, batch.issues)


_EMPTY: dict[str, Any] = {}
_MISSING: tuple[Any, ...] = (None, "")
"""What never reaches a converter of one value."""
_TEXT = frozenset({str, type(None)})


class _Batch:
    """The records of one batch and the issues found so far."""

    def __init__(self, records: Records, issues: list[Issue] | None = None):
        self.records = records
        self.issues: list[Issue] = [] if issues is None else issues
        self._mistyped: set[tuple[int, str]] = set()
        self._converted: dict[tuple[tuple[str, ...], Converter], tuple[list[Any], dict[int, Refusal]]] = {}
        """Two fields may say the same of the same: a birth is when the event was, and when the person was born."""

    def column(self, one: Map, label: str, *, personal: bool, parts: tuple[Field, ...] = ()) -> list[Any]:
        """The column of one canonical field."""
        convert = one.convert
        if isinstance(convert, Each):
            return self._lists(one, convert, label, personal=personal, parts=parts)
        if isinstance(convert, Whole):
            taken = self._memoless(self._elements(one.wires[0]), convert.convert, label, personal=personal)
            if one.required:
                rows = {issue.row for issue in self.issues if issue.field == label}
                self._required(taken, label, told={at for at, row in enumerate(self.records.row_of) if row in rows})
            return taken
        columns = [self._texts(wire, label) for wire in one.wires]
        known = (one.wires, convert)
        if known not in self._converted:
            self._converted[known] = converted(columns, convert)
        column, refused = self._converted[known]
        for at, refusal in refused.items():
            self._issue(at, refusal.code, label, refusal.masked if personal else refusal.why, refusal.proposal)
        if one.required:
            self._required(column, label, told=refused.keys())
        return column

    def _required(self, column: list[Any], label: str, *, told: abc.Set[int]) -> None:
        """``told``: the places of which an issue tells already."""
        if not column.count(None):
            return
        for at, value in enumerate(column):
            if value is None and at not in told and (at, label) not in self._mistyped:
                self._issue(at, "required_missing", label, NO_VALUE)

    def _issue(self, at: int, code: str, label: str, why: str, proposal: str | None = None) -> None:
        self.issues.append(Issue(self.records.row_of[at], code, label, why, proposal))

    def _texts(self, wire: str, label: str) -> Sequence[Any]:
        values = self.records.values(wire)
        if self.records.kinds(wire) <= _TEXT:
            return values
        return [self._as_text(at, value, label) for at, value in enumerate(values)]

    def _as_text(self, at: int, value: Any, label: str) -> str | None:
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self._issue(at, "wrong_type", label, no_text(value))
        self._mistyped.add((at, label))
        return None

    def _elements(self, wire: str) -> list[list[Any]]:
        """The repeated element as a list: a single one may come bare, and in XML none at all means zero of them."""
        return [value if isinstance(value, list) else [] if value in _MISSING else [value] for value in self.records.values(wire)]

    def _lists(self, one: Map, each: Each, label: str, *, personal: bool, parts: tuple[Field, ...]) -> list[Any]:
        """All sub-records of the batch as one batch of their own, then dealt out to their rows again."""
        elements = self.records.elements(one.wires[0])
        if elements.kinds("") - {dict} and any(sub.wire != "." for sub in each.maps):
            flat = [self._record(row, element, label) for row, element in zip(elements.row_of, elements.rows, strict=True)]
            elements = Records(flat, elements.row_of)
        elements.take(wire for sub in each.maps for wire in sub.wires)
        inner = _Batch(elements, self.issues)
        named = {part.name: part.personal for part in parts}
        columns = [inner.column(sub, f"{label}.{sub.field}", personal=personal or named.get(sub.field, True)) for sub in each.maps]
        names = [sub.field for sub in each.maps]
        records = iter([dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)])
        return [list(islice(records, len(found))) for found in self._elements(one.wires[0])]

    def _record(self, row: int, element: Any, label: str) -> dict[str, Any]:
        if isinstance(element, dict):
            return element
        self.issues.append(Issue(row, "wrong_type", label, f"{type(element).__name__} where a record is expected"))
        return _EMPTY

    def _memoless(self, values: Sequence[Any], convert: Callable[[Any], Any], label: str, *, personal: bool) -> list[Any]:
        column: list[Any] = []
        for at, value in enumerate(values):
            try:
                column.append(convert(value))
            except Refusal as refusal:
                column.append(None)
                self._issue(at, refusal.code, label, refusal.masked if personal else refusal.why, refusal.proposal)
        return column
