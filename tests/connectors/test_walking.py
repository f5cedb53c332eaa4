"""Several pages at a time: in order, resumable from each, within the rate budget, and never more held than asked for."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from connectors.errors import BadAnswer, SourceUnavailable
from connectors.page import Cursor, Page
from connectors.paging import Offset, PageNumber, Pager, Seen, Windows
from connectors.rest import JsonRecords, RestSource
from connectors.transport import Patience, Request, Transport
from connectors.walking import foreseen
from tests.connectors.conftest import QUICK, Say, Script, Server
from tests.connectors.conftest import Seen as Asked

Serve = Callable[[Script], Server]
SINCE, UNTIL = {"since": "2026-11-01T00:00:00+07:00"}, datetime.fromisoformat("2026-11-12T00:00:00+07:00")
TOTAL, SIZE = 95, 10


class Register:
    """Rows 0 … TOTAL-1, ``SIZE`` a page at most; answers take ``seconds`` and how many are asked at once is counted."""

    def __init__(self, seconds: float = 0.0, most: int = SIZE) -> None:
        self.seconds, self.most = seconds, most
        self.lock = threading.Lock()
        self.now = self.peak = 0

    def __call__(self, request: Asked) -> Say:
        with self.lock:
            self.now += 1
            self.peak = max(self.peak, self.now)
        time.sleep(self.seconds)
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        start = int(query["offset"]) if "offset" in query else (int(query["page"]) - 1) * SIZE
        rows = [{"id": n, "day": query.get("day", "")} for n in range(start, min(start + min(self.most, SIZE), TOTAL))]
        with self.lock:
            self.now -= 1
        return Say(body=msgspec.json.encode({"total": TOTAL, "data": rows}))


PAGERS: dict[str, tuple[Pager, str]] = {"page": (PageNumber(SIZE), "page"), "offset": (Offset(SIZE), "offset")}


def source_of(server: Server, kind: str, ahead: int, patience: Patience = QUICK, per_second: float = 0.0) -> RestSource:
    pager, name = PAGERS[kind]

    def request(cursor: Cursor) -> Request:
        return Request("GET", server.url, params={name: str(cursor[name])})

    return RestSource(Transport(patience=patience, per_second=per_second), request, pager, JsonRecords("data", total="total"), ahead=ahead)


def told(pages: list[Page]) -> list[Any]:
    return [(page.body, page.rows, page.after, page.finished) for page in pages]


@pytest.mark.parametrize("kind", PAGERS)
@pytest.mark.parametrize("ahead", [2, 4, 16])
def test_pages_fetched_at_a_time_are_those_fetched_one_by_one(serve: Serve, kind: str, ahead: int) -> None:
    server = serve(Register(seconds=0.002))
    one_by_one = list(source_of(server, kind, 1).pages(SINCE, UNTIL))
    asked = len(server.seen)
    assert told(list(source_of(server, kind, ahead).pages(SINCE, UNTIL))) == told(one_by_one)
    assert len(server.seen) == 2 * asked, "no page is asked for twice"


@pytest.mark.parametrize("kind", PAGERS)
def test_from_every_page_the_reading_goes_on_with_exactly_the_rest(serve: Serve, kind: str) -> None:
    server = serve(Register())
    pages = list(source_of(server, kind, 4).pages(SINCE, UNTIL))
    for at in range(len(pages) - 1):
        cursor = msgspec.json.decode(msgspec.json.encode(pages[at].after))
        assert told(list(source_of(server, kind, 4).pages(cursor, UNTIL))) == told(pages[at + 1 :])


def test_waiting_is_shared(serve: Serve) -> None:
    register = Register(seconds=0.2)
    server = serve(register)
    started = time.monotonic()
    list(source_of(server, "page", 5).pages(SINCE, UNTIL))
    assert time.monotonic() - started < 10 * 0.2 * 0.7
    assert 2 <= register.peak <= 5


def test_the_rate_budget_is_one_for_all(serve: Serve) -> None:
    server = serve(Register())
    started = time.monotonic()
    list(source_of(server, "page", 5, per_second=40).pages(SINCE, UNTIL))
    assert time.monotonic() - started >= 9 / 40 * 0.9


def test_a_page_that_fails_fails_in_its_turn(serve: Serve) -> None:
    register = Register()
    server = serve(lambda request: Say(503) if "page=4" in request.path else register(request))
    got: list[Page] = []
    source = source_of(server, "page", 4, Patience(attempts=2, first=0.001))
    with pytest.raises(SourceUnavailable):
        got.extend(source.pages(SINCE, UNTIL))
    assert [page.after["page"] for page in got] == [2, 3, 4]


def test_a_source_that_gives_less_than_asked_for_is_read_rightly_one_by_one(serve: Serve) -> None:
    server = serve(Register(most=7))
    pages = list(source_of(server, "offset", 4).pages(SINCE, UNTIL))
    assert [row["id"] for page in pages for row in msgspec.json.decode(page.body)["data"]] == list(range(TOTAL))
    assert len(server.seen) <= len(pages) + 3, "one wrong guess is enough"


def test_nothing_is_fetched_ahead_of_a_reader_that_stops(serve: Serve) -> None:
    server = serve(Register())
    pages = source_of(server, "page", 3).pages(SINCE, UNTIL)
    next(pages)
    pages.close()  # type: ignore[attr-defined]
    for thread in threading.enumerate():
        if thread.name.startswith("fetch"):
            thread.join()
    assert len(server.seen) <= 3


def test_without_a_promised_total_nothing_is_foreseen() -> None:
    assert foreseen(PageNumber(10), {"page": 1}, Seen(10), 5) == []


def test_what_is_foreseen_ends_where_the_total_does_and_with_the_window() -> None:
    assert foreseen(PageNumber(10), {"page": 2}, Seen(10, 35), 5) == [{"page": 3}, {"page": 4}]
    window = {"since": "2026-11-01T00:00:00+07:00", "until": "2026-11-20T00:00:00+07:00", "from": "2026-11-01", "to": "2026-11-05", "offset": 0}
    assert [place["offset"] for place in foreseen(Windows(Offset(10), 5), window, Seen(10, 25), 9)] == [10, 20]


def test_the_same_page_later_in_the_window_is_found_out(serve: Serve) -> None:
    bodies = {"page=1": b'{"total":99,"data":[{"id":1}]}', "page=2": b'{"total":99,"data":[{"id":2}]}'}
    server = serve(lambda request: Say(body=bodies.get(urlsplit(request.path).query, bodies["page=1"])))
    with pytest.raises(BadAnswer, match="same page twice"):
        list(source_of(server, "page", 1).pages(SINCE, UNTIL))
    assert len(server.seen) == 3
