"""What the state truly holds of each owner and since when, noted as the rows come out: so that a dossier can say truthfully what was reused, and
the truth file can name what was handed in all the same.

It reads the wire, not the hub's mappings, and judges in plain Python: the hub's count is held against another's.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from include.sandbox.people import Citizen, Held
from include.sandbox.wire import BIRTHS, HOUSEHOLDS, INSURANCE, LAND, MARRIAGES, SOCIAL, Dataset, Wire
from mappings.requirements import Component, catalogue

POPULATION, RESIDENCE = date(2021, 7, 1), date(2023, 1, 1)
"""Since when the population database, and the end of paper household books, make people known."""
_NATIONAL = "Toàn quốc"
_ONE_ONLY = {"fact:child_birth", "fact:land_right"}
_APPROVED = "2"
Noted = Iterator[tuple[str, Held]]


@dataclass(slots=True)
class Known:
    """Facts and papers of the owner of a dossier."""

    facts: Sequence[Held]
    papers: Sequence[Held]


def after(day: date) -> datetime:
    """The first moment that is surely after something happened that day."""
    return datetime(day.year, day.month, day.day) + timedelta(days=1)  # noqa: DTZ001 wire times are local


def note(dataset: Dataset, row: Wire, people: Iterable[Citizen | None]) -> None:
    """Writes down with the people what the row says of their numbers."""
    read = _READ.get(dataset.name)
    if read is None:
        return
    for number, held in read(row):
        for person in people:
            if person is not None and person.number == number:
                person.held.append(held)


def insured(row: Wire, people: Iterable[Citizen | None]) -> None:
    """Only the participation: it is taken even from rows whose person is put aside."""
    for number, held in _participation(row):
        for person in people:
            if person is not None and person.number == number:
                person.held.append(held)


def paper(row: Wire) -> Held | None:
    """A paper of the store as it will count; None when it never will."""
    if row["TrangThaiSoHoa"] != _APPROVED:
        return None
    until = datetime.strptime(row["ThoiHanHieuLuc"], "%Y%m%d").date() if row["ThoiHanHieuLuc"] else None  # noqa: DTZ007 wire times are local
    since = datetime.strptime(row["ThoiGianSoHoa"], "%Y%m%d%H%M%S")  # noqa: DTZ007 wire times are local
    scope = "" if row["PhamViHieuLuc"] == _NATIONAL else new_form(row["PhamViHieuLuc"])
    return Held(f"paper:{row['MaGiayTo']}", since, until, scope, row["DuongDan"])


def new_form(agency: str) -> str:
    """``000.00.16.H05`` as ``H05.16``."""
    parts = agency.split(".")
    return f"{parts[3]}.{parts[2]}" if parts[0] == "000" else agency


def component_of(procedure: str, code: str, day: date) -> Component | None:
    """What the catalogue in force that day says of a component."""
    for version in catalogue().versions.get(procedure, ()):
        if version.holds_on(day):
            return next((one for one in version.components if one.code == code), None)
    return None


def equivalent(component: Component | None, known: Known, filed: datetime, agency: str) -> list[Held]:
    """What the state held at that moment that makes the component needless; empty when nothing did."""
    for way in component.any if component else ():
        found = [_of(what, known, filed, agency) for what in way]
        if all(found):
            return [items[0] for items in found]
    return []


def _of(what: str, known: Known, filed: datetime, agency: str) -> list[Held]:
    pile = known.papers if what.startswith("paper:") else known.facts
    good = [one for one in pile if one.what == what and _counts(one, filed, agency)]
    return [] if what in _ONE_ONLY and len(good) != 1 else sorted(good, key=lambda one: one.since)


def _counts(one: Held, filed: datetime, agency: str) -> bool:
    in_force = one.since <= filed and (one.until is None or one.until >= filed.date())
    return in_force and (not one.scope or agency == one.scope or agency.startswith(f"{one.scope}."))


def _day(text: str) -> date:
    """``dd/MM/yyyy``."""
    return datetime.strptime(text[:10], "%d/%m/%Y").date()  # noqa: DTZ007 wire times are local


def _person(number: str) -> Noted:
    yield number, Held("fact:identity", datetime.combine(POPULATION, datetime.min.time()))
    yield number, Held("fact:residence", datetime.combine(RESIDENCE, datetime.min.time()))


def _births(row: Wire) -> Noted:
    if row["soDinhDanh"]:
        yield from _person(row["soDinhDanh"])
        yield row["soDinhDanh"], Held("fact:birth", after(_day(row["ngayDangKy"])))
    if row["me"] and row["me"]["SoDDCN"]:
        yield row["me"]["SoDDCN"], Held("fact:child_birth", after(_day(row["ngayDangKy"])))


def _insurance(row: Wire) -> Noted:
    if row["soDinhDanh"]:
        yield from _person(row["soDinhDanh"])


def _participation(row: Wire) -> Noted:
    if row["soDinhDanh"] and row.get("tuNgay"):
        yield row["soDinhDanh"], Held("fact:insured", after(datetime.strptime(row["tuNgay"], "%Y%m%d").date()))  # noqa: DTZ007 wire times are local


def _marriages(row: Wire) -> Noted:
    until = _day(row["ngayLyHon"]) if row["ngayLyHon"] else None
    for number in (row["chong"]["SoDDCN"], row["vo"]["SoDDCN"]):
        if number:
            yield number, Held("fact:marriage", after(_day(row["ngayDangKy"])), until)


def _land(row: Wire) -> Noted:
    if row["tinhTrang"] in {"1", "2"}:
        for holder in row["chuSuDung"]:
            if holder["loaiGiayTo"] == "1":
                yield holder["soGiayTo"], Held("fact:land_right", after(_day(row["ngayCap"])))


def _social(row: Wire) -> Noted:
    until = _day(row["Hưởng đến"]) if row["Hưởng đến"] else None
    if row["Số định danh"]:
        yield row["Số định danh"], Held("fact:social_benefit", after(_day(row["Ngày quyết định"])), until)


def _households(row: Wire) -> Noted:
    yield row["chuHo"]["soDinhDanh"], Held("fact:household_business", after(_day(row["ngayDangKy"])))


_READ: dict[str, Callable[[Wire], Noted]] = {
    BIRTHS.name: _births,
    INSURANCE.name: _insurance,
    MARRIAGES.name: _marriages,
    LAND.name: _land,
    SOCIAL.name: _social,
    HOUSEHOLDS.name: _households,
}
