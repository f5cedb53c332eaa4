"""What the catalogue of requirements is made of: a component asks for a proof, lists of items are ways to give it.

The algebra is that of the European once-only system (exchange.md §2.7): every item **in** a list is needed, **one** list suffices, and what
happens when no list is whole must be said.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

OWN = "own"
"""In place of a paper's code: the component's own code, a copy digitised with an earlier dossier."""


class NoMatch(StrEnum):
    """What follows when nothing the state holds satisfies a component."""

    ASK = "ask"
    """The person hands it in."""
    CONFIRM = "confirm"
    """A declaration: the form comes filled in, the person confirms it."""
    CONDITIONAL = "conditional"
    """The person hands it in, if ``when`` is so."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a sector database says of a person or an enterprise.

    ``owners`` are the fields that hold the subject's number; ``where`` gives the values fields must have; the fact counts from the day after
    ``since`` (never before ``not_before``) up to and including ``until``. ``only`` facts count when there is just one: of several, nobody can
    say which is meant. ``fills`` are the fields forms are filled in with. ``database`` is the portal's code of the database (MaCSDL).
    """

    id: str
    vi: str
    en: str
    entity: str
    subject: str
    owners: tuple[str, ...]
    since: str
    legal_basis: str
    database: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    until: str = ""
    not_before: date | None = None
    only: bool = False
    fills: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """How items name it."""
        return f"fact:{self.id}"


@dataclass(frozen=True, slots=True)
class Component:
    """One paper a procedure asks for. ``any`` holds lists of items: ``fact:marriage``, ``paper:KQ.G15.001193``."""

    code: str
    name: str
    any: tuple[tuple[str, ...], ...]
    none: NoMatch
    when: str = ""
    why: str = ""
    """Why nothing the state holds can satisfy it, when ``any`` is empty."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A field of the procedure's form, and the fact's field it is filled in from."""

    vi: str
    fact: str
    field: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one procedure asks for, from a day on."""

    procedure: str
    name: str
    subject: str
    legal_basis: str
    valid_from: date
    valid_to: date | None
    components: tuple[Component, ...]
    form: tuple[Filled, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Whether this version is the one in force."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def facts(self) -> frozenset[str]:
        """Ids of the facts it may look at."""
        named = {item.removeprefix("fact:") for one in self.components for way in one.any for item in way if item.startswith("fact:")}
        return frozenset(named | {one.fact for one in self.form})


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Every requirement, the facts they rest on, and the procedures that are left out with the reason."""

    facts: dict[str, Fact]
    requirements: tuple[Requirement, ...]
    uncovered: dict[str, str]
    fingerprint: str

    def of(self, procedure: str, day: date) -> Requirement:
        """The requirement of a procedure (national code) in force that day. LookupError says what there is instead."""
        versions = self.versions.get(procedure[:8], ())
        for each in versions:
            if each.holds_on(day):
                return each
        if versions:
            raise LookupError(f"{procedure}: chưa có hiệu lực ngày {day:%d/%m/%Y} · its requirements are not in force on {day}")
        why = self.uncovered.get(procedure[:8])
        if why:
            raise LookupError(f"{procedure}: được khai là không bao phủ · declared uncovered: {why}")
        raise LookupError(f"{procedure}: không có trong danh mục yêu cầu · not in the catalogue of requirements (mappings/requirements)")

    @cached_property
    def versions(self) -> dict[str, tuple[Requirement, ...]]:
        """By procedure, oldest first."""
        found: dict[str, tuple[Requirement, ...]] = {}
        for each in sorted(self.requirements, key=lambda one: one.valid_from):
            found[each.procedure] = (*found.get(each.procedure, ()), each)
        return found
