"""Index 1.4 held against the portal's own count: month by month and agency by agency, with a reason for every dossier that makes a difference.

A dossier the hub holds is on the portal (its last word was "accepted"), was refused (there, or by a rule before it was sent), waits, or was never
sent. What the portal counts beyond the accepted ones came to it by another way; that is the only part of a difference nobody here can name, and it
is said so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from connectors.dialects.evaluation import counts
from connectors.page import Endpoint
from include.hub import Hub
from include.indicators.figures import NoSuchPeriod, period

ROOT = "H05"
STATES = {
    "accepted": ("Cổng đã nhận", "on the portal"),
    "refused": ("bị từ chối", "refused"),
    "waiting": ("đang chờ gửi", "waiting to be sent"),
    "unsent": ("chưa từng gửi", "never sent"),
}
NUMBERS = ("ours", *STATES)
STATE = """CASE WHEN r.outcome = 'accepted' THEN 'accepted' WHEN r.outcome = 'refused' THEN 'refused' WHEN o.entity_id IS NOT NULL THEN 'waiting'
    ELSE 'unsent' END"""
FROM = """FROM hub.dossier_fact k LEFT JOIN hub.receipt r ON r.target = 'portal_dossiers' AND r.entity_id = k.entity_id
    LEFT JOIN hub.outbox o ON o.target = 'portal_dossiers' AND o.entity_id = k.entity_id"""


@dataclass(frozen=True, slots=True)
class Line:
    """One agency in one month. ``theirs`` is None before the portal was asked."""

    agency: str
    theirs: int | None
    ours: int = 0
    accepted: int = 0
    refused: int = 0
    waiting: int = 0
    unsent: int = 0

    @property
    def elsewhere(self) -> int | None:
        """What the portal counts beyond those it accepted from here; negative when it counts fewer than it accepted."""
        return None if self.theirs is None else self.theirs - self.accepted


def month_of(name: str) -> date:
    """The first day of a month such as ``2026-10``. Raises NoSuchPeriod: the portal counts by months, so no longer period can be held against it."""
    found = period(name)
    if found.first != found.last:
        raise NoSuchPeriod(f"{name!r}: Cổng đếm theo tháng, ví dụ 2026-10 · the portal counts by months, such as 2026-10")
    return found.first


def ask(hub: Hub, endpoint: Endpoint, month: date) -> Mapping[str, int]:
    """Asks the portal for its count of a month, and keeps it: an answer without any agency as none at all. Raises what the connector raises."""
    found = counts(endpoint, ROOT, month.year, month.month) or {ROOT: 0}
    with hub.db.transaction() as connection:
        connection.execute("DELETE FROM hub.portal_count WHERE month = %s", [month])
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO hub.portal_count (month, agency, dossiers, at) VALUES (%s, %s, %s, %s)",
                [(month, agency, number, hub.clock()) for agency, number in found.items()],
            )
    return found


def lines(hub: Hub, month: date) -> list[Line]:
    """Every agency of a month that either side counts."""
    theirs: dict[str, int] = dict(hub.db.rows("SELECT agency, dossiers FROM hub.portal_count WHERE month = %s", month))
    rows = hub.db.rows(
        f"SELECT k.handling_agency, count(*), {', '.join(f'count(*) FILTER (WHERE {STATE} = {state!r})' for state in STATES)} {FROM}"
        " WHERE k.month = %s GROUP BY 1",
        month,
    )
    ours: dict[str, dict[str, int]] = {agency: dict(zip(NUMBERS, numbers, strict=True)) for agency, *numbers in rows}
    nobody = 0 if theirs else None
    return [Line(agency, theirs.get(agency, nobody), **ours.get(agency, {})) for agency in sorted({*ours, *theirs})]


def asked_at(hub: Hub, month: date) -> datetime | None:
    """When the portal was last asked about a month."""
    rows = hub.db.rows("SELECT max(at) FROM hub.portal_count WHERE month = %s", month)
    return rows[0][0] if rows else None


def missing(hub: Hub, month: date, limit: int) -> list[tuple[str, str, str, str]]:
    """Dossiers of a month that are not on the portal: code, agency, state, and the code of refusal."""
    return hub.db.rows(
        f"SELECT k.code, k.handling_agency, {STATE}, coalesce(r.code, '') {FROM} WHERE k.month = %s AND r.outcome IS DISTINCT FROM 'accepted'"
        " ORDER BY k.received_at DESC, k.code LIMIT %s",
        month,
        limit,
    )
