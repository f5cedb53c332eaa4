"""What the one-stop system takes, and what it refuses item by item."""

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from include.sandbox.numbers import tax_check_digit
from include.sandbox.places import current_codes


class Verdict(NamedTuple):
    """``ma`` and ``moTa`` of one result: 00 taken, 10 refused for its data, 20 refused for its commune."""

    code: str
    text: str


TAKEN = Verdict("00", "Đã tiếp nhận")


@dataclass(frozen=True, slots=True)
class Taken:
    """One kind of record the system takes: its element, the fields that may not be blank, and those that are dates."""

    name: str
    item: str
    filled: tuple[str, ...]
    dates: tuple[str, ...]


TAKEN_KINDS = {
    "CapNhatCongDan": Taken("citizens", "congDan", ("maThamChieu", "hoTen"), ("ngaySinh",)),
    "CapNhatDoanhNghiep": Taken("enterprises", "doanhNghiep", ("maThamChieu", "maSoThue", "ten"), ("ngayThanhLap",)),
    "CapNhatGiayTo": Taken("papers", "giayTo", ("maThamChieu", "maDinhDanh", "maGiayTo"), ("ngayBanHanh", "thoiHan")),
}
_DAY = re.compile(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2})(?:\d{6})?)?)?|(\d{2})/(\d{2})/(\d{4})")
_TAX = re.compile(r"(\d{10})(?:-?\d{3})?")


def verdict(kind: Taken, item: dict[str, str]) -> Verdict:
    """What becomes of one item."""
    for name in kind.filled:
        if not item.get(name, "").strip():
            return Verdict("10", f"{name} trống")
    for name in kind.dates:
        if item.get(name) and not is_day(item[name]):
            return Verdict("10", f"{name} không hợp lệ")
    if item.get("soDinhDanh") and not re.fullmatch(r"[0-9]{12}", item["soDinhDanh"]):
        return Verdict("10", "soDinhDanh không hợp lệ")
    if "maSoThue" in kind.filled and not is_tax_code(item["maSoThue"]):
        return Verdict("10", "maSoThue không hợp lệ")
    if item.get("maXa") and item["maXa"] not in current_codes():
        return Verdict("20", "maXa không có trong danh mục")
    return TAKEN


def is_day(text: str) -> bool:
    """A date in one of the forms offices use, to the year, the month or the day."""
    found = _DAY.fullmatch(text)
    if not found:
        return False
    try:
        date(int(found[1] or found[6]), int(found[2] or found[5] or 1), int(found[3] or found[4] or 1))
    except ValueError:
        return False
    return True


def is_tax_code(text: str) -> bool:
    """12 digits of an individual, or 10 (13 for a branch) with a good check digit."""
    if re.fullmatch(r"[0-9]{12}", text):
        return True
    found = _TAX.fullmatch(text)
    return bool(found and tax_check_digit(found[1][:9]) == found[1][9])
