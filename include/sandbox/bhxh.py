"""Social insurance: one SOAP operation behind a UsernameToken."""

from datetime import datetime, timedelta, timezone

from lxml import etree
from starlette.responses import PlainTextResponse, Response

from include.sandbox.accounts import ACCOUNTS
from include.sandbox.calls import Call
from include.sandbox.repeats import Repeats
from include.sandbox.soap import RECEIVER, SENDER, Contract, Refused, operation_of, soap_fault
from include.sandbox.store import Store
from include.sandbox.wire import INSURANCE
from include.sandbox.wsse import UsernameTokens

HANOI = timezone(timedelta(hours=7))
LARGEST_PAGE = 1000


class Bhxh:
    """The system."""

    name = "bhxh"

    def __init__(self, store: Store) -> None:
        self.store = store
        self._contract = Contract("bhxh.wsdl")
        self.namespace = self._contract.namespace
        self._tokens = UsernameTokens(ACCOUNTS["bhxh"]["user"], ACCOUNTS["bhxh"]["secret"])
        self._repeats = Repeats()
        self._stranger = False

    def operation(self, call: Call) -> str:
        """What the SOAPAction says."""
        return operation_of(call)

    def handle(self, call: Call) -> Response:
        """The WSDL, or the one operation."""
        if call.method == "GET" and "wsdl" in call.query:
            return self._contract.shown_at(call.url)
        try:
            envelope, request = self._contract.request(call.body)
            self._authenticate(envelope)
            return self._participants(request, call.repeat)
        except Refused as refusal:
            return soap_fault(SENDER, refusal.code, str(refusal), self.namespace)

    def trouble(self, call: Call, status: int) -> Response:  # noqa: ARG002 one signature for all
        """Overload is a Fault when it is the system's own, and plain HTTP when it is the proxy's."""
        if status == 503:
            return soap_fault(RECEIVER, "QUATAI", "Hệ thống đang quá tải", self.namespace)
        return PlainTextResponse("Too Many Requests", status)

    def expire(self) -> None:
        """There is no session; the next call is told its token is no good."""
        self._stranger = True

    def _authenticate(self, envelope: etree._Element) -> None:
        if self._stranger:
            self._stranger = False
            raise Refused("XACTHUC", "UsernameToken quá 5 phút")
        self._tokens.check(envelope)

    def _participants(self, request: etree._Element, repeat: int) -> Response:
        if etree.QName(request).localname != "DanhSachNguoiThamGia":
            raise Refused("THAMSO", "không có thao tác này")
        first, end = local_moment(request.findtext("{*}tuThoiDiem")), local_moment(request.findtext("{*}denThoiDiem"))
        page, size = int(request.findtext("{*}trang") or 0), int(request.findtext("{*}soLuong") or 0)
        if size > LARGEST_PAGE:
            raise Refused("THAMSO", f"soLuong tối đa {LARGEST_PAGE}")
        if first > end:
            raise Refused("THAMSO", "tuThoiDiem sau denThoiDiem")
        window = (INSURANCE.name, first, end)
        back = self._repeats.of(window, page == 1, repeat)
        total = self.store.count(*window) + back
        rows = self.store.page(*window, (page - 1) * size - back, size)
        head = f"<tongSo>{total}</tongSo><trang>{page}</trang><soTrang>{-(-total // size)}</soTrang>"
        return self._contract.answer("DanhSachNguoiThamGia", head + "".join(rows))


def local_moment(text: str | None) -> str:
    """An ``xsd:dateTime`` as the text moments are stored in: Hanoi time, whole seconds."""
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        raise Refused("THAMSO", "thời điểm không hợp lệ") from None
    found = found if found.tzinfo else found.replace(tzinfo=HANOI)
    if found.microsecond:
        found = found.replace(microsecond=0) + timedelta(seconds=1)
    return found.astimezone(HANOI).isoformat(timespec="seconds")
