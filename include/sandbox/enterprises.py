"""Enterprises as the national registry writes them, with valid tax codes of the two old tax regions."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from include.sandbox.moments import AS_OF, SPREAD, between, dmy
from include.sandbox.numbers import TaxCodes
from include.sandbox.people import Citizen, Held
from include.sandbox.places import Place, address, places
from include.sandbox.tables import Weighted, pick, rows
from include.sandbox.wire import Wire

ACTIVE, SUSPENDED = "Đang hoạt động", "Tạm ngừng kinh doanh"
_STATUSES = Weighted(
    {
        ACTIVE: 78,
        SUSPENDED: 8,
        "Không hoạt động tại địa chỉ đã đăng ký": 4,
        "Bị thu hồi Giấy chứng nhận đăng ký doanh nghiệp do cưỡng chế về quản lý thuế": 1,
        "Đang làm thủ tục giải thể, đã bị chia, bị hợp nhất, bị sáp nhập": 3,
        "Đang làm thủ tục phá sản": 1,
        "Đã giải thể, phá sản, chấm dứt tồn tại": 5,
    }
)
"""The seven legal statuses (NĐ 168/2025 Đ35), about as frequent as they are."""
_TYPES = {
    "Công ty TNHH một thành viên": "CÔNG TY TNHH MTV",
    "Công ty TNHH hai thành viên trở lên": "CÔNG TY TNHH",
    "Công ty cổ phần": "CÔNG TY CỔ PHẦN",
    "Doanh nghiệp tư nhân": "DOANH NGHIỆP TƯ NHÂN",
}
_LINES = ("THƯƠNG MẠI", "XÂY DỰNG", "CƠ KHÍ", "MAY", "ĐIỆN TỬ", "VẬN TẢI", "NÔNG SẢN", "XNK", "BAO BÌ", "GỖ", "NHỰA", "DỊCH VỤ")
_WORDS = ("ĐẠI", "PHÚ", "HƯNG", "THỊNH", "VƯỢNG", "KINH BẮC", "SÔNG CẦU", "HÀ BẮC", "TÂN", "VIỆT", "ÁNH DƯƠNG", "HÒA", "THỦY", "LONG", "GIA", "TIẾN")
_MARKS = re.compile("[\u0300-\u036f]")


@dataclass(slots=True)
class Company:
    """What a dossier says of the enterprise that files it."""

    name: str
    tax_code: str
    place: Place
    phone: str
    held: list[Held] = field(default_factory=list)


class Enterprises:
    """Writes rows; ``people`` are those who may represent one."""

    def __init__(self, random: Random, people: list[Citizen]) -> None:
        self._random = random
        self._people = people
        self._codes = {region: TaxCodes(region) for region in ("24", "23")}
        self._last = ("", "", 0)
        self._count = 0
        self.active: list[Company] = []

    def row(self) -> Wire:
        """One enterprise; about one in thirty is a branch of the one before."""
        random = self._random
        place = pick(random, places())
        changed = AS_OF - timedelta(days=1 + int(random.random() * (SPREAD.days - 2)))
        founded = between(random, datetime(2001, 1, 1), changed)  # noqa: DTZ001 wire times are local
        code, name, kind = self._identity("24" if "Giang" in place.old_province else "23")
        status = _STATUSES.draw(random)
        self._count += 1
        phone = f"0{'204' if code.startswith('24') else '222'}3{self._count:06d}"
        if status == ACTIVE:
            self.active.append(Company(name, code, place, phone))
        main: Wire = {"ENTERPRISE_ID": code.replace("-", ""), "ENTERPRISE_GDT_CODE": code, "NAME": name}
        main |= {"SHORT_NAME": name.split(" ")[-1] + str(self._count), "NAME_F": f"{without_marks(name)} COMPANY", "ENTERPRISE_TYPE": kind}
        main |= {"FOUNDING_DATE": dmy(founded), "LAST_AMEND_DATE": dmy(changed), "NUMBER_CHANGES": int(random.random() * 9)}
        main |= {"ENTERPRISE_STATUS": status, **self._suspension(status, changed), **self._representative()}
        main |= {"CAPITAL_AMOUNT": str((1 + int(random.random() * 200)) * 100_000_000), "PHONE": phone}
        office = {
            "CityID": "24",
            "WardID": place.code_on(changed.date()),
            "WardName": place.name_on(changed.date()),
            "Address": address(random, place),
        }
        return {"MainInformation": main, "HOAdress": office, "BusinessActivity": self._activities()}

    def _identity(self, region: str) -> tuple[str, str, str]:
        last, name, branches = self._last
        if last and self._random.random() < 0.03:
            self._last = (last, name, branches + 1)
            return f"{last}-{branches + 1:03d}", f"CHI NHÁNH SỐ {branches + 1} - {name}", "Chi nhánh"
        kind = pick(self._random, tuple(_TYPES))
        code = self._codes[region].next()
        name = f"{_TYPES[kind]} {pick(self._random, _LINES)} {pick(self._random, _WORDS)} {pick(self._random, _WORDS)} {int(code[2:9])}"
        self._last = (code, name, 0)
        return code, name, kind

    def _suspension(self, status: str, changed: datetime) -> Wire:
        if status != SUSPENDED:
            return {"SUSPEND_FROM": "", "SUSPEND_TO": ""}
        return {"SUSPEND_FROM": dmy(changed), "SUSPEND_TO": dmy(changed + timedelta(days=90 + int(self._random.random() * 270)))}

    def _representative(self) -> Wire:
        if not self._people:
            return {"LEGAL_NAMES": "", "LEGAL_IDS": ""}
        person = pick(self._random, self._people)
        return {"LEGAL_NAMES": person.name.upper(), "LEGAL_IDS": person.number or ""}

    def _activities(self) -> list[Wire]:
        known = rows("activities")
        first = int(self._random.random() * len(known))
        count = 1 + int(self._random.random() * 3)
        chosen = [known[(first + i * 5) % len(known)] for i in range(count)]
        return [{"CODE": row["code"], "NAME": row["name"], "IS_MAIN": "N" if i else "Y"} for i, row in enumerate(chosen)]


def without_marks(name: str) -> str:
    """The name in the letters of the foreign-language field."""
    return _MARKS.sub("", unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d")))
