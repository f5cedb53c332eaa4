"""The sector registers beside births, insurance, enterprises and dossiers: who is in them follows from who lives in the province."""

from collections.abc import Callable, Iterator
from random import Random

from include.sandbox.catalogues import agency_rows, procedure_rows, unit_rows
from include.sandbox.households import Households, Taxpayers
from include.sandbox.land import Certificates
from include.sandbox.papers import Papers
from include.sandbox.people import Citizen
from include.sandbox.registers import Deaths, Marriages
from include.sandbox.service import Served
from include.sandbox.social import Beneficiaries
from include.sandbox.wire import (
    AGENCIES,
    DEATHS,
    HOUSEHOLDS,
    LAND,
    MARRIAGES,
    PAPERS,
    PROCEDURES,
    SOCIAL,
    SURVEYS,
    TAXPAYERS,
    TICKETS,
    UNITS,
    Dataset,
    Wire,
)

About = tuple[Dataset, Wire, Citizen | None]
"""A row, its dataset, and the person it is about."""
HOUSEHOLD_SHARE = 0.5
"""Household businesses for each enterprise."""


class Sectors:
    """Makes the rows; every register has a chance of its own."""

    def __init__(self, chance: Callable[[str], Random]) -> None:
        self._chance = chance
        self._deaths = Deaths(chance("deaths"))
        self._marriages = Marriages(chance("marriages"))
        self._land = Certificates(chance("land"))
        self._social = Beneficiaries(chance("social"))
        self._tax = Taxpayers(chance("tax"))
        self._papers = Papers(chance("papers"))
        self._served = Served(chance("served"))

    def strike(self, person: Citizen) -> None:
        """Perhaps lets the person be dead, before anything else is told of them."""
        self._deaths.strike(person)

    def of_person(self, person: Citizen) -> Iterator[About]:
        """What the registers hold of a person, and of the household whose first member they are."""
        if person.died:
            yield DEATHS, self._deaths.row(person), person
        if line := self._social.row(person):
            yield SOCIAL, line, person
        home = person.household
        if person is home.members[0]:
            if wedding := self._marriages.row(home):
                yield MARRIAGES, wedding, None
            if certificate := self._land.row(home):
                yield LAND, certificate, None

    def of_enterprise(self, row: Wire) -> About:
        """What the tax office holds of an enterprise."""
        return TAXPAYERS, self._tax.of_enterprise(row), None

    def households(self, owners: list[Citizen], count: int) -> Iterator[About]:
        """Household businesses, and what the tax office holds of them."""
        maker = Households(self._chance("households"), owners)
        for _ in range(count):
            if row := maker.row():
                tax = self._tax.of_household(row)
                yield HOUSEHOLDS, row, None
                yield TAXPAYERS, tax, None

    def of_dossier(self, row: Wire) -> list[About]:
        """The papers of a dossier, its turn at the desk, and what was said of it."""
        found: list[About] = [(PAPERS, paper, None) for paper in self._papers.rows(row)]
        found += [(TICKETS, turn, None) for turn in self._served.turns(row)]
        return found + [(SURVEYS, answer, None) for answer in self._served.answers(row)]

    @staticmethod
    def catalogues() -> Iterator[About]:
        """The portal's catalogues."""
        for dataset, rows in ((PROCEDURES, procedure_rows()), (AGENCIES, agency_rows()), (UNITS, unit_rows())):
            for row in rows:
                yield dataset, row, None
