"""What there is on one record: its landed bytes, what was read in them, what the mapping made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.errors import BadAnswer
from include.flows import Flow
from include.flows import flow as find
from include.hub import Hub
from mappings.apply import apply
from mappings.canonical import Privacy


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: in the page ``n`` of a run, from 0 the ``idx``-th."""

    flow: str
    run: str
    n: int
    idx: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """The record at a place. ``record`` is None where its bytes cannot be read; ``mapped`` holds what today's mapping makes of it."""

    place: Place
    page: bytes
    sha256: str
    raw: bytes
    record: Mapping[str, Any] | None
    mapped: Mapping[str, Any]


def at(hub: Hub, place: Place) -> Evidence:
    """Reads it again from the bytes as received. LookupError when they were not landed."""
    flow = find(place.flow)
    rows = hub.db.rows("SELECT sha256 FROM hub.landed_page WHERE flow = %s AND run = %s AND n = %s", place.flow, place.run, place.n)
    if not rows:
        raise LookupError(f"không có trang {place.n} của {place.flow}/{place.run} · {place.flow}/{place.run} landed no page {place.n}")
    page = hub.objects.get(rows[0][0])
    source = flow.source(hub.settings.reading(flow.system))
    try:
        raw = source.rows(page)[place.idx]
        record: Mapping[str, Any] | None = source.decode(raw)
    except (BadAnswer, IndexError):  # a page nothing can be read of is put aside whole
        raw, record = page, None
    finally:
        source.close()
    return Evidence(place, page, rows[0][0], raw, record, understood(flow, record))


def understood(flow: Flow, record: Mapping[str, Any] | None) -> dict[str, Any]:
    """The record as today's mapping reads it; empty where there is none."""
    if record is None:
        return {}
    return {name: values[0] for name, values in apply(flow.dataset, [record]).columns.items()}


def personal(flow: Flow, name: str) -> bool:
    """Whether a canonical field may say something of a person; what is no field of the entity counts as if it did."""
    return all(field.name != name or field.privacy is not Privacy.NONE for field in flow.dataset.entity.fields)


def veiled(value: Any) -> Any:
    """The shape of a value without its content: texts as dots of their length, structures kept."""
    if isinstance(value, Mapping):
        return {name: veiled(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [veiled(each) for each in value]
    return value if value is None or isinstance(value, bool) else "•" * min(12, len(str(value)))
