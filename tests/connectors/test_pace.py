"""A rate budget kept by many threads, and a breaker that leaves a failing system alone."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.errors import BadAnswer, SourceRefused, SourceUnavailable
from connectors.pace import Breaker, Pace
from connectors.transport import Patience, Request, Transport
from tests.connectors.conftest import Say, Script, Server

Serve = Callable[[Script], Server]
ONCE = Patience(attempts=1)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_budget_spreads_requests_evenly() -> None:
    clock = Clock()
    pace = Pace(4.0, clock)
    assert [pace.wait() for _ in range(4)] == [0.0, 0.25, 0.5, 0.75]
    clock.now = 10.0
    assert pace.wait() == 0.0, "what was not used is not saved up"


def test_no_budget_means_no_wait() -> None:
    assert [Pace(0.0).wait() for _ in range(3)] == [0.0] * 3


def test_many_threads_together_keep_one_budget(serve: Serve) -> None:
    moments: list[float] = []
    server = serve(lambda _: (moments.append(time.monotonic()), Say())[1])
    transport = Transport(per_second=50)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: transport.send(Request("GET", server.url)), range(20)))
    transport.close()
    assert max(moments) - min(moments) >= 19 / 50 * 0.9


def shut(breaker: Breaker, times: int, error: Exception) -> None:
    for _ in range(times):
        with pytest.raises(type(error)), breaker.watching("x"):
            raise error


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    breaker = Breaker(failures=3, clock=Clock())
    shut(breaker, 2, SourceUnavailable("HTTP 503"))
    assert breaker.state == "closed"
    shut(breaker, 1, BadAnswer("a login page"))
    assert breaker.state == "open"


def test_a_success_between_failures_starts_the_count_anew() -> None:
    breaker = Breaker(failures=3, clock=Clock())
    shut(breaker, 2, SourceUnavailable("x"))
    with breaker.watching("x"):
        pass
    shut(breaker, 2, SourceUnavailable("x"))
    assert breaker.state == "closed"


@pytest.mark.parametrize("error", [SourceRefused("not subscribed"), SourceUnavailable("throttled", retry_after=1.0)], ids=["refusal", "throttled"])
def test_a_system_that_is_at_work_does_not_open_it(error: Exception) -> None:
    breaker = Breaker(failures=2, clock=Clock())
    shut(breaker, 10, error)
    assert breaker.state == "closed"


def test_open_it_fails_at_once_and_tells_its_state_why_and_when() -> None:
    clock = Clock()
    breaker = Breaker(failures=2, pause=60, clock=clock)
    shut(breaker, 2, SourceUnavailable("HTTP 503"))
    clock.now = 18.0
    with pytest.raises(SourceUnavailable) as caught, breaker.watching("lgsp/api"):
        pytest.fail("the call was made")
    said = "lgsp/api: the circuit breaker is open after 2 failures in a row (last: SourceUnavailable: HTTP 503); the next probe in 42 s"
    assert (str(caught.value), caught.value.retry_after) == (said, 42.0)


def test_half_open_one_probe_goes_through_and_its_success_closes_it() -> None:
    clock = Clock()
    breaker = Breaker(failures=2, pause=60, clock=clock)
    shut(breaker, 2, SourceUnavailable("x"))
    clock.now = 60.0
    assert breaker.state == "half-open"
    with breaker.watching("x"), pytest.raises(SourceUnavailable, match="a probe is under way"), breaker.watching("x"):
        pytest.fail("a second probe was made")
    assert breaker.state == "closed"


def test_a_failed_probe_opens_it_for_twice_as_long_up_to_a_limit() -> None:
    clock = Clock()
    breaker = Breaker(failures=2, pause=60, longest=100, clock=clock)
    shut(breaker, 2, SourceUnavailable("x"))
    clock.now = 60.0
    shut(breaker, 1, SourceUnavailable("x"))
    clock.now = 60 + 99.0
    assert breaker.state == "open"
    clock.now = 60 + 100.0
    assert breaker.state == "half-open"


def test_a_throttled_probe_leaves_it_half_open() -> None:
    clock = Clock()
    breaker = Breaker(failures=1, pause=60, clock=clock)
    shut(breaker, 1, SourceUnavailable("x"))
    clock.now = 60.0
    shut(breaker, 1, SourceUnavailable("x", retry_after=1.0))
    assert breaker.state == "half-open"


def test_a_system_that_is_down_is_left_alone_and_comes_back_by_itself(serve: Serve) -> None:
    clock, down = Clock(), threading.Event()
    down.set()
    server = serve(lambda _: Say(503) if down.is_set() else Say())
    other = serve(lambda _: Say())
    transport = Transport(patience=ONCE, breaker=Breaker(failures=3, pause=60, clock=clock))
    for _ in range(20):
        with pytest.raises(SourceUnavailable):
            transport.send(Request("GET", server.url))
    assert len(server.seen) == 3
    healthy = Transport(patience=ONCE)
    assert healthy.send(Request("GET", other.url)).status == 200, "other sources are unaffected"
    down.clear()
    clock.now = 61.0
    assert transport.send(Request("GET", server.url)).status == 200
    assert transport.breaker.state == "closed"
    transport.close()
    healthy.close()


def test_within_one_call_an_open_breaker_ends_the_attempts(serve: Serve) -> None:
    server = serve(lambda _: Say(503))
    transport = Transport(patience=Patience(attempts=50, first=0.0001, longest=0.001), breaker=Breaker(failures=4))
    with pytest.raises(SourceUnavailable):
        transport.send(Request("GET", server.url))
    assert len(server.seen) == 4
    transport.close()


def test_a_source_that_answers_with_a_login_page_opens_it(serve: Serve) -> None:
    def page(_answer: object) -> None:
        raise BadAnswer("not a JSON answer but text/html")

    server = serve(lambda _: Say(body=b"<html>"))
    transport = Transport(page, patience=ONCE, breaker=Breaker(failures=2))
    for error in (BadAnswer, BadAnswer, SourceUnavailable):
        with pytest.raises(error):
            transport.send(Request("GET", server.url))
    assert len(server.seen) == 2
    transport.close()
