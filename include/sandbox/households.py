"""Household businesses of the provincial register, and what the tax office says of them and of the enterprises."""

from datetime import datetime, timedelta
from random import Random

from include.sandbox.enterprises import ACTIVE, SUSPENDED
from include.sandbox.moments import AS_OF, SPREAD, between, dmy, iso
from include.sandbox.people import Citizen
from include.sandbox.places import address
from include.sandbox.tables import Weighted, pick, rows
from include.sandbox.wire import Wire, get

_TRADES = ("TẠP HÓA", "MAY ĐO", "SỬA XE", "CƠM PHỞ", "VẬT LIỆU", "NÔNG SẢN", "THUỐC TÂY", "GỖ MỸ NGHỆ", "ĐIỆN NƯỚC", "HOA QUẢ")
_STATUSES = Weighted({ACTIVE: 86, SUSPENDED: 6, "Đã giải thể, phá sản, chấm dứt tồn tại": 8})
_TAX_STATUS = {ACTIVE: "00", SUSPENDED: "05", "Không hoạt động tại địa chỉ đã đăng ký": "06", "Đang làm thủ tục phá sản": "07"}
_TAX_STATUS |= {"Đã giải thể, phá sản, chấm dứt tồn tại": "01"}
TODAY_CODES = datetime(2025, 7, 1)  # noqa: DTZ001 wire times are local
"""Since then a household business is known to the tax office by its owner's personal number (TT 86/2024/TT-BTC)."""


class Households:
    """Writes rows; each owner has one business."""

    def __init__(self, random: Random, people: list[Citizen]) -> None:
        self._random = random
        self._owners = [person for person in people if person.number]
        random.shuffle(self._owners)
        self._last = 0

    def row(self) -> Wire | None:
        """One business; None when everybody has one."""
        if not self._owners:
            return None
        random, owner = self._random, self._owners.pop()
        self._last += 1
        place = owner.household.place
        founded = between(random, datetime(2010, 1, 1), AS_OF - timedelta(days=40))  # noqa: DTZ001 wire times are local
        changed = between(random, max(founded, AS_OF - SPREAD), AS_OF)
        status = _STATUSES.draw(random)
        activity = pick(random, rows("activities"))
        resting = status == SUSPENDED
        return {
            "maHoKinhDoanh": f"24A8{self._last:06d}",
            "maSoThue": owner.number,
            "tenHo": f"HỘ KINH DOANH {pick(random, _TRADES)} {owner.name.upper()}",
            "loaiHinh": "Hộ kinh doanh",
            "trangThai": status,
            "tamNgungTu": dmy(changed) if resting else "",
            "tamNgungDen": dmy(changed + timedelta(days=60 + int(random.random() * 200))) if resting else "",
            "ngayDangKy": dmy(founded),
            "ngayThayDoi": dmy(changed),
            "vonKinhDoanh": str((1 + int(random.random() * 90)) * 10_000_000),
            "maNganhChinh": activity["code"],
            "nganhNghe": [{"ma": activity["code"], "ten": activity["name"], "chinh": "1"}],
            "diaChi": {"maXa": place.code_on(changed.date()), "tenXa": place.name_on(changed.date()), "chiTiet": address(random, place)},
            "chuHo": {"hoTen": owner.name, "soDinhDanh": owner.number, "dienThoai": owner.phone},
            "capNhatLuc": iso(changed),
        }


class Taxpayers:
    """What the tax office keeps of a business that another register knows."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def of_enterprise(self, row: Wire) -> Wire:
        """From a row of the enterprise registry, as it is undamaged."""
        main = row["MainInformation"]
        code: str = main["ENTERPRISE_GDT_CODE"]
        return self._row(code, main["NAME"], main["ENTERPRISE_STATUS"], code.partition("-")[0] if "-" in code else None)

    def of_household(self, row: Wire) -> Wire:
        """From a row of the household register."""
        return self._row(row["maSoThue"], row["tenHo"], get(row, "trangThai"), None)

    def _row(self, code: str, name: str, status: str, parent: str | None) -> Wire:
        changed = between(self._random, AS_OF - SPREAD, AS_OF)
        known = _TAX_STATUS.get(status, "03")
        return {
            "maSoThue": code,
            "tenNguoiNopThue": name,
            "maSoThueChuQuan": parent,
            "trangThai": "04" if len(code) == 12 and known == "00" else known,
            "trangThaiTu": (changed - timedelta(days=int(self._random.random() * 300))).date().isoformat(),
            "coQuanThue": f"Thuế cơ sở {1 + int(self._random.random() * 12)} tỉnh Bắc Ninh",
            "capNhatLuc": iso(changed),
        }
