"""Rates, daily volumes, and the marks of somebody trying numbers one after another.

Each worker counts for itself and shares sums and pauses each second. A rate is for all workers together: each gives out as large a part of it as
came to it lately, so that a caller with one connection has all of it.
"""

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg
import msgspec

from include.clock import HANOI
from include.sharing.database import GONE, Pool
from include.sharing.grants import Grant
from include.sharing.problems import Problem

NEIGHBOURS = 20
"""Look-ups in a row, each of a number close to the one before, that are taken for enumeration."""
CLOSE = 3
MISSES = 40
"""Of the last 50 look-ups, so many that found nothing are taken for enumeration too."""
GUESSES = 5
"""Verifications of one person that may fail in an hour, in each worker."""
MOST_GUESSED = 100_000
"""Persons remembered for it."""
PAUSE = 60
"""Seconds an enumerating agreement is answered nothing."""

SWAY = 0.3
"""How far a worker's part of a rate follows what came to it in the last second."""

ADD = """INSERT INTO hub.usage_hour (agreement, hour, answered, refused)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::bigint[])
ON CONFLICT (agreement, hour) DO UPDATE SET answered = usage_hour.answered + excluded.answered, refused = usage_hour.refused + excluded.refused"""
TODAY = "SELECT agreement, sum(answered)::bigint, sum(answered + refused)::bigint FROM hub.usage_hour WHERE hour >= $1 GROUP BY agreement"
HOLD = """INSERT INTO hub.pause (agreement, until) SELECT *, $2 FROM unnest($1::text[])
ON CONFLICT (agreement) DO UPDATE SET until = greatest(pause.until, excluded.until)"""
HELD = "SELECT agreement, extract(epoch FROM until - $1)::float FROM hub.pause WHERE until > $1"
ALERT = """INSERT INTO hub.alert (at, kind, agreement, detail, state) SELECT $1, $2, $3, $4, 'new'
WHERE NOT EXISTS (SELECT FROM hub.alert WHERE kind = $2 AND agreement = $3 AND at > $1::timestamptz - interval '1 hour')"""


@dataclass(slots=True)
class Meter:
    """What one agreement did in this worker."""

    tokens: float = 0.0
    filled: float = 0.0
    answered: int = 0
    refused: int = 0
    part: float = 1.0
    last: int = 0
    run: int = 0
    misses: deque[bool] = field(default_factory=lambda: deque(maxlen=50))
    paused: float = 0.0


class Limits:
    """The meters of a worker, one of ``workers``; ``clock`` counts seconds from anywhere."""

    def __init__(self, workers: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.workers = workers
        self.clock = clock
        self.meters: dict[str, Meter] = {}
        self.today: dict[str, int] = {}
        self.asked: dict[str, int] = {}
        self.holding: set[str] = set()
        self.alerts: list[tuple[str, str, dict[str, int]]] = []
        self.hour = 0
        self.guesses: Counter[tuple[str, str]] = Counter()

    def meter(self, grant: Grant) -> Meter:
        """The agreement's meter."""
        found = self.meters.get(grant.agreement)
        if found is None:
            found = self.meters[grant.agreement] = Meter(tokens=grant.terms.per_second, filled=self.clock())
        return found

    def take(self, grant: Grant, value: str = "", *, verify: bool = False) -> None:
        """Lets one question through, or raises Problem with when to come back."""
        if verify:
            self.guessing(grant, value)
        meter, at = self.meter(grant), self.clock()
        rate = grant.terms.per_second * max(meter.part, 1 / self.workers)
        if meter.paused > at:
            raise Problem("enumeration", "", retry_after=int(meter.paused - at) + 1)
        meter.tokens = min(max(rate, 1.0), meter.tokens + (at - meter.filled) * rate)
        meter.filled = at
        if meter.tokens < 1:
            raise Problem("too-many", f"thỏa thuận cho · the agreement allows {grant.terms.per_second}/s", retry_after=1)
        meter.tokens -= 1
        if self.today.get(grant.agreement, 0) + meter.answered >= grant.terms.per_day:
            raise Problem("too-many", f"thỏa thuận cho · the agreement allows {grant.terms.per_day} mỗi ngày · a day", retry_after=3_600)
        if value.isdecimal():
            self.watch(grant, meter, int(value[-9:]))

    def watch(self, grant: Grant, meter: Meter, number: int) -> None:
        """Notices numbers asked one after another."""
        meter.run = meter.run + 1 if 0 < abs(number - meter.last) <= CLOSE else 0
        meter.last = number
        if meter.run >= NEIGHBOURS:
            self.pause(grant, meter, {"neighbours": meter.run})
            raise Problem("enumeration", "", retry_after=PAUSE)

    def pause(self, grant: Grant, meter: Meter, why: dict[str, int]) -> None:
        """Answers nothing for a while, in the other workers from their next second on, and raises the alarm."""
        meter.paused, meter.run = self.clock() + PAUSE, 0
        meter.misses.clear()
        self.holding.add(grant.agreement)
        self.alerts.append(("enumeration", grant.agreement, why))

    def left(self, grant: Grant) -> int:
        """How many data subjects more the agreement allows today, one at least."""
        return max(1, grant.terms.per_day - self.today.get(grant.agreement, 0) - self.meter(grant).answered)

    def count(self, grant: Grant, subjects: int, *, miss: bool | None) -> None:
        """Counts the data subjects of an answer. ``miss``: whether a number that was asked after was none, None if no number was."""
        meter = self.meter(grant)
        meter.answered += max(subjects, 1)
        if miss is not None:
            self.tried(grant, meter, miss)

    def tried(self, grant: Grant, meter: Meter, miss: bool) -> None:
        """Notices who misses again and again."""
        meter.misses.append(miss)
        if sum(meter.misses) >= MISSES:
            self.pause(grant, meter, {"misses": sum(meter.misses)})

    def guessed(self, grant: Grant, value: str) -> None:
        """Counts what did not fit somebody: a miss as any other, and his data can be guessed at no more after ``GUESSES`` in an hour."""
        self.tried(grant, self.meter(grant), True)
        hour = int(time.time()) // 3_600
        if hour != self.hour or len(self.guesses) > MOST_GUESSED:
            self.hour, self.guesses = hour, Counter()
        self.guesses[grant.agreement, value] += 1

    def guessing(self, grant: Grant, value: str) -> None:
        """Raises Problem when enough was guessed about somebody."""
        if int(time.time()) // 3_600 == self.hour and self.guesses[grant.agreement, value] >= GUESSES:
            raise Problem("enumeration", "", retry_after=3_600)

    def refuse(self, grant: Grant | None, client: str) -> None:
        """Counts a refusal."""
        meter = self.meter(grant) if grant else self.meters.setdefault(f"?{client}", Meter(filled=self.clock()))
        meter.refused += 1

    async def share(self, pool: Pool, at: datetime) -> None:
        """Writes sums and pauses, reads those of all workers, raises the alarms. What cannot be written now is kept for the next time."""
        hour = hour_of(at)
        holding = list(self.holding)
        sums = [(name, hour, meter.answered, meter.refused) for name, meter in self.meters.items() if meter.answered or meter.refused]
        alerts = list(self.alerts)
        try:
            async with pool.acquire() as connection, connection.transaction():
                if sums:
                    await connection.execute(ADD, *map(list, zip(*sums, strict=True)))
                for kind, agreement, detail in alerts:
                    await connection.execute(ALERT, at, kind, agreement, msgspec.json.encode(detail).decode())
                if holding:
                    await connection.execute(HOLD, holding, at + timedelta(seconds=PAUSE))
                rows = await connection.fetch(TODAY, hour.replace(hour=0))
                held = await connection.fetch(HELD, at)
        except (*GONE, asyncpg.PostgresError, TimeoutError):
            return
        del self.alerts[: len(alerts)]
        self.holding.difference_update(holding)
        for name, _, answered, refused in sums:
            self.meters[name].answered -= answered
            self.meters[name].refused -= refused
        before, self.asked = self.asked, {row[0]: row[2] for row in rows}
        self.divide({name: answered + refused for name, _, answered, refused in sums}, before)
        self.today = {row[0]: row[1] for row in rows}
        for name, seconds in held:
            meter = self.meters.setdefault(name, Meter(filled=self.clock()))
            meter.paused = max(meter.paused, self.clock() + seconds)

    def divide(self, own: dict[str, int], before: dict[str, int]) -> None:
        """Each meter's part of its rate follows what came to this worker, of what came to all."""
        for name, meter in self.meters.items():
            every = self.asked.get(name, 0) - before.get(name, 0)
            if every > 0:
                meter.part += SWAY * (min(own.get(name, 0) / every, 1.0) - meter.part)


def hour_of(at: datetime) -> datetime:
    """The hour that is counted in."""
    return at.astimezone(HANOI).replace(minute=0, second=0, microsecond=0)
