"""SOAP sources: an operation that answers with a page of items, asked and opened by a pinned contract."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from lxml import etree

from connectors.contract import Contract
from connectors.page import Check, Cursor, Endpoint, Page
from connectors.paging import Pager, Seen
from connectors.rest import tried
from connectors.transport import Answer, Request, Transport
from connectors.walking import walk
from connectors.xmlguard import parse, to_dict

Opened = Callable[[bytes], bytes]
"""Turns an answer's bytes into an envelope that may be trusted. Raises BadAnswer."""


class SoapSource:
    """A dataset behind one SOAP operation that answers with a page of items.

    ``wsse`` makes what goes into each message's header (a token, a signature, addresses); ``trusted`` takes from an answer what may be
    trusted, as ``wssecurity.Signature.signed`` does; ``understood`` are the answer's header elements that one of them looks at.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        contract: Contract,
        operation: str,
        item: str,
        arguments: Callable[[Cursor], Mapping[str, Any]],
        seen: Callable[[etree._Element, int], Seen],
        pager: Pager,
        transport: Transport,
        wsse: Callable[[], Any] | None = None,
        trusted: Opened | None = None,
        understood: Collection[str] = (),
    ) -> None:
        self.endpoint = endpoint
        self.contract = contract
        self.operation = operation
        self.item = f"{{{etree.QName(contract.operations[operation].answers).namespace}}}{item}"
        self.arguments = arguments
        self.seen = seen
        self.pager = pager
        self.transport = transport
        self.wsse = wsse
        self.trusted = trusted
        self.understood = understood
        self._shape = contract.shape(etree.QName(contract.operations[operation].answers).localname)[item][1]

    def pages(self, cursor: Cursor, until: datetime) -> Iterator[Page]:
        """Every page from ``cursor`` on. Raises BadAnswer when the source leads in a circle."""
        return walk(self.pager, cursor, until, lambda place: self.ask(self.arguments(place)), self._seen)

    def _seen(self, answer: Answer) -> Seen:
        root = self.open(answer.body)
        return self.seen(root, len(root.findall(self.item)))

    def ask(self, arguments: Mapping[str, Any]) -> Answer:
        """One call. Dialects that bind the answer to the question do more."""
        return self.transport.send(soap_request(self.endpoint, self.contract, self.operation, arguments, self.wsse))

    def open(self, body: bytes) -> etree._Element:
        """The answer element, trusted and valid."""
        return self.contract.open(self.trusted(body) if self.trusted else body, self.operation, self.understood)

    def rows(self, body: bytes) -> Sequence[bytes]:
        """The XML of each item."""
        root = self.open(body)
        return [etree.tostring(node, encoding="utf-8", with_tail=False) for node in root.iterfind(self.item)]

    def decode(self, raw: bytes) -> dict[str, Any]:
        """The item as nested dicts of text, lists where the schema lets an element repeat."""
        return to_dict(parse(raw), self._shape)

    def check(self) -> Iterator[Check]:
        """Credentials, then one page."""
        yield from tried(self.transport, self._first_page)

    def _first_page(self) -> str:
        now = datetime.now().astimezone()
        return f"{next(self.pages({'since': now.isoformat()}, now)).rows} rows"

    def close(self) -> None:
        """Closes kept connections."""
        self.transport.close()


def soap_request(
    endpoint: Endpoint, contract: Contract, operation: str, arguments: Mapping[str, Any], wsse: Callable[[], Any] | None = None
) -> Request:
    """The HTTP request of one call; the envelope is built anew for each attempt, with a fresh nonce."""
    return Request(
        "POST",
        endpoint.url,
        headers=contract.version.headers(contract.soap_action(operation)),
        body=lambda: contract.request(operation, arguments, wsse() if wsse else None),
    )


def username_token(endpoint: Endpoint) -> Any:
    """WS-Security UsernameToken with a digest (OASIS WSS UsernameToken Profile 1.1): one per message."""
    from zeep.wsse.username import UsernameToken

    return UsernameToken(endpoint.user, endpoint.secret, use_digest=True)
