"""The source contract: what a decoded record must look like before anybody asks what it means. It is derived from the mapping."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Record
from typing import Any, NamedTuple

from mappings.apply import Each, Issue, Map, Mapping, Whole
from mappings.records import Records
from mappings.refusal import NO_VALUE, both, no_text

_MISSING = (None, "")
_WRITTEN = frozenset({str, int, type(None)})


class Level(NamedTuple):
    """Records of one level of nesting, and what the contract says of them. ``label`` is their place in canonical names, ``wire`` on the wire."""

    records: Records
    maps: tuple[Map, ...]
    ignored: tuple[str, ...]
    label: str = ""
    wire: str = ""

    def known(self) -> Iterator[tuple[str, set[str]]]:
        """Each path at which records stand, and the names the contract knows there."""
        wires = {wire for one in self.maps for wire in one.wires} | set(self.ignored)
        if wires == {"."}:
            return
        for path in sorted({"", *(wire.rpartition(".")[0] for wire in wires)}):
            yield path, {wire.removeprefix(f"{path}." if path else "").partition(".")[0] for wire in wires if not path or wire.startswith(f"{path}.")}

    def scalars(self) -> list[Map]:
        """The fields that have one value, no structure."""
        return [one for one in self.maps if not isinstance(one.convert, Each | Whole)]


def levels(mapping: Mapping, records: Records) -> list[Level]:
    """The records of a batch, then the elements of each repeated element in them."""
    maps = [*mapping.fields, *(Map("source_key", wire, required=True) for wire in mapping.key)]
    maps.append(Map("source_moment", mapping.moment, required=True))
    return list(_nested(Level(records, tuple(maps), mapping.ignored)))


def _nested(level: Level) -> Iterator[Level]:
    yield level
    for one in level.maps:
        if isinstance(one.convert, Each):
            each, wire = one.convert, one.wires[0]
            yield from _nested(Level(level.records.elements(wire), each.maps, each.ignored, f"{level.label}{one.field}.", f"{level.wire}{wire}."))


def check(mapping: Mapping, rows: Sequence[Record[str, Any]] | Records) -> list[Issue]:
    """Fields the contract does not know (told once per field, at the first row that has it), wrong types, missing required values.

    Fields are named by their canonical name where the mapping takes them, else by their wire path.
    """
    issues: list[Issue] = []
    for level in levels(mapping, Records.of(rows)):
        for path, names in level.known():
            _check_names(level, path, names, issues)
        for one in level.scalars():
            _check_texts(level.records, one, level.label + one.field, issues)
    return sorted(issues, key=lambda issue: issue.row)


def _check_names(level: Level, path: str, known: set[str], issues: list[Issue]) -> None:
    """Records keep few shapes, so the names are compared once per distinct shape."""
    records = level.records
    if not records.kinds(path) <= {dict}:
        for row, one in zip(records.row_of, records.parents(path), strict=True):
            if not isinstance(one, dict) and one not in _MISSING:
                issues.append(
                    Issue(
                        row,
                        "wrong_type",
                        (level.label + path).rstrip("."),
                        both(f"{type(one).__name__} ở chỗ cần bản ghi", f"{type(one).__name__} where a record is expected"),
                    )
                )
    for name in sorted({str(name) for shape in records.shapes(path) for name in shape} - known):
        first = next(row for row, one in zip(records.row_of, records.parents(path), strict=True) if isinstance(one, dict) and name in one)
        place = f"{level.label}{path}.{name}" if path else level.label + name
        issues.append(Issue(first, "unknown_field", place, both("hợp đồng dữ liệu không có trường này", "the contract does not know this field")))


def _check_texts(records: Records, one: Map, name: str, issues: list[Issue]) -> None:
    for wire in one.wires:
        values = records.values(wire)
        if not records.kinds(wire) <= _WRITTEN:
            issues += [
                Issue(records.row_of[at], "wrong_type", name, no_text(value))
                for at, value in enumerate(values)
                if value is not None and type(value) not in {str, int}
            ]
    if one.required:
        values = records.values(one.wires[0])
        if records.kinds(one.wires[0]) == {str} and all(map(str.strip, values)):
            return
        missing = [at for at, value in enumerate(values) if value is None or (isinstance(value, str) and not value.strip())]
        issues += [Issue(records.row_of[at], "required_missing", name, NO_VALUE) for at in missing]
