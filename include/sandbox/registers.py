"""Deaths and marriages as the civil status register writes them."""

from datetime import date, datetime, time, timedelta
from random import Random

from include.sandbox.moments import AS_OF, SPREAD, between, dmy, dmy_time
from include.sandbox.names import FEMALE, MALE
from include.sandbox.people import Citizen, Household
from include.sandbox.tables import pick
from include.sandbox.wire import Wire

_CAUSES = ("Tuổi già", "Bệnh tim mạch", "Tai biến mạch máu não", "Ung thư", "Tai nạn giao thông", "Viêm phổi")
_PLACES = ("Tại nhà", "Bệnh viện Đa khoa số 1", "Bệnh viện Đa khoa số 2", "Trạm y tế xã")


class Deaths:
    """Lets people die, more of the old than of the young; who is dead owns nothing new."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._last = 0

    def strike(self, person: Citizen) -> None:
        """Perhaps sets ``person.died``, in the last ten years."""
        age = AS_OF.year - person.birth.year
        if person.adult and not person.abroad and self._random.random() < (0.2 if age > 75 else 0.004):
            first = max(person.birth + timedelta(days=20 * 366), AS_OF.date() - timedelta(days=3650))
            person.died = first + timedelta(days=int(self._random.random() * max(1, (AS_OF.date() - first).days - 60)))

    def row(self, person: Citizen) -> Wire:
        """The registration of a death."""
        random, died = self._random, person.died or AS_OF.date()
        self._last += 1
        registered = died + timedelta(days=1 + int(random.random() * 14))
        home = person.household.place
        dead: Wire = {"HoTen": person.name.upper(), "GioiTinh": str(person.sex)}
        dead |= {"NgaySinh": str(person.birth.year) if person.birth.year < 1945 else dmy(person.birth), "DanToc": person.household.ethnicity}
        dead |= {"QuocTich": "VN", "SoDDCN": (person.number or "") if random.random() > 0.05 else "", "NgayChet": dmy(died)}
        dead |= {"GioPhutChet": f"{int(random.random() * 24):02d}:{int(random.random() * 60):02d}", "NoiChet": pick(random, _PLACES)}
        dead["NguyenNhanChet"] = pick(random, _CAUSES)
        return {
            "maGBT": f"GBT-24-{self._last:07d}",
            "soDangKy": str(1 + self._last % 400),
            "quyenSo": f"01/{registered.year}",
            "ngayDangKy": dmy(registered),
            "noiDangKy": home.code_on(registered),
            "nkt": dead,
            "gbt": {"Loai": "1", "So": f"{self._last}/GBT", "Ngay": dmy(died), "CoQuanCap": home.name_on(registered)},
            "ngayCapNhat": dmy_time(between(random, max(datetime.combine(registered, time(8)), AS_OF - SPREAD), AS_OF)),
        }


class Marriages:
    """Writes rows of couples."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._last = 0

    def row(self, home: Household) -> Wire | None:
        """The marriage of a household's couple; None for the single and the unregistered."""
        random = self._random
        couple = home.members[:2]
        if [one.sex for one in couple] != [MALE, FEMALE] or random.random() > 0.85 or any(one.abroad for one in couple):
            return None
        self._last += 1
        wed = date(max(one.birth.year for one in couple) + 20, 1 + int(random.random() * 12), 1 + int(random.random() * 28))
        if wed >= AS_OF.date():
            return None
        ended = wed + timedelta(days=700 + int(random.random() * 4000)) if random.random() < 0.06 else None
        ended = ended if ended and ended < AS_OF.date() else None
        changed = between(random, max(datetime.combine(ended or wed, time(8)), AS_OF - SPREAD), AS_OF)
        return {
            "maGCNKH": f"KH-24-{self._last:07d}",
            "soDangKy": str(1 + self._last % 300),
            "quyenSo": f"01/{wed.year}",
            "ngayDangKy": dmy(wed),
            "noiDangKy": home.place.code_on(wed),
            "ngayXacLapQuanHeHonNhan": dmy(wed),
            "chong": self._spouse(couple[0]),
            "vo": self._spouse(couple[1]),
            "soBanAn": f"{self._last % 90 + 10}/{ended.year}/QĐST-HNGĐ" if ended else "",
            "ngayLyHon": dmy(ended) if ended else "",
            "ngayCapNhat": dmy_time(changed),
        }

    def _spouse(self, person: Citizen) -> Wire:
        birth = dmy(person.birth) if self._random.random() < 0.8 else str(person.birth.year)
        number = (person.number or "") if self._random.random() < 0.9 else ""
        return {"HoTen": person.name.upper(), "NgaySinh": birth, "DanToc": person.household.ethnicity, "QuocTich": "VN", "SoDDCN": number}
