"""REST sources: a request for each cursor, a reader for each body."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

import msgspec

from connectors.errors import BadAnswer, ConnectorError, SourceRefused, SourceUnavailable
from connectors.jsontext import NOT_JSON, SPOILT, cut_short, read, what_came
from connectors.links import same_host
from connectors.page import Check, Cursor, Page
from connectors.paging import Pager, Seen
from connectors.transport import Answer, Request, Transport, Verdict
from connectors.walking import walk
from connectors.xmlguard import Shape, parse, to_dict

Opened = bytes | dict[str, msgspec.Raw]


class Reader(Protocol):
    """Finds the records in a body."""

    def seen(self, body: bytes) -> Seen:
        """What the body says about paging."""

    def rows(self, body: bytes) -> Sequence[bytes]:
        """The raw records."""

    def decode(self, raw: bytes) -> dict[str, Any]:
        """One record as nested dicts of text."""


class RestSource:
    """A dataset behind HTTP.

    ``following`` finds the next page's address in an answer, as ``links.next_link`` does in its header; without it the reader does, in the
    body. With the pager ``Links`` that address takes the place of the request's own. ``ahead`` pages are fetched at a time where the source
    tells its total, within the transport's rate budget.
    """

    def __init__(
        self,
        transport: Transport,
        request: Callable[[Cursor], Request],
        pager: Pager,
        reader: Reader,
        following: Callable[[Answer], str] | None = None,
        ahead: int = 1,
    ) -> None:
        self.transport = transport
        self.request = request
        self.pager = pager
        self.reader = reader
        self.rows = reader.rows
        self.decode = reader.decode
        self.following = following
        self.ahead = ahead

    def pages(self, cursor: Cursor, until: datetime) -> Iterator[Page]:
        """Every page from ``cursor`` on. Raises BadAnswer when the source leads in a circle."""
        return walk(self.pager, cursor, until, self.fetch, self._seen, self.ahead)

    def fetch(self, cursor: Cursor) -> Answer:
        """The answer for ``cursor``. Dialects that bind the answer to the question do more."""
        return self.transport.send(self.asked(cursor))

    def asked(self, cursor: Cursor) -> Request:
        """The request for ``cursor``."""
        request, link = self.request(cursor), cursor.get("link")
        return replace(request, url=same_host(request.url, link), params={}) if link else request

    def _seen(self, answer: Answer) -> Seen:
        try:
            seen = self.reader.seen(answer.body)
        except BadAnswer as error:
            raise BadAnswer(f"{error}, sent as {answer.media_type or 'of no type'}") from None
        return replace(seen, token=self.following(answer)) if self.following else seen

    def check(self) -> Iterator[Check]:
        """Credentials, then the first page of the last day."""
        yield from tried(self.transport, lambda: self._first_page())

    def _first_page(self) -> str:
        now = datetime.now().astimezone()
        page = next(self.pages({"since": now.isoformat()}, now))
        return f"{page.rows} rows"

    def close(self) -> None:
        """Closes kept connections."""
        self.transport.close()


def tried(transport: Transport, read: Callable[[], str]) -> Iterator[Check]:
    """The two lines of every diagnosis: are we let in, does it answer."""

    def enter() -> str:
        return "accepted" if transport.auth.headers() else "none needed"

    steps: tuple[tuple[str, Callable[[], str]], ...] = (("credentials", enter), ("one page", read))
    for what, step in steps:
        try:
            yield Check(what, True, step())
        except SourceRefused as error:
            yield Check(what, False, str(error), "ours or the agreement: check the credentials with the agency")
            return
        except SourceUnavailable as error:
            yield Check(what, False, str(error), "theirs or the network: the system does not answer")
            return
        except ConnectorError as error:
            yield Check(what, False, str(error), "theirs: the answer breaks the contract")
            return


def refused_when(failed: Callable[[dict[str, Any]], str]) -> Verdict:
    """A verdict on JSON bodies: ``failed`` gets the envelope without its data and says why it is a refusal, or ``""``."""

    def verdict(answer: Answer) -> None:
        try:
            envelope = read(answer.body, dict[str, msgspec.Raw])
            small = {name: msgspec.json.decode(raw) for name, raw in envelope.items() if len(bytes(raw)) < 1000}
        except NOT_JSON as error:
            raise broken(answer, str(error)) from None
        why = failed(small)
        if why:
            raise SourceRefused(why)

    return verdict


def broken(answer: Answer, why: str) -> ConnectorError:
    """The error for a body that is not JSON: cut short (try again) or something else altogether (a login page, say)."""
    if answer.media_type == "application/json" and cut_short(why):
        return SourceUnavailable("the JSON answer was cut short")
    return BadAnswer(f"{what_came(answer.body, why)}, sent as {answer.media_type or 'of no type'}")


def both(*verdicts: Verdict) -> Verdict:
    """One verdict after the other."""

    def verdict(answer: Answer) -> None:
        for each in verdicts:
            each(answer)

    return verdict


def steps(path: str) -> list[str]:
    """The names along a dotted path; a name in brackets may hold dots."""
    head, bracket, tail = path.partition("[")
    return [*filter(None, head.split(".")), *([tail.removesuffix("]")] if bracket else [])]


class JsonRecords:
    """Records in a JSON array at ``path``; the total at ``total``, the continuation token or next link at ``following``; all dotted.

    OData names hold dots of their own: the last part of a path is then written in brackets, as in ``[@odata.nextLink]``.
    """

    def __init__(self, path: str, total: str = "", following: str = "") -> None:
        self._path = steps(path)
        self._total = steps(total)
        self._following = steps(following)

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[dict[str, msgspec.Raw]]:
        return msgspec.json.Decoder(dict[str, msgspec.Raw])

    def _opened(self, body: bytes) -> Opened:
        """The body with its own names read, once for all who look into it; one that is an array itself stays as it is."""
        try:
            return read(body, dict[str, msgspec.Raw], SPOILT) if self._path else bytes(read(body, msgspec.Raw, SPOILT))
        except NOT_JSON as error:
            raise BadAnswer(what_came(body, str(error))) from None

    def _at(self, opened: Opened, path: Sequence[str]) -> bytes | msgspec.Raw:
        found: bytes | msgspec.Raw
        found, rest = (opened, path) if isinstance(opened, bytes) else (opened[path[0]], path[1:])
        for name in rest:
            found = self._decoder.decode(found)[name]
        return found

    def _records(self, opened: Opened) -> list[msgspec.Raw]:
        try:
            return msgspec.json.decode(self._at(opened, self._path), type=list[msgspec.Raw])
        except (*NOT_JSON, KeyError):
            raise BadAnswer(f"no array at {'.'.join(self._path) or 'the top'}") from None

    def rows(self, body: bytes) -> Sequence[bytes]:
        """The raw JSON of each record."""
        return [bytes(raw) for raw in self._records(self._opened(body))]

    def seen(self, body: bytes) -> Seen:
        """Count and total."""
        opened = self._opened(body)
        try:
            total = int(msgspec.json.decode(self._at(opened, self._total))) if self._total else None
        except (*NOT_JSON, KeyError, ValueError, TypeError):
            raise BadAnswer(f"no number at {'.'.join(self._total)}") from None
        return Seen(len(self._records(opened)), total, token=self._next(opened))

    def _next(self, opened: Opened) -> str:
        """The token of the answer; empty on the last page, where many sources leave it out."""
        if not self._following:
            return ""
        try:
            found = msgspec.json.decode(self._at(opened, self._following))
        except KeyError:
            return ""
        except NOT_JSON:
            raise BadAnswer(f"nothing readable at {'.'.join(self._following)}") from None
        if found is not None and not isinstance(found, str):
            raise BadAnswer(f"no text at {'.'.join(self._following)}")
        return found or ""

    def decode(self, raw: bytes) -> dict[str, Any]:
        """The record; numbers stay numbers."""
        try:
            record = msgspec.json.decode(raw)
        except NOT_JSON:
            half = SPOILT in raw
            raise BadAnswer("a record holds half a character, or text that is not UTF-8" if half else "a record is not JSON") from None
        if not isinstance(record, dict):
            raise BadAnswer(f"a record is {type(record).__name__}, an object was expected")
        return record


class XmlInJson:
    """Records as children of an XML document that travels in a JSON string, as civil status sends them."""

    def __init__(self, path: str, total: str, shape: Shape | None = None) -> None:
        self._path = path
        self._total = total
        self._shape = shape or {}

    def _envelope(self, body: bytes) -> dict[str, Any]:
        try:
            envelope = read(body, dict[str, Any])
        except NOT_JSON as error:
            raise BadAnswer(what_came(body, str(error))) from None
        if not isinstance(envelope.get(self._path), str):
            raise BadAnswer(f"no text at {self._path}")
        return envelope

    def rows(self, body: bytes) -> Sequence[bytes]:
        """The XML of each record."""
        from lxml import etree

        xml: str = self._envelope(body)[self._path]
        return [etree.tostring(child, encoding="utf-8", with_tail=False) for child in parse(xml.encode())] if xml else []

    def seen(self, body: bytes) -> Seen:
        """Count and total."""
        try:
            total = int(self._envelope(body)[self._total])
        except (KeyError, ValueError, TypeError):
            raise BadAnswer(f"no number at {self._total}") from None
        return Seen(len(self.rows(body)), total)

    def decode(self, raw: bytes) -> dict[str, Any]:
        """The record as nested dicts of text."""
        return to_dict(parse(raw), self._shape)
