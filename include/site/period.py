"""The period a page speaks of: ``?from=2026-11-01&to=2026-11-30``, or the last ``?days=30``."""

from dataclasses import dataclass
from datetime import date, timedelta

from include.errors import HubError
from include.site.view import View, number

USUAL, LONGEST, POINTS = 30, 1100, 15
"""Days; more than three years are no period; so many points make a trend."""


class NoPeriod(HubError):
    """What was asked for is no period."""


@dataclass(frozen=True, slots=True)
class Period:
    """Both days included."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.until - self.since).days + 1

    @property
    def every(self) -> int:
        """Days summed into one point of a trend."""
        return -(-self.days // POINTS)

    @property
    def label(self) -> str:
        """``01/11/2026 – 30/11/2026``."""
        return f"{self.since:%d/%m/%Y} – {self.until:%d/%m/%Y}"

    @property
    def before(self) -> "Period":
        """The period of the same length that ends the day before this one begins."""
        return Period(self.since - timedelta(days=self.days), self.since - timedelta(days=1))


def period(view: View, prefix: str = "") -> Period:
    """The one asked for; else the last thirty days. Raises NoPeriod."""
    since, until = view.asked(f"{prefix}from"), view.asked(f"{prefix}to")
    if not since and not until:
        days = number(view.asked(f"{prefix}days")) or USUAL
        return last(view.hub.today, days if days <= LONGEST else USUAL)
    try:
        first, end = date.fromisoformat(since), date.fromisoformat(until or view.hub.today.isoformat())
    except ValueError:
        raise NoPeriod(view.say("Ngày phải có dạng 2026-11-30.", "A day is written as 2026-11-30.")) from None
    if not first <= end or (end - first).days >= LONGEST:
        raise NoPeriod(view.say(f"Kỳ phải từ 1 đến {LONGEST} ngày.", f"A period has 1 to {LONGEST} days."))
    return Period(first, end)


def last(today: date, days: int) -> Period:
    """The last ``days`` days."""
    return Period(today - timedelta(days=days - 1), today)
