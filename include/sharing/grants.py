"""Agreements compiled for the hot path: what a caller may ask, and how an answer to it is put together."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import msgspec

from include.sharing.datasets import BY_NAME, Dataset
from include.sharing.masks import MASKS, Mask
from include.sharing.problems import Problem
from include.sharing.terms import Terms
from mappings.canonical import Type

MOST_PLANS = 1_000
"""Different lists of fields remembered per agreement."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How an answer with certain fields is made. ``fields`` are (name, place in the entity, mask or None, whether a list)."""

    bits: int
    fields: tuple[tuple[str, int, Mask | None, bool], ...]
    masked: tuple[str, ...]
    sources: dict[tuple[tuple[str, ...], str], dict[str, list[str]]] = field(default_factory=dict, compare=False)
    """What provenance says of these fields, by systems and provenance."""


@dataclass(frozen=True)
class Grant:
    """One agreement in force."""

    agreement: str
    version: int
    client: str
    agency: str
    terms: Terms
    dataset: Dataset
    plans: dict[tuple[str, ...], Plan] = field(default_factory=dict, compare=False)

    @cached_property
    def scope(self) -> str:
        """The communes records may lie in, as one text."""
        return ",".join(self.terms.communes)

    @cached_property
    def granted(self) -> frozenset[str]:
        """The fields that may be asked for."""
        return frozenset(self.terms.fields)

    @cached_property
    def first(self) -> date:
        """The first day of its term."""
        return self.terms.valid_from

    @cached_property
    def last(self) -> date:
        """The last day of its term."""
        return self.terms.valid_to

    def in_force(self, today: date) -> bool:
        """Whether today lies within its term."""
        return self.terms.valid_from <= today <= self.terms.valid_to

    def plan(self, fields: tuple[str, ...]) -> Plan:
        """The plan for ``fields``. Raises Problem naming those not granted."""
        found = self.plans.get(fields)
        if found is None:
            found = self.compiled(fields)
            if len(self.plans) < MOST_PLANS:
                self.plans[fields] = found
        return found

    def compiled(self, fields: tuple[str, ...]) -> Plan:
        """A new plan."""
        if refused := [name for name in fields if name not in self.granted]:
            errors = [{"in": "body", "pointer": "/fields", "detail": name} for name in refused]
            raise Problem("fields-not-granted", f"{self.agreement}: {', '.join(refused)}", errors)
        entity, masks = self.dataset.entity, self.terms.masked
        places = {each.name: place for place, each in enumerate(entity.fields)}
        made = [(name, places[name], MASKS[masks[name]] if name in masks else None, entity.field(name).type is Type.LIST) for name in fields]
        return Plan(sum(1 << places[name] for name in fields), tuple(made), tuple(name for name in fields if name in masks))


def grant_of(row: Any) -> Grant:
    """From a row (agreement, version, client, agency, dataset, terms as JSON text)."""
    terms = msgspec.json.decode(row["terms"], type=Terms)
    return Grant(row["agreement"], row["version"], row["client"], row["agency"], terms, BY_NAME[row["dataset"]])


def shown(plan: Plan, values: Any, columns: dict[str, int]) -> dict[str, Any]:
    """The fields of a row as granted: masked where the agreement says so, lists as the JSON they are."""
    made: dict[str, Any] = {}
    for name, _, mask, listed in plan.fields:
        value = values[columns[name]]
        if value is None or (mask is None and not listed):
            made[name] = value
        elif mask is not None:
            made[name] = mask(value)
        else:
            made[name] = msgspec.Raw(value.encode())
    return made


def shown_document(plan: Plan, document: dict[str, Any]) -> dict[str, Any]:
    """The same from a document of history."""
    made: dict[str, Any] = {}
    for name, _, mask, listed in plan.fields:
        value = document.get(name)
        if mask is not None and value is not None:
            value = mask(msgspec.json.encode(value).decode() if listed else value)
        made[name] = value
    return made
