"""Keeps ``hub.dossier_fact`` (the measures of each received dossier) and ``hub.dossier_count`` (their sums by month and place).

A refresh takes only dossiers that changed (by the change feed), or whose receipt or opinions changed, and moves the sums by the difference, so
that a day's change costs what the day brought. When the catalogue of procedures or agencies changes, everything is computed anew.

The end of a dossier (QĐ 766/QĐ-TTg, 2.1): its first event of status 9, else 10, else 8, 3 or 7, else the moment its own date fields tell.
The deadline is the promised day; without one, the moment of reception and the procedure's limit in working days. Waiting for the
citizen's supplement moves the deadline. A dossier without an end that waits for its only supplement ends, for the index, at that request;
one that waits after several counts as late. So a dossier without an end is late once its ``due_by`` is over: its deadline, or, when the matter
is settled already, the end or the beginning of time.
"""

import hashlib
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from include.hub import Hub
from include.indicators.measures import MEASURES, NAMES
from include.store.database import Connection
from include.store.transactions import ALL_OVER
from mappings.working_days import is_working_day

PLACE = ("month", "level", "handling_agency", "receiving_agency", "procedure_code")
PLACES, SUMS = ", ".join(PLACE), ", ".join(NAMES)
FIRST_DAY = date(2015, 1, 1)
"""Working days are counted from here on: no dossier of an electronic one-stop system is older."""

CALENDAR = """
CREATE TEMP TABLE office_day (day date PRIMARY KEY, n int NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE office_turn (n int PRIMARY KEY, day date NOT NULL) ON COMMIT DROP
"""
DATE = "AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
DUE = (
    "CASE WHEN z.stalled_at IS NULL OR z.deadline IS NULL THEN z.deadline"
    " WHEN (z.stalled_at {0} <= (z.deadline {1} THEN 'infinity' ELSE '-infinity' END"
)
MEASURE = f"""
SELECT d.id AS entity_id, d.version, d.code, date_trunc('month', d.received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS month,
       coalesce(a.level, '?') AS level, coalesce(d.handling_agency, '?') AS handling_agency, coalesce(d.receiving_agency, '?') AS receiving_agency,
       d.procedure_code, d.received_at, e.end_at, e.deadline, e.due_by, e.due_by_day,
       extract(epoch FROM e.end_at - d.received_at)::bigint AS seconds,
       {", ".join(f"coalesce({measure.sql}, false) AS {measure.name}" for measure in MEASURES)}
FROM changed ch JOIN golden.dossier d ON d.id = ch.id
LEFT JOIN agencies a ON a.code = d.handling_agency
LEFT JOIN procedures p ON p.code = d.procedure_code
LEFT JOIN hub.receipt t ON t.target = 'portal_dossiers' AND t.entity_id = d.id
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
           AS stalled_at) z
CROSS JOIN LATERAL (
    SELECT z.end_at, z.deadline, CASE WHEN z.end_at IS NULL THEN {DUE.format(")", ")")} END AS due_by,
           CASE WHEN z.end_at IS NULL THEN {DUE.format(DATE, DATE)} END AS due_by_day) e
WHERE d.received_at IS NOT NULL
"""
BASIS = """
CREATE TEMP TABLE agencies ON COMMIT DROP AS SELECT code, level FROM golden.agency;
CREATE TEMP TABLE procedures ON COMMIT DROP AS
    SELECT code, fee, working_days, coalesce(jsonb_array_length(results), 0) > 0 AS yields FROM golden.procedure
"""
MARGIN = timedelta(hours=1)
"""Receipts are looked at again that were written so long before the last refresh began: none takes as long to be committed."""
EVERYTHING = "SELECT id, code, version, true AS received FROM golden.dossier WHERE received_at IS NOT NULL"
CANDIDATES = """
SELECT d.id, d.code, d.version, d.received_at IS NOT NULL AS received FROM (
    SELECT record AS id FROM hub.change WHERE entity = 'dossier' AND xid >= %(horizon)s
    UNION SELECT entity_id FROM hub.receipt WHERE target = 'portal_dossiers' AND at >= %(since)s
    UNION SELECT o.id FROM said JOIN golden.dossier o ON o.code = said.dossier_code) found JOIN golden.dossier d USING (id)
"""
SAID = """
CREATE TEMP TABLE said ON COMMIT DROP AS WITH answer AS (SELECT record AS id FROM hub.change WHERE entity = 'survey_answer' AND xid >= %(horizon)s)
SELECT dossier_code, answered_at FROM answer JOIN golden.survey_answer USING (id)
UNION SELECT record->>'dossier_code', (record->>'answered_at')::timestamptz FROM answer JOIN golden.survey_answer_history USING (id)
"""
TAKEN = """
CREATE TEMP TABLE taken ON COMMIT DROP AS WITH ticket AS (SELECT record AS id FROM hub.change WHERE entity = 'queue_ticket' AND xid >= %(horizon)s)
SELECT taken_at FROM ticket JOIN golden.queue_ticket USING (id)
UNION SELECT (record->>'taken_at')::timestamptz FROM ticket JOIN golden.queue_ticket_history USING (id)
"""
"""What answers and tickets speak, or spoke, of: an answer that moved to another dossier, or a ticket to another month, counts on both sides."""
OPINIONS = """
CREATE TEMP TABLE opinions ON COMMIT DROP AS
SELECT dossier_code, true AS complained FROM golden.survey_answer WHERE (complaint OR score <= 2) AND {which} GROUP BY dossier_code
"""
ALL_OPINIONS, THEIR_OPINIONS = "dossier_code IS NOT NULL", "dossier_code IN (SELECT code FROM candidate)"
CHANGED = """
CREATE TEMP TABLE changed ON COMMIT DROP AS
SELECT c.id FROM candidate c LEFT JOIN hub.dossier_fact k ON k.entity_id = c.id
LEFT JOIN hub.receipt t ON t.target = 'portal_dossiers' AND t.entity_id = c.id
LEFT JOIN opinions o ON o.dossier_code = c.code
WHERE (c.received OR k.entity_id IS NOT NULL)
  AND (k.version IS DISTINCT FROM c.version OR k.synced IS DISTINCT FROM coalesce(t.outcome = 'accepted', false)
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
FACT = ("version", "code", *PLACE, "received_at", "end_at", "deadline", "due_by", "due_by_day", "seconds", *NAMES)
KEEP = f"""
INSERT INTO hub.dossier_fact (entity_id, {", ".join(FACT)}) SELECT entity_id, {", ".join(FACT)} FROM fresh
ON CONFLICT (entity_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in FACT)}
"""
MONTH = "date_trunc('month', {} AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
SERVED_MONTHS = f"SELECT {MONTH.format('taken_at')} FROM taken UNION SELECT {MONTH.format('answered_at')} FROM said"
ALL_MONTHS = f"SELECT {MONTH.format('taken_at')} FROM golden.queue_ticket UNION SELECT {MONTH.format('answered_at')} FROM golden.survey_answer"
MONTHS = """
CREATE TEMP TABLE served ON COMMIT DROP AS
SELECT month, month::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' AS first, (month + interval '1 month') AT TIME ZONE 'Asia/Ho_Chi_Minh' AS after
FROM ({which}) AS m (month) WHERE month IS NOT NULL;
DELETE FROM hub.service_count WHERE month IN (SELECT month FROM served)
"""
SERVED = """
INSERT INTO hub.service_count (month, agency, tickets, waited, waited_in_time, seconds, answers, content)
SELECT month, agency, sum(tickets), sum(waited), sum(in_time), sum(seconds), sum(answers), sum(content) FROM (
    SELECT month, agency, 1 AS tickets, (called_at IS NOT NULL)::int AS waited,
           coalesce((called_at - taken_at <= interval '30 minutes')::int, 0) AS in_time,
           coalesce(extract(epoch FROM called_at - taken_at), 0)::bigint AS seconds, 0 AS answers, 0 AS content
    FROM served JOIN golden.queue_ticket ON taken_at >= first AND taken_at < after
    UNION ALL
    SELECT month, agency, 0, 0, 0, 0, 1, (score >= 4)::int FROM served JOIN golden.survey_answer ON answered_at >= first AND answered_at < after
    WHERE score IS NOT NULL) AS each
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
        connection.execute("ANALYZE procedures; ANALYZE agencies")
        before = progress(connection, hub.clock() - MARGIN)
        whole = whole or before is None
        if whole:
            for table in ("dossier_fact", "dossier_count", "service_count"):
                connection.execute(f"DELETE FROM hub.{table}")  # hub_writer may not truncate
        else:
            # What a day changed is found by its key: the planner would rather read every dossier.
            connection.execute("SET LOCAL random_page_cost = 1.1")
            connection.execute(SAID, before)
            connection.execute(TAKEN, before)
        connection.execute(f"CREATE TEMP TABLE candidate ON COMMIT DROP AS {EVERYTHING if whole else CANDIDATES}", before)
        connection.execute("ANALYZE candidate")
        connection.execute(OPINIONS.format(which=ALL_OPINIONS if whole else THEIR_OPINIONS))
        connection.execute("ANALYZE opinions")
        connection.execute(CHANGED)
        connection.execute("ANALYZE changed")
        fresh = connection.execute(f"CREATE TEMP TABLE fresh ON COMMIT DROP AS {MEASURE}").rowcount
        connection.execute(MOVE)
        connection.execute("DELETE FROM hub.dossier_fact WHERE entity_id IN (SELECT id FROM changed EXCEPT SELECT entity_id FROM fresh)")
        connection.execute(KEEP)
        connection.execute("DELETE FROM hub.dossier_count WHERE dossiers = 0")
        connection.execute(MONTHS.format(which=ALL_MONTHS if whole else SERVED_MONTHS))
        connection.execute(SERVED)
        if whole:
            connection.execute("ANALYZE hub.dossier_fact; ANALYZE hub.dossier_count")
    return Refreshed(fresh, whole, time.perf_counter() - started)


def progress(connection: Connection, since: datetime) -> dict[str, Any] | None:
    """Where the last refresh ended, and notes where this one will; None when everything has to be computed anew.

    That is so when procedures, agencies or the measures themselves are others than when the facts were made, and when the change feed has
    been pruned beyond the last refresh. Every transaction older than the horizon was over by then; whatever the others wrote is read again.
    """
    row = connection.execute(
        "SELECT (SELECT coalesce(sum(hashtextextended(p::text, 0)), 0) FROM procedures p)::text"
        " || (SELECT coalesce(sum(hashtextextended(a::text, 0)), 0) FROM agencies a)::text,"
        f" {ALL_OVER}, (SELECT coalesce(max(xid), 0) FROM hub.change_horizon)"
    ).fetchone()
    catalogues, horizon, pruned = row or ("", 0, 0)
    basis = hashlib.sha256(f"{catalogues}{MEASURE}".encode()).hexdigest()
    known = connection.execute("DELETE FROM hub.indicator_basis RETURNING basis, horizon, since").fetchone()
    connection.execute("INSERT INTO hub.indicator_basis (basis, horizon, since) VALUES (%s, %s, %s)", [basis, horizon, since])
    if known is None or known[0] != basis or known[1] < pruned:
        return None
    return {"horizon": known[1], "since": known[2]}


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
