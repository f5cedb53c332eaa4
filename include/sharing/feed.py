"""The change feed: which records changed since a place, as an agreement may see them.

Places are (transaction, change) and only changes older than every transaction under way are given, so that none is lost however commits overlap;
``id > last`` alone loses a quarter of them under four writers. A record that is gone, or has left the agreement's communes, comes as a tombstone.
"""

from functools import lru_cache
from typing import Any

import asyncpg
import msgspec

from include.sharing.auth.caller import Caller
from include.sharing.call import Call
from include.sharing.cursors import Place
from include.sharing.database import GONE
from include.sharing.datasets import Dataset
from include.sharing.grants import Grant, Plan, shown
from include.sharing.loader import away, parameters
from include.sharing.service import Service
from include.sharing.statements import ASK, HMAC, INSERT, PARAMETERS, VISIBLE, Statement
from include.sharing.statements import shown as in_sql
from include.store.transactions import ALL_OVER

FIXED = ("xid", "id", "record", "version", "gone", "at", "inside", "parted")
START = "SELECT xid, id FROM hub.feed_position WHERE agreement = $1"
STANDING = f"SELECT EXISTS (SELECT FROM hub.change_swept WHERE entity = $1 AND (xid, id) > ($2, $3)) AS missed, {ALL_OVER} AS over"
"""Whether something after a place is there no more, and below which transaction all is over."""
ACKNOWLEDGE = """INSERT INTO hub.feed_position (agreement, xid, id, at) VALUES ($1, $2, $3, now())
ON CONFLICT (agreement) DO UPDATE SET xid = excluded.xid, id = excluded.id, at = excluded.at
WHERE (feed_position.xid, feed_position.id) < (excluded.xid, excluded.id)"""
"""A repetition that comes late moves nothing back."""


@lru_cache(maxsize=256)
def statement(dataset: Dataset, fields: tuple[str, ...]) -> Statement:
    """Reads changes and writes the audit of those that show somebody's data, in one."""
    xid, number, limit = (f"${PARAMETERS + step}" for step in (1, 2, 3))
    inside, left = "g.id IS NOT NULL", "c.gone"
    if dataset.commune:
        inside += f" AND (ask.scope = '' OR strpos(ask.scope, g.{dataset.commune}) > 0)"
        left = "(c.gone OR ask.scope <> '') AND (ask.scope = '' OR strpos(ask.scope, c.commune_before) > 0)"
    columns = ", ".join(f"{in_sql(dataset.entity.field(name))} AS f_{name}" for name in fields)
    subjects = ", ".join(f"g.{name}" for name in dataset.subjects)
    found = (
        "found AS MATERIALIZED (SELECT c.xid, c.id, c.record, c.version, c.gone, c.at,"
        f" coalesce({inside} AND g.version = c.version, false) AS inside,"
        f" coalesce(({left}) AND NOT coalesce({inside}, false), false) AS parted, ARRAY[{subjects}]::text[] AS subjects, {columns}"
        f" FROM ask CROSS JOIN hub.change c LEFT JOIN golden.{dataset.name} g ON g.id = c.record"
        f" WHERE c.entity = '{dataset.name}' AND (c.xid, c.id) > ({xid}, {number}) AND c.xid < {ALL_OVER} ORDER BY c.xid, c.id LIMIT {limit})"
    )
    kept = (
        f"kept AS ({INSERT} SELECT access, $1::int, client, agreement, version_, operation, '{dataset.name}', purpose, dossier, officer, represented,"
        f" NULL, NULL, true, fields, 200, request_id, via, {VISIBLE.format('ask')} FROM ask WHERE EXISTS (SELECT FROM found WHERE inside))"
    )
    others = (
        f"others AS (INSERT INTO hub.access_subject (access, key, subject_key) SELECT DISTINCT ask.access, $1::int, {HMAC.format('who')}"
        " FROM ask CROSS JOIN found CROSS JOIN LATERAL unnest(found.subjects) AS who WHERE found.inside AND who IS NOT NULL)"
    )
    listed = ", ".join([*FIXED, *(f"f_{name}" for name in fields)])
    sql = f"WITH {ASK}, {found}, {kept}, {others} SELECT {listed} FROM found ORDER BY xid, id"
    return Statement(sql, {name: at for at, name in enumerate(fields, len(FIXED))})


async def changes(
    service: Service, call: Call, caller: Caller, grant: Grant, start: Place, over: int, limit: int
) -> tuple[list[dict[str, Any]], Place]:
    """Events after a place, and the place behind them: behind all that was ``over`` before, when there were no more, so that nobody who reads is ever
    late.
    """
    fields = grant.terms.fields
    plan, asked = grant.plan(fields), statement(grant.dataset, fields)
    question = service.question(call, caller, grant, "changes", "", bits=plan.bits)
    key = service.registry.key()
    try:
        rows = await service.pool.fetch(asked.sql, key.name, *key.pads, *parameters([question], key), *start, limit)
    except (*GONE, asyncpg.PostgresError, TimeoutError):
        raise away() from None
    made = [event(grant, plan, row, asked.columns) for row in rows if row["inside"] or row["parted"]]
    if subjects := sum(row["inside"] for row in rows):
        service.limits.count(grant, subjects, miss=None)
    last = (rows[-1]["xid"], rows[-1]["id"]) if rows else start
    return made, last if len(rows) == limit else max(last, (over, 0))


def event(grant: Grant, plan: Plan, row: Any, columns: dict[str, int]) -> dict[str, Any]:
    """A CloudEvent; a tombstone has no data. Of several changes of one record only the last shows what it became."""
    name = grant.dataset.name
    made: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"{row['xid']}-{row['id']}",
        "source": f"/v1/changes/{grant.dataset.path}",
        "type": f"vn.bacninh.hub.{name}.{'changed' if row['inside'] else 'removed'}",
        "time": row["at"].isoformat(),
        "subject": str(row["record"]),
    }
    if row["inside"]:
        made |= {"datacontenttype": "application/json", "data": shown(plan, row, columns) | {"version": row["version"]}}
    return made


def batch(events: list[dict[str, Any]]) -> bytes:
    """A batch as on the wire."""
    return msgspec.json.encode(events)
