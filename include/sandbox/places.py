"""Communes before and after 2025-07-01, and addresses in them."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random

from include.sandbox.moments import REFORM
from include.sandbox.tables import pick, rows

NAMED_2026 = date(2026, 9, 20)
"""From this day twelve communes are called phường (NQ 388/NQ-UBTVQH16); codes stay."""


@dataclass(frozen=True, slots=True)
class Place:
    """A commune as it was before the reform, and the one it is today."""

    old_code: str
    old_name: str
    district: str
    old_province: str
    code: str
    name_2025: str
    name: str

    def code_on(self, day: date) -> str:
        """The code by the list in force on ``day``."""
        return self.old_code if day < REFORM else self.code

    def name_on(self, day: date) -> str:
        """The name on ``day``."""
        if day < REFORM:
            return self.old_name
        return self.name if day >= NAMED_2026 else self.name_2025


@cache
def places() -> tuple[Place, ...]:
    """The 313 communes of before the reform."""
    return tuple(
        Place(
            row["old_ward_code"],
            row["old_ward_name"],
            row["old_district_name"],
            row["old_province_name"],
            row["new_ward_code"],
            row["new_ward_name_2025_07_01"],
            row["new_ward_name_2026_09_20"],
        )
        for row in rows("communes")
    )


@cache
def current_codes() -> frozenset[str]:
    """The codes of the 99 communes of today."""
    return frozenset(place.code for place in places())


_HAMLETS = ("Đông", "Đoài", "Trung", "Thượng", "Hạ", "Giữa", "Chùa", "Đình", "Ngoài", "Trong", "Mới", "Bến")
_STREETS = ("Lý Thái Tổ", "Hùng Vương", "Nguyễn Văn Cừ", "Lê Lợi", "Ngô Gia Tự", "Trần Hưng Đạo", "Hoàng Hoa Thám", "Xương Giang")


def address(random: Random, place: Place) -> str:
    """A street in a phường, a hamlet in a xã."""
    if place.old_name.startswith("Xã"):
        return f"Thôn {pick(random, _HAMLETS)}"
    return f"Số {1 + int(random.random() * 200)} đường {pick(random, _STREETS)}"
