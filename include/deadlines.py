"""By when a fault is to be verified and mended, in working days: 5 and 5, as the official quality index counts (CV 4856/BCA-TTDLQG)."""

from datetime import date

from mappings.working_days import add_working_days

VERIFY, FIX = 5, 5


def deadlines(day: date) -> tuple[date, date]:
    """By when a fault seen on ``day`` is to be verified, and by when mended."""
    verify = add_working_days(day, VERIFY)
    return verify, add_working_days(verify, FIX)
