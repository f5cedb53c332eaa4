"""A rate and a pause are the agreement's, however many workers its questions come to."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from include.clock import now
from include.sharing.database import pool
from include.sharing.grants import Grant
from include.sharing.limits import NEIGHBOURS, Limits
from include.sharing.problems import Problem
from tests.include.sharing.conftest import World

pytestmark = pytest.mark.postgres


@pytest.fixture
def grant(world: World) -> Grant:
    found = world.service.registry.snapshot.grants["motcua", "person", "1.001193"][0]
    return replace(found, agreement="TT-9999", terms=msgspec.structs.replace(found.terms, per_second=10))


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workers(clock: Clock) -> list[Limits]:
    return [Limits(2, clock), Limits(2, clock)]


def seconds(world: World, clock: Clock, workers: list[Limits], grant: Grant, asked: list[int], times: int = 1) -> list[int]:
    """How many of so many questions each worker lets through in the last of some seconds."""

    async def play() -> list[int]:
        through: list[int] = []
        async with await pool(world.hub.db.url) as connections:
            for _ in range(times):
                through = [0] * len(workers)
                clock.at += 1
                for place, worker in enumerate(workers):
                    for _ in range(asked[place]):
                        try:
                            worker.take(grant)
                        except Problem:
                            worker.refuse(grant, grant.client)
                        else:
                            worker.count(grant, 1, miss=None)
                            through[place] += 1
                for worker in workers:
                    await worker.share(connections, now())
        return through

    return asyncio.run(play())


def test_a_caller_with_one_connection_has_the_whole_rate(world: World, clock: Clock, workers: list[Limits], grant: Grant) -> None:
    assert seconds(world, clock, workers, grant, [30, 0]) == [10, 0]
    assert seconds(world, clock, workers, grant, [30, 0], 20) == [10, 0]


def test_two_workers_asked_alike_give_the_rate_once(world: World, clock: Clock, workers: list[Limits], grant: Grant) -> None:
    assert sum(seconds(world, clock, workers, grant, [30, 30], 20)) in range(9, 12)


def test_who_moves_to_another_worker_has_the_whole_rate_there_after_a_while(world: World, clock: Clock, workers: list[Limits], grant: Grant) -> None:
    seconds(world, clock, workers, grant, [30, 0], 10)
    assert seconds(world, clock, workers, grant, [0, 30])[1] >= 5
    assert seconds(world, clock, workers, grant, [0, 30], 10)[1] in (9, 10)


def test_a_pause_in_one_worker_is_one_in_all(world: World, clock: Clock, workers: list[Limits], grant: Grant) -> None:
    one, other = workers
    fast = replace(grant, terms=msgspec.structs.replace(grant.terms, per_second=1_000))
    for place in range(NEIGHBOURS):
        one.take(fast, f"024085{place:06d}")
    with pytest.raises(Problem, match="enumeration"):
        one.take(fast, f"024085{NEIGHBOURS:06d}")
    other.take(fast)

    async def share() -> None:
        async with await pool(world.hub.db.url) as connections:
            await one.share(connections, now())
            await other.share(connections, now() + timedelta(seconds=1))

    asyncio.run(share())
    with pytest.raises(Problem, match="enumeration") as told:
        other.take(fast)
    assert told.value.retry_after in range(55, 61)
    clock.at += 61
    other.take(fast)
