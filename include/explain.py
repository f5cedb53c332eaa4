"""Explains a canonical field of a flow: where it comes from, how it is understood, what would be refused, and how it fares in the data held."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from include.flows import Flow
from include.hub import Hub
from include.lineage import Origin, consumers, converter, origins
from mappings.apply import Each, Map, Whole
from mappings.canonical import Field
from mappings.refusal import Refusal, shape
from quality.rules import Rule, rules

PROBES = (
    "024085000001", "24085000001", "0240850000", "2400000128", "0100233489", "H05.16", "BN/16", "1.001193", "31/12/1990", "31/02/1990", "1990",
    "19901231", "19901331", "1990-12-31", "Nguyễn Văn A", "Nguy?n", "Nguyá»…n", "07210", "99999", "1", "9", "Y", "Nam", "0912345678", "12 triệu",
)  # fmt: skip
"""Values a converter is tried with, good ones and the damages of the field."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a converter makes of a value: its result, or why it refuses."""

    value: str
    result: str
    refused: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say of one field of one flow."""

    flow: Flow
    field: Field
    origin: Origin
    sample: Tried | None
    accepted: tuple[Tried, ...]
    refused: tuple[Tried, ...]
    rules: tuple[Rule, ...]
    others: tuple[Origin, ...]
    targets: tuple[str, ...]


def explain(flow: Flow, name: str) -> Explanation:
    """The explanation of field ``name``. LookupError lists the fields the flow fills."""
    entity = flow.dataset.entity
    one = next((each for each in flow.dataset.fields if each.field == name), None)
    if one is None:
        raise LookupError(f"flow {flow.id} does not fill {name!r}; it fills {', '.join(each.field for each in flow.dataset.fields)}")
    tried = tuple(_try(one, probe) for probe in PROBES) if _scalar(one) else ()
    every = origins(entity.name, name)
    return Explanation(
        flow,
        entity.field(name),
        next(origin for origin in every if origin.flow == flow.id),
        _sample(flow, one),
        tuple(each for each in tried if each and not each.refused),
        tuple(each for each in tried if each and each.refused),
        tuple(rule for rule in rules(entity.name) if rule.shown == name),
        tuple(origin for origin in every if origin.flow != flow.id),
        tuple(target.vi for target in consumers(entity.name, name)),
    )


def _scalar(one: Map) -> bool:
    return not isinstance(one.convert, Each | Whole) and len(one.wires) == 1


def _try(one: Map, value: str) -> Tried:
    assert callable(one.convert)  # noqa: S101 only scalar converters are tried
    try:
        return Tried(value, str(one.convert(value)), "")
    except Refusal as refusal:
        return Tried(value, "", f"{refusal.code}: {refusal.why}" + (f" → {refusal.proposal}?" if refusal.proposal else ""))


def _sample(flow: Flow, one: Map) -> Tried | None:
    """What becomes of the value in the dataset's synthetic sample."""
    from mappings.apply import apply

    values = [_at(flow.dataset.sample, wire) for wire in one.wires]
    result = apply(flow.dataset, [dict(flow.dataset.sample)]).columns[one.field][0]
    return (
        None
        if all(value in {None, ""} for value in values if isinstance(value, str | None)) and result is None
        else Tried(", ".join(map(str, values)), str(result), "")
    )


def _at(record: Any, path: str) -> Any:
    for name in path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


@dataclass(frozen=True, slots=True)
class Faring:
    """How a field fares in the data held: records with a value, without, and the open reasons against it."""

    filled: int
    empty: int
    examples: tuple[str, ...]
    reasons: tuple[tuple[str, int], ...]


def faring(hub: Hub, flow: Flow, name: str) -> Faring:
    """Counted in the database. Examples of a personal field are shapes, never values."""
    entity = flow.dataset.entity
    field = entity.field(name)
    filled, every = hub.db.rows(f"SELECT count({name}), count(*) FROM golden.{entity.name}")[0]
    values = hub.db.rows(f"SELECT {name}::text FROM golden.{entity.name} WHERE {name} IS NOT NULL ORDER BY id LIMIT 200")
    shown: Iterator[str] = (shape(value) if field.personal else value for (value,) in values)
    reasons = hub.db.rows(
        "SELECT issue->>'code', count(*) FROM hub.quarantine, jsonb_array_elements(issues) AS issue"
        " WHERE flow = %s AND state = 'open' AND issue->>'field' = %s GROUP BY 1 ORDER BY 2 DESC, 1",
        flow.id,
        name,
    )
    return Faring(filled, every - filled, tuple(dict.fromkeys(text[:60] for text in shown))[:5], tuple((code, number) for code, number in reasons))


def describe(found: Explanation) -> str:
    """One sentence of the converter, for the head of the explanation."""
    one = next(each for each in found.flow.dataset.fields if each.field == found.field.name)
    return converter(one)[1]
