"""A pinned WSDL: builds requests with zeep, opens answers with its own XSD. zeep's lenient reader never sees an answer.

Contracts are files of this repository, pinned by their sha256; nothing is imported from anywhere else.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from connectors.envelope import MEDIA, SOAP_11, SOAP_12, FaultTable, Version, cut_short, only_child, raise_fault
from connectors.errors import BadAnswer, RequestRefused, SourceUnavailable
from connectors.mtom import MULTIPART, soap_part
from connectors.transport import Answer, Verdict, plain_http
from connectors.xmlguard import Shape, local, parse, why

CONTRACTS = Path(__file__).parent / "contracts"
XSD = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP_BINDINGS = {"http://schemas.xmlsoap.org/wsdl/soap/": SOAP_11, "http://schemas.xmlsoap.org/wsdl/soap12/": SOAP_12}


@dataclass(frozen=True, slots=True)
class Operation:
    """What the WSDL says of one operation: its SOAPAction and the elements asked with and answered by."""

    action: str
    asks: str
    answers: str


class Contract:
    """A WSDL of this repository, document/literal. Its version of SOAP is that of its first binding."""

    def __init__(self, name: str, folder: Path = CONTRACTS) -> None:
        self.path = folder / name
        pinned(self.path)
        wsdl = parse(self.path.read_bytes())
        schemas = wsdl.findall(f"{WSDL}types/{XSD}schema")
        if not schemas or any(wsdl.find(f".//{XSD}{tag}") is not None for tag in ("import", "include", "redefine")):
            raise BadAnswer(f"{name}: a contract holds its schemas itself, without imports")
        self.namespace = schemas[0].get("targetNamespace", "")
        self.nodes = {schema.get("targetNamespace", ""): schema for schema in schemas}
        self._schemas = {space: etree.XMLSchema(parse(etree.tostring(node))) for space, node in self.nodes.items()}
        self._types = {node.get("name", ""): node for schema in schemas for node in schema.findall(f"{XSD}complexType")}
        self._elements = {node.get("name", ""): node for schema in schemas for node in schema.findall(f"{XSD}element")}
        self.version, self.operations = described(wsdl)

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
        body = envelope.find(f"{{{self.version.namespace}}}Body")
        if wrong := self.complaint(body[0]):
            raise RequestRefused(f"{operation}: the request breaks the schema: {wrong}")
        if wsse is not None:
            envelope, _ = wsse.apply(envelope, {})
        return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")

    def soap_action(self, operation: str) -> str:
        """The SOAPAction the WSDL gives."""
        return self.operations[operation].action

    def open(self, body: bytes, operation: str, understood: Collection[str] = ()) -> etree._Element:
        """The answer element of ``operation``: one Body, one child, of the right name, valid. Anything else is a BadAnswer."""
        child = only_child(soap_part(body), self.version, understood)
        expected = self.operations[operation].answers
        if child.tag != expected:
            raise BadAnswer(f"the answer is {local(child)}, {etree.QName(expected).localname} was expected")
        if wrong := self.complaint(child):
            raise BadAnswer(f"{local(child)} breaks the schema: {wrong}")
        return child

    def schema(self, element: str) -> etree.XMLSchema:
        """The schema of an element's namespace."""
        found = self._schemas.get(etree.QName(element).namespace or "")
        if found is None:
            raise BadAnswer(f"the contract has no schema for {etree.QName(element).localname}")
        return found

    def complaint(self, element: etree._Element) -> str:
        """What is wrong with an element; empty when it is valid."""
        schema = self.schema(element.tag)
        return "" if schema.validate(element) else why(schema)

    def shape(self, element: str) -> Shape:
        """Which children of a global element, or of a complex type, repeat."""
        out: dict[str, Any] = {}
        for child in self.children(element):
            kind = child.get("type", "").split(":")[-1]
            inner = self.shape(kind) if kind in self._types else {}
            repeats = child.get("maxOccurs", "1") != "1"
            if repeats or inner:
                out[child.get("name", "")] = (repeats, inner)
        return out

    def children(self, element: str) -> list[etree._Element]:
        """The element declarations inside a global element or a complex type."""
        node = self._elements.get(element)
        node = node if node is not None else self._types[element]
        if node.get("type", "").split(":")[-1] in self._types:
            node = self._types[node.get("type", "").split(":")[-1]]
        return [child for child in node.iter(f"{XSD}element") if child is not node]

    def verdict(self, faults: FaultTable, understood: Collection[str] = ()) -> Verdict:
        """The verdict on an answer: Faults by the system's table, then HTTP."""

        def verdict(answer: Answer) -> None:
            soap = answer.media_type in MEDIA or answer.media_type == MULTIPART
            body = soap_part(answer.body) if soap and answer.body else answer.body
            if soap and cut_short(body):
                raise SourceUnavailable("the SOAP answer was cut short")
            if soap and b"Fault" in body[:4000]:
                raise_fault(body, faults, self.version, understood)
            if answer.status == 200 and not soap:
                raise BadAnswer(f"not a SOAP answer but {answer.media_type or 'of no type'}")
            plain_http(answer)

        return verdict


def described(wsdl: etree._Element) -> tuple[Version, dict[str, Operation]]:
    """Version and operations of the first binding."""
    binding = wsdl.find(f"{WSDL}binding")
    kinds = [SOAP_BINDINGS.get(etree.QName(node).namespace or "") for node in (binding if binding is not None else []) if isinstance(node.tag, str)]
    if binding is None or not kinds or kinds[0] is None:
        raise BadAnswer("the contract's first binding is not SOAP")
    parts = {message.get("name", ""): part for message in wsdl.findall(f"{WSDL}message") for part in message.findall(f"{WSDL}part")}
    port = next(node for node in wsdl.findall(f"{WSDL}portType") if node.get("name") == _plain(binding.get("type")))
    actions = {node.get("name", ""): node[0].get("soapAction", "") for node in binding.findall(f"{WSDL}operation")}

    def element(operation: etree._Element, side: str) -> str:
        node = operation.find(f"{WSDL}{side}")
        part = parts[_plain(node.get("message"))] if node is not None else None
        prefix, _, name = ((part.get("element") or "") if part is not None else "").rpartition(":")
        return f"{{{part.nsmap.get(prefix or None, '')}}}{name}" if part is not None else ""

    operations = {
        node.get("name", ""): Operation(actions.get(node.get("name", ""), ""), element(node, "input"), element(node, "output"))
        for node in port.findall(f"{WSDL}operation")
    }
    return kinds[0], operations


def _plain(name: str | None) -> str:
    return (name or "").rpartition(":")[2]


@lru_cache(maxsize=32)
def contract(name: str) -> Contract:
    """The contract called ``name``, read once per process."""
    return Contract(name)


def pinned(path: Path) -> None:
    """Raises BadAnswer unless the file is the one whose sha256 stands in SHA256SUMS."""
    line = f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}"
    if line not in (path.parent / "SHA256SUMS").read_text().splitlines():
        raise BadAnswer(f"{path.name} is not the contract pinned in SHA256SUMS")
