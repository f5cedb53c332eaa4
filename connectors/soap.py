"""SOAP on zeep, with the doors shut.

zeep reads the WSDL and builds requests. Answers never reach zeep's lenient parser: they are opened here, checked against the WSDL's own
XSD, and only then read. Contracts are files of this repository, pinned by their sha256; nothing is imported from anywhere else.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from connectors.errors import BadAnswer, ConnectorError, RequestRefused, SourceRefused, SourceUnavailable
from connectors.page import Check, Cursor, Endpoint, Page
from connectors.paging import Pager, Seen
from connectors.rest import tried
from connectors.transport import Answer, Request, Transport, Verdict, plain_http
from connectors.walking import walk
from connectors.xmlguard import Shape, local, parse, to_dict

CONTRACTS = Path(__file__).parent / "contracts"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XSD = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"

FaultTable = Mapping[str, type[ConnectorError]]
"""What each fault code of a system means for us."""


class Contract:
    """A pinned WSDL: builds requests, opens answers."""

    def __init__(self, name: str, folder: Path = CONTRACTS) -> None:
        self.path = folder / name
        pinned(self.path)
        self._wsdl = parse(self.path.read_bytes())
        schemas = self._wsdl.findall(f"{WSDL}types/{XSD}schema")
        if len(schemas) != 1 or self._wsdl.find(f".//{XSD}import") is not None:
            raise BadAnswer(f"{name}: a contract holds exactly one schema, without imports")
        self.namespace = schemas[0].get("targetNamespace", "")
        self._schema = etree.XMLSchema(parse(etree.tostring(schemas[0])))
        self._types = {node.get("name", ""): node for node in schemas[0].findall(f"{XSD}complexType")}
        self._elements = {node.get("name", ""): node for node in schemas[0].findall(f"{XSD}element")}

    @cached_property
    def _client(self) -> Any:
        import zeep
        from zeep.transports import Transport as ZeepTransport

        pinned_path = self.path.resolve()

        class NoNetwork(ZeepTransport):
            def load(self, url: str) -> bytes:
                if Path(url).resolve() != pinned_path:
                    raise BadAnswer(f"the contract wants {url!r}: nothing outside it is read")
                return pinned_path.read_bytes()

        settings = zeep.Settings(forbid_dtd=True, forbid_external=True)
        return zeep.Client(str(self.path), transport=NoNetwork(), settings=settings)  # type: ignore[no-untyped-call]

    def request(self, operation: str, arguments: Mapping[str, Any], wsse: Any = None) -> bytes:
        """The envelope of one call. Raises RequestRefused when the arguments do not fit the schema."""
        import zeep.exceptions

        try:
            envelope = self._client.create_message(self._client.service, operation, **arguments)
        except (zeep.exceptions.Error, TypeError, ValueError) as error:
            raise RequestRefused(f"{operation}: the arguments do not fit the contract ({type(error).__name__})") from None
        body = envelope.find(f"{{{ENVELOPE}}}Body")
        if not self._schema.validate(body[0]):
            raise RequestRefused(f"{operation}: the request breaks the schema: {self._why()}")
        if wsse is not None:
            envelope, _ = wsse.apply(envelope, {})
        return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")

    def soap_action(self, operation: str) -> str:
        """The SOAPAction the WSDL gives."""
        return f"{self.namespace}/{operation}"

    def open(self, body: bytes, operation: str) -> etree._Element:
        """The answer element of ``operation``: one Body, one child, of the right name, valid. Anything else is a BadAnswer."""
        child = only_child(body)
        expected = f"{{{self.namespace}}}{operation}Response"
        if child.tag != expected:
            raise BadAnswer(f"the answer is {local(child)}, {operation}Response was expected")
        if not self._schema.validate(child):
            raise BadAnswer(f"{operation}Response breaks the schema: {self._why()}")
        return child

    def _why(self) -> str:
        """The schema's complaint without the value complained of, which may be personal."""
        error: Any = getattr(self._schema.error_log, "last_error", None)
        return f"{error.type_name} at {(error.path or '').rsplit('/', 1)[-1]}" if error is not None else "unknown"

    def shape(self, element: str) -> Shape:
        """Which children of a global element, or of a complex type, repeat."""
        node = self._elements.get(element)
        node = node if node is not None else self._types[element]
        out: dict[str, Any] = {}
        for child in node.iter(f"{XSD}element"):
            if child is node:
                continue
            kind = child.get("type", "").split(":")[-1]
            inner = self.shape(kind) if kind in self._types else {}
            repeats = child.get("maxOccurs", "1") != "1"
            if repeats or inner:
                out[child.get("name", "")] = (repeats, inner)
        return out

    def verdict(self, faults: FaultTable) -> Verdict:
        """The verdict on an answer: Faults by the system's table, then HTTP."""

        def verdict(answer: Answer) -> None:
            soap = answer.media_type in {"text/xml", "application/soap+xml"}
            if soap and cut_short(answer.body):
                raise SourceUnavailable("the SOAP answer was cut short")
            if soap and b"Fault" in answer.body[:4000]:
                raise_fault(answer.body, faults)
            if answer.status == 200 and not soap:
                raise BadAnswer(f"not a SOAP answer but {answer.media_type or 'of no type'}")
            plain_http(answer)

        return verdict


@lru_cache(maxsize=32)
def contract(name: str) -> Contract:
    """The contract called ``name``, read once per process."""
    return Contract(name)


def pinned(path: Path) -> None:
    """Raises BadAnswer unless the file is the one whose sha256 stands in SHA256SUMS."""
    line = f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}"
    if line not in (path.parent / "SHA256SUMS").read_text().splitlines():
        raise BadAnswer(f"{path.name} is not the contract pinned in SHA256SUMS")


def cut_short(body: bytes) -> bool:
    """An envelope was begun and not ended: the answer got lost on the way, and asking again will help."""
    return b"Envelope" in body[:1000] and not re.search(rb"</(?:[\w.-]+:)?Envelope\s*>", body[-1000:])


def only_child(body: bytes) -> etree._Element:
    """The one child of the one Body of an envelope."""
    root = parse(body)
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise BadAnswer(f"the root is {local(root)}, a SOAP 1.1 Envelope was expected")
    if next(root.iter(etree.PI), None) is not None:
        raise BadAnswer("a processing instruction in the envelope")
    for header in root.findall(f"{{{ENVELOPE}}}Header/*"):
        if header.get(f"{{{ENVELOPE}}}mustUnderstand") in {"1", "true"}:
            raise BadAnswer(f"header {local(header)} must be understood, and is not")
    bodies = root.findall(f"{{{ENVELOPE}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise BadAnswer(f"{len(bodies)} Body elements with {sum(len(b) for b in bodies)} children; one with one was expected")
    return bodies[0][0]


def raise_fault(body: bytes, faults: FaultTable) -> None:
    """Raises what a Fault means; returns when the body holds none."""
    child = only_child(body)
    if child.tag != f"{{{ENVELOPE}}}Fault":
        return
    code = (child.findtext("faultcode") or "").split(":")[-1]
    own = next((node.text or "" for node in child.iter("{*}ma")), "")
    kind = faults.get(own) or (SourceUnavailable if code == "Server" else SourceRefused)
    raise kind(f"SOAP Fault {code} {own}".rstrip())


class SoapSource:
    """A dataset behind one SOAP operation that answers with a page of items."""

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
    ) -> None:
        self.endpoint = endpoint
        self.contract = contract
        self.operation = operation
        self.item = f"{{{contract.namespace}}}{item}"
        self.arguments = arguments
        self.seen = seen
        self.pager = pager
        self.transport = transport
        self.wsse = wsse
        self._shape = contract.shape(f"{operation}Response")[item][1]

    def pages(self, cursor: Cursor, until: datetime) -> Iterator[Page]:
        """Every page from ``cursor`` on. Raises BadAnswer when the source leads in a circle."""
        return walk(self.pager, cursor, until, lambda place: self.ask(self.arguments(place)), self._seen)

    def _seen(self, answer: Answer) -> Seen:
        root = self.contract.open(answer.body, self.operation)
        return self.seen(root, len(root.findall(self.item)))

    def ask(self, arguments: Mapping[str, Any]) -> Answer:
        """One call. Dialects that bind the answer to the question do more."""
        return self.transport.send(soap_request(self.endpoint, self.contract, self.operation, arguments, self.wsse))

    def rows(self, body: bytes) -> Sequence[bytes]:
        """The XML of each item."""
        root = self.contract.open(body, self.operation)
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
        headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{contract.soap_action(operation)}"'},
        body=lambda: contract.request(operation, arguments, wsse() if wsse else None),
    )


def username_token(endpoint: Endpoint) -> Any:
    """WS-Security UsernameToken with a digest (OASIS WSS UsernameToken Profile 1.1): one per message."""
    from zeep.wsse.username import UsernameToken

    return UsernameToken(endpoint.user, endpoint.secret, use_digest=True)
