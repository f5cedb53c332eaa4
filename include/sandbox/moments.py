"""Days and moments in the forms of the wire. Moments are naive: all of them are Asia/Ho_Chi_Minh."""

from datetime import date, datetime, timedelta, timezone
from random import Random

HANOI_OFFSET = timezone(timedelta(hours=7))
AS_OF = datetime(2026, 11, 20)  # noqa: DTZ001 see the module's docstring
"""The moment at which the synthetic province stands still."""
REFORM = date(2025, 7, 1)
"""First day of the 99 communes and of the new commune codes (NQ 1658/NQ-UBTVQH15)."""
SPREAD = timedelta(days=730)
"""Changes lie in the two years before the province stands still."""


def dmy(day: date) -> str:
    """``dd/MM/yyyy``."""
    return f"{day.day:02d}/{day.month:02d}/{day.year}"


def dmy_time(moment: datetime) -> str:
    """``dd/MM/yyyy HH:mm:ss``."""
    return f"{dmy(moment)} {moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}"


def ymd(day: date) -> str:
    """``yyyyMMdd``."""
    return f"{day.year}{day.month:02d}{day.day:02d}"


def stamp(moment: datetime | None) -> str:
    """``yyyyMMddHHmmss``; nothing is the empty text."""
    return f"{ymd(moment)}{moment.hour:02d}{moment.minute:02d}{moment.second:02d}" if moment else ""


def iso(moment: datetime) -> str:
    """``yyyy-MM-ddTHH:mm:ss+07:00``."""
    return moment.isoformat(timespec="seconds") + "+07:00"


def iso_of_dmy(text: str) -> str:
    """``dd/MM/yyyy[ HH:mm:ss]`` as text that sorts by time."""
    day, _, time = text.partition(" ")
    return f"{day[6:10]}-{day[3:5]}-{day[:2]}" + (f"T{time}+07:00" if time else "")


def between(random: Random, first: datetime, last: datetime) -> datetime:
    """A whole second in [first, last)."""
    return first + timedelta(seconds=int(random.random() * max(1.0, (last - first).total_seconds())))
