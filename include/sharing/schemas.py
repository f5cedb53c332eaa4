"""JSON schemas of records and answers, derived from the canonical entities."""

from typing import Any

from include.sharing.datasets import DATASETS, Dataset
from include.sharing.operations import MOMENT, TEXT, WHOLE, Schema, of
from include.sharing.problems import KINDS
from mappings.canonical import Field, Type

JSON_TYPES: dict[Type, dict[str, Any]] = {
    Type.TEXT: {"type": ["string", "null"]},
    Type.DATE: {"type": ["string", "null"], "format": "partial-date"},
    Type.PARTIAL_DATE: {"type": ["string", "null"], "format": "partial-date"},
    Type.MOMENT: {"type": ["string", "null"]},
    Type.INTEGER: {"type": ["integer", "string", "null"]},
    Type.FLAG: {"type": ["boolean", "string", "null"]},
    Type.LIST: {"type": ["array", "string", "null"], "items": {"type": "object"}},
}
"""A masked value is a text, whatever the field's type; a date of which only the year is shown is a partial date (YYYY, YYYY-MM or YYYY-MM-DD)."""


def camel(path: str) -> str:
    """``land-certificates`` → ``LandCertificates``."""
    return "".join(part.capitalize() for part in path.replace("_", "-").split("-"))


def lower(title: str) -> str:
    """A title within a sentence; names of law keep their capitals."""
    return title[:1].lower() + title[1:]


def property_of(field: Field) -> Schema:
    """A field as a member."""
    made = JSON_TYPES[field.type] | {"description": f"{field.vi} · {field.en}"}
    if field.parts:
        made["items"] = {"type": "object", "properties": {part.name: property_of(part) for part in field.parts}}
    return made


def record(dataset: Dataset) -> Schema:
    """The fields of a dataset; an answer holds those that were asked for."""
    properties = {field.name: property_of(field) for field in dataset.entity.fields}
    return {"type": "object", "description": f"{dataset.entity.vi} · {dataset.entity.en}", "properties": properties, "additionalProperties": False}


def ref(name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def about_record(dataset: Dataset) -> dict[str, Any]:
    """What comes with each record."""
    return {
        "data": ref(camel(dataset.name)),
        "source": {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}},
        "recorded_at": MOMENT,
        "version": WHOLE,
    }


def answer(dataset: Dataset) -> Schema:
    """The answer to a look-up: one record, or ``records`` when the identifier may have several."""
    envelope = {
        "dataset": {"type": "string", "enum": [dataset.name]},
        "agreement": TEXT,
        "request_id": TEXT,
        "as_of": MOMENT,
        "match": {"type": "string", "enum": ["exact", "alias"]},
        "quality": {"type": ["number", "null"]},
        "staleness": of({"seconds": {"type": ["integer", "null"]}, "limit_seconds": WHOLE, "stale": {"type": "boolean"}}),
        "masked": {"type": "array", "items": TEXT},
    }
    single, many = about_record(dataset), {"records": {"type": "array", "items": of(about_record(dataset))}}
    made = of(envelope | single | many, *single, *many)
    return {**made, "oneOf": [{"required": list(single)}, {"required": ["records"]}]}


def problem() -> Schema:
    """A problem document (RFC 9457)."""
    return of(
        {
            "type": {"type": "string", "enum": [f"/problems/{name}" for name in KINDS]},
            "title": TEXT,
            "status": WHOLE,
            "detail": TEXT,
            "errors": {"type": "array", "items": of({"in": TEXT, "pointer": TEXT, "detail": TEXT})},
            "request_id": TEXT,
            "message": TEXT,
        },
        "errors",
        "message",
    )


def oauth_problem() -> Schema:
    """What the token endpoint says (RFC 6749 §5.2), with the members of RFC 9457 beside it."""
    return of({"error": TEXT, "error_description": TEXT, "type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT})


def components() -> dict[str, Schema]:
    """Every named schema."""
    found = {camel(dataset.name): record(dataset) for dataset in DATASETS}
    found |= {f"{camel(dataset.name)}Answer": answer(dataset) for dataset in DATASETS}
    return found | {"Problem": problem(), "TokenProblem": oauth_problem()}
