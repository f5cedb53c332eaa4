"""The date forms of the wire, each a declared converter; none guesses which form it sees.

A partial date keeps the precision of its source: an unknown day stays unknown and never becomes 01/01.
"""

import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from mappings.memo import plain, turned
from mappings.refusal import Refusal

HANOI = timezone(timedelta(hours=7))
"""Vietnam has kept UTC+7 without summer time since 1975."""

_VN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: +([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?")
_VN_PARTIAL = re.compile(r"(?:(?:([0-9]{1,2}|--?|__)/)?([0-9]{1,2}|--?|__)/)?([0-9]{4})")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{2})([0-9]{2}))?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ISO_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_FIRST_YEAR, _LAST_YEAR = 1800, 2199


_DAY_SURE = r"(?:(?:0[1-9]|1[0-9]|2[0-8])/(?:0[1-9]|1[0-2])|(?:29|30)/(?:0[13-9]|1[0-2])|31/(?:0[13578]|1[02]))/(?:1[89]|2[01])[0-9]{2}"
"""Days that are in every calendar: nearly all of a batch. 29 February is looked up."""
_TIME_SURE = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_ISO_SURE = r"(?:1[89]|2[01])[0-9]{2}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"


def _not_a_date(value: str) -> Refusal:
    return Refusal("date_invalid", "{} không phải là ngày", "{} is not a date", value=value)


def _day(value: str, year: str, month: str, day: str) -> str:
    found = _calendar(year, month, day)
    if found is None:
        raise _not_a_date(value)
    return found


@lru_cache(50_000)
def _calendar(year: str, month: str, day: str) -> str | None:
    """The day in ISO form; None when the calendar has no such day, or it is out of all record."""
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found.isoformat() if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def _moment(value: str, day: str, hour: str | None, minute: str | None, second: str | None) -> str:
    h, m, s = (hour or "00").zfill(2), minute or "00", second or "00"
    if h > "23" or m > "59" or s > "59":
        raise _not_a_date(value)
    return f"{day}T{h}:{m}:{s}+07:00"


def _iso_days(days: list[str]) -> list[str]:
    return [f"{day[6:]}-{day[3:5]}-{day[:2]}" for day in days]


@turned(_DAY_SURE, _iso_days)
def vn_date(value: str | None) -> str | None:
    """``dd/MM/yyyy``, with or without a time of day, to ``YYYY-MM-DD``."""
    written = (value or "").strip()
    if not written:
        return None
    found = _VN.fullmatch(written)
    if not found:
        raise _not_a_date(written)
    return _day(written, found[3], found[2], found[1])


@turned(rf"{_DAY_SURE} {_TIME_SURE}", lambda moments: [f"{at[6:10]}-{at[3:5]}-{at[:2]}T{at[11:]}+07:00" for at in moments])
def vn_moment(value: str | None) -> str | None:
    """``dd/MM/yyyy HH:mm:ss`` to a moment; without a time of day, the start of that day."""
    written = (value or "").strip()
    if not written:
        return None
    found = _VN.fullmatch(written)
    if not found:
        raise _not_a_date(written)
    return _moment(written, _day(written, found[3], found[2], found[1]), found[4], found[5], found[6])


@turned(_DAY_SURE, _iso_days)
def vn_partial(value: str | None) -> str | None:
    """``dd/MM/yyyy``, ``MM/yyyy`` or ``yyyy``, also ``00/00/yyyy`` and ``--/--/yyyy``, to as much of ``YYYY-MM-DD`` as is known."""
    written = (value or "").strip()
    if not written:
        return None
    found = _VN_PARTIAL.fullmatch(written)
    if not found:
        return vn_date(written)
    day, month = _known(found[1]), _known(found[2])
    if day and not month:
        raise _not_a_date(written)
    return _day(written, found[3], month or "01", day or "01")[: 10 if day else 7 if month else 4]


def _known(part: str | None) -> str | None:
    return part if part and part.strip("0-_") else None


def compact_date(value: str | None) -> str | None:
    """``yyyyMMdd`` to ``YYYY-MM-DD``."""
    written = (value or "").strip()
    if not written:
        return None
    found = _COMPACT.fullmatch(written)
    if not found or found[4]:
        raise _not_a_date(written)
    return _day(written, found[1], found[2], found[3])


def compact_moment(value: str | None) -> str | None:
    """``yyyyMMddHHmmss`` in Hanoi time to a moment."""
    written = (value or "").strip()
    if not written:
        return None
    found = _COMPACT.fullmatch(written)
    if not found or not found[4]:
        raise _not_a_date(written)
    return _moment(written, _day(written, found[1], found[2], found[3]), found[4], found[5], found[6])


@plain(_ISO_SURE)
def iso_date(value: str | None) -> str | None:
    """``YYYY-MM-DD``."""
    written = (value or "").strip()
    if not written:
        return None
    found = _ISO.fullmatch(written)
    if not found:
        raise _not_a_date(written)
    return _day(written, found[1], found[2], found[3])


@plain(rf"{_ISO_SURE}T{_TIME_SURE}\+07:00")
@turned(rf"{_ISO_SURE}T{_TIME_SURE}", lambda moments: [f"{at}+07:00" for at in moments])
def iso_moment(value: str | None) -> str | None:
    """``xsd:dateTime`` to a moment in Hanoi time, whole seconds; without an offset it is Hanoi time already."""
    written = (value or "").strip()
    if not written:
        return None
    if not _ISO_MOMENT.fullmatch(written):
        raise _not_a_date(written)
    day = _day(written, written[:4], written[5:7], written[8:10])
    if written[19:] in {"", "+07:00"}:
        return _moment(written, day, written[11:13], written[14:16], written[17:19])
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise _not_a_date(written) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=HANOI)
    return found.astimezone(HANOI).isoformat(timespec="seconds")


_BHXH_FORMS = {"0": ("yyyyMMdd", 8), "1": ("yyyy", 4), "2": ("yyyyMM", 6)}


def bhxh_date(value: str | None, form: str | None) -> str | None:
    """``ngaySinh`` in the form ``loaiNgaySinh`` declares: 0 yyyyMMdd, 1 yyyy, 2 yyyyMM."""
    written = (value or "").strip()
    if not written:
        return None
    declared = (form or "").strip()
    if declared not in _BHXH_FORMS:
        raise Refusal(
            "code_unknown", "{} không phải loại ngày sinh (0, 1 hoặc 2)", "{} is not a kind of birth date (0, 1 or 2)", value=declared or "—"
        )
    name, length = _BHXH_FORMS[declared]
    if len(written) != length or not written.isascii() or not written.isdigit():
        raise Refusal("date_invalid", f"{{}} không phải ngày dạng {name}", f"{{}} is not a date of the form {name}", value=written)
    day = _day(written, written[:4], written[4:6] or "01", written[6:8] or "01")
    return day[: {8: 10, 6: 7, 4: 4}[length]]


def compact_partial(value: str) -> str:
    """A canonical date, as precise as it is, to ``yyyy``, ``yyyyMM`` or ``yyyyMMdd``."""
    return value.replace("-", "")


def to_compact_moment(value: str | None) -> str:
    """A moment to ``yyyyMMddHHmmss``; None to the wire's empty text."""
    return f"{value[:4]}{value[5:7]}{value[8:10]}{value[11:13]}{value[14:16]}{value[17:19]}" if value else ""
