"""Audit rows enter the signed log behind the answers: in the order of their transactions, each once, none skipped.

An answer waits for its row, not for its leaf. Only rows older than every transaction under way are taken, so that none can slip in before.
"""

from datetime import datetime

from include.hub import Hub
from include.proof import log
from include.proof.logs import ACCESS
from include.store.database import Connection
from include.store.transactions import ALL_OVER

BATCH = 20_000
LAST = f"""SELECT xid, id FROM (SELECT xid, id FROM hub.access WHERE (xid, id) > (%s, %s) AND xid >= %s
AND xid < {ALL_OVER} ORDER BY xid, id LIMIT %s) next ORDER BY xid DESC, id DESC LIMIT 1"""
ENTRIES = (
    f"SELECT ref, data FROM ({ACCESS} WHERE (xid, id) > (%s, %s) AND xid >= %s AND (xid, id) <= (%s, %s) AND xid <= %s ORDER BY xid, id) AS entry"
)


def integrate_all(hub: Hub) -> int:
    """Takes the rows that wait into the log; returns how many."""
    total = 0
    with hub.db.session() as connection:
        while count := integrate(connection, hub.clock()):
            total += count
    return total


def integrate(connection: Connection, at: datetime) -> int:
    """Takes the next rows; returns how many."""
    with connection.transaction():
        xid, number = connection.execute("SELECT xid, id FROM hub.access_cursor FOR UPDATE").fetchone() or (0, 0)
        last = connection.execute(LAST, [xid, number, xid, BATCH]).fetchone()
        if last is None:
            return 0
        taken = log.append(connection, "access", ENTRIES, [xid, number, xid, *last, last[0]], at)
        connection.execute("UPDATE hub.access_cursor SET xid = %s, id = %s", list(last))
    return len(taken)
