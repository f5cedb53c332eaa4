"""Land use right certificates as the land database writes them."""

from datetime import datetime, timedelta
from random import Random

from include.sandbox.moments import AS_OF, SPREAD, between, dmy, iso
from include.sandbox.people import Citizen, Household
from include.sandbox.places import Place
from include.sandbox.tables import Weighted, pick
from include.sandbox.wire import Wire

_LETTERS = ("AA", "CĐ", "BH", "DC", "BS")
_TOWN, _COUNTRY = ("ODT", "TMD", "CLN"), ("ONT", "LUC", "CLN", "BHK", "NTS")
_STATUSES = Weighted({"1": 90, "2": 5, "4": 4, "3": 1})


class Certificates:
    """Writes rows; sheets are those of the commune before 2025-07-01, and no parcel is given twice."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._last = 0
        self._parcels: dict[str, int] = {}

    def row(self, home: Household) -> Wire | None:
        """The certificate of a household; None for those without land of their own."""
        random = self._random
        holders = [one for one in home.members[:2] if one.adult and not one.abroad]
        if not holders or random.random() > 0.6:
            return None
        self._last += 1
        issued = between(random, datetime(2004, 1, 1), AS_OF - timedelta(days=30))  # noqa: DTZ001 wire times are local
        changed = between(random, max(issued, AS_OF - SPREAD), AS_OF)
        modern = issued.year >= 2025
        return {
            "soPhatHanh": f"{pick(random, _LETTERS)} {self._last:0{8 if modern else 6}d}",
            "maGiayChungNhan": f"T124{self._last:08d}" if modern else "",
            "soVaoSo": f"CS{self._last:05d}",
            "ngayCap": dmy(issued),
            "coQuanCap": "Văn phòng đăng ký đất đai",
            "tinhTrang": _STATUSES.draw(random),
            "chuSuDung": [self._holder(one) for one in holders],
            "xaId": home.place.code_on(changed.date()),
            "diaChiTaiSan": home.address,
            "thuaDat": [self._parcel(home.place) for _ in range(1 + int(random.random() * 2.4))],
            "capNhatLuc": iso(changed),
        }

    def _holder(self, person: Citizen) -> Wire:
        if person.number and self._random.random() < 0.85:
            return {"hoTen": person.name.upper(), "loaiGiayTo": "1", "soGiayTo": person.number}
        return {"hoTen": person.name.upper(), "loaiGiayTo": "2", "soGiayTo": person.old_id or ""}

    def _parcel(self, place: Place) -> Wire:
        number = self._parcels[place.old_code] = self._parcels.get(place.old_code, 0) + 1
        purposes = _COUNTRY if place.old_name.startswith("Xã") else _TOWN
        area = f"{40 + int(self._random.random() * 900)},{int(self._random.random() * 10)}"
        sheet, parcel = str(1 + number // 400), str(1 + number % 400)
        return {"maXaBanDo": place.old_code, "soHieuBanDo": sheet, "soThuTuThua": parcel, "dienTich": area, "mucDich": pick(self._random, purposes)}
