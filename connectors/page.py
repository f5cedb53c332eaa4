"""The one contract of all connectors: a source reads pages from a cursor, a sink pushes items and returns receipts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

Cursor = dict[str, Any]
"""Where to go on reading: a small JSON object. ``since`` is always there; the rest belongs to the pager."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One system as the hub reaches it. ``secret`` never shows in a repr."""

    system: str
    url: str
    user: str = ""
    secret: str = ""
    options: Mapping[str, str] = ()  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Endpoint({self.system}, {self.url}, user={self.user!r})"

    def option(self, name: str) -> str:
        """A further setting of the endpoint; KeyError says which is missing."""
        try:
            return dict(self.options)[name]
        except KeyError:
            raise KeyError(f"endpoint {self.system} has no option {name!r}") from None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a source, exactly as it came.

    ``after`` is the cursor to go on from; ``rows`` the records in it; ``promised`` what the source says the whole window holds;
    ``trouble`` why nothing could be read of it.
    """

    body: bytes
    media_type: str
    rows: int
    after: Cursor
    promised: int | None = None
    finished: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a diagnosis: what was tried, did it work, whose side is at fault when not."""

    what: str
    ok: bool
    detail: str = ""
    side: str = ""


class Source(Protocol):
    """Reads a dataset page by page."""

    def pages(self, cursor: Cursor, until: datetime) -> Iterator[Page]:
        """Every page from ``cursor`` on, of what changed before ``until``; the last one is ``finished``."""

    def rows(self, body: bytes) -> Sequence[bytes]:
        """The records of a page as raw bytes, in order. Offline: also reads pages landed long ago. Raises BadAnswer."""

    def decode(self, raw: bytes) -> dict[str, Any]:
        """One raw record as nested dicts of text."""

    def check(self) -> Iterator[Check]:
        """Tries the system step by step, reading at most one page."""

    def close(self) -> None:
        """Lets connections go."""


class Outcome(StrEnum):
    """What became of one item pushed."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Item:
    """One record to push. ``reference`` names it in receipts; ``known`` when the target has accepted an earlier version; ``seen`` is the
    moment (ISO) of the newest change the sender knows of, empty when the target itself never changes such records.
    """

    reference: str
    payload: Mapping[str, Any]
    known: bool = False
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The target's word on one item."""

    reference: str
    outcome: Outcome
    code: str = ""
    message: str = ""


class Sink(Protocol):
    """Pushes records into a system."""

    batch: int

    def push(self, request_id: str, items: Sequence[Item]) -> list[Receipt]:
        """One receipt per item, in order. ``request_id`` stays the same when the same request is tried again."""

    def resolve(self, request_id: str, items: Sequence[Item]) -> list[Receipt]:
        """Asks the target what became of a request whose answer was lost; UNKNOWN means it never arrived: push again."""

    def check(self) -> Iterator[Check]:
        """Tries the system step by step, changing nothing."""

    def close(self) -> None:
        """Lets connections go."""
