"""Who looked at my data: the audit log as the citizen may read it, with Estonia's operations and names (Andmejälgija, protocol 2).

Only their own entries, newest first. What an agreement delays or hides is absent from counts too. Reading is itself an entry.
"""

from datetime import datetime
from typing import Any

import asyncpg

from include.clock import HANOI
from include.sharing.database import GONE, Pool
from include.sharing.datasets import BY_NAME
from include.sharing.loader import away
from include.sharing.terms import OPERATIONS
from include.sharing.vault import MonthKey

MINE = """WITH mine AS (
    SELECT a.* FROM hub.access a WHERE a.subject_key = ANY($1::bytea[]) AND NOT a.many
    UNION SELECT a.* FROM hub.access_subject s JOIN hub.access a ON a.id = s.access WHERE s.subject_key = ANY($1::bytea[])
    UNION SELECT a.* FROM hub.access a WHERE a.subject_key = ANY($1::bytea[]) AND a.many AND a.outcome <> 200)"""
SHOWN = "visible_at <= now() AND at >= $2 AND at < $3"
FIND = f"""{MINE} SELECT m.id, m.at, m.operation, m.dataset, m.purpose, m.dossier, m.fields, m.outcome, c.agency, c.name, m.client,
    v.terms->>'act' AS act, v.terms->>'article' AS article, count(*) OVER () AS total
FROM mine m LEFT JOIN hub.client c ON c.id = m.client
LEFT JOIN hub.agreement_version v ON v.agreement = m.agreement AND v.version = m.version
WHERE {SHOWN} ORDER BY m.at DESC, m.id DESC OFFSET $4 LIMIT $5"""
COUNT = f"{MINE} SELECT count(*) FROM mine WHERE {SHOWN}"
PERIOD = f"{MINE} SELECT min(at), max(at) FROM mine WHERE visible_at <= now()"
OWN = f"{MINE} SELECT 1 FROM mine WHERE id = $2 AND visible_at <= now()"


def hashes(months: dict[int, MonthKey], subject: str) -> list[bytes]:
    """What the subject is called in each month that was not erased."""
    return [key.keyed(subject) for key in months.values()]


def fields_of(dataset: str, bits: int) -> list[str]:
    """The names behind a bit mask, in Vietnamese."""
    known = BY_NAME.get(dataset)
    return [field.vi for place, field in enumerate(known.entity.fields) if bits >> place & 1] if known else []


async def find(pool: Pool, keys: list[bytes], since: datetime, until: datetime, offset: int, limit: int) -> tuple[int, list[dict[str, Any]]]:
    """How many entries there are, and a page of them."""
    try:
        rows = await pool.fetch(FIND, keys, since, until, offset, limit)
        total = rows[0]["total"] if rows else await pool.fetchval(COUNT, keys, since, until)
    except (*GONE, asyncpg.PostgresError, TimeoutError):
        raise away() from None
    return total, [entry(row) for row in rows]


def entry(row: Any) -> dict[str, Any]:
    """An entry: Estonia's fields, then ours."""
    return {
        "logtime": row["at"].astimezone(HANOI).isoformat(),
        "action": OPERATIONS.get(row["operation"], row["operation"]),
        "receiverCode": row["agency"] or "",
        "receiverName": row["name"] or "",
        "receiverSystem": row["client"],
        "id": row["id"],
        "dataset": row["dataset"],
        "purpose": row["purpose"],
        "dossier": row["dossier"],
        "fields": fields_of(row["dataset"], row["fields"]),
        "legalBasis": ", ".join(filter(None, (row["act"], row["article"]))),
        "answered": row["outcome"] == 200,
    }
