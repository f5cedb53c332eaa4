"""Social beneficiaries as communes list them: a workbook each, with a heading above the table and numbers as text."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from random import Random

from include.sandbox.moments import AS_OF, dmy
from include.sandbox.names import MALE
from include.sandbox.people import Citizen
from include.sandbox.tables import Weighted
from include.sandbox.wire import Wire

COLUMNS = (
    "STT", "Số hồ sơ", "Số định danh", "Họ và tên", "Ngày sinh", "Giới tính", "Xã, phường", "Địa chỉ", "Diện", "Số quyết định",
    "Ngày quyết định", "Hưởng từ", "Hưởng đến", "Mức hưởng", "Ghi chú", "Cập nhật",
)  # fmt: skip
_YOUNGER = Weighted({"6": 70, "4": 20, "3": 5, "8": 5})
_AMOUNTS = {"5": "500.000", "6": "1.000.000", "4": "500.000", "3": "750.000", "8": "750.000"}


class Beneficiaries:
    """Writes rows, numbered by commune."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._numbers: dict[str, int] = {}

    def row(self, person: Citizen) -> Wire | None:
        """The line of a person who gets an allowance; None for the others."""
        random, age = self._random, AS_OF.year - person.birth.year
        if person.died or person.abroad or not person.adult or random.random() > (0.5 if age >= 80 else 0.01):
            return None
        place = person.household.place
        number = self._numbers[place.code] = self._numbers.get(place.code, 0) + 1
        kind = "5" if age >= 80 else _YOUNGER.draw(random)
        decided = AS_OF.date() - timedelta(days=30 + int(random.random() * 480))
        begins = (decided.replace(day=1) + timedelta(days=32)).replace(day=1)
        return {
            "STT": str(number),
            "Số hồ sơ": f"BTXH-{place.code}-{number:04d}",
            "Số định danh": person.number or "",
            "Họ và tên": person.name,
            "Ngày sinh": str(person.birth.year) if person.birth.year < 1945 else dmy(person.birth),
            "Giới tính": "Nam" if person.sex == MALE else "Nữ",
            "Xã, phường": place.name,
            "Địa chỉ": person.household.address,
            "Diện": kind,
            "Số quyết định": f"{number}/QĐ-UBND",
            "Ngày quyết định": dmy(decided),
            "Hưởng từ": dmy(begins),
            "Hưởng đến": dmy(begins.replace(year=begins.year + 1)) if kind == "4" else "",
            "Mức hưởng": _AMOUNTS[kind],
            "Ghi chú": "",
            "Cập nhật": dmy(decided),
        }


def write_workbooks(folder: Path, lines: Iterable[Wire]) -> None:
    """One workbook per commune, as its officer would drop it."""
    from openpyxl import Workbook

    communes: dict[str, list[Wire]] = {}
    for line in lines:
        communes.setdefault(line["Số hồ sơ"].split("-")[1], []).append(line)
    folder.mkdir(parents=True, exist_ok=True)
    for code, rows in sorted(communes.items()):
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Danh sách")
        sheet.append([f"DANH SÁCH ĐỐI TƯỢNG BẢO TRỢ XÃ HỘI, {rows[0]['Xã, phường'].upper()}"])
        sheet.append([])
        sheet.append(list(COLUMNS))
        for row in rows:
            sheet.append([row.get(name) or None for name in COLUMNS])
        book.save(folder / f"btxh-{code}.xlsx")
