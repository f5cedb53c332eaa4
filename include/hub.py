"""What every step needs, put together once at the entry point."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime

import psycopg

from include.clock import now
from include.errors import Busy, SettingWrong
from include.settings import Settings
from include.store.database import Connection, Database, database
from include.store.objects import Objects


@dataclass(frozen=True, slots=True)
class Hub:
    """Store, settings and clock."""

    db: Database
    objects: Objects
    settings: Settings
    clock: Callable[[], datetime] = now

    @classmethod
    def connect(cls, settings: Settings | None = None) -> "Hub":
        """From the settings; starts the embedded PostgreSQL when it is the one configured."""
        settings = settings or Settings.read()
        for _, fault in settings.faults():
            raise SettingWrong(fault)
        return cls(database(settings), Objects(settings.objects_url), settings)

    @property
    def today(self) -> date:
        """The date in Việt Nam."""
        return self.clock().date()

    @contextmanager
    def only_one(self, name: str, wait: float = 0.0) -> Iterator[None]:
        """Holds the lock ``name`` in the database, across machines, until the block ends or the process dies.

        Waits its turn for ``wait`` seconds, then raises Busy.
        """
        end = time.monotonic() + wait
        with self.db.session() as connection:
            while not _taken(connection, name):
                if time.monotonic() >= end:
                    raise Busy(f"{name} is being worked on by another process")
                time.sleep(0.1)
            try:
                yield
            finally:
                with suppress(psycopg.Error):  # said, not left to the server, which may take a while to notice that we are gone
                    connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 717))", [name])


def _taken(connection: Connection, name: str) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 717))", [name]).fetchone()
    return bool(row and row[0])
