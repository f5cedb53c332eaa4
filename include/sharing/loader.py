"""Requests coalesced into statements: leader and followers, no timer.

The first question of a kind starts a batch at once; those that come while its commit is under way form the next. Idle, a question waits for one
commit; under load, hundreds share one. Kinds go beside each other, so that a slow search holds up no look-up. A batch with a value the server
refuses is halved until the one question at fault stands alone; when the database is away, everyone waiting is told so. Nobody is answered before
the commit: no audit, no answer.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

import asyncpg

from include.sharing.database import GONE, Connection, connect
from include.sharing.problems import Problem
from include.sharing.statements import Statement, heads
from include.sharing.vault import MonthKey
from include.unexpected import place

LARGEST = 512
WAITING = 2_000
"""Questions that may wait in one worker; one more is told to come back."""
LANES = 4
"""Kinds under way at once in one worker, a batch each: two of the same kind would be two small ones, which cost more."""

Head = tuple[Any, ...]
Question = tuple[Head, str, str, str, str]
"""As ``statements.HEAD`` and ``statements.OWN`` have it; the subject is hidden with the key of its batch."""
Rows = list[asyncpg.Record]
Waiting = tuple[Question, asyncio.Future[Rows]]


def away() -> Problem:
    """What is said while no audit row can be written."""
    return Problem("unavailable", "nhật ký chưa ghi được nên không trả lời · the log cannot be written, so nothing is answered", retry_after=2)


class Loader:
    """The way to the database of one worker. ``key`` gives the month's key at the time of each batch."""

    def __init__(self, url: str, key: Any) -> None:
        self.url = url
        self.key = key
        self.queues: dict[Statement, deque[Waiting]] = {}
        self.waiting = 0
        self.flying: set[Statement] = set()
        self.idle: list[Connection] = []
        self.batches = 0
        self.tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Connects; raises NotDurable when the server would not keep what it acknowledges."""
        self.idle = [await connect(self.url)]

    async def close(self) -> None:
        """Lets what is under way end, and disconnects."""
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for connection in self.idle:
            await connection.close(timeout=2)

    async def ask(self, statement: Statement, question: Question) -> Rows:
        """The rows answering a question, once its audit row is on disk."""
        if self.waiting >= WAITING:
            raise Problem("unavailable", "hàng đợi đầy · the queue is full", retry_after=1)
        future: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
        self.queues.setdefault(statement, deque()).append((question, future))
        self.waiting += 1
        if statement not in self.flying and len(self.flying) < LANES:
            self.flying.add(statement)
            task = asyncio.create_task(self.lead(statement))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return await future

    async def lead(self, statement: Statement | None) -> None:
        """Takes batch after batch, each kind in its turn, until none waits that is not under way already."""
        try:
            await asyncio.sleep(0)  # let every request that has arrived with this one queue up first
            while statement is not None:
                await self.answer(statement, self.batch(statement))
                self.flying.discard(statement)
                statement = next((each for each in self.queues if each not in self.flying), None)
                if statement is not None:
                    self.flying.add(statement)
        finally:
            if statement is not None:
                self.flying.discard(statement)

    def batch(self, statement: Statement) -> Sequence[Waiting]:
        """Those who go next; the rest waits behind the other kinds."""
        queue = self.queues.pop(statement)
        batch = [queue.popleft() for _ in range(min(LARGEST, len(queue)))]
        if queue:
            self.queues[statement] = queue
        self.waiting -= len(batch)
        return batch

    async def answer(self, statement: Statement, batch: Sequence[Waiting]) -> None:
        """Runs a batch and wakes those who wait for it."""
        try:
            rows = await self.run(statement, [question for question, _ in batch])
        except Problem as problem:
            fail(batch, problem)
        except (*GONE, TimeoutError, asyncpg.InsufficientResourcesError, asyncpg.OperatorInterventionError):
            fail(batch, away())
        except (asyncpg.DataError, ValueError, TypeError, OverflowError):
            if len(batch) == 1:
                fail(batch, Problem("invalid", "giá trị không dùng được · a value cannot be used"))
                return
            middle = len(batch) // 2
            await self.answer(statement, batch[:middle])
            await self.answer(statement, batch[middle:])
        except Exception as error:  # noqa: BLE001 the fault is ours or the server's, never a question's
            place(error)
            fail(batch, away())
        else:
            share(batch, rows)
        finally:
            fail(batch, away())  # whatever happened, nobody waits for ever; who was answered notices nothing

    async def run(self, statement: Statement, questions: Sequence[Question]) -> Rows:
        """One statement, one commit."""
        key: MonthKey = self.key()
        connection = self.idle.pop() if self.idle else await connect(self.url)
        sound = False
        try:
            self.batches += 1
            rows: Rows = await connection.fetch(statement.sql, key.name, *key.pads, *parameters(questions, key))
            sound = True
        except asyncpg.PostgresError as error:  # the server refused and said so: the connection is as good as before, unless it is the matter
            sound = not isinstance(error, GONE) and not connection.is_closed()
            raise
        finally:
            if sound:
                self.idle.append(connection)
            else:
                connection.terminate()
        return rows


def parameters(questions: Sequence[Question], key: MonthKey) -> list[Any]:
    """The arrays of a batch, subjects hidden with its key, and its heads; equal heads go once."""
    found: dict[Head, int] = {}
    places = [found.setdefault(question[0], len(found) + 1) for question in questions]
    own = ([question[column] for question in questions] for column in range(1, 5))
    return [places, *own, [key.hidden(question[1]) if question[1] else None for question in questions], heads(tuple(found))]


def share(batch: Sequence[Waiting], rows: Rows) -> None:
    """Hands each question its rows; the first column says whose they are, and each has one at least."""
    grouped: dict[int, Rows] = {}
    if len(rows) == len(batch):
        for row in rows:
            grouped[row[0]] = [row]
    else:
        for row in rows:
            grouped.setdefault(row[0], []).append(row)
    for number, (_, future) in enumerate(batch, 1):
        if not future.done():
            future.set_result(grouped[number])


def fail(batch: Sequence[Waiting], problem: Problem) -> None:
    """Tells everyone the same."""
    for _, future in batch:
        if not future.done():
            future.set_exception(problem)
