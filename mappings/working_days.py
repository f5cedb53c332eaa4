"""Working days: weekends, public holidays, and the days swapped each year by decision, which are data (``codes/working_days.csv``)."""

from datetime import date, timedelta

import holidays

from mappings.codes import rows

HOLIDAYS = holidays.country_holidays("VN")
"""Bộ luật Lao động 45/2019/QH14 Đ112, with the lunar days of every year."""
SWAPPED = {date.fromisoformat(row["day"]): row["kind"] == "work" for row in rows("working_days")}
"""Whether offices are open on a day that a yearly decision moved."""


def is_working_day(day: date) -> bool:
    """Whether offices are open."""
    swapped = SWAPPED.get(day)
    return day.weekday() < 5 and day not in HOLIDAYS if swapped is None else swapped


def add_working_days(day: date, count: int) -> date:
    """The ``count``-th working day after ``day``; ``day`` itself when ``count`` is 0."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """Working days after ``first`` up to and with ``last``; negative when ``last`` is earlier."""
    if last < first:
        return -working_days_between(last, first)
    return sum(is_working_day(first + timedelta(days=step)) for step in range(1, (last - first).days + 1))
