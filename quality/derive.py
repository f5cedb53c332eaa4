"""Columns the rules compare with but no source sends: what a personal number says, how often an activity is marked main, the end of today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from mappings.codes import may_follow, reachable
from mappings.patterns import unmatched

TODAY = "_today"
"""The last second of the day of the run. Dates, partial dates and moments are ISO text, so text order is time order."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A helper column computed from the column ``source``."""

    source: str
    compute: Callable[[Any], Any]
    number: bool = False
    """``compute`` takes a sound personal number; of anything else nothing is derived."""

    def column(self, values: Sequence[Any]) -> list[Any]:
        """The helper column beside ``values``."""
        compute = self.compute
        if not self.number:
            return [compute(value) for value in values]
        texts = {value for value in values if type(value) is str}
        unsound = set(values) - texts | set(unmatched(_NUMBER, texts))
        return [None if value in unsound else compute(value) for value in values]


_NUMBER = r"\A[0-9]{12}\Z"
_SEX = {str(digit): "female" if digit % 2 else "male" for digit in range(10)}
_YEAR = {f"{century}{year:02d}": str(1900 + 100 * (century // 2) + year) for century in range(10) for year in range(100)}
"""What the fourth digit of a personal number, and the fourth to sixth, say (TT 59/2021/TT-BCA Đ4)."""


def _sex(number: str) -> str:
    return _SEX[number[3]]


def _year(number: str) -> str:
    return _YEAR[number[3:6]]


def _province(number: str) -> str:
    return number[:3]


def _birth_year(day: Any) -> str | None:
    return day[:4] if isinstance(day, str) else None


def _main_count(activities: Sequence[Mapping[str, Any]] | None) -> int | None:
    return None if activities is None else sum(1 for one in activities if one.get("main"))


def _count(listed: Sequence[Any] | None) -> int | None:
    """How many sub-records; None for none."""
    return len(listed) if listed else None


def _backward(steps: Sequence[Mapping[str, Any]] | None) -> int:
    """How many moves of the handling steps, in the order of their time, the status list does not allow."""
    known = sorted((str(one["at"]), str(one["status"])) for one in steps or () if one.get("at") and one.get("status"))
    return sum(not may_follow(before, after) for (_, before), (_, after) in pairwise(known))


def _unreachable(move: tuple[str | None, str | None]) -> int:
    """1 when no allowed moves lead from the status a target last accepted to the present one, else 0."""
    before, after = move
    return int(before is not None and after is not None and after not in reachable(before))


DERIVED: dict[str, Derived] = {
    "personal_number_sex": Derived("personal_number", _sex, number=True),
    "personal_number_year": Derived("personal_number", _year, number=True),
    "personal_number_province": Derived("personal_number", _province, number=True),
    "event_number_sex": Derived("person_number", _sex, number=True),
    "event_number_year": Derived("person_number", _year, number=True),
    "event_birth_year": Derived("person_birth", _birth_year),
    "birth_year": Derived("birth_date", _birth_year),
    "parcel_count": Derived("parcels", _count),
    "main_activities": Derived("activities", _main_count),
    "unreachable_moves": Derived("move", _unreachable),
    "supplement_count": Derived("supplements", _count),
    "backward_moves": Derived("steps", _backward),
}


def end_of(today: date) -> str:
    """The last second of a day as a canonical moment."""
    return f"{today.isoformat()}T23:59:59+07:00"


def column(name: str, columns: Mapping[str, Sequence[Any]], size: int, today: date) -> Sequence[Any] | None:
    """The column called ``name``, given or derived; None when there is nothing to take it from, or something no canonical value can be."""
    if name == TODAY:
        return [end_of(today)] * size
    if name not in DERIVED:
        return columns.get(name)
    derived = DERIVED[name]
    source = columns.get(derived.source)
    try:
        return None if source is None else derived.column(source)
    except (AttributeError, KeyError, TypeError):
        return None  # the rules that read the column then report an error each, and the other rules are heard
