"""The source contract: what a decoded record must look like before anybody asks what it means. It is derived from the mapping."""

from collections.abc import Mapping as Record
from collections.abc import Sequence
from typing import Any

from mappings.apply import Each, Issue, Map, Mapping, Whole
from mappings.records import Records

_MISSING = (None, "")
_WRITTEN = frozenset({str, int, type(None)})


def check(mapping: Mapping, rows: Sequence[Record[str, Any]] | Records) -> list[Issue]:
    """Fields the contract does not know (told once per field, at the first row that has it), wrong types, missing required values.

    Fields are named by their canonical name where the mapping takes them, else by their wire path.
    """
    issues: list[Issue] = []
    records = Records.of(rows)
    maps = [*mapping.fields, *(Map("source_key", wire, required=True) for wire in mapping.key)]
    maps.append(Map("source_moment", mapping.moment, required=True))
    _check(records, tuple(maps), mapping.ignored, "", issues)
    return sorted(issues, key=lambda issue: issue.row)


def _check(records: Records, maps: tuple[Map, ...], ignored: tuple[str, ...], label: str, issues: list[Issue]) -> None:
    wires = {wire for one in maps for wire in one.wires} | set(ignored)
    if wires != {"."}:
        _check_names(records, wires, label, issues)
    for one in maps:
        name = label + one.field
        if isinstance(one.convert, Each):
            _check_each(records, one, one.convert, name, issues)
        elif not isinstance(one.convert, Whole):
            _check_texts(records, one, name, issues)


def _check_names(records: Records, wires: set[str], label: str, issues: list[Issue]) -> None:
    """Records keep few shapes, so the names are compared once per distinct shape."""
    for path in sorted({"", *(wire.rpartition(".")[0] for wire in wires)}):
        parents = records.parents(path)
        known = {wire.removeprefix(f"{path}." if path else "").partition(".")[0] for wire in wires if not path or wire.startswith(f"{path}.")}
        told: set[str] = set()
        shapes: set[tuple[Any, ...]] = set()
        for at, one in enumerate(parents):
            if not isinstance(one, dict):
                _check_record(one, records.row_of[at], label + path, issues)
                continue
            shape = tuple(one)
            if shape in shapes:
                continue
            shapes.add(shape)
            for name in (str(name) for name in shape if name not in known and name not in told):
                told.add(name)
                place = f"{label}{path}.{name}" if path else label + name
                issues.append(Issue(records.row_of[at], "unknown_field", place, "the contract does not know this field"))


def _check_record(one: Any, row: int, place: str, issues: list[Issue]) -> None:
    if one not in _MISSING:
        issues.append(Issue(row, "wrong_type", place.rstrip("."), f"{type(one).__name__} where a record is expected"))


def _check_texts(records: Records, one: Map, name: str, issues: list[Issue]) -> None:
    for wire in one.wires:
        values = records.values(wire)
        if not records.kinds(wire) <= _WRITTEN:
            issues += [
                Issue(records.row_of[at], "wrong_type", name, f"{type(value).__name__} where text is expected")
                for at, value in enumerate(values)
                if value is not None and type(value) not in {str, int}
            ]
    if one.required:
        values = records.values(one.wires[0])
        missing = [at for at, value in enumerate(values) if value is None or (isinstance(value, str) and not value.strip())]
        issues += [Issue(records.row_of[at], "required_missing", name, "the source gave no value") for at in missing]


def _check_each(records: Records, one: Map, each: Each, name: str, issues: list[Issue]) -> None:
    flat: list[Any] = []
    row_of: list[int] = []
    for at, value in enumerate(records.values(one.wires[0])):
        elements = value if isinstance(value, list) else [] if value in _MISSING else [value]
        flat += elements
        row_of += [records.row_of[at]] * len(elements)
    _check(Records(flat, row_of), each.maps, each.ignored, f"{name}.", issues)
