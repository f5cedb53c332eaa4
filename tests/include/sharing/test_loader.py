"""How questions become statements: those of a kind wait for each other, those of different kinds do not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import pytest

from include.sharing.loader import LANES, Loader, Question
from include.sharing.problems import Problem
from include.sharing.statements import ASK, HEAD, Statement
from include.sharing.vault import MonthKey
from tests.conftest import fresh_database

T = TypeVar("T")
QUESTION: Question = (
    tuple({"text": "", "int": 0, "bigint": 0}[kind] for _, kind in HEAD), "024085000001", "H05.16-261101-0001", "CB.0001", "request-1",
)  # fmt: skip

AT_WORK = """SELECT pid FROM pg_stat_activity WHERE state = 'active' AND application_name = 'hub-sharing' AND datname = current_database()
AND query LIKE 'WITH ask%'"""


def kind(seconds: float = 0.0, also: str = "") -> Statement:
    """A statement of its own that takes so long."""
    return Statement(f"WITH {ASK} SELECT n, value{also} FROM ask, pg_sleep({seconds}), (SELECT $1::int, $2::bytea, $3::bytea) given", {})


@pytest.fixture
def asking(server: str) -> Callable[[Callable[[Loader], Awaitable[T]]], T]:
    """Runs something with an open loader on a database of its own."""

    def run(do: Callable[[Loader], Awaitable[T]]) -> T:
        async def opened(url: str) -> T:
            loader = Loader(url, lambda: MonthKey(202611, b"k" * 32))
            await loader.open()
            try:
                return await asyncio.wait_for(do(loader), 20)
            finally:
                await loader.close()

        with fresh_database(server) as database:
            return asyncio.run(opened(database.url))

    return run


def test_what_comes_while_a_batch_is_under_way_goes_together(asking: Callable) -> None:
    async def do(loader: Loader) -> int:
        usual = kind(0.1)
        first = asyncio.create_task(loader.ask(usual, QUESTION))
        while not loader.batches:
            await asyncio.sleep(0.001)
        rows = await asyncio.gather(first, *(loader.ask(usual, QUESTION) for _ in range(50)))
        assert [[row["value"] for row in each] for each in rows] == [[QUESTION[1]]] * 51
        return loader.batches

    assert asking(do) == 2


def test_a_slow_kind_holds_up_no_other(asking: Callable) -> None:
    async def do(loader: Loader) -> None:
        slow = asyncio.create_task(loader.ask(kind(2), QUESTION))
        while not loader.batches:
            await asyncio.sleep(0.001)
        await loader.ask(kind(), QUESTION)
        assert not slow.done()
        await slow

    asking(do)


def test_more_kinds_than_lanes_all_have_their_turn(asking: Callable) -> None:
    async def do(loader: Loader) -> None:
        busy, over = [kind(0.01, f", {place}") for place in range(LANES)], asyncio.Event()

        async def again(statement: Statement) -> None:
            while not over.is_set():
                await loader.ask(statement, QUESTION)

        crowd = [asyncio.create_task(again(statement)) for statement in busy for _ in range(3)]
        await asyncio.sleep(0.1)
        await asyncio.gather(*(loader.ask(kind(0.0, f", {LANES + place}"), QUESTION) for place in range(LANES)))
        over.set()
        await asyncio.gather(*crowd)

    asking(do)


def test_a_question_at_fault_fails_alone(asking: Callable) -> None:
    async def do(loader: Loader) -> None:
        fussy = kind(0.05, ", 1 / (CASE WHEN value = 'x' THEN 0 ELSE 1 END)")
        poison = (QUESTION[0], "x", *QUESTION[2:])
        found = await asyncio.gather(*(loader.ask(fussy, poison if place == 7 else QUESTION) for place in range(20)), return_exceptions=True)
        assert [place for place, each in enumerate(found) if isinstance(each, BaseException)] == [7]
        assert isinstance(found[7], Problem)
        assert found[7].kind == "invalid"

    asking(do)


def test_when_the_database_goes_everyone_is_told_and_the_next_question_is_answered(asking: Callable) -> None:
    async def do(loader: Loader) -> None:
        waiting = [asyncio.create_task(loader.ask(kind(5), QUESTION)) for _ in range(2)]
        other = await asyncpg.connect(loader.url)
        while len(pids := await other.fetch(AT_WORK)) < len(waiting):
            await asyncio.sleep(0.01)
        for row in pids:
            await other.execute("SELECT pg_terminate_backend($1)", row["pid"])
        await other.close()
        for each in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(each, Problem)
            assert each.kind == "unavailable"
        assert (await loader.ask(kind(), QUESTION))[0]["value"] == QUESTION[1]

    asking(do)


def test_a_fault_of_the_server_is_not_told_as_the_askers_and_is_asked_once(asking: Callable, capfd: pytest.CaptureFixture[str]) -> None:
    async def do(loader: Loader) -> tuple[list[str], int]:
        broken = Statement(f"WITH {ASK} SELECT n, value FROM ask, hub.no_such_table, (SELECT $1::int, $2::bytea, $3::bytea) given", {})
        told = await asyncio.gather(*(loader.ask(broken, QUESTION) for _ in range(8)), return_exceptions=True)
        return [each.kind for each in told if isinstance(each, Problem)], loader.batches

    assert asking(do) == (["unavailable"] * 8, 1)
    assert "UndefinedTableError at " in capfd.readouterr().err
