"""Audit rows enter the signed log behind the answers: in the order of their transactions, each once, none skipped.

An answer waits for its row, not for its leaf. Only rows older than every transaction under way are taken, so that none can slip in before.
"""

from include.hub import Hub
from include.proof import log
from include.proof.logs import ACCESS

BATCH = 20_000
NEXT = """SELECT xid, id FROM hub.access WHERE (xid, id) > (%s, %s) AND xid >= %s AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
ORDER BY xid, id LIMIT %s"""
ENTRIES = f"SELECT ref, data FROM ({ACCESS} WHERE (xid, id) > (%s, %s) AND xid >= %s AND (xid, id) <= (%s, %s) ORDER BY xid, id) AS entry"


def integrate(hub: Hub) -> int:
    """Takes the next rows into the log; returns how many."""
    with hub.db.transaction() as connection:
        row = connection.execute("SELECT xid, id FROM hub.access_cursor FOR UPDATE").fetchone()
        xid, number = row or (0, 0)
        found = connection.execute(NEXT, [xid, number, xid, BATCH]).fetchall()
        if not found:
            return 0
        last = found[-1]
        log.append(connection, "access", ENTRIES, [xid, number, xid, *last], hub.clock())
        connection.execute("UPDATE hub.access_cursor SET xid = %s, id = %s", list(last))
    return len(found)


def integrate_all(hub: Hub) -> int:
    """Everything that waits."""
    total = 0
    while count := integrate(hub):
        total += count
    return total
