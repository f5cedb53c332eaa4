"""The never-again indicator: what was handed in although the state held it, recomputed for what changed, told by desk and procedure.

The definition stands in ``again_sql``; ``hub.handed`` holds every component, ``hub.reuse_day`` the sums.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from include.hub import Hub
from include.once import again_sql as sql
from include.once.evidence import remember
from include.store.database import Connection
from mappings.requirements import Catalogue, catalogue

PATIENCE = 900.0
"""Seconds to wait for another computation."""
DIMENSIONS = ("agency", "desk", "procedure", "day")


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a computation did. ``whole``: everything anew, because the catalogue changed or changes were forgotten."""

    dossiers: int
    components: int
    whole: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Sum:
    """The indicator of one group. ``share`` is None when the state held nothing: there was nothing to reuse."""

    key: str
    handed: int
    equivalent: int
    again: int
    reused: int
    unbacked: int
    unidentified: int

    @property
    def share(self) -> float | None:
        """1 − handed in again / components with a valid equivalent."""
        return 1 - self.again / self.equivalent if self.equivalent else None

    @property
    def percent(self) -> float | None:
        """The share as people read it."""
        return percent(self.again, self.equivalent)


def percent(again: int, held: int) -> float | None:
    """What was not handed in again, of what was held, to two decimals, downwards: 99.996 is not 100. Whole numbers, so that 43 of 100 leave 57."""
    return (held - again) * 10_000 // held / 100 if held else None


@dataclass(frozen=True, slots=True)
class Offence:
    """A component handed in although the state held ``what`` since ``since``. No personal value."""

    code: str
    procedure: str
    component: str
    desk: str
    agency: str
    filed_at: datetime
    what: tuple[str, ...]
    since: datetime


def recompute(hub: Hub, known: Catalogue | None = None, *, whole: bool = False) -> Recomputed:
    """Brings ``hub.handed`` up to date. Exact under concurrent merges: changes are read up to the transaction horizon, and again next time."""
    known, started = known or catalogue(), time.perf_counter()
    with hub.only_one("never_again", wait=PATIENCE), hub.db.transaction() as connection:
        horizon, forgotten = connection.execute(sql.HORIZON).fetchone() or (0, 0)
        state = connection.execute("SELECT xid, catalogue FROM hub.once_state").fetchone()
        whole = whole or state is None or state[1] != known.fingerprint or state[0] <= forgotten
        if whole:
            connection.execute(sql.ALL_STALE)
        else:
            connection.execute(sql.changed_stale(known).encode(), {"xid": state[0] if state else 0})
        dossiers = _count(connection, "stale")
        components = _write(connection, known) if dossiers else 0
        remember(connection, known, hub.clock())
        connection.execute(sql.STATE, {"xid": horizon, "catalogue": known.fingerprint, "at": hub.clock()})
    return Recomputed(dossiers, components, whole, time.perf_counter() - started)


def _write(connection: Connection, known: Catalogue) -> int:
    connection.execute("SET LOCAL work_mem = '128MB'")
    connection.execute("SET LOCAL jit = off")
    connection.execute("ANALYZE stale")
    connection.execute(sql.LINES)
    connection.execute(sql.ITEMS, {"items": items(known)})
    asked = {row[0] for row in connection.execute(sql.ASKED.encode())}
    connection.execute(sql.held([fact for fact in known.facts.values() if fact.what in asked]).encode())
    for statement in (*sql.ANALYZE.split("; "), sql.EQUIVALENTS, sql.DAYS, sql.FORGET, sql.WRITE, *sql.ROLL_UP):
        connection.execute(statement.encode())
    return _count(connection, "line")


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    return int(row[0]) if row else 0


def items(known: Catalogue) -> str:
    """The catalogue as rows: one per item of a list of a component."""
    only = {fact.what for fact in known.facts.values() if fact.only}
    rows = [
        {"procedure": one.procedure, "subject": one.subject, "component": component.code, "valid_from": one.valid_from, "valid_to": one.valid_to}
        | {"way": number, "items": len(way), "place": place, "what": what, "only_one": what in only}
        for one in known.requirements
        for component in one.components
        for number, way in enumerate(component.any)
        for place, what in enumerate(way)
    ]
    return msgspec.json.encode(rows).decode()


def sums(hub: Hub, by: str, first: date, last: date, **only: str) -> list[Sum]:
    """The indicator by agency, desk, procedure or day of filing, from ``first`` to ``last``; ``only`` narrows it to values of dimensions."""
    if by not in DIMENSIONS or not set(only) <= set(DIMENSIONS):
        raise LookupError(f"{by}: by one of {', '.join(DIMENSIONS)}")
    narrowed = "".join(f" AND {name} = %s" for name in only)
    rows = hub.db.rows(
        f"SELECT {by}::text, sum(handed), sum(equivalent), sum(again), sum(reused), sum(unbacked), sum(unidentified)"
        f" FROM hub.reuse_day WHERE day BETWEEN %s AND %s{narrowed} GROUP BY 1 ORDER BY 4 DESC, 3 DESC, 1",
        first,
        last,
        *only.values(),
    )
    return [Sum(row[0], *map(int, row[1:])) for row in rows]


def total(hub: Hub, first: date, last: date, **only: str) -> Sum:
    """All of it in one."""
    found = sums(hub, "day", first, last, **only)
    return Sum("", *(sum(getattr(one, name) for one in found) for name in ("handed", "equivalent", "again", "reused", "unbacked", "unidentified")))


def offences(hub: Hub, first: date, last: date, limit: int = 100_000, **only: str) -> list[Offence]:
    """What was handed in again, newest first."""
    if not set(only) <= {"agency", "desk", "procedure", "code"}:
        raise LookupError("offences are narrowed by agency, desk, procedure or code")
    rows = hub.db.rows(
        "SELECT code, procedure, component, desk, agency, filed_at, what, since FROM hub.handed WHERE provided = 'new' AND what IS NOT NULL"
        f" AND filed_at >= %s::date AND filed_at < %s::date + 1{''.join(f' AND {name} = %s' for name in only)}"
        " ORDER BY filed_at DESC, code, n LIMIT %s",
        first,
        last,
        *only.values(),
        limit,
    )
    return [Offence(row[0], row[1], row[2], row[3], row[4], row[5], tuple(row[6]), row[7]) for row in rows]


def week_of(name: str) -> tuple[date, date]:
    """Monday and Sunday of an ISO week, ``2026-W47``. LookupError says the form."""
    try:
        first = datetime.strptime(f"{name}-1", "%G-W%V-%u").date()  # noqa: DTZ007 a week has no hour
    except ValueError:
        raise LookupError(f"{name}: tuần viết như 2026-W47 · a week is written like 2026-W47") from None
    return first, first + timedelta(days=6)


def span(hub: Hub) -> tuple[date, date]:
    """The first and last day of filing there are figures for; today when there are none."""
    row: Sequence[date | None] = hub.db.rows("SELECT min(day), max(day) FROM hub.reuse_day")[0]
    return row[0] or hub.today, row[1] or hub.today
