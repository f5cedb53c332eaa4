"""Columns the rules compare with but no source sends: what a personal number says, how often an activity is marked main, the end of today."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from mappings.codes import may_follow, reachable
from mappings.patterns import unmatched

TODAY = "_today"
"""The last second of the day of the run. Dates and moments are ISO text, so text order is time order; a partial date stands before all its days,
so what must not be later than one is compared with its last day."""


class Derived(NamedTuple):
    """A helper column computed from the column ``source``, given or itself derived; with ``beside``, from pairs of both columns."""

    source: str
    compute: Callable[[Sequence[Any]], Sequence[Any]]
    beside: str = ""


def each(compute: Callable[[Any], Any]) -> Callable[[Sequence[Any]], list[Any]]:
    """``compute`` of every value."""
    return lambda values: [compute(value) for value in values]


def said(where: slice, table: Mapping[str, str] | None = None) -> Callable[[Sequence[str | None]], list[str | None]]:
    """What the digits at a place of a sound number say, by ``table``; without one, the digits."""
    if table is None:
        return lambda numbers: [None if number is None else number[where] for number in numbers]
    return lambda numbers: [None if number is None else table[number[where]] for number in numbers]


_NUMBER = r"\A[0-9]{12}\Z"
_SEX = {str(digit): "female" if digit % 2 else "male" for digit in range(10)}
_YEAR = {f"{century}{year:02d}": str(1900 + 100 * (century // 2) + year) for century in range(10) for year in range(100)}
"""What the fourth digit of a personal number, and the fourth to sixth, say (TT 59/2021/TT-BCA Đ4)."""


def _sound(values: Sequence[Any]) -> Sequence[Any]:
    """The personal numbers that have their form; of anything else nothing is derived."""
    texts = [value for value in values if type(value) is str]
    odd = frozenset(unmatched(_NUMBER, texts))
    if not odd and len(texts) + values.count(None) == len(values):
        return values
    return [value if type(value) is str and value not in odd else None for value in values]


def _years(days: Sequence[Any]) -> list[str | None]:
    return [day[:4] if isinstance(day, str) else None for day in days]


def _last_days(days: Sequence[Any]) -> list[str | None]:
    """The last day each partial date may mean, in text order."""
    return [day + "YYYY-12-31"[len(day) :] if isinstance(day, str) and len(day) in {4, 7} else day for day in days]


def _main_count(activities: Sequence[Mapping[str, Any]] | None) -> int | None:
    return None if activities is None else sum(1 for one in activities if one.get("main"))


def _count(listed: Sequence[Any] | None) -> int | None:
    """How many sub-records; None for none."""
    return len(listed) if listed else None


def _backward(steps: Sequence[Mapping[str, Any]] | None) -> int:
    """How many moves of the handling steps, in the order of their time, the status list does not allow."""
    known = [(str(one["at"]), str(one["status"])) for one in steps or () if one.get("at") and one.get("status")]
    known.sort(key=itemgetter(0))  # steps of one second stay as the source told them
    return sum(not may_follow(before, after) for (_, before), (_, after) in pairwise(known))


def _version(parts: tuple[str | None, str | None]) -> str | None:
    """A record of the source as it was at a moment."""
    key, moment = parts
    return None if key is None else f"{key} {moment}"


def _unreachable(move: tuple[str | None, str | None]) -> int:
    """1 when no allowed moves lead from the status a target last accepted to the present one, else 0."""
    before, after = move
    return int(before is not None and after is not None and after not in reachable(before))


DERIVED: dict[str, Derived] = {
    "source_version": Derived("source_key", each(_version), "source_moment"),
    "personal_number_sound": Derived("personal_number", _sound),
    "personal_number_sex": Derived("personal_number_sound", said(slice(3, 4), _SEX)),
    "personal_number_year": Derived("personal_number_sound", said(slice(3, 6), _YEAR)),
    "personal_number_province": Derived("personal_number_sound", said(slice(3))),
    "event_number_sound": Derived("person_number", _sound),
    "event_number_sex": Derived("event_number_sound", said(slice(3, 4), _SEX)),
    "event_number_year": Derived("event_number_sound", said(slice(3, 6), _YEAR)),
    "event_birth_year": Derived("person_birth", _years),
    "event_last_day": Derived("event_on", _last_days),
    "died_last_day": Derived("died_on", _last_days),
    "birth_year": Derived("birth_date", _years),
    "parcel_count": Derived("parcels", each(_count)),
    "main_activities": Derived("activities", each(_main_count)),
    "unreachable_moves": Derived("move", each(_unreachable)),
    "supplement_count": Derived("supplements", each(_count)),
    "backward_moves": Derived("steps", each(_backward)),
}


def origin(name: str) -> str:
    """The field a column is derived from in the end; a field's own name is its own."""
    return origin(DERIVED[name].source) if name in DERIVED else name


def end_of(today: date) -> str:
    """The last second of a day as a canonical moment."""
    return f"{today.isoformat()}T23:59:59+07:00"


class Helped(dict[str, Sequence[Any] | None]):
    """Columns by name, given or derived, each computed once; None when there is nothing to take it from, or something no canonical value can be."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], size: int, today: date) -> None:
        super().__init__({TODAY: [end_of(today)] * size})
        self._columns = columns

    def __missing__(self, name: str) -> Sequence[Any] | None:
        self[name] = found = self._derived(DERIVED[name]) if name in DERIVED else self._columns.get(name)
        return found

    def _derived(self, derived: Derived) -> Sequence[Any] | None:
        source = self[derived.source]
        if source is not None and derived.beside:
            beside = self[derived.beside]
            source = None if beside is None else list(zip(source, beside, strict=True))
        try:
            return None if source is None else derived.compute(source)
        except (AttributeError, KeyError, TypeError):
            return None  # the rules that read the column then report an error each, and the other rules are heard
