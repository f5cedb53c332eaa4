"""Identifiers by the rules of the law, with running numbers that are plainly made up."""

from collections import defaultdict
from random import Random

from include.sandbox.tables import pick

_PROVINCES = """001 002 004 006 008 010 011 012 014 015 017 019 020 022 025 026 030 031 033 034 035 036 037 038 040 042 044 045 046 048
049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096"""
PROVINCES = tuple(_PROVINCES.split())
"""Provinces of birth registration other than Bắc Giang 024 and Bắc Ninh 027 (QĐ 124/2004)."""
ABROAD = ("101", "108", "126", "201")
"""Prefixes for births registered abroad; the list is not published, so the hub may only warn."""
_MOBILE = ("091", "098", "097", "086", "035", "038", "079", "083", "056")
_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


class Numbers:
    """Hands out every number once."""

    def __init__(self) -> None:
        self._personal: defaultdict[str, int] = defaultdict(int)
        self._old_ids = self._phones = 0
        self._insurance: defaultdict[str, int] = defaultdict(int)

    def personal(self, province: str, sex: int, year: int) -> str:
        """12 digits: place of birth registration, century with sex, year, running number (TT 59/2021/TT-BCA Đ4)."""
        head = f"{province}{(year - 1900) // 100 * 2 + (sex - 1)}{year % 100:02d}"
        self._personal[head] += 1
        return f"{head}{self._personal[head]:06d}"

    def old_id(self) -> str:
        """A 9-digit CMND of the province."""
        self._old_ids += 1
        return f"12{self._old_ids:07d}"

    def insurance(self, province: str) -> str:
        """A 10-digit social insurance number."""
        self._insurance[province] += 1
        return f"{province}{self._insurance[province]:08d}"

    def phone(self) -> str:
        """A mobile number nobody else has."""
        self._phones += 1
        return f"{_MOBILE[self._phones % len(_MOBILE)]}{self._phones:07d}"


def birth_province(random: Random, old_province: str) -> str:
    """Where the birth was registered: mostly the old province one lives in."""
    home, neighbour = ("024", "027") if "Giang" in old_province else ("027", "024")
    draw = random.random()
    return home if draw < 0.88 else neighbour if draw < 0.94 else pick(random, PROVINCES)


def tax_check_digit(nine: str) -> str | None:
    """The tenth digit of a tax code; None when such a code is never issued (TT 105/2020/TT-BTC Đ5)."""
    rest = sum(weight * int(digit) for weight, digit in zip(_TAX_WEIGHTS, nine, strict=True)) % 11
    return None if rest == 0 else str((10 - rest) % 10)


class TaxCodes:
    """Hands out valid tax codes of a region, each once."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._last = 0

    def next(self) -> str:
        """10 digits, the last a check digit."""
        while True:
            self._last += 1
            nine = f"{self._region}{self._last:07d}"
            check = tax_check_digit(nine)
            if check is not None:
                return nine + check
