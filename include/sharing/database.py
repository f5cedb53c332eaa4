"""The service's connections. An answer counts only when its audit row is on disk, so a server that would not wait for the disk is refused."""

from typing import TypeAlias

import asyncpg

Connection: TypeAlias = asyncpg.Connection
Pool: TypeAlias = asyncpg.Pool
DURABLE = "on"
"""``synchronous_commit`` of every connection that writes audit rows."""
ROLE = "hub_sharing"
"""May insert audit rows and read; may neither change nor delete them."""
SAFE = {"synchronous_commit": ("on", "remote_apply", "remote_write"), "fsync": ("on",), "full_page_writes": ("on",)}

GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    OSError,
)
"""What says that the database is away, or this connection to it."""


class NotDurable(RuntimeError):
    """The server may forget a commit it acknowledged: no service on it."""


def settings() -> dict[str, str]:
    """What every connection is told."""
    return {
        "synchronous_commit": DURABLE,
        "timezone": "Asia/Ho_Chi_Minh",
        "application_name": "hub-sharing",
        "plan_cache_mode": "force_generic_plan",
        "jit": "off",
    }


async def connect(url: str) -> Connection:
    """A connection whose commits are on disk when they return, in the role that cannot alter the log."""
    connection: Connection = await asyncpg.connect(url, server_settings=settings(), timeout=5, command_timeout=20)
    try:
        await humble(connection)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def pool(url: str) -> Pool:
    """A few such connections for what is not worth coalescing."""
    made: Pool = await asyncpg.create_pool(url, min_size=1, max_size=4, server_settings=settings(), init=humble, timeout=5, command_timeout=20)
    return made


async def humble(connection: Connection) -> None:
    """Checks the server and takes the role."""
    await durable(connection)
    if await connection.fetchval("SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = $1", ROLE):
        await connection.execute(f"SET ROLE {ROLE}")


async def durable(connection: Connection) -> None:
    """Raises NotDurable unless a commit survives a crash."""
    for name, safe in SAFE.items():
        value = await connection.fetchval("SELECT current_setting($1)", name)
        if value not in safe:
            raise NotDurable(f"{name} is {value}: PostgreSQL might forget an audit row it has acknowledged")
