"""Where a worker asks the once-only resolver, beside the asynchronous service."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg

from include.hub import Hub
from include.once.resolve import Answer, Question, desk, resolve
from include.settings import Settings
from include.sharing.loader import away
from include.store.database import Connection, Database
from include.store.objects import Objects


class Desk:
    """One connection and one thread for the questions of a worker: the statement of each procedure is planned once."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._hub = Hub(Database(url), Objects(settings.objects_url), settings)
        self._thread = ThreadPoolExecutor(1, "once-only")
        self._open = ExitStack()
        self._connection: Connection | None = None

    async def ask(self, question: Question) -> Answer:
        """The answer, its evidence committed. Raises what ``resolve`` raises, and Problem when PostgreSQL is away."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, question)

    def _ask(self, question: Question) -> Answer:
        if self._connection is None or self._connection.closed:
            self._connection = self._open.enter_context(desk(self._hub))
        try:
            return resolve(self._hub, question, connection=self._connection)
        except psycopg.OperationalError:
            self.close()
            raise away() from None

    def close(self) -> None:
        """Lets the connection go; the next question makes another."""
        opened, self._open, self._connection = self._open, ExitStack(), None
        opened.close()
