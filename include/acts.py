"""What people do: every decision about data and every look at personal data is an entry of the append-only log of acts."""

from collections.abc import Mapping
from typing import Any

import msgspec

from include.hub import Hub
from include.proof import log
from include.store.database import Connection


def record(connection: Connection, hub: Hub, who: str, kind: str, subject: str, **facts: Any) -> int:
    """Notes an act inside the caller's transaction: no note, no act. ``facts`` hold reasons and names of things, no personal data."""
    at = hub.clock()
    data = msgspec.json.encode({"at": at.isoformat(), "who": who, "kind": kind, "subject": subject} | facts, order="sorted")
    row = connection.execute(
        "INSERT INTO hub.act (at, who, kind, subject, document) VALUES (%s, %s, %s, %s, %s) RETURNING seq", [at, who, kind, subject, data.decode()]
    ).fetchone()
    number = int(row[0]) if row else 0
    log.append_bytes(connection, "acts", [(str(number), data)], at)
    return number


def of(hub: Hub, subject: str) -> list[Mapping[str, Any]]:
    """The acts on a thing, the latest first."""
    return [row[0] for row in hub.db.rows("SELECT document FROM hub.act WHERE subject = %s ORDER BY seq DESC", subject)]
