"""What a desk or agency has before it: the dossiers of a day, and what was handed over to it and by it, with how long each waits.

A hand-over waits until the other side's first handling step or the result's return; no longer once the dossier was passed on, or its status
is beyond reception (1 newly filed, 2 received) although nobody noted a step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from include.hub import Hub

UNHANDLED = "d.status IN ('1', '2')"
FILED = "coalesce(d.submitted_at, d.received_at)"
DAY = f"""
SELECT d.code, {FILED}, d.procedure_code, d.status, d.receiving_agency, d.handling_agency, d.due_at, n.needless, n.again
FROM golden.dossier d CROSS JOIN LATERAL (
    SELECT count(what) AS needless, count(what) FILTER (WHERE provided = 'new') AS again FROM hub.handed h WHERE h.code = d.code) n
WHERE {FILED} >= %s::date AND {FILED} < %s::date + 1 AND %s IN (d.receiving_agency, d.handling_agency) ORDER BY 2, 1
"""
FOLLOWED = """
CROSS JOIN LATERAL (
    SELECT min(moment) FILTER (WHERE event = 'accepted' AND to_agency = s.to_agency) AS accepted,
           min(moment) FILTER (WHERE event = 'returned' AND from_agency = s.to_agency) AS returned,
           min(moment) FILTER (WHERE event = 'sent' AND from_agency = s.to_agency AND moment > s.moment) AS passed_on
    FROM hub.handover h WHERE h.dossier = s.dossier AND h.moment >= s.moment) f
"""
OPEN = f"""
SELECT s.dossier, s.from_agency, s.to_agency, s.moment FROM golden.dossier d JOIN hub.handover s ON s.dossier = d.id AND s.event = 'sent' {FOLLOWED}
WHERE {UNHANDLED} AND coalesce(f.accepted, f.returned, f.passed_on) IS NULL
"""
HANDED_OVER = f"""
WITH sent AS (
    (SELECT dossier, from_agency, to_agency, moment FROM hub.handover
     WHERE event = 'sent' AND {{side}} = %(agency)s ORDER BY moment DESC LIMIT %(limit)s)
    UNION SELECT * FROM ({OPEN}) o WHERE {{side}} = %(agency)s)
SELECT d.code, d.procedure_code, d.status, d.due_at, s.from_agency, s.to_agency, s.moment, f.accepted, f.returned, f.passed_on,
    count(*) FILTER (WHERE w.waits) OVER ()
FROM sent s JOIN golden.dossier d ON d.id = s.dossier {FOLLOWED}
CROSS JOIN LATERAL (SELECT {UNHANDLED} AND coalesce(f.accepted, f.returned, f.passed_on) IS NULL AS waits) w
ORDER BY w.waits DESC, CASE WHEN w.waits THEN s.moment END, s.moment DESC, d.code LIMIT %(limit)s
"""
SUMMED = f"""
WITH open AS ({OPEN}),
filed AS (SELECT d.receiving_agency, d.handling_agency FROM golden.dossier d WHERE {FILED} >= %(day)s::date AND {FILED} < %(day)s::date + 1),
figure (agency, received, handled, incoming, outgoing, since) AS (
    SELECT receiving_agency, 1, 0, 0, 0, NULL::timestamptz FROM filed
    UNION ALL SELECT handling_agency, 0, 1, 0, 0, NULL FROM filed
    UNION ALL SELECT to_agency, 0, 0, 1, 0, moment FROM open
    UNION ALL SELECT from_agency, 0, 0, 0, 1, NULL FROM open)
SELECT coalesce(code, agency), coalesce(name, ''), coalesce(sum(received), 0), coalesce(sum(handled), 0), coalesce(sum(incoming), 0),
    coalesce(sum(outgoing), 0), min(since)
FROM (SELECT * FROM figure WHERE agency IS NOT NULL) f FULL JOIN golden.agency a ON a.code = f.agency
GROUP BY 1, 2 ORDER BY 5 DESC, 3 DESC, 1
"""
SIDES = {"incoming": "to_agency", "outgoing": "from_agency"}


@dataclass(frozen=True, slots=True)
class Filed:
    """A dossier of the day. ``needless`` papers the state held when it was filed; ``again`` of them were handed in all the same."""

    code: str
    at: datetime
    procedure: str
    status: str
    desk: str | None
    handled_by: str | None
    due_at: datetime | None
    needless: int
    again: int


@dataclass(frozen=True, slots=True)
class HandOver:
    """A dossier that went from one agency to another, and what became of it there."""

    code: str
    procedure: str
    status: str
    due_at: datetime | None
    sender: str
    receiver: str
    sent: datetime
    accepted: datetime | None
    returned: datetime | None
    passed_on: datetime | None

    @property
    def waits(self) -> bool:
        """Nobody over there has taken it up."""
        return self.status in {"1", "2"} and self.ended is None

    @property
    def ended(self) -> datetime | None:
        """When the waiting was over, as far as anybody noted it."""
        return min((each for each in (self.accepted, self.returned, self.passed_on) if each), default=None)

    def waited(self, now: datetime) -> timedelta | None:
        """How long it waited, or waits already; None when it is over and nobody noted since when."""
        end = now if self.waits else self.ended
        return end - self.sent if end else None


@dataclass(frozen=True, slots=True)
class Desk:
    """An agency in one line: what was filed with it on a day, what it handles of that, what waits for it, what it waits for, since when at most."""

    agency: str
    name: str
    received: int
    handled: int
    incoming: int
    outgoing: int
    since: datetime | None


def of_day(hub: Hub, agency: str, day: date) -> list[Filed]:
    """The dossiers filed on a day that an agency received or handles, in the order of the day."""
    return [Filed(*row) for row in hub.db.rows(DAY, day, day, agency)]


def handed_over(hub: Hub, agency: str, side: Literal["incoming", "outgoing"], limit: int) -> tuple[int, list[HandOver]]:
    """How many hand-overs wait on that side, and ``limit`` of them: those that wait, the longest first, then the latest."""
    query, values = HANDED_OVER.format(side=SIDES[side]), {"agency": agency, "limit": limit}
    with hub.db.session() as connection:
        rows = connection.execute(query, values).fetchall()
    return (rows[0][-1] if rows else 0), [HandOver(*row[:-1]) for row in rows]


def all_desks(hub: Hub, day: date) -> Sequence[Desk]:
    """Every agency of the catalogue, and those dossiers name beyond it; those for which most waits first."""
    with hub.db.session() as connection:
        return [Desk(*row) for row in connection.execute(SUMMED, {"day": day}).fetchall()]
