"""Where a worker asks the once-only resolver, beside the asynchronous service."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import psycopg
from psycopg.conninfo import make_conninfo

from include.hub import Hub
from include.once.resolve import Answer, Question, desk, resolve
from include.sharing.loader import away
from include.store.database import Connection, Database

PATIENCE = 20.0
"""Seconds a question waits for its turn and its answer, as long as ``database.connect`` lets any other."""
NAME = "hub-once-only"
"""How PostgreSQL knows its connections."""
NETWORK: dict[str, str | int] = {"application_name": NAME, "connect_timeout": 5, "tcp_user_timeout": 10_000}
"""A server that is not there, or no longer, is told by libpq; one that is slow by ``statement_timeout`` (``resolve.desk``)."""


class Desk:
    """One connection and one thread for the questions of a worker: the statement of each procedure is planned once."""

    def __init__(self, hub: Hub) -> None:
        self._hub = replace(hub, db=Database(make_conninfo(hub.db.url, **NETWORK)))
        self._thread = ThreadPoolExecutor(1, "once-only")
        self._open = ExitStack()
        self._connection: Connection | None = None

    async def ask(self, question: Question) -> Answer:
        """The answer, its evidence committed. Raises what ``resolve`` raises, and Problem when PostgreSQL is away or takes too long."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, question)
        except TimeoutError:
            raise away() from None

    async def close(self) -> None:
        """Lets the question under way end, and the connection go."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    def _ask(self, question: Question) -> Answer:
        try:
            if self._connection is None:
                self._connection = self._open.enter_context(desk(self._hub))
            return resolve(self._hub, question, connection=self._connection)
        except psycopg.OperationalError:
            self._disconnect()  # the next question makes another
            raise away() from None

    def _disconnect(self) -> None:
        opened, self._open, self._connection = self._open, ExitStack(), None
        opened.close()
