"""Birth registrations as the civil status register writes them."""

from datetime import date, datetime, timedelta
from random import Random

from include.sandbox.moments import AS_OF, SPREAD, between, dmy, dmy_time
from include.sandbox.names import FEMALE, KINH, MALE, Names
from include.sandbox.people import Citizen
from include.sandbox.tables import pick
from include.sandbox.wire import Wire

_HOSPITALS = ("Bệnh viện Sản Nhi Bắc Giang", "Bệnh viện Sản Nhi Bắc Ninh", "Trạm y tế xã", "Bệnh viện Đa khoa số 1", "Tại nhà")


class Births:
    """Writes rows; ``random`` is the only source of chance."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._names = Names(random)
        self._last = 0

    def row(self, person: Citizen) -> Wire:
        """The registration of a citizen's birth."""
        random = self._random
        self._last += 1
        home = person.household.place
        registered = min(
            AS_OF - timedelta(days=1), datetime.combine(person.birth, datetime.min.time()) + timedelta(days=1 + int(random.random() * 50))
        )
        changed = between(random, max(registered + timedelta(hours=8), AS_OF - SPREAD), AS_OF)
        number = person.number if person.number and random.random() > 0.08 else ""
        return {
            "maGCS": f"GCS-24-{self._last:07d}",
            "soDangKy": str(1 + int(random.random() * 400)),
            "quyenSo": f"01/{registered.year}",
            "ngayDangKy": dmy(registered),
            "noiDangKy": home.code,
            "nks": {
                "HoTen": person.name.upper(),
                "GioiTinh": str(person.sex),
                "NgaySinh": dmy(person.birth),
                "NoiSinh": pick(random, _HOSPITALS),
                "QueQuan": f"{home.old_name}, {home.old_province.removeprefix('Tỉnh ')}",
                "DanToc": person.household.ethnicity,
                "QuocTich": "VN",
            },
            "me": self._parent(person, person.mother, FEMALE),
            "cha": self._parent(person, person.father, MALE) if person.father or random.random() < 0.93 else None,
            "soDinhDanh": number,
            "ngayCapNhat": dmy_time(changed),
        }

    def _parent(self, child: Citizen, parent: Citizen | None, sex: int) -> Wire:
        random = self._random
        if parent is None:
            year = child.birth.year - 20 - int(random.random() * 15)
            surname = child.household.surname if sex == MALE else self._names.surname(KINH)
            name, birth, number = self._names.full(surname, sex, year), str(year), ""
        else:
            name, birth, number = parent.name, _as_known(random, parent.birth), parent.number or ""
        if parent is not None and parent.abroad:
            number = ""
        return {"HoTen": name.upper(), "NgaySinh": birth, "SoDDCN": number, "NoiCuTru": child.household.place.code}


def _as_known(random: Random, birth: date) -> str:
    """Parents' birth dates are as precise as the paper was."""
    draw = random.random()
    return str(birth.year) if draw < 0.4 else dmy(birth)[3:] if draw < 0.5 else dmy(birth)
