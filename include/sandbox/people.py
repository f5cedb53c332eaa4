"""The citizens: households that share a family name and an address, and numbers that agree with sex and year of birth."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from include.sandbox.moments import AS_OF
from include.sandbox.names import FEMALE, MALE, Names
from include.sandbox.numbers import ABROAD, Numbers, birth_province
from include.sandbox.places import Place, address, places
from include.sandbox.tables import pick

ISSUED_WITHIN = 30
"""Days after birth until the population database has issued a number."""
LAST_OLD_ID_YEAR = 2001
"""Who was born later never got a 9-digit CMND."""


@dataclass(slots=True)
class Household:
    """What its members share."""

    surname: str
    ethnicity: str
    place: Place
    address: str
    members: "list[Citizen]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Held:
    """Something the state holds of somebody, from a moment to a day. ``what`` is how the catalogue of requirements names it; a paper counts at
    ``scope`` (empty: everywhere) and lies at ``path``.
    """

    what: str
    since: datetime
    until: date | None = None
    scope: str = ""
    path: str = ""


@dataclass(slots=True)
class Citizen:
    """One person, as they truly are. ``number`` is None for the new-born, ``old_id`` for the young."""

    id: int
    name: str
    sex: int
    birth: date
    household: Household
    number: str | None
    old_id: str | None
    insurance: str
    phone: str
    abroad: bool
    mother: "Citizen | None" = None
    father: "Citizen | None" = None
    died: date | None = None
    held: list[Held] = field(default_factory=list)

    @property
    def adult(self) -> bool:
        """Whether they may own a dossier."""
        return self.birth.year <= AS_OF.year - 19


class People:
    """Makes citizens, one household after the other."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._names = Names(random)
        self._numbers = Numbers()
        self._seen: set[tuple[str, date, int, str]] = set()
        self._last = 0

    def citizens(self, count: int) -> Iterator[Citizen]:
        """``count`` citizens; parents come before their children."""
        while self._last < count:
            left = count - self._last
            yield from self._household(left)

    def _household(self, room: int) -> list[Citizen]:
        random = self._random
        ethnicity, place = self._names.ethnicity(), pick(random, places())
        home = Household(self._names.surname(ethnicity), ethnicity, place, address(random, place))
        kind = random.random()
        if kind < 0.12:
            self._add(home, MALE if random.random() < 0.5 else FEMALE, 1940 + int(random.random() * 67))
            return home.members
        year = 1940 + int(random.random() * (60 if kind < 0.85 else 25))
        father = self._add(home, MALE, year)
        if room > 1:
            mother = self._add(home, FEMALE, year + int(random.random() * 8) - 2, surname=self._names.surname(ethnicity))
            self._children(home, mother, father, room - 2)
        return home.members

    def _children(self, home: Household, mother: Citizen, father: Citizen, room: int) -> None:
        year = mother.birth.year + 20 + int(self._random.random() * 8)
        for _ in range(min(room, int(self._random.random() * 3.6))):
            if year > AS_OF.year:
                return
            self._add(home, MALE if self._random.random() < 0.52 else FEMALE, year, parents=(mother, father))
            year += 2 + int(self._random.random() * 4)

    def _add(self, home: Household, sex: int, year: int, surname: str | None = None, parents: "tuple[Citizen, Citizen] | None" = None) -> Citizen:
        name, birth = self._identity(home, sex, year, surname or home.surname)
        self._last += 1
        mother, father = parents or (None, None)
        abroad = self._random.random() < 0.005 and parents is None and not home.members
        citizen = Citizen(
            self._last,
            name,
            sex,
            birth,
            home,
            None,
            None,
            self._numbers.insurance("24" if "Giang" in home.place.old_province else "27"),
            self._numbers.phone(),
            abroad,
            mother,
            father,
        )
        self._number(citizen)
        home.members.append(citizen)
        return citizen

    def _identity(self, home: Household, sex: int, year: int, surname: str) -> tuple[str, date]:
        """A name and a birth date that nobody of the same sex in the same commune has: the hub may rely on all four together."""
        while True:
            name = self._names.full(surname, sex, year)
            birth = self._birth_in(year)
            mark = (name.casefold(), birth, sex, home.place.code)
            if mark not in self._seen:
                self._seen.add(mark)
                return name, birth

    def _birth_in(self, year: int) -> date:
        days = (AS_OF.date() - date(year, 1, 1)).days - 3 if year == AS_OF.year else 365
        return date(year, 1, 1) + timedelta(days=int(self._random.random() * days))

    def _number(self, citizen: Citizen) -> None:
        if (AS_OF.date() - citizen.birth).days >= ISSUED_WITHIN:
            home = citizen.household.place.old_province
            province = pick(self._random, ABROAD) if citizen.abroad else birth_province(self._random, home)
            citizen.number = self._numbers.personal(province, citizen.sex, citizen.birth.year)
        if citizen.birth.year <= LAST_OLD_ID_YEAR:
            citizen.old_id = self._numbers.old_id()
