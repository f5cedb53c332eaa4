"""What a source no longer holds. A full read that is complete tells which known records it did not meet: they are *missing*. Any complete read may
bring them back; those that the next full one does not meet either are *gone*: each leaves a tombstone, and the golden record is closed when no
other source has it (ADR 16).

Nothing is written for records that are still there: those seen are recognised by the hashes of the landed rows.
"""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from include import acts
from include.flows import Flow
from include.hub import Hub
from include.landing import landed, progress
from include.life import Refused, given
from include.refining import batches, read
from include.registry.sql import keep_version
from include.runs import Run
from include.store.copying import copy_columns
from include.store.database import Connection
from mappings.canonical import Entity

AGAIN = """
DELETE FROM hub.missing m WHERE flow = %(flow)s AND (
    EXISTS (SELECT FROM seen WHERE seen.row_hash = m.row_hash) OR EXISTS (SELECT FROM link WHERE link.source_key = m.source_key)
    OR NOT EXISTS (SELECT FROM hub.source_record r WHERE r.flow = m.flow AND r.source_key = m.source_key AND r.row_hash = m.row_hash)
    OR EXISTS (SELECT FROM hub.quarantine q WHERE q.flow = m.flow AND q.source_key = m.source_key AND q.closed_at IS NULL))
"""
"""Met again: as it was, changed, as it was long ago (a replica that lags), or damaged."""

GONE = """
CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT r.*, m.run AS missed_run FROM hub.missing m JOIN hub.source_record r USING (flow, source_key) JOIN hub.run full_read ON full_read.flow = m.flow
AND full_read.run = m.run WHERE m.flow = %(flow)s AND m.run <> %(run)s AND NOT m.held AND m.until >= %(since)s AND full_read.finished_at <= %(until)s
"""
"""Missed by a full read, and by this one too, which began when that one was over."""

LEAVE = "DELETE FROM hub.source_record r USING gone WHERE r.flow = gone.flow AND r.source_key = gone.source_key"

MISSED = """
INSERT INTO hub.missing (flow, source_key, row_hash, run, until, held)
SELECT r.flow, r.source_key, r.row_hash, %(run)s, %(until)s, false FROM hub.source_record r
WHERE r.flow = %(flow)s AND coalesce(r.moment >= %(since)s AND r.moment < %(until)s, true)
  AND NOT EXISTS (SELECT FROM seen WHERE seen.row_hash = r.row_hash) AND NOT EXISTS (SELECT FROM link WHERE link.source_key = r.source_key)
  AND NOT EXISTS (SELECT FROM hub.quarantine q WHERE q.flow = r.flow AND q.source_key = r.source_key AND q.closed_at IS NULL)
ON CONFLICT DO NOTHING
"""

HOLD = """
UPDATE hub.missing m SET held = true
WHERE m.flow = %(flow)s AND m.run = %(run)s AND (
    (SELECT count(*) FROM hub.missing WHERE flow = %(flow)s) > %(share)s * (SELECT count(*) FROM hub.source_record WHERE flow = %(flow)s)
    OR EXISTS (
        SELECT FROM hub.quarantine q WHERE q.flow = %(flow)s AND q.closed_at IS NULL AND q.at > coalesce((
            SELECT max(finished_at) FROM hub.run WHERE flow = %(flow)s AND run <> %(run)s AND whole AND NOT dry AND state = 'done'), '-infinity')
        AND (q.source_key IS NULL OR EXISTS (SELECT FROM jsonb_array_elements(q.issues) AS issue WHERE issue->>'field' = ANY(%(named)s)))
        AND NOT EXISTS (SELECT FROM hub.source_record r WHERE r.flow = q.flow AND r.source_key = q.source_key)))
"""
"""A person must say so when too many are missing at once, or when rows came that may be them: put aside since the full read before, with a key
that is damaged, so that nobody knows whose they are.
"""


def look(connection: Connection, hub: Hub, flow: Flow, run: Run) -> int:
    """Compares a complete read with what is known, inside the transaction of its merge; returns how many records are gone for good."""
    _, _, finished = progress(hub, run)
    if not flow.max_gone or not finished or not (run.full or waiting(connection, flow)) or unread(connection, run):
        return 0
    known = {"flow": flow.id, "run": run.run, "since": run.cursor["since"], "until": run.until, "at": hub.clock(), "share": flow.max_gone}
    gather(connection, hub, flow, run)
    connection.execute(AGAIN, known)
    if not run.full:
        return 0
    gone = connection.execute(GONE, known).rowcount
    if gone:
        close(connection, flow.dataset.entity, known)
    connection.execute(MISSED, known)
    named = [one.field for one in flow.dataset.fields if set(one.wires) & set(flow.dataset.key)]
    connection.execute(HOLD, known | {"named": ["source_key", *named]})
    return gone


def waiting(connection: Connection, flow: Flow) -> bool:
    """Whether a full read missed something that the present one may bring back."""
    return connection.execute("SELECT FROM hub.missing WHERE flow = %s LIMIT 1", [flow.id]).fetchone() is not None


def unread(connection: Connection, run: Run) -> bool:
    """Whether a page could not be read: who stands on it is not known, so nobody is missing."""
    query = "SELECT FROM hub.quarantine WHERE flow = %s AND run = %s AND codes @> '{page_unreadable}' LIMIT 1"
    return connection.execute(query, [run.flow, run.run]).fetchone() is not None


def gather(connection: Connection, hub: Hub, flow: Flow, run: Run) -> None:
    """The hashes of all rows landed, as the temporary table ``seen``: batch by batch, so that memory does not grow with the register."""
    connection.execute("CREATE TEMP TABLE seen (row_hash bytea) ON COMMIT DROP")
    with closing(flow.source(hub.settings.endpoint(flow.system))) as source, connection.cursor() as cursor:
        for pages in batches(landed(hub, run), hub.settings.batch_rows):
            copy_columns(cursor, "seen", {"row_hash": read(hub, source, pages).digest})
    connection.execute("ANALYZE seen")


def close(connection: Connection, entity: Entity, known: dict[str, Any]) -> None:
    """Takes the crosswalk lines out, closes golden records that nobody else has, and leaves a tombstone of each."""
    connection.execute(LEAVE)
    closed = f"""
WITH alone AS MATERIALIZED (
    SELECT DISTINCT entity_id AS id FROM gone WHERE NOT EXISTS (SELECT FROM hub.source_record r WHERE r.entity_id = gone.entity_id)),
kept AS ({keep_version(entity, f"golden.{entity.name} g JOIN alone USING (id)")}),
unsent AS (DELETE FROM hub.outbox o USING alone WHERE o.entity_id = alone.id),
unnamed AS (DELETE FROM hub.alias a USING alone WHERE a.entity = '{entity.name}' AND a.entity_id = alone.id),
removed AS (DELETE FROM golden.{entity.name} g USING alone WHERE g.id = alone.id RETURNING g.id)
INSERT INTO hub.tombstone (flow, source_key, entity_id, row_hash, moment, run, n, idx, missed_run, gone_run, closed, at)
SELECT flow, source_key, entity_id, row_hash, moment, run, n, idx, missed_run, %(run)s, removed.id IS NOT NULL, %(at)s
FROM gone LEFT JOIN removed ON removed.id = gone.entity_id
"""
    connection.execute(closed, known)
    connection.execute("DELETE FROM hub.missing m USING gone WHERE m.flow = gone.flow AND m.source_key = gone.source_key")


def confirm(hub: Hub, flow: Flow, who: str, why: str) -> int:
    """Lets records go that were held because there were too many at once; the next complete read closes them. An act in the signed log."""
    reason = given(why, "lý do · reason")
    with hub.db.transaction() as connection:
        count = connection.execute("UPDATE hub.missing SET held = false WHERE flow = %s AND held", [flow.id]).rowcount
        if not count:
            raise Refused(f"{flow.id}: không có bản ghi nào đang chờ xác nhận · no record waits for a confirmation")
        acts.record(connection, hub, who, "vanished", f"flow/{flow.id}", records=count, why=reason)
    return count


def of_flow(hub: Hub, flow: str, limit: int) -> list[tuple[str, str | None, int, int, int, int, datetime | None]]:
    """By the runs that missed them and saw them gone, the latest first: missing, of these held, gone, golden records closed, and when."""
    return hub.db.rows(
        "SELECT run, NULL, count(*), count(*) FILTER (WHERE held), 0, 0, NULL FROM hub.missing WHERE flow = %s GROUP BY run"
        " UNION ALL SELECT missed_run, gone_run, 0, 0, count(*), count(*) FILTER (WHERE closed), max(at) FROM hub.tombstone WHERE flow = %s"
        " GROUP BY missed_run, gone_run ORDER BY 7 DESC NULLS FIRST, 1 DESC LIMIT %s",
        flow,
        flow,
        limit,
    )


OF_KEY = """
SELECT flow, entity_id::text, m.run, NULL, m.held, false, NULL FROM hub.missing m JOIN hub.source_record r USING (flow, source_key)
WHERE flow = ANY(%s) AND source_key = %s
UNION ALL
SELECT flow, entity_id::text, missed_run, gone_run, false, closed, at FROM hub.tombstone WHERE flow = ANY(%s) AND source_key = %s
ORDER BY 7 DESC NULLS FIRST LIMIT 200
"""


def of_key(hub: Hub, flows: Sequence[str], key: str) -> list[tuple[str, str, str, str | None, bool, bool, datetime | None]]:
    """Of one record key: flow, golden record, the run that missed it, the run it was gone with, held, closed, when."""
    return hub.db.rows(OF_KEY, list(flows), key, list(flows), key)


def states(hub: Hub) -> list[tuple[str, int, int, int, int]]:
    """Per flow: missing since its last full read, of these held, tombstones, golden records closed."""
    return hub.db.rows("""
SELECT flow, coalesce(m.missing, 0), coalesce(m.held, 0), coalesce(t.gone, 0), coalesce(t.closed, 0)
FROM (SELECT flow, count(*) AS missing, count(*) FILTER (WHERE held) AS held FROM hub.missing GROUP BY flow) m
FULL JOIN (SELECT flow, count(*) AS gone, count(*) FILTER (WHERE closed) AS closed FROM hub.tombstone GROUP BY flow) t USING (flow) ORDER BY flow
""")
