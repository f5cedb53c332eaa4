"""The electronic one-stop system: SOAP behind HTTP Basic. Gives dossiers, takes citizens, enterprises, papers and dossiers."""

import base64
import hmac
import json
from typing import Any

from lxml import etree
from starlette.responses import PlainTextResponse, Response

from include.sandbox.accounts import ACCOUNTS
from include.sandbox.bhxh import local_moment
from include.sandbox.calls import Call
from include.sandbox.motcua_filed import Outside
from include.sandbox.motcua_rules import TAKEN_KINDS, Verdict, verdict
from include.sandbox.soap import RECEIVER, SENDER, Contract, Refused, operation_of, soap_fault
from include.sandbox.store import Place, Store
from include.sandbox.wire import DOSSIERS, element

LARGEST_PAGE = 500
_END = "\uffff"


class MotCua:
    """The system."""

    name = "motcua"

    def __init__(self, store: Store) -> None:
        self.store = store
        self._contract = Contract("motcua.wsdl")
        self.namespace = self._contract.namespace
        account = ACCOUNTS["motcua"]
        self._expected = "Basic " + base64.b64encode(f"{account['user']}:{account['secret']}".encode()).decode()
        self._stranger = False
        self._outside = Outside(store)

    def operation(self, call: Call) -> str:
        """What the SOAPAction says."""
        return operation_of(call)

    def handle(self, call: Call) -> Response:
        """The WSDL, or one of the seven operations."""
        if call.method == "GET" and "wsdl" in call.query:
            return self._contract.shown_at(call.url)
        if self._stranger or not hmac.compare_digest(call.headers.get("authorization", "").encode(), self._expected.encode()):
            self._stranger = False
            return PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": 'Basic realm="motcua"'})
        try:
            _, request = self._contract.request(call.body)
            return self._answer(request, call.repeat)
        except Refused as refusal:
            return soap_fault(SENDER, refusal.code, str(refusal), self.namespace)

    def trouble(self, call: Call, status: int) -> Response:  # noqa: ARG002 one signature for all
        """Overload is a Fault when it is the system's own, and plain HTTP when it is the proxy's."""
        if status == 503:
            return soap_fault(RECEIVER, "QUATAI", "Hệ thống đang quá tải", self.namespace)
        return PlainTextResponse("Too Many Requests", status)

    def expire(self) -> None:
        """There is no session; the next call is asked for credentials again."""
        self._stranger = True

    def _answer(self, request: etree._Element, repeat: int) -> Response:
        operation = etree.QName(request).localname
        if operation == "DanhSachHoSoThayDoi":
            return self._dossiers(request, repeat)
        if operation == "TraCuuYeuCau":
            return self._look_up(request.findtext("{*}maYeuCau") or "")
        if operation == "TraCuuHoSo":
            return self._contract.answer(operation, self._outside.shown([node.text or "" for node in request.iterfind("{*}maHoSo")]))
        if operation in TAKEN_KINDS or operation == "CapNhatHoSo":
            return self._take(operation, request)
        raise Refused("THAMSO", "không có thao tác này")

    def _dossiers(self, request: etree._Element, repeat: int) -> Response:
        since, size = local_moment(request.findtext("{*}tuThoiDiem")), int(request.findtext("{*}soLuong") or 0)
        if size > LARGEST_PAGE:
            raise Refused("THAMSO", f"soLuong tối đa {LARGEST_PAGE}")
        token = request.findtext("{*}conTro") or ""
        place = _place(token) if token else Place(since, "", 0)
        if token and repeat:
            place = self.store.before(DOSSIERS.name, place, repeat) or place
        rows = self.store.after(DOSSIERS.name, place, size + 1)
        more, rows = len(rows) > size, rows[:size]
        last = rows[-1][0] if rows else place
        inner = f"<tongSo>{self.store.count(DOSSIERS.name, since, _END)}</tongSo>{''.join(fragment for _, fragment in rows)}"
        inner += f"<conTroTiep>{_token(last)}</conTroTiep><conNua>{'true' if more else 'false'}</conNua>"
        return self._contract.answer("DanhSachHoSoThayDoi", inner)

    def _take(self, operation: str, request: etree._Element) -> Response:
        """Takes what is good, item by item; a request id seen before gets its first answer, whatever it carries now."""
        number = request.findtext("{*}maYeuCau") or ""
        if not number.strip():
            raise Refused("THAMSO", "maYeuCau trống")
        results = self.store.answer(number)
        if results is None:
            results = self._outside.settle(number, request) if operation == "CapNhatHoSo" else self._settle(operation, number, request)
        return self._contract.answer(operation, element("maYeuCau", number) + element("ketQua", results))

    def _settle(self, operation: str, number: str, request: etree._Element) -> list[dict[str, str]]:
        kind = TAKEN_KINDS[operation]
        taken: dict[str, dict[str, Any]] = {}
        results = []
        for node in request.iterfind(f"{{*}}{kind.item}"):
            item = {etree.QName(child).localname: child.text or "" for child in node}
            reference = item["maThamChieu"]
            known = taken.get(reference) or self.store.written(kind.name, reference)
            found = verdict(kind, item)
            if found.code == "00" and known == item:
                found = Verdict("01", "Đã tiếp nhận trước đó, nội dung không đổi")
            elif found.code == "00":
                taken[reference] = item
            results.append({"maThamChieu": reference, "ma": found.code, "moTa": found.text})
        self.store.write([(kind.name, reference, item) for reference, item in taken.items()], (number, results))
        return results

    def _look_up(self, number: str) -> Response:
        results = self.store.answer(number)
        done = "false" if results is None else "true"
        return self._contract.answer("TraCuuYeuCau", f"<daXuLy>{done}</daXuLy>" + element("ketQua", results or []))


def _token(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _place(token: str) -> Place:
    try:
        moment, key, number = json.loads(base64.urlsafe_b64decode(token.encode()))
        return Place(str(moment), str(key), int(number))
    except (ValueError, TypeError):
        raise Refused("THAMSO", "conTro không hợp lệ") from None
