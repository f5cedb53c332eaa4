"""Transactions by number: places in the change feed and in the audit log.

PostgreSQL numbers the transactions of a cluster, and begins anew in another one: of a dump restored there, everything new would seem older than all
that was read, and be read by nobody. So the hub adds what was counted before. Numbers only grow, through any number of restores.
"""

from include.store.database import Connection

ALL_OVER = "hub.oldest_transaction()"
"""SQL: every transaction below it is over."""
APART = 1 << 36
"""Numbers left out at a restore: readers may have come further than the dump."""
KNOWN = """SELECT greatest((SELECT xid FROM hub.access_cursor), (SELECT xid FROM hub.change_horizon),
    (SELECT max(xid) FROM (SELECT xid FROM hub.change ORDER BY id DESC LIMIT 1000) AS late), (SELECT max(xid) FROM hub.feed_position),
    (SELECT max(xid) FROM hub.webhook), (SELECT xid FROM hub.once_state), (SELECT max(horizon) FROM hub.indicator_basis), 0),
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint, hub.transactions_before()"""
BEFORE = """CREATE OR REPLACE FUNCTION hub.transactions_before() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT {number}::bigint'"""


def count_on(connection: Connection) -> None:
    """Goes on behind the highest number there is, when this cluster has not come so far."""
    connection.execute("SELECT pg_advisory_xact_lock(717, 1)")
    known, following, before = connection.execute(KNOWN).fetchone() or (0, 0, 0)
    if known >= following + before:
        connection.execute(BEFORE.format(number=known + APART - following).encode())
