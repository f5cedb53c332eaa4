"""Participants as social insurance writes them: the same people, told a little differently."""

from datetime import datetime, time, timedelta
from random import Random

from include.sandbox.moments import AS_OF, SPREAD, between, iso, ymd
from include.sandbox.names import other_tone_placement
from include.sandbox.people import Citizen
from include.sandbox.tables import pick
from include.sandbox.wire import Wire

_EMPLOYERS = tuple(
    f"{kind} {name}" for kind in ("CÔNG TY TNHH", "CÔNG TY CP", "HTX") for name in ("VÂN TRUNG", "ĐÌNH TRÁM", "QUANG CHÂU", "TIÊN SƠN", "YÊN PHONG")
)


class Insurance:
    """Writes rows; ``random`` is the only source of chance."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def row(self, person: Citizen) -> Wire:
        """A citizen's participation. Differences to the birth register here are how two systems differ, not damage."""
        random = self._random
        changed = between(random, max(AS_OF - SPREAD, _first_day(person)), AS_OF)
        precision = _precision(random, person)
        working = person.adult and random.random() < 0.7
        number, old_id = self._numbers(person)
        row: Wire = {"maSoBhxh": person.insurance, "soDinhDanh": number, "soCmnd": old_id, "hoTen": self._name(person)}
        row |= {"ngaySinh": ymd(person.birth)[: {"0": 8, "1": 4, "2": 6}[precision]], "loaiNgaySinh": precision}
        row |= {"gioiTinh": "3" if random.random() < 0.01 else str(person.sex), "danToc": person.household.ethnicity}
        row |= {"maXa": person.household.place.code_on(changed.date()), "diaChi": person.household.address}
        row |= {"dienThoai": person.phone if random.random() < 0.8 else None}
        if working:
            began = max(person.birth.replace(day=1) + timedelta(days=19 * 366), AS_OF.date() - timedelta(days=int(random.random() * 7000)))
            began = min(began, changed.date())
            row |= {"maDonVi": f"TA{int(random.random() * 9000) + 1000}A", "tenDonVi": pick(random, _EMPLOYERS), "tuNgay": ymd(began)}
        if working and person.died:
            row |= {"denNgay": ymd(max(person.died, began))}
        return row | {"capNhatLuc": iso(changed)}

    def _numbers(self, person: Citizen) -> tuple[str | None, str | None]:
        """The 12-digit number, the old 9-digit one, both or none."""
        draw = self._random.random()
        if draw < 0.80:
            return person.number, person.old_id if draw < 0.25 else None
        return (None, person.old_id) if draw < 0.93 else (None, None)

    def _name(self, person: Citizen) -> str:
        draw = self._random.random()
        name = other_tone_placement(person.name) if draw < 0.5 else person.name
        return name.upper() if draw < 0.25 or draw > 0.75 else name


def _first_day(person: Citizen) -> datetime:
    """Nobody is insured before birth."""
    return datetime.combine(person.birth, time(8)) + timedelta(days=1)


def _precision(random: Random, person: Citizen) -> str:
    """loaiNgaySinh: the old often know only their year."""
    draw = random.random() * (1 if person.birth.year < 1965 else 4)
    return "1" if draw < 0.2 else "2" if draw < 0.3 else "0"
