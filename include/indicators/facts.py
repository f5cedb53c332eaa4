"""Keeps ``hub.dossier_fact`` (the measures of each received dossier) and ``hub.dossier_count`` (their sums by month and place).

A refresh takes only dossiers that changed, or whose receipt or opinions changed, and moves the sums by the difference, so that a day's change
costs what the day brought. When the catalogue of procedures or agencies changes, everything is computed anew.

The end of a dossier (QĐ 766/QĐ-TTg, 2.1): its first event of status 9, else 10, else 8, 3 or 7, else the moment its own date fields tell.
The deadline is the promised day; without one, the moment of reception and the procedure's limit in working days. Waiting for the
citizen's supplement moves the deadline. A dossier without an end that waits for its only supplement ends, for the index, at that request;
one that waits after several counts as late (``stalled_at`` is then the end of time).
"""

import hashlib
import time
from dataclasses import dataclass
from datetime import date, timedelta

from include.hub import Hub
from include.indicators.measures import MEASURES, NAMES
from include.store.database import Connection
from mappings.working_days import is_working_day

PLACE = ("month", "level", "handling_agency", "receiving_agency", "procedure_code")
PLACES, SUMS = ", ".join(PLACE), ", ".join(NAMES)
FIRST_DAY = date(2015, 1, 1)
"""Working days are counted from here on: no dossier of an electronic one-stop system is older."""

CALENDAR = """
CREATE TEMP TABLE office_day (day date PRIMARY KEY, n int NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE office_turn (n int PRIMARY KEY, day date NOT NULL) ON COMMIT DROP
"""
MEASURE = f"""
SELECT d.id AS entity_id, d.version, d.code, date_trunc('month', d.received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS month,
       coalesce(a.level, '?') AS level, coalesce(d.handling_agency, '?') AS handling_agency, coalesce(d.receiving_agency, '?') AS receiving_agency,
       d.procedure_code, d.received_at, e.end_at, e.deadline, e.stalled_at,
       extract(epoch FROM e.end_at - d.received_at)::bigint AS seconds,
       {", ".join(f"coalesce({measure.sql}, false) AS {measure.name}" for measure in MEASURES)}
FROM changed ch JOIN golden.dossier d ON d.id = ch.id
LEFT JOIN agencies a ON a.code = d.handling_agency
LEFT JOIN procedures p ON p.code = d.procedure_code
LEFT JOIN receipts t ON t.entity_id = d.id
LEFT JOIN opinions o ON o.dossier_code = d.code
CROSS JOIN LATERAL (
    SELECT min(each.at) FILTER (WHERE each.status = '9') AS handled, min(each.at) FILTER (WHERE each.status = '10') AS returned,
           min(each.at) FILTER (WHERE each.status IN ('8', '3', '7')) AS stopped, count(DISTINCT each.unit) AS units
    FROM jsonb_to_recordset(d.steps) AS each (at timestamptz, status text, unit text)) s
CROSS JOIN LATERAL (
    SELECT count(*) AS requests, max(each.requested_at) AS last, count(*) FILTER (WHERE each.received_at IS NULL) AS open,
           coalesce(sum(each.received_at - each.requested_at) FILTER (WHERE each.received_at > each.requested_at), '0') AS waited
    FROM jsonb_to_recordset(d.supplements) AS each (requested_at timestamptz, received_at timestamptz)) b
CROSS JOIN LATERAL (
    SELECT bool_or(each.file_id IS NOT NULL) AS files, bool_or(each.reused IN ('1', '2')) AS reused, bool_or(each.national_store) AS national
    FROM jsonb_to_recordset(d.components) AS each (file_id text, reused text, national_store bool)) c
CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(each.code IS NOT NULL AND each.path IS NOT NULL), false) AS electronic
    FROM jsonb_to_recordset(d.results) AS each (code text, path text)) r
CROSS JOIN LATERAL (
    SELECT count(*) > 0 AND coalesce(bool_and(each.amount = 0), false) AS waived FROM jsonb_to_recordset(d.fees) AS each (amount bigint)) f
LEFT JOIN office_day od ON od.day = (d.received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AND d.due_at IS NULL
LEFT JOIN office_turn ot ON ot.n = od.n + p.working_days
CROSS JOIN LATERAL (
    SELECT coalesce(s.handled, d.finished_at, s.returned, d.returned_at, s.stopped, d.refused_at) AS end_at,
           b.waited + coalesce(
               d.due_at, (ot.day + (d.received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::time) AT TIME ZONE 'Asia/Ho_Chi_Minh') AS deadline,
           CASE WHEN d.status = '5' AND b.requests > 1 THEN 'infinity'::timestamptz WHEN d.status = '5' AND b.open = 1 THEN b.last END
           AS stalled_at) e
WHERE d.received_at IS NOT NULL
"""
BASIS = """
CREATE TEMP TABLE agencies ON COMMIT DROP AS SELECT code, level FROM golden.agency;
CREATE TEMP TABLE procedures ON COMMIT DROP AS
    SELECT code, fee, working_days, coalesce(jsonb_array_length(results), 0) > 0 AS yields FROM golden.procedure;
CREATE TEMP TABLE opinions ON COMMIT DROP AS
    SELECT dossier_code, bool_or(complaint OR score <= 2) AS complained FROM golden.survey_answer
    WHERE dossier_code IS NOT NULL GROUP BY dossier_code HAVING bool_or(complaint OR score <= 2);
CREATE TEMP VIEW receipts AS
    SELECT entity_id, outcome = 'accepted' AS taken FROM hub.receipt WHERE target = 'portal_dossiers'
"""
CHANGED = """
CREATE TEMP TABLE changed ON COMMIT DROP AS
SELECT d.id FROM golden.dossier d LEFT JOIN hub.dossier_fact k ON k.entity_id = d.id LEFT JOIN receipts t ON t.entity_id = d.id
LEFT JOIN opinions o ON o.dossier_code = d.code
WHERE (d.received_at IS NOT NULL OR k.entity_id IS NOT NULL)
  AND (k.version IS DISTINCT FROM d.version OR k.synced IS DISTINCT FROM coalesce(t.taken, false)
       OR k.complained IS DISTINCT FROM coalesce(o.complained, false))
"""
MOVE = f"""
INSERT INTO hub.dossier_count ({PLACES}, dossiers, seconds, {SUMS})
SELECT {PLACES}, sum(n), sum(seconds), {", ".join(f"sum({name})" for name in NAMES)} FROM (
    SELECT {PLACES}, 1 AS n, coalesce(seconds, 0) AS seconds, {", ".join(f"{name}::int" for name in NAMES)} FROM fresh
    UNION ALL
    SELECT {PLACES}, -1, -coalesce(seconds, 0), {", ".join(f"-({name}::int)" for name in NAMES)} FROM hub.dossier_fact k
    WHERE k.entity_id IN (SELECT id FROM changed)) moved
GROUP BY {PLACES}
ON CONFLICT ({PLACES}) DO UPDATE SET {", ".join(f"{name} = dossier_count.{name} + excluded.{name}" for name in ("dossiers", "seconds", *NAMES))}
"""
FACT = ("version", "code", *PLACE, "received_at", "end_at", "deadline", "stalled_at", "seconds", *NAMES)
KEEP = f"""
INSERT INTO hub.dossier_fact (entity_id, {", ".join(FACT)}) SELECT entity_id, {", ".join(FACT)} FROM fresh
ON CONFLICT (entity_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in FACT)}
"""
SERVED = """
INSERT INTO hub.service_count (month, agency, tickets, waited, waited_in_time, seconds, answers, content)
SELECT month, agency, sum(tickets), sum(waited), sum(in_time), sum(seconds), sum(answers), sum(content) FROM (
    SELECT date_trunc('month', taken_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS month, agency, 1 AS tickets, (called_at IS NOT NULL)::int AS waited,
           coalesce((called_at - taken_at <= interval '30 minutes')::int, 0) AS in_time,
           coalesce(extract(epoch FROM called_at - taken_at), 0)::bigint AS seconds,
           0 AS answers, 0 AS content FROM golden.queue_ticket
    UNION ALL
    SELECT date_trunc('month', answered_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, agency, 0, 0, 0, 0, 1, (score >= 4)::int FROM golden.survey_answer
    WHERE score IS NOT NULL) served
GROUP BY month, agency
"""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Dossiers measured anew, and how long it took."""

    dossiers: int
    whole: bool
    seconds: float


def refresh(hub: Hub, *, whole: bool = False) -> Refreshed:
    """Brings facts and sums up to date, in one transaction; two at a time wait for each other."""
    started = time.perf_counter()
    with hub.only_one("indicators", wait=600), hub.db.transaction() as connection:
        office_days(connection, hub.today)
        connection.execute(BASIS)
        connection.execute("ANALYZE procedures; ANALYZE agencies; ANALYZE opinions")
        whole = basis_changed(connection) or whole
        if whole:
            connection.execute("TRUNCATE hub.dossier_fact, hub.dossier_count")
        connection.execute(CHANGED)
        connection.execute("ANALYZE changed")
        fresh = connection.execute(f"CREATE TEMP TABLE fresh ON COMMIT DROP AS {MEASURE}").rowcount
        connection.execute(MOVE)
        connection.execute("DELETE FROM hub.dossier_fact WHERE entity_id IN (SELECT id FROM changed EXCEPT SELECT entity_id FROM fresh)")
        connection.execute(KEEP)
        connection.execute("DELETE FROM hub.dossier_count WHERE dossiers = 0")
        connection.execute("DELETE FROM hub.service_count")
        connection.execute(SERVED)
    return Refreshed(fresh, whole, time.perf_counter() - started)


def office_days(connection: Connection, today: date) -> None:
    """Numbers the working days: ``office_day`` gives each day the number of working days up to it, ``office_turn`` the day of each number."""
    connection.execute(CALENDAR)
    n = 0
    days, turns = [], []
    for step in range((today - FIRST_DAY).days + 750):
        day = FIRST_DAY + timedelta(days=step)
        if is_working_day(day):
            n += 1
            turns.append((n, day))
        days.append((day, n))
    with connection.cursor() as cursor:
        for table, rows in (("office_day", days), ("office_turn", turns)):
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def basis_changed(connection: Connection) -> bool:
    """Whether procedures, agencies or the measures themselves are others than when the facts were made; remembers the present ones."""
    row = connection.execute(
        "SELECT (SELECT coalesce(sum(hashtextextended(p::text, 0)), 0) FROM procedures p)::text"
        " || (SELECT coalesce(sum(hashtextextended(a::text, 0)), 0) FROM agencies a)::text"
    ).fetchone()
    basis = hashlib.sha256(f"{row[0] if row else ''}{MEASURE}".encode()).hexdigest()
    known = connection.execute("SELECT basis FROM hub.indicator_basis").fetchone()
    if known is not None and known[0] == basis:
        return False
    connection.execute("DELETE FROM hub.indicator_basis")
    connection.execute("INSERT INTO hub.indicator_basis (basis) VALUES (%s)", [basis])
    return True
