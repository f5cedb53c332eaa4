"""Working days in Việt Nam: what the deadlines of the official quality index count in."""

from datetime import date, timedelta
from functools import lru_cache

import holidays

VERIFY, FIX = 5, 5
"""Working days to verify a fault, and then to mend it at its source (CV 4856/BCA-TTDLQG)."""


@lru_cache(maxsize=4096)
def after(day: date, number: int) -> date:
    """The day ``number`` working days after ``day``: no weekend, no public holiday."""
    free = holidays.country_holidays("VN")
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5 and day not in free
    return day


def deadlines(day: date) -> tuple[date, date]:
    """By when a fault seen on ``day`` is to be verified, and by when mended."""
    verify = after(day, VERIFY)
    return verify, after(verify, FIX)
