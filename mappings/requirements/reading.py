"""Reads the catalogue from its YAML files and refuses what does not hold together, each fault with its place."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import yaml

from mappings.canonical import Entity, Type, entity
from mappings.requirements.model import OWN, Catalogue, Component, Fact, Filled, NoMatch, Requirement

FOLDER = Path(__file__).parent
Known = Mapping[str, frozenset[str]]
"""Component codes by procedure, of the national catalogue."""
SUBJECTS = ("person", "enterprise")
DATABLE = {Type.DATE, Type.PARTIAL_DATE, Type.MOMENT}


class CatalogueFault(Exception):
    """The catalogue of requirements cannot be used; ``faults`` are all that is wrong, each as ``place: what``."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults) + " (mappings/requirements)")


def load(folder: Path = FOLDER) -> Catalogue:
    """The catalogue of a folder: ``facts.yaml``, ``uncovered.yaml``, and one file per sector."""
    documents = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml"))}
    return parse(documents)


def parse(documents: Mapping[str, Any]) -> Catalogue:
    """From the files' contents. Raises CatalogueFault with everything that is wrong."""
    try:
        facts = {name: _fact(name, said) for name, said in documents["facts"].items()}
        uncovered = {str(code): _both(str(code), str(why)) for code, why in documents["uncovered"].items()}
        sectors = [said for name, content in documents.items() if name not in {"facts", "uncovered"} for said in content]
        requirements = tuple(sorted(map(_requirement, sectors), key=lambda one: (one.procedure, one.valid_from)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CatalogueFault([f"{type(error).__name__}: {error}"]) from error
    facts, uncovered = dict(sorted(facts.items())), dict(sorted(uncovered.items()))
    made = Catalogue(facts, requirements, uncovered, _fingerprint(facts, requirements, uncovered))
    if faults := [*_fact_faults(facts), *_requirement_faults(made)]:
        raise CatalogueFault(faults)
    return made


def missing(catalogue: Catalogue, known: Known) -> list[str]:
    """What the catalogue says of procedures and components that the national catalogue does not know, and what it says nothing of."""
    faults = [f"{one.procedure}: no such procedure" for one in catalogue.requirements if one.procedure not in known]
    faults += [f"{code}: no such procedure (uncovered.yaml)" for code in catalogue.uncovered if code not in known]
    for each in catalogue.requirements:
        declared, there = {one.code for one in each.components}, known.get(each.procedure, frozenset())
        faults += [f"{each.procedure}: no component {code}" for code in sorted(declared - there) if there]
        faults += [f"{each.procedure}: component {code} is not declared" for code in sorted(there - declared)]
    silent = known.keys() - catalogue.versions.keys() - catalogue.uncovered.keys()
    return faults + [f"{code}: neither covered nor declared uncovered" for code in sorted(silent)]


def _both(code: str, why: str) -> str:
    """A reason in both languages."""
    if why.count(" · ") != 1:
        raise ValueError(f"{code}: the reason is written as 'Vietnamese · English'")
    return why


def _fact(name: str, said: Mapping[str, Any]) -> Fact:
    where = tuple((str(field), tuple(map(str, values))) for field, values in (said.get("where") or {}).items())
    given: dict[str, Any] = {key: str(said[key]) for key in ("vi", "en", "entity", "subject", "since", "legal_basis", "database")}
    given |= {key: tuple(said.get(key, ())) for key in ("owners", "fills")}
    given |= {key: said[key] for key in ("until", "not_before", "only") if key in said}
    return Fact(id=name, where=where, **given)


def _requirement(said: Mapping[str, Any]) -> Requirement:
    procedure = str(said["procedure"])
    components = tuple(_component(str(code), one) for code, one in said["components"].items())
    form = tuple(_filled(str(vi), str(source)) for vi, source in (said.get("form") or {}).items())
    first, last = said["valid_from"], said.get("valid_to")
    if not isinstance(first, date) or not (last is None or isinstance(last, date)):
        raise ValueError(f"{procedure}: valid_from and valid_to are days, YYYY-MM-DD")
    return Requirement(procedure, str(said["name"]), str(said["subject"]), str(said["legal_basis"]), first, last, components, form)


def _filled(vi: str, source: str) -> Filled:
    fact, _, field = source.partition(".")
    return Filled(vi, fact, field)


def _component(code: str, said: Mapping[str, Any]) -> Component:
    if "none" not in said:
        raise ValueError(f"{code}: what follows when nothing matches (none) must be declared")
    ways = tuple(tuple(f"paper:{code}" if item == f"paper:{OWN}" else str(item) for item in way) for way in said.get("any") or ())
    return Component(code, str(said["name"]), ways, NoMatch(said["none"]), str(said.get("when", "")), str(said.get("why", "")))


def _fact_faults(facts: Mapping[str, Fact]) -> Iterable[str]:
    for fact in facts.values():
        place = f"facts.yaml, {fact.id}"
        if fact.subject not in SUBJECTS:
            yield f"{place}: subject {fact.subject!r} is neither person nor enterprise"
        try:
            of = entity(fact.entity)
        except LookupError as error:
            yield f"{place}: {error}"
            continue
        named = [*fact.owners, *fact.fills, fact.since, *(name for name, _ in fact.where), *([fact.until] if fact.until else [])]
        yield from (f"{place}: {fact.entity} has no field {name!r}" for name in named if name not in of.names)
        yield from _undatable(place, fact, of)


def _undatable(place: str, fact: Fact, of: Entity) -> Iterable[str]:
    for name in filter(None, (fact.since, fact.until)):
        if name in of.names and of.field(name).type not in DATABLE:
            yield f"{place}: {name!r} is not a day or a moment"


def _requirement_faults(catalogue: Catalogue) -> Iterable[str]:
    for one in catalogue.requirements:
        if one.subject not in SUBJECTS:
            yield f"{one.procedure}: subject {one.subject!r} is neither person nor enterprise"
        if one.procedure in catalogue.uncovered:
            yield f"{one.procedure}: covered, and declared uncovered"
        for component in one.components:
            yield from _component_faults(catalogue, one, component)
        yield from (f"{one.procedure}, form {each.vi!r}: {why}" for each in one.form if (why := _unfilled(catalogue, one, each)))
    for procedure, versions in catalogue.versions.items():
        for earlier, later in pairwise(versions):
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                yield f"{procedure}: versions of {earlier.valid_from} and {later.valid_from} are in force together"


def _component_faults(catalogue: Catalogue, requirement: Requirement, component: Component) -> Iterable[str]:
    place = f"{requirement.procedure}, {component.code}"
    if component.none is NoMatch.CONDITIONAL and not component.when:
        yield f"{place}: conditional, but on what (when)?"
    if not component.any and not component.why:
        yield f"{place}: nothing can satisfy it, but why?"
    for item in (item for way in component.any for item in way):
        kind, _, name = item.partition(":")
        if kind == "fact" and name not in catalogue.facts:
            yield f"{place}: no fact {name!r} in facts.yaml"
        elif kind == "fact" and catalogue.facts[name].subject != requirement.subject:
            yield f"{place}: {name!r} is a fact of a {catalogue.facts[name].subject}, the procedure is for a {requirement.subject}"
        elif kind not in {"fact", "paper"} or not name:
            yield f"{place}: {item!r} is neither fact:… nor paper:…"
    yield from (f"{place}: an empty list would be satisfied by nothing" for way in component.any if not way)


def _unfilled(catalogue: Catalogue, requirement: Requirement, each: Filled) -> str:
    fact = catalogue.facts.get(each.fact)
    if fact is None or fact.subject != requirement.subject:
        return f"no fact {each.fact!r} of a {requirement.subject}"
    return "" if each.field in fact.fills else f"{each.field!r} is not among the fills of {each.fact}"


def _fingerprint(*parts: Any) -> str:
    """SHA-256 of what the catalogue says, whatever its files look like."""
    facts, requirements, uncovered = parts
    said = [[asdict(one) for one in facts.values()], [asdict(one) for one in requirements], uncovered]
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()
