"""What a batch looks like, from a sample: the raw material for finding what is made up or has drifted.

The sample is every k-th row, at most 2000 of a batch. No personal value is kept: values are counted under a short hash, and only fields
that are no personal data and have few values are counted by value.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from mappings.canonical import Entity, Privacy, Type

SAMPLE = 2000
FEW = 40
"""A field with more values than this has no mix worth comparing."""
KEPT = 3
AGENCY_FIELDS = ("handling_agency", "receiving_agency")
"""Fields that say which agency entered the row; without one, the dataset's owner did."""

Columns = Mapping[str, Sequence[Any]]
Profile = dict[str, Any]


def profile(entity: Entity, columns: Columns, rows: Sequence[int], owner: str) -> Profile:
    """``{"rows", "mix": {field: {value: count}}, "agencies": {agency: {"rows", "fields", "times", "pairs"}}}`` of a sample of ``rows``."""
    sample = rows[:: max(1, -(-len(rows) // SAMPLE))]
    agencies: dict[str, list[int]] = {}
    by = next((name for name in AGENCY_FIELDS if name in columns), "")
    for row in sample:
        agencies.setdefault((columns[by][row] if by else None) or owner, []).append(row)
    return {
        "rows": len(sample),
        "mix": mixes(entity, columns, sample),
        "agencies": {agency: of_agency(entity, columns, own) for agency, own in agencies.items()},
    }


def mixes(entity: Entity, columns: Columns, sample: Sequence[int]) -> dict[str, dict[str, int]]:
    """Counts by value of the fields with few values; the empty ones under the empty name."""
    found = {}
    for field in entity.fields:
        if field.type in {Type.TEXT, Type.FLAG} and field.privacy is Privacy.NONE:
            counts = Counter("" if columns[field.name][row] is None else str(columns[field.name][row]) for row in sample)
            if len(counts) <= FEW:
                found[field.name] = dict(counts)
    return found


def of_agency(entity: Entity, columns: Columns, rows: Sequence[int]) -> Profile:
    """Per field: rows with a value, different values, and the commonest ones by hash. Per moment: its seconds and its commonest time of day."""
    fields, times = {}, {}
    for field in entity.fields:
        values = [value for row in rows for value in of_row(columns[field.name][row])]
        if field.type is Type.LIST and not values:
            continue
        counts = Counter(values)
        fields[field.name] = [len(values), len(counts), {short(value): count for value, count in counts.most_common(KEPT)}]
        if field.type is Type.MOMENT and values:
            clock = Counter(value[11:19] for value in values)
            times[field.name] = [len(values), sum(value[17:19] == "00" for value in values), dict(clock.most_common(KEPT))]
    return {"rows": len(rows), "fields": fields, "times": times, **oddities(columns, rows)}


def of_row(value: Any) -> Sequence[Any]:
    """What a row says in a field: its value; of a list of codes, the codes; of other lists nothing."""
    if isinstance(value, list):
        return [one["code"] for one in value if len(one) == 1 and one.get("code")]
    return () if value is None else (value,)


def oddities(columns: Columns, rows: Sequence[int]) -> dict[str, list[int]]:
    """Of dossiers, as [rows looked at, odd ones]: handled in the second they came in, and results that are the papers handed in."""
    found = {}
    if "finished_at" in columns and "received_at" in columns:
        pairs = [(columns["received_at"][row], columns["finished_at"][row]) for row in rows]
        done = [pair for pair in pairs if None not in pair]
        found["zero_processing"] = [len(done), sum(a == b for a, b in done)]
    if "components" in columns and "results" in columns:
        papers = [(files(columns["components"][row]), files(columns["results"][row])) for row in rows]
        ended = [(given, made) for given, made in papers if made]
        found["result_is_input"] = [len(ended), sum(not given.isdisjoint(made) for given, made in ended)]
    return found


def files(papers: Iterable[Mapping[str, Any]] | None) -> set[str]:
    """The files of a list of papers, by id and by path."""
    return {value for paper in papers or () for name in ("file_id", "document_id", "path") if (value := paper.get(name))}


def short(value: Any) -> str:
    """A value's hash: enough to see that two are the same, too little to guess it back among many."""
    return blake2b(str(value).encode(), digest_size=5).hexdigest()


def merged(profiles: Iterable[Profile]) -> Profile:
    """Several batches as one. Shares of the commonest values are lower bounds: only each batch's first three are known."""
    total: Profile = {"rows": 0, "mix": {}, "agencies": {}}
    for one in profiles:
        add(total, one)
    return total


def add(total: dict[str, Any], one: Mapping[str, Any]) -> None:
    """Adds numbers, lists of numbers and whatever holds them, name by name; the number of different values is the largest seen."""
    for name, value in one.items():
        if name not in total:
            total[name] = {} if isinstance(value, dict) else [0, 0, {}][: len(value)] if isinstance(value, list) else 0
        if isinstance(value, dict):
            add(total[name], value)
        elif isinstance(value, list):
            add_list(total[name], value)
        else:
            total[name] += value


def add_list(total: list[Any], one: list[Any]) -> None:
    """``[count, count]``, or ``[count, count, {value: count}]``."""
    total[0] += one[0]
    total[1] += one[1]
    if len(one) == 3:
        add(total[2], one[2])
