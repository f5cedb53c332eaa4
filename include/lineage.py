"""Where each canonical field comes from and where it goes: source field → converter → canonical field → consumer, from the mappings themselves."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from include.flows import FLOWS, TARGETS, Flow, Target
from mappings.apply import Each, Map, Whole
from mappings.canonical import Entity, Type
from mappings.refusal import Refusal

PRODUCER = "https://github.com/bacninh/data-hub"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACET = "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json"


@dataclass(frozen=True, slots=True)
class Origin:
    """One way a field is filled: the flow, the wire paths it reads, the converter that understands them."""

    flow: str
    system: str
    dataset: str
    wires: tuple[str, ...]
    converter: str
    what: str
    required: bool


def origins(entity: str, field: str) -> tuple[Origin, ...]:
    """Every origin of ``entity.field``, in the order of the flows."""
    return tuple(
        Origin(flow.id, flow.dataset.system, flow.dataset.dataset, one.wires, *converter(one), one.required)
        for flow in FLOWS
        if flow.dataset.entity.name == entity
        for one in flow.dataset.fields
        if one.field == field
    )


def converter(one: Map) -> tuple[str, str]:
    """The converter's name and the first line of what it says of itself."""
    if isinstance(one.convert, Each):
        return "each", "Each sub-record, field by field."
    convert = one.convert.convert if isinstance(one.convert, Whole) else one.convert
    doc = (convert.__doc__ or "").strip().splitlines()
    return getattr(convert, "__name__", type(convert).__name__), doc[0].replace("``", "") if doc else ""


class _Spied(dict[str, Any]):
    """A record that remembers which of its fields were read."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.read.add(name)
        return super().get(name, default)


@cache
def consumed(target: Target) -> frozenset[str]:
    """The canonical fields a target's payload is made of, found out by making one."""
    entity = next(flow.dataset.entity for flow in FLOWS if flow.dataset.entity.name == target.entity)
    record = _Spied({field.name: _some(field.type) for field in entity.fields} | {"id": "00000000-0000-0000-0000-000000000000"})
    with suppress(Refusal):  # what it read before it refused still counts
        target.payload(record)
    return frozenset(record.read & set(entity.names))


def _some(kind: Type) -> Any:
    return {Type.INTEGER: 1, Type.FLAG: True, Type.LIST: []}.get(kind, "2026-01-01T00:00:00+07:00" if kind is Type.MOMENT else "2026-01-01")


def consumers(entity: str, field: str) -> tuple[Target, ...]:
    """The targets that get ``entity.field``."""
    return tuple(target for target in TARGETS if target.entity == entity and field in consumed(target))


def openlineage(flow: Flow, run: str, at: str) -> dict[str, Any]:
    """A run event with the column lineage facet; ``run`` is a UUID, ``at`` an ISO moment."""
    entity = flow.dataset.entity
    source = {"namespace": f"hub://{flow.system}", "name": flow.dataset.dataset}
    fields = {one.field: {"inputFields": [_input(source, one, wire) for wire in one.wires]} for one in flow.dataset.fields}
    facet = {"_producer": PRODUCER, "_schemaURL": FACET, "fields": fields}
    return {
        "eventType": "COMPLETE",
        "eventTime": at,
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
        "run": {"runId": run},
        "job": {"namespace": "bacninh-hub", "name": flow.id},
        "inputs": [source],
        "outputs": [{"namespace": "hub://golden", "name": f"golden.{entity.name}", "facets": {"columnLineage": facet}}],
    }


def _input(source: Mapping[str, str], one: Map, wire: str) -> dict[str, Any]:
    name, what = converter(one)
    personal = [{"type": "DIRECT", "subtype": "TRANSFORMATION", "description": f"{name}: {what}", "masking": False}]
    return {**source, "field": wire, "transformations": personal}


def entity_flows(entity: Entity) -> Iterator[Flow]:
    """The flows that fill an entity."""
    return (flow for flow in FLOWS if flow.dataset.entity.name == entity.name)
