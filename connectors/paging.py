"""How a source is read to the end: a pager turns a cursor into the next request's arguments, and an answer into the next cursor.

Cursors carry ``since`` and ``until`` (ISO moments) for as long as a window is being read, so that a killed run goes on with the very
window it was reading. When the window is done the cursor is ``{"since": until}``.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, Protocol

from connectors.errors import BadAnswer
from connectors.page import Cursor


@dataclass(frozen=True, slots=True)
class Seen:
    """What one answer said about paging: records in it, total promised, the source's own continuation token."""

    rows: int
    total: int | None = None
    token: str = ""
    more: bool | None = None


class Pager(Protocol):
    """Walks one window. One whose places move when records leave it has ``back`` too."""

    def first(self) -> Cursor:
        """What the pager adds to a fresh window's cursor."""

    def after(self, cursor: Cursor, seen: Seen) -> Cursor | None:
        """The pager's part of the next cursor, or None when the window is done."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything in one answer, as catalogues are given."""

    def first(self) -> Cursor:
        """Nothing to add."""
        return {"page": 1}

    def after(self, cursor: Cursor, seen: Seen) -> Cursor | None:  # noqa: ARG002 one signature for all pagers
        """There is no next one."""
        return None


@dataclass(frozen=True, slots=True)
class PageNumber:
    """Pages numbered from one, ``size`` records each; done when the promised total is reached or a page comes short."""

    size: int

    def first(self) -> Cursor:
        """Page one."""
        return {"page": 1}

    def after(self, cursor: Cursor, seen: Seen) -> Cursor | None:
        """The next page number."""
        page: int = cursor["page"]
        done = seen.rows == 0 or (seen.rows < self.size if seen.total is None else page * self.size >= seen.total)
        return None if done else {"page": page + 1}

    def back(self, cursor: Cursor, fewer: int) -> Cursor:
        """The page on which those are who stood before this one and have moved up, and the records before it."""
        page = max(1, cursor["page"] - ceil(fewer / self.size))
        return {"page": page, "got": (page - 1) * self.size}


@dataclass(frozen=True, slots=True)
class Offset:
    """Offset and limit."""

    size: int

    def first(self) -> Cursor:
        """Offset zero."""
        return {"offset": 0}

    def after(self, cursor: Cursor, seen: Seen) -> Cursor | None:
        """The offset behind the records seen."""
        offset: int = cursor["offset"] + seen.rows
        done = seen.rows == 0 or (seen.rows < self.size if seen.total is None else offset >= seen.total)
        return None if done else {"offset": offset}

    def back(self, cursor: Cursor, fewer: int) -> Cursor:
        """The offset of those who stood before this one and have moved up."""
        offset = max(0, cursor["offset"] - fewer)
        return {"offset": offset, "got": offset}


@dataclass(frozen=True, slots=True)
class Token:
    """An opaque token in each answer. The same token twice is a loop, and an error."""

    size: int

    def first(self) -> Cursor:
        """No token yet."""
        return {"token": ""}

    def after(self, cursor: Cursor, seen: Seen) -> Cursor | None:
        """The token of the answer."""
        if seen.more is False or not seen.token:
            return None
        if seen.token == cursor["token"]:
            raise BadAnswer("the source gave the same continuation token twice")
        return {"token": seen.token}


@dataclass(frozen=True, slots=True)
class Links:
    """An address of the next page in each answer, in a ``Link`` header or in the body. The source follows it on its own host only."""

    def first(self) -> Cursor:
        """No link yet: the first request stands by itself."""
        return {"link": ""}

    def after(self, cursor: Cursor, seen: Seen) -> Cursor | None:  # noqa: ARG002 one signature for all pagers
        """The link of the answer."""
        return {"link": seen.token} if seen.token and seen.more is not False else None


@dataclass(frozen=True, slots=True)
class Windows:
    """Cuts a long time into windows of at most ``days`` days for sources that refuse longer ones, and walks each with ``inner``.

    Windows are whole days with both ends included, as the enterprise registry counts them: the next one starts the day after.
    """

    inner: Pager
    days: int

    @property
    def size(self) -> int:
        """Records a page, where the inner pager asks for a number of them."""
        size: int = getattr(self.inner, "size", 0)
        return size

    def first(self) -> Cursor:
        """The first window starts where ``since`` says."""
        return {}

    def opened(self, cursor: Cursor) -> Cursor:
        """``cursor`` with ``from`` and ``to`` dates and the inner pager's start."""
        start = datetime.fromisoformat(cursor["since"]).date()
        return cursor | self._window(start, self._last(cursor)) | self.inner.first()

    def after(self, cursor: Cursor, seen: Seen) -> Cursor | None:
        """The next page of this window, else the first of the next, else None."""
        inner = self.inner.after(cursor, seen)
        if inner is not None:
            return inner
        start = date.fromisoformat(cursor["to"]) + timedelta(days=1)
        last = self._last(cursor)
        return None if start > last else self._window(start, last) | self.inner.first()

    @staticmethod
    def _last(cursor: Cursor) -> date:
        return datetime.fromisoformat(cursor["until"]).date()

    def _window(self, start: date, last: date) -> Cursor:
        return {"from": start.isoformat(), "to": min(start + timedelta(days=self.days - 1), last).isoformat()}


def opened(pager: Pager, cursor: Cursor, until: datetime) -> Cursor:
    """``cursor`` ready for its first request: as it is when it stands inside a window, else a fresh window up to ``until``."""
    if "until" in cursor:
        return cursor
    fresh: dict[str, Any] = {"since": cursor["since"], "until": until.isoformat()}
    return pager.opened(fresh) if isinstance(pager, Windows) else fresh | pager.first()


def moved(pager: Pager, cursor: Cursor, seen: Seen) -> Cursor:
    """The cursor behind the page just read; ``{"since": until}`` when the window is done.

    ``got`` counts the records of a window, ``total`` is what was promised last. When that has fallen, records have left the window (they were changed
    meanwhile) and those behind them have moved up, some of them past the reader: the reading steps back by as many. Raises BadAnswer when the
    source promised more than it gave.
    """
    if back := stepped_back(pager, cursor, seen):
        return cursor | back
    step = pager.after(cursor, seen)
    got = cursor.get("got", 0) + seen.rows
    turned = step is None or step.get("from", cursor.get("from")) != cursor.get("from")
    if turned and seen.total is not None and got < seen.total:
        raise BadAnswer(f"the source promised {seen.total} records and gave {got}")
    if step is None:
        return {"since": cursor["until"]}
    promised = {} if seen.total is None else {"total": None if turned else seen.total}
    return cursor | step | {"got": 0 if turned else got} | promised


def stepped_back(pager: Pager, cursor: Cursor, seen: Seen) -> Cursor | None:
    """The place before all that has moved up since the page before; None while nobody left the window, or when places do not move."""
    before = cursor.get("total")
    back = getattr(pager.inner if isinstance(pager, Windows) else pager, "back", None)
    if before is None or seen.total is None or seen.total >= before or back is None:
        return None
    place: Cursor = back(cursor, before - seen.total)
    return place | {"total": seen.total}
