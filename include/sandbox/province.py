"""A synthetic province: the same seed gives the same bytes.

Rows stream out one by one, so that 200,000 citizens need little memory; the truth about them is complete when the last row is out.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from random import Random
from typing import NamedTuple

from include.sandbox import ledger
from include.sandbox.births import Births
from include.sandbox.dossiers import Dossiers
from include.sandbox.enterprises import Company, Enterprises
from include.sandbox.insurance import Insurance
from include.sandbox.moments import AS_OF, iso
from include.sandbox.people import Citizen, Held, People
from include.sandbox.planting import Conflicts, Planter
from include.sandbox.portal_filed import FRESH, TAKEN_OVER, WAITING, filed
from include.sandbox.sectors import HOUSEHOLD_SHARE, Sectors
from include.sandbox.truth import Mark, Truth
from include.sandbox.wire import BIRTHS, DATASETS, DOSSIERS, ENTERPRISES, HOUSEHOLDS, INSURANCE, PAPERS, PORTAL_FILED, Dataset, Wire

SEED = 717
IN_BIRTHS, IN_INSURANCE = 0.70, 0.65
"""Shares of the citizens known to each register."""
PERSON_ONLY = frozenset({"ngaySinh", "gioiTinh", "soCmnd", "maXa"})
"""Fields of an insurance row that say something of the person and nothing of the participation: damaged, the one is put aside, the other taken."""


class Row(NamedTuple):
    """One row as a system stores it: ``moment`` sorts by time of change."""

    dataset: str
    moment: str
    key: str
    fragment: str


class Province:
    """Everything the four systems know. ``rows`` can be gone through once."""

    def __init__(self, citizens: int, enterprises: int, dossiers: int, seed: int = SEED, as_of: datetime = AS_OF) -> None:
        if as_of != AS_OF:
            raise ValueError(f"the province stands still at {AS_OF:%Y-%m-%d}")
        self.citizens, self.enterprises, self.dossiers, self.seed = citizens, enterprises, dossiers, seed
        self.truth = Truth(seed, iso(as_of), rows=dict.fromkeys(DATASETS, 0))
        self._planters = {each.name: Planter(each, self._chance(f"damage {each.name}"), self.truth) for each in DATASETS.values()}
        self._conflicts = Conflicts(citizens)
        self._sectors = Sectors(self._chance)
        self._owners: list[Citizen] = []
        self._adults = 0
        self._companies: list[Company] = []
        self._store: dict[str, list[Held]] = {}

    def rows(self) -> Iterator[Row]:
        """Every row of every dataset; people first, since others are named after them."""
        yield from self._people()
        yield from self._enterprises()
        yield from self._dossiers()
        yield from self._waiting()
        for dataset, row, _ in self._sectors.catalogues():
            yield from self._out(dataset, [row], None)

    def _chance(self, what: str) -> Random:
        return Random(f"{self.seed} {what}")  # noqa: S311 a synthetic province wants repeatable chance

    def _people(self) -> Iterator[Row]:
        births, insurance = Births(self._chance("births")), Insurance(self._chance("insurance"))
        share, sample = self._chance("registers"), self._chance("owners")
        wanted = self.enterprises + self.dossiers
        for person in People(self._chance("people")).citizens(self.citizens):
            self._sectors.strike(person)
            known = share.random() < IN_BIRTHS
            insured = share.random() < IN_INSURANCE
            if known:
                yield from self._birth(births.row(person), person, insured)
            if insured:
                yield from self._participant(insurance.row(person), person)
            for dataset, row, about in self._sectors.of_person(person):
                yield from self._planted(dataset, row, about, known=(person, *person.household.members[:2]))
            if person.adult and person.number and not person.abroad and not person.died:
                self._sample(person, wanted, sample)

    def _sample(self, person: Citizen, wanted: int, random: Random) -> None:
        """Keeps an even sample of those who may own something (reservoir)."""
        self._adults += 1
        if len(self._owners) < wanted:
            self._owners.append(person)
        elif (slot := int(random.random() * self._adults)) < wanted:
            self._owners[slot] = person

    def _birth(self, row: Wire, person: Citizen, insured: bool) -> Iterator[Row]:
        planter = self._planters["births"]
        damaged = None if person.abroad else planter.damage(row)
        if damaged is None and row["soDinhDanh"]:
            if person.abroad:
                planter.warn(row, "personal_number_unknown_province", "soDinhDanh")
            elif not insured:
                self._conflicts.lend(person)
        if damaged is None:
            ledger.note(BIRTHS, row, (person, person.mother))
        yield from self._out(BIRTHS, damaged or [row], person)

    def _participant(self, row: Wire, person: Citizen) -> Iterator[Row]:
        planter = self._planters["insurance"]
        if person.abroad:
            if row["soDinhDanh"]:
                planter.warn(row, "personal_number_unknown_province", "soDinhDanh")
            yield from self._out(INSURANCE, [row], person)
        elif other := self._conflicts.plant(row, person):
            planter.note(row, self._conflicts.code, "soDinhDanh")
            ledger.insured(row, (other,))
            yield from self._out(INSURANCE, [row], person)
        else:
            before = len(self.truth.damages)
            yield from self._planted(INSURANCE, row, person, known=(person,))
            if all(mark["field"] in PERSON_ONLY for mark in self.truth.damages[before:]):
                ledger.insured(row, (person,))

    def _planted(
        self,
        dataset: Dataset,
        row: Wire,
        person: Citizen | None = None,
        *,
        known: Iterable[Citizen] = (),
        clean: Callable[[], None] | None = None,
    ) -> Iterator[Row]:
        """The row, perhaps damaged; a clean one is noted with the ``known`` people it is about, and ``clean`` is called."""
        planter = self._planters[dataset.name]
        damaged = planter.damage(row)
        if damaged is None:
            ledger.note(dataset, row, {one.id: one for one in known}.values())
            if clean:
                clean()
            planter.oddity(row)
        yield from self._out(dataset, damaged or [row], person)

    def _out(self, dataset: Dataset, rows: list[Wire], person: Citizen | None) -> Iterator[Row]:
        self.truth.rows[dataset.name] += len(rows)
        if person is not None:
            self.truth.about(person.id, dataset.name, dataset.key_of(rows[0]))
        for row in rows:
            yield Row(dataset.name, dataset.moment_of(row), dataset.key_of(row), dataset.render(row))

    def _enterprises(self) -> Iterator[Row]:
        maker = Enterprises(self._chance("enterprises"), self._owners)
        for _ in range(self.enterprises):
            active = len(maker.active)
            row = maker.row()
            tax = self._sectors.of_enterprise(row)
            yield from self._planted(ENTERPRISES, row, clean=partial(register, maker.active[active:], row))
            yield from self._planted(*tax)
        self._companies = maker.active
        owners = {person.number: person for person in self._owners}
        for dataset, business, _ in self._sectors.households(self._owners, round(self.enterprises * HOUSEHOLD_SHARE)):
            about = (owners[business["chuHo"]["soDinhDanh"]],) if dataset is HOUSEHOLDS else ()
            yield from self._planted(dataset, business, known=about)

    def _dossiers(self) -> Iterator[Row]:
        maker = Dossiers(self._chance("dossiers"), self._owners, self._companies, self.dossiers, self._store)
        portal = self._chance("portal")
        for _ in range(self.dossiers if self._owners else 0):
            row, owner = maker.row()
            told = list(self._sectors.of_dossier(row))
            before = filed(row)
            damages = len(self.truth.damages)
            yield from self._planted(DOSSIERS, row, owner, clean=partial(self._noted, maker.again, maker.unbacked))
            if row["noiNop"] == "1" and len(self.truth.damages) == damages and portal.random() < TAKEN_OVER:
                yield from self._out(PORTAL_FILED, [before], None)
            for dataset, about, _ in told:
                clean = partial(self._keep, about) if dataset is PAPERS else None
                yield from self._planted(dataset, about, clean=clean)

        self._running = maker.running

    def _waiting(self) -> Iterator[Row]:
        """Dossiers on the portal that the one-stop system has not taken over yet. The portal checks what is filed on it: none is damaged."""
        count = -(-self.dossiers // WAITING) if self._owners else 0
        chance = self._chance("portal waiting")
        maker = Dossiers(chance, self._owners, self._companies, count, self._store, spread=FRESH, running=self._running)
        for _ in range(count):
            row, _ = maker.row()
            self._noted(maker.again, maker.unbacked)
            yield from self._out(PORTAL_FILED, [filed(row)], None)

    def _noted(self, again: list[Mark], unbacked: list[Mark]) -> None:
        self.truth.again += again
        self.truth.unbacked += unbacked

    def _keep(self, paper: Wire) -> None:
        if held := ledger.paper(paper):
            self._store.setdefault(paper["MaDinhDanh"], []).append(held)


def register(companies: list[Company], row: Wire) -> None:
    """The enterprise is known since its founding."""
    for company in companies:
        founded = datetime.strptime(row["MainInformation"]["FOUNDING_DATE"], "%d/%m/%Y").date()  # noqa: DTZ007 wire times are local
        company.held.append(Held("fact:enterprise", ledger.after(founded)))


def generate(citizens: int, enterprises: int, dossiers: int, seed: int = SEED, as_of: datetime = AS_OF) -> Province:
    """A province of that size. Only ``AS_OF`` is on offer: histories, ages and damages are all told from that day."""
    return Province(citizens, enterprises, dossiers, seed, as_of)
