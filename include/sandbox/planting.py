"""Decides which rows get damaged, and books it."""

import copy
from collections import deque
from random import Random

from include.sandbox.damage import CONFLICT, DAMAGES, DUPLICATE, WARNINGS, Damage
from include.sandbox.people import Citizen
from include.sandbox.truth import Truth
from include.sandbox.wire import Dataset, Wire, get, put

DAMAGED, ODD = 0.03, 0.01
"""Shares of rows that get a damage, and that get an oddity."""
_OTHER_COPY = {"enterprises": "HOAdress.Address", "births": "nks.NoiSinh", "insurance": "diaChi", "dossiers": "trichYeu"}
_OTHER_COPY |= {"deaths": "nkt.NoiChet", "marriages": "soDangKy", "households": "diaChi.chiTiet", "taxpayers": "coQuanThue"}
_OTHER_COPY |= {"land": "diaChiTaiSan", "social": "Địa chỉ", "papers": "TrichYeu", "tickets": "quay", "surveys": "yKien"}
"""The field in which a second row of the same key differs."""


class Planter:
    """Plants in one dataset. Kinds take turns, so that even a small province has each."""

    def __init__(self, dataset: Dataset, random: Random, truth: Truth) -> None:
        self._dataset = dataset
        self._random = random
        self._truth = truth
        kinds: list[Damage | None] = [*DAMAGES[dataset.name], None]
        random.shuffle(kinds)
        self._kinds = deque(kinds)
        self._oddities = deque(WARNINGS.get(dataset.name, ()))

    def damage(self, row: Wire) -> list[Wire] | None:
        """The row, damaged (with a second one when its key is to be double), or None when its turn has not come."""
        if self._random.random() >= DAMAGED:
            return None
        for kind in list(self._kinds):
            edits = kind.plant(row, self._random) if kind else {}
            if edits is None:
                continue  # it keeps its place at the head until a row comes that suits it
            self._kinds.remove(kind)
            self._kinds.append(kind)
            if kind is None:
                return self._twice(row)
            for path, value in edits.items():
                put(row, path, value)
            self.note(row, kind.code, kind.field)
            return [row]
        return None

    def _twice(self, row: Wire) -> list[Wire]:
        other = copy.deepcopy(row)
        put(other, _OTHER_COPY[self._dataset.name], f"{get(row, _OTHER_COPY[self._dataset.name]) or ''} (bản ghi thứ hai)".strip())
        for each in (row, other):
            self.note(each, DUPLICATE, self._dataset.key)
        return [row, other]

    def oddity(self, row: Wire) -> bool:
        """Perhaps plants something the hub must publish with a warning."""
        if not self._oddities or self._random.random() >= ODD:
            return False
        kind = self._oddities[0]
        self._oddities.rotate(-1)
        if kind.code == "phone_invalid" and not get(row, kind.field):
            return False
        for path, value in (kind.plant(row, self._random) or {}).items():
            put(row, path, value)
        self._truth.warnings.append(self._mark(row, kind.code, kind.field))
        return True

    def note(self, row: Wire, code: str, field: str) -> None:
        """Books a damage."""
        self._truth.damages.append(self._mark(row, code, field))

    def warn(self, row: Wire, code: str, field: str) -> None:
        """Books an oddity."""
        self._truth.warnings.append(self._mark(row, code, field))

    def _mark(self, row: Wire, code: str, field: str) -> dict[str, str]:
        return {"dataset": self._dataset.name, "key": self._dataset.key_of(row), "code": code, "field": field}


class Conflicts:
    """Gives a few insurance rows the number of somebody else in the births register.

    The digits of a number tell sex and year of birth, so the two people share those (or another rule would speak first); their given names
    and birth dates differ.
    """

    code = CONFLICT

    def __init__(self, citizens: int) -> None:
        self._left = 1 + citizens // 4000
        self._lenders: dict[tuple[int, int], Citizen] = {}

    def lend(self, person: Citizen) -> None:
        """``person`` has a clean birth row with a number, and no insurance row."""
        self._lenders[person.birth.year, person.sex] = person

    def plant(self, row: Wire, person: Citizen) -> Citizen | None:
        """Perhaps makes ``person``'s insurance row claim another's number; returns that other."""
        if not self._left or row["loaiNgaySinh"] != "0" or not row["soDinhDanh"] or row["gioiTinh"] not in {"1", "2"}:
            return None
        other = self._lenders.get((person.birth.year, person.sex))
        if other is None or other.birth == person.birth or given(other) == given(person):
            return None
        del self._lenders[person.birth.year, person.sex]
        self._left -= 1
        row["soDinhDanh"] = other.number
        return other


def given(person: Citizen) -> str:
    """The given name, the last syllable."""
    return person.name.rsplit(" ", 1)[-1].casefold()
