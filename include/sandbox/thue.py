"""The tax office behind an X-Road security server: SOAP with X-Road headers, every answer bound to its question by ``requestHash``."""

import base64
import hashlib

from lxml import etree
from starlette.responses import Response

from include.sandbox.accounts import ACCOUNTS
from include.sandbox.bhxh import local_moment
from include.sandbox.calls import Call
from include.sandbox.repeats import Repeats
from include.sandbox.soap import ENVELOPE, MEDIA, Contract, Refused, parse
from include.sandbox.store import Store
from include.sandbox.wire import TAXPAYERS

XROAD = "http://x-road.eu/xsd/xroad.xsd"
IDENTIFIERS = "http://x-road.eu/xsd/identifiers"
LARGEST_PAGE = 1000
_NEEDED = ("client", "service", "id", "protocolVersion")


class Thue:
    """The service and the security server in front of it."""

    name = "thue"

    def __init__(self, store: Store) -> None:
        self.store = store
        self._contract = Contract("thue.wsdl")
        self.namespace = self._contract.namespace
        self._repeats = Repeats()
        self._stranger = False

    def operation(self, call: Call) -> str:
        """The service code of the X-Road header; X-Road does not read SOAPAction."""
        try:
            code = parse(call.body).findtext(f".//{{{XROAD}}}service/{{{IDENTIFIERS}}}serviceCode") if call.body else None
        except Refused:
            code = None
        return code or ("wsdl" if call.method == "GET" else "unknown")

    def handle(self, call: Call) -> Response:
        """The WSDL, or the one service."""
        if call.method == "GET" and "wsdl" in call.query:
            return self._contract.shown_at(call.url)
        try:
            envelope, request = self._contract.request(call.body)
        except Refused as refusal:
            return technical("Client.MalformedXml", str(refusal))
        header = envelope.find(f"{{{ENVELOPE}}}Header")
        fault = self._gate(header)
        if fault:
            return technical(fault, "Request is not allowed")
        return self._answered(call, header, self._taxpayers(request, call.repeat))

    def trouble(self, call: Call, status: int) -> Response:  # noqa: ARG002 one signature for all
        """The provider behind the security server does not answer."""
        return technical("Server.ServerProxy.NetworkError", "Could not connect to any target host", status)

    def expire(self) -> None:
        """X-Road knows no session; the next call finds its right withdrawn."""
        self._stranger = True

    def _gate(self, header: etree._Element | None) -> str:
        """The fault code that stands between the client and the service; empty when nothing does."""
        if header is None or any(header.find(f"{{{XROAD}}}{name}") is None for name in _NEEDED):
            return "Client.MissingHeaderField"
        if header.findtext(f"{{{XROAD}}}protocolVersion") != "4.0":
            return "Client.InvalidProtocolVersion"
        client = ":".join(node.text or "" for node in header.find(f"{{{XROAD}}}client") or [])
        if self._stranger or client != ACCOUNTS["thue"]["client"]:
            self._stranger = False
            return "Server.ServerProxy.AccessDenied"
        service = [node.text or "" for node in header.find(f"{{{XROAD}}}service") or []]
        return "" if ":".join(service[:4]) == ACCOUNTS["thue"]["service"] else "Server.ServerProxy.UnknownService"

    def _taxpayers(self, request: etree._Element, repeat: int) -> str:
        page, size = int(request.findtext("{*}trang") or 0), int(request.findtext("{*}soLuong") or 0)
        if size > LARGEST_PAGE:
            return f"<fault><faultCode>THAMSO</faultCode><faultString>soLuong tối đa {LARGEST_PAGE}</faultString></fault>"
        window = (TAXPAYERS.name, local_moment(request.findtext("{*}tuThoiDiem")), local_moment(request.findtext("{*}denThoiDiem")))
        back = self._repeats.of(window, page == 1, repeat)
        rows = self.store.page(*window, (page - 1) * size - back, size)
        return f"<tongSo>{self.store.count(*window) + back}</tongSo>" + "".join(rows)

    def _answered(self, call: Call, header: etree._Element | None, inner: str) -> Response:
        """The X-Road headers again, in their order, with the hash of the request's bytes."""
        kept = "".join(etree.tostring(node, encoding="unicode", with_tail=False) for node in (header if header is not None else []))
        digest = base64.b64encode(hashlib.sha512(call.body).digest()).decode()
        bound = f'<xrd:requestHash xmlns:xrd="{XROAD}" algorithmId="http://www.w3.org/2001/04/xmlenc#sha512">{digest}</xrd:requestHash>'
        body = f'<DanhSachNguoiNopThueResponse xmlns="{self.namespace}">{inner}</DanhSachNguoiNopThueResponse>'
        return _envelope(f"<soap:Header>{kept}{bound}</soap:Header><soap:Body>{body}</soap:Body>", 200)


def technical(code: str, why: str, status: int = 500) -> Response:
    """A fault of X-Road itself."""
    return _envelope(f"<soap:Body><soap:Fault><faultcode>{code}</faultcode><faultstring>{why}</faultstring></soap:Fault></soap:Body>", status)


def _envelope(inner: str, status: int) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{ENVELOPE}">{inner}</soap:Envelope>'
    return Response(text, status, media_type=MEDIA)
