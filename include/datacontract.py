"""Data contracts in the Open Data Contract Standard v3.1: what a golden record is, for machines, from the fields and rules of all the rest."""

from typing import Any

import yaml

from include.flows import FLOWS
from include.lineage import entity_flows, origins
from mappings.canonical import Entity, Field, Type
from quality.rules import Rule, rules

VERSION = "1.0.0"
LOGICAL = {
    Type.TEXT: "string",
    Type.DATE: "date",
    Type.PARTIAL_DATE: "string",
    Type.MOMENT: "timestamp",
    Type.INTEGER: "integer",
    Type.FLAG: "boolean",
    Type.LIST: "array",
}
PHYSICAL = {
    Type.TEXT: "text",
    Type.DATE: "date",
    Type.PARTIAL_DATE: "text",
    Type.MOMENT: "timestamptz",
    Type.INTEGER: "bigint",
    Type.FLAG: "boolean",
    Type.LIST: "jsonb",
}
DIMENSIONS = {"validity": "conformity"}
"""ODCS names its dimensions after EDM Council; ours that differ."""


def contract(entity: Entity) -> dict[str, Any]:
    """The contract of an entity, valid under the standard's JSON schema."""
    flows = list(entity_flows(entity))
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"bacninh-hub.{entity.name}",
        "name": entity.vi,
        "version": VERSION,
        "status": "active",
        "domain": entity.domain,
        "description": {
            "purpose": f"{entity.vi} ({entity.en}): một bản ghi vàng cho mỗi {entity.field(entity.key).vi.lower()}.",
            "usage": "Qua API chia sẻ, theo thỏa thuận và mục đích · Through the sharing API, by agreement and purpose.",
            "limitations": "Thiếu nghĩa là nguồn không nói, không điền thay · Missing means the source did not say; nothing is filled in.",
        },
        "schema": [
            {
                "name": entity.name,
                "physicalName": f"golden.{entity.name}",
                "logicalType": "object",
                "physicalType": "table",
                "businessName": entity.vi,
                "description": entity.en,
                "properties": [_property(entity, field) for field in entity.fields],
                "quality": [_quality(rule) for rule in rules(entity.name) if rule.field not in entity.names],
            }
        ],
        "slaProperties": [
            {"property": "frequency", "value": flow.schedule, "unit": "cron", "element": entity.name, "description": f"{flow.id}: {flow.dataset.vi}"}
            for flow in flows
        ],
        "authoritativeDefinitions": [{"type": "law", "url": f"urn:vn:{law.strip()}"} for law in _laws(entity)],
    }


def _laws(entity: Entity) -> list[str]:
    return sorted({law for flow in FLOWS if flow.dataset.entity.name == entity.name for law in flow.dataset.legal_basis.split(";")})


def _property(entity: Entity, field: Field) -> dict[str, Any]:
    found = _base(field)
    if field.name == entity.key:
        found |= {"primaryKey": True, "primaryKeyPosition": 1, "unique": True}
    sources = [f"{origin.flow}: {', '.join(origin.wires)}" for origin in origins(entity.name, field.name)]
    if sources:
        found["transformSourceObjects"] = sources
        found["transformLogic"] = "; ".join(sorted({origin.converter for origin in origins(entity.name, field.name)}))
    if quality := [_quality(rule) for rule in rules(entity.name) if rule.field == field.name]:
        found["quality"] = quality
    return found


def _base(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": field.name,
        "businessName": field.vi,
        "description": field.en,
        "logicalType": LOGICAL[field.type],
        "physicalType": PHYSICAL[field.type],
        "required": field.required,
        "classification": field.privacy.value,
    }
    if field.parts:
        found["items"] = {"logicalType": "object", "properties": [_base(part) for part in field.parts]}
    if field.source:
        found["authoritativeDefinitions"] = [{"type": "law", "url": f"urn:vn:{field.source}"}]
    custom = [("merge", field.merge.value), ("codeList", field.codes)]
    found["customProperties"] = [{"property": name, "value": value} for name, value in custom if value]
    return found


def _quality(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.vi,
        "description": rule.en,
        "type": "custom",
        "engine": "great-expectations",
        "implementation": {"check": rule.check, "field": rule.field, **({"args": rule.args} if rule.args else {})},
        "dimension": DIMENSIONS.get(rule.dimension, rule.dimension),
        "severity": rule.severity.value,
    }


def as_yaml(entity: Entity) -> str:
    """The contract as it is kept in ``docs/contracts``."""
    return yaml.safe_dump(contract(entity), allow_unicode=True, sort_keys=False, width=150)
