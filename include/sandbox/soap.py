"""What both SOAP systems share: envelopes opened and closed, requests checked against the WSDL's own schema, faults."""

from functools import cached_property
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree
from starlette.responses import Response

from include.sandbox.calls import Call

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
CONTRACTS = Path(__file__).parents[2] / "connectors" / "contracts"
_XSD = "{http://www.w3.org/2001/XMLSchema}schema"
_ADDRESS = "{http://schemas.xmlsoap.org/wsdl/soap/}address"
MEDIA = "text/xml; charset=utf-8"
SENDER, RECEIVER = "Client", "Server"


class Refused(Exception):
    """The caller is told ``code`` (detail/loi/ma) and why."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class Contract:
    """A WSDL as its server needs it: to show, and to check by."""

    def __init__(self, name: str) -> None:
        self.tree = etree.parse(CONTRACTS / name, _parser())
        schema = next(self.tree.iter(_XSD))
        self.namespace = schema.get("targetNamespace", "")
        self.schema = etree.XMLSchema(etree.fromstring(etree.tostring(schema)))  # alone, it must carry its own prefixes

    @cached_property
    def _template(self) -> str:
        for address in self.tree.iter(_ADDRESS):
            address.set("location", "{address}")
        return etree.tostring(self.tree, encoding="unicode")

    def shown_at(self, url: str) -> Response:
        """The WSDL with its address rewritten to where it is served."""
        return Response(self._template.replace("{address}", escape(url, {'"': "&quot;"})), media_type=MEDIA)

    def request(self, body: bytes) -> tuple[etree._Element, etree._Element]:
        """(envelope, valid request element). Raises Refused with THAMSO."""
        envelope = parse(body)
        found = envelope.find(f"{{{ENVELOPE}}}Body")
        if envelope.tag != f"{{{ENVELOPE}}}Envelope" or found is None or len(found) != 1:
            raise Refused("THAMSO", "không phải SOAP 1.1 với một phần tử trong Body")
        if not self.schema.validate(found[0]):
            raise Refused("THAMSO", f"{etree.QName(found[0]).localname} không đúng lược đồ")
        return envelope, found[0]

    def answer(self, operation: str, inner: str) -> Response:
        """The answer of an operation; ``inner`` is XML without prefixes."""
        return enveloped(f'<{operation}Response xmlns="{self.namespace}">{inner}</{operation}Response>', 200)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def parse(body: bytes) -> etree._Element:
    """The root of a request. Raises Refused on broken XML and on any DTD: entities are how XML bombs are built."""
    try:
        root = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError:
        raise Refused("THAMSO", "XML không đọc được") from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise Refused("THAMSO", "không nhận DTD")
    return root


def operation_of(call: Call) -> str:
    """The operation the SOAPAction header names, or ``wsdl``."""
    if call.method == "GET":
        return "wsdl"
    return call.headers.get("soapaction", "").strip('"').rsplit("/", 1)[-1] or "unknown"


def soap_fault(side: str, code: str, why: str, namespace: str) -> Response:
    """A Fault with detail/loi, HTTP 500 (SOAP 1.1 §6.2). ``side`` is Client or Server."""
    detail = f'<loi xmlns="{namespace}"><ma>{escape(code)}</ma><moTa>{escape(why)}</moTa></loi>'
    fault = f"<soap:Fault><faultcode>soap:{side}</faultcode><faultstring>{escape(why)}</faultstring><detail>{detail}</detail></soap:Fault>"
    return enveloped(fault, 500)


def enveloped(inner: str, status: int) -> Response:
    """``inner`` in the Body of an envelope."""
    body = f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body>{inner}</soap:Body></soap:Envelope>'
    return Response(body, status, media_type=MEDIA)
