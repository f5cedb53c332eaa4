"""Walking a window page by page: never in a circle, several pages at a time where the source says how many there are.

Fetching ahead changes nothing but the time it takes: pages come in their order, each with the cursor behind it, and a guess that turns out
wrong is thrown away.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import count

from xxhash import xxh3_128_digest

from connectors.errors import BadAnswer
from connectors.page import Cursor, Page
from connectors.paging import Pager, Seen, moved, opened, stepped_back
from connectors.transport import Answer

REMEMBERED = 100_000
"""Places and pages a guard remembers: about 10 MB at most."""


class Guard:
    """Finds out a source that leads in a circle."""

    def __init__(self) -> None:
        self._met: dict[bytes, None] = {}

    def page(self, answer: Answer, rows: int) -> None:
        """Raises BadAnswer when just these rows were given before in this window."""
        if rows and self._again(b"page" + answer.body):
            raise BadAnswer("the source gave the same page twice")

    def place(self, cursor: Cursor) -> None:
        """Raises BadAnswer when the walk stood here before."""
        if self._again(b"place" + key(cursor)):
            raise BadAnswer("the source leads in a circle: it names a place where the reading has been before")

    def _again(self, what: bytes) -> bool:
        digest = xxh3_128_digest(what)
        if digest in self._met:
            return True
        self._met[digest] = None
        if len(self._met) > REMEMBERED:
            self._met.pop(next(iter(self._met)))
        return False


def key(cursor: Cursor) -> bytes:
    """What a request depends on: the cursor without its counts."""
    return json.dumps({name: value for name, value in cursor.items() if name not in ("got", "total")}, sort_keys=True).encode()


def walk(
    pager: Pager, cursor: Cursor, until: datetime, fetch: Callable[[Cursor], Answer], seen_in: Callable[[Answer], Seen], ahead: int = 1
) -> Iterator[Page]:
    """Every page from ``cursor`` on, at most ``ahead`` of them fetched at a time. Raises BadAnswer on a loop or a broken promise."""
    cursor = opened(pager, cursor, until)
    guard, fetcher = Guard(), Fetcher(fetch, pager, ahead)
    guard.place(cursor)
    try:
        for number in count(1):
            answer = fetcher.get(cursor)
            seen = read(answer, number, seen_in)
            guard.page(answer, seen.rows)
            fetcher.look_ahead(cursor, seen)
            if stepped_back(pager, cursor, seen):
                guard = Guard()  # the reading steps back: what it has met it may meet again
            cursor = moved(pager, cursor, seen)
            finished = "until" not in cursor
            if not finished:
                guard.place(cursor)
            yield Page(answer.body, answer.media_type, seen.rows, cursor, seen.total, finished)
            if finished:
                return
    finally:
        fetcher.close()


def read(answer: Answer, number: int, seen_in: Callable[[Answer], Seen]) -> Seen:
    """What the page says about paging. Raises BadAnswer that names the page, counted from where the reading began."""
    try:
        return seen_in(answer)
    except BadAnswer as error:
        raise BadAnswer(f"page {number} of this reading: {error}") from None


class Fetcher:
    """Fetches the page asked for, and beside it those that will most likely be asked for next."""

    def __init__(self, fetch: Callable[[Cursor], Answer], pager: Pager, ahead: int) -> None:
        self._fetch, self._pager, self._ahead = fetch, pager, ahead
        self._pool = ThreadPoolExecutor(ahead - 1, "fetch") if ahead > 1 else None
        self._coming: dict[bytes, Future[Answer]] = {}

    def get(self, cursor: Cursor) -> Answer:
        """The answer for ``cursor``."""
        coming = self._coming.pop(key(cursor), None)
        if coming is None:
            if self._coming:  # the guess was wrong, and would be wrong again: pages are not of the size asked for
                self._forget()
                self._ahead = 1
            return self._fetch(cursor)
        return coming.result()

    def look_ahead(self, cursor: Cursor, seen: Seen) -> None:
        """Asks for the pages behind ``cursor`` that a promised total makes certain."""
        if self._pool is not None:
            for next_one in foreseen(self._pager, cursor, seen, self._ahead - 1):
                if key(next_one) not in self._coming:
                    self._coming[key(next_one)] = self._pool.submit(self._fetch, next_one)

    def _forget(self) -> None:
        for coming in self._coming.values():
            coming.cancel()
        self._coming.clear()

    def close(self) -> None:
        """Lets go of what was not asked for."""
        self._forget()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def foreseen(pager: Pager, cursor: Cursor, seen: Seen, count: int) -> list[Cursor]:
    """The next ``count`` places in the window if every page is full; none when no total was promised."""
    out: list[Cursor] = []
    size = getattr(pager, "size", 0)
    while size and seen.total is not None and len(out) < count:
        step = pager.after(cursor, Seen(size, seen.total))
        if step is None or step.get("from", cursor.get("from")) != cursor.get("from"):
            break
        cursor = cursor | step
        out.append(cursor)
    return out
