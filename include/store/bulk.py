"""A table filled for the first time: its indexes are built once at the end, which costs a quarter of growing them row by row."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import errors

from include.store.database import Connection

MANY = 10_000
"""Rows from which on it pays."""
PATIENCE = "3s"
"""How long to wait until nobody reads the table; rows then go in the usual way."""
OURS = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass"
INDEXES = "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary"


@contextmanager
def filled_at_once(connection: Connection, table: str, rows: int) -> Iterator[None]:
    """Inside: ``table`` without its indexes (but the primary key), if it is empty, ``rows`` are many, nobody reads it just now, and the role
    we work as owns it (``hub_writer`` does not: indexes are its owner's).

    Whoever asks for the table meanwhile waits until the transaction ends: it holds nothing yet that they could have been told. A unique index
    refuses repeated keys when it is built, as it would have before. Roll back, and table and indexes are as they were.
    """
    indexes = taken(connection, table) if rows >= MANY and empty(connection, table) and ours(connection, table) else []
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        connection.execute(definition)


def empty(connection: Connection, table: str) -> bool:
    """Whether the table has no row."""
    return connection.execute(f"SELECT FROM {table} LIMIT 1").fetchone() is None


def ours(connection: Connection, table: str) -> bool:
    """Whether we may take its indexes away."""
    row = connection.execute(OURS, [table]).fetchone()
    return bool(row and row[0])


def taken(connection: Connection, table: str) -> list[tuple[str, str]]:
    """Name and definition of each index of the table, which is now ours alone; none when others would not let go of it."""
    try:
        with connection.transaction():
            connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            connection.execute(f"LOCK TABLE {table}")
            connection.execute("SET LOCAL lock_timeout = DEFAULT")
    except errors.LockNotAvailable:
        return []
    return connection.execute(INDEXES, [table]).fetchall() if empty(connection, table) else []
