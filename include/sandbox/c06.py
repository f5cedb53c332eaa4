"""The national citizen database, as far as a province sees it: asked after one person at a time, by an officer, with a signed timestamp.

It knows whom social insurance knows: its register is read from that system's file when the first question comes.
"""

import base64
import binascii
import hashlib
import hmac
import time
import unicodedata
from functools import cached_property
from xml.sax.saxutils import escape

from lxml import etree
from starlette.responses import PlainTextResponse, Response

from include.sandbox.accounts import ACCOUNTS
from include.sandbox.calls import Call
from include.sandbox.moments import AS_OF, iso
from include.sandbox.soap import RECEIVER, SENDER, Contract, Refused, enveloped, soap_fault
from include.sandbox.store import Store
from include.sandbox.wire import INSURANCE, Wire

DAN_CU = "http://www.mic.gov.vn/dancu/1.0"
FRESH = 300.0
"""Seconds a timestamp may be off."""


class C06:
    """The system. ``insurance`` is the store of social insurance."""

    name = "c06"

    def __init__(self, store: Store, insurance: Store) -> None:
        self.store = store
        self._insurance = insurance
        self._contract = Contract("c06.wsdl")
        self.namespace = self._contract.namespace
        self._stranger = False

    @cached_property
    def _people(self) -> dict[str, Wire]:
        rows = (INSURANCE.parse(fragment) for fragment in self._insurance.page(INSURANCE.name, "", "\uffff", 0, 10_000_000))
        return {row[name]: row for row in rows for name in ("soCmnd", "soDinhDanh") if row.get(name)}

    def operation(self, call: Call) -> str:
        """The child of the Body: SOAPAction is empty here."""
        try:
            return etree.QName(self._contract.request(call.body)[1]).localname if call.body else "wsdl"
        except Refused:
            return "unknown"

    def handle(self, call: Call) -> Response:
        """Yes or no, or what is held of one person."""
        if not self._known(call):
            return PlainTextResponse("Unauthorized", 401)
        try:
            _, request = self._contract.request(call.body)
        except Refused as refusal:
            return soap_fault(SENDER, refusal.code, str(refusal), self.namespace)
        person = self._person(request)
        if etree.QName(request).localname == "XacThucThongTinCongDan":
            return enveloped(f'<KetQuaXacThuc xmlns="{DAN_CU}"><TonTai>{"true" if person else "false"}</TonTai></KetQuaXacThuc>', 200)
        inner = shown(person) if person else ""
        return enveloped(
            f'<CongdanCollection xmlns="{DAN_CU}" SoCongDan="{1 if person else 0}" ThoiDiemDuLieu="{iso(AS_OF)}">{inner}</CongdanCollection>', 200
        )

    def trouble(self, call: Call, status: int) -> Response:  # noqa: ARG002 one signature for all
        """Overload is a Fault; throttling is the gateway's."""
        return soap_fault(RECEIVER, "QUATAI", "Hệ thống đang quá tải", self.namespace) if status == 503 else PlainTextResponse("Too Many", status)

    def expire(self) -> None:
        """The next call is told its timestamp is no good."""
        self._stranger = True

    def _known(self, call: Call) -> bool:
        """Whether key, client and the signature over address, user, moment and secret are right, and the moment is now."""
        account, stamp = ACCOUNTS["c06"], call.headers.get("timestamp", "")
        if self._stranger or not stamp.isascii() or not stamp.isdigit() or abs(time.time() - int(stamp) / 1000) > FRESH:
            self._stranger = False
            return False
        digest = hashlib.sha256(f"{call.url}{account['user']}{stamp}{account['secret']}".encode()).hexdigest()
        try:
            shown_by = base64.b64decode(call.headers.get("authorization", "").removeprefix("Basic "), validate=True)
        except binascii.Error:
            return False
        right = hmac.compare_digest(shown_by, f"{account['user']}:{digest}".encode())
        return right and call.headers.get("apikey") == account["apikey"] and call.headers.get("x-road-client") == account["client"]

    def _person(self, request: etree._Element) -> Wire | None:
        """The person, if number, name and birth date all fit."""
        found = self._people.get(request.findtext("{*}SoDinhDanh") or request.findtext("{*}SoCMND") or "")
        if found is None or folded(found["hoTen"]) != folded(request.findtext("{*}HoVaTen") or ""):
            return None
        day, year = request.findtext(".//{*}NgayThangNam"), request.findtext(".//{*}Nam")
        return found if found["ngaySinh"] == day or (year is not None and found["ngaySinh"][:4] == year) else None


def folded(name: str) -> str:
    """A name as it is compared: capitals, composed, single spaces."""
    return unicodedata.normalize("NFC", " ".join(name.split())).upper()


def shown(person: Wire) -> str:
    """A person as the database tells them."""
    family, *middle = folded(person["hoTen"]).split(" ")
    given = middle.pop() if middle else ""
    born = person["ngaySinh"]
    birth = f"<NgayThangNam>{born}</NgayThangNam>" if len(born) == 8 else f"<Nam>{escape(born[:4])}</Nam>"
    old = f"<SoCMND>{person['soCmnd']}</SoCMND>" if person.get("soCmnd") else ""
    name = f"<Ho>{escape(family)}</Ho><ChuDem>{escape(' '.join(middle))}</ChuDem><Ten>{escape(given)}</Ten>"
    number = escape(person.get("soDinhDanh") or "")
    return f"<CongDan><SoDinhDanh>{number}</SoDinhDanh>{old}<HoVaTen>{name}</HoVaTen><NgayThangNamSinh>{birth}</NgayThangNamSinh></CongDan>"
