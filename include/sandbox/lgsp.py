"""The provincial LGSP: a WSO2 gateway with OAuth2 client credentials in front of the enterprise registry and the civil status register."""

import base64
import binascii
import secrets
import time
from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import parse_qs

from starlette.responses import Response

from include.sandbox.accounts import ACCOUNTS, UNSUBSCRIBED
from include.sandbox.calls import Call, json_answer, json_object, whole
from include.sandbox.lgsp_apis import Apis
from include.sandbox.repeats import Repeats
from include.sandbox.store import Store
from include.sandbox.wire import BIRTHS, DEATHS, ENTERPRISES, MARRIAGES

_MESSAGES = {
    900901: (401, "Invalid Credentials", "Invalid JWT token. Make sure you have provided the correct security credentials"),
    900902: (401, "Missing Credentials", "Make sure your API invocation call has a header: 'Authorization : Bearer ACCESS_TOKEN'"),
    900908: (403, "Resource forbidden", "User is NOT authorized to access the Resource. API Subscription validation failed."),
    900802: (429, "Message throttled out", "You have exceeded your quota"),
    303001: (503, "Address endpoint is suspended", "The endpoint is currently suspended"),
    101503: (503, "Error connecting to the back end", "Error connecting to the back end"),
    404: (404, "Not Found", "The requested resource is not available"),
    405: (405, "Method Not Allowed", "Method not allowed for given API resource"),
}
_BIRTH_ERRORS = {100: "AUTHEN_ERROR", 101: "IP_DISALLOWED", 106: "AGENCY_ID_INCORRECT", 108: "PROVINCE_ID_INCORRECT"}
_BIRTH_ERRORS |= {302: "DATA_TYPE_INVALID", 500: "DATA_INCORRECT"}
_BIRTH_TYPES = {"maDonVi": int, "module": str, "tuNgay": str, "denNgay": str, "trang": int, "soLuong": int}
_MODULES = {"LTKS": BIRTHS, "LTKT": DEATHS, "LTKH": MARRIAGES}
LONGEST_WINDOW, LARGEST_ENTERPRISE_PAGE, LARGEST_BIRTH_PAGE = 5, 1000, 500
_END = "\uffff"


class Lgsp:
    """The gateway. Tokens live ``seconds``, and die with the process."""

    name = "lgsp"
    namespace = ""

    def __init__(self, store: Store, seconds: float = 3600) -> None:
        self.store = store
        self._seconds = seconds
        self._tokens: dict[str, tuple[str, float]] = {}
        self._repeats = Repeats()
        apis = Apis(store)
        self._routes: dict[str, tuple[str, Callable[[Call], Response]]] = {
            "/apiCSDLDKDN/1.0/danhSachHoSo": ("GET", self._enterprises),
            "/apiCSDLDKDN/1.0/chiTietDoanhNghiep": ("GET", self._enterprise),
            "/apiHoTichTuPhap/1.0/dsHoSoDangKy": ("POST", self._births),
            "/apiHoKinhDoanh/1.0/danhSachHoKinhDoanh": ("GET", apis.households),
            "/apiDatDai/1.0/danhSachGiayChungNhan": ("POST", apis.land),
            "/apiKhoGiayTo/1.0/giayTo": ("GET", apis.papers),
            "/apiXepHang/1.0/luotGiaoDich": ("GET", apis.tickets),
            "/apiXepHang/1.0/phieuDanhGia": ("GET", apis.surveys),
            "/apiKhoGiayTo/1.0/tep": ("GET", apis.paper_file),
        }

    def operation(self, call: Call) -> str:
        """The last part of the path."""
        return call.path.rsplit("/", 1)[-1]

    def handle(self, call: Call) -> Response:
        """``/token``, then the APIs behind a token."""
        if call.path == "/token":
            return self._token(call)
        refusal = self._refusal(call)
        if refusal:
            return fault(call, refusal)
        method, answer = self._routes.get(call.path, ("", None))
        if answer is None:
            return fault(call, 404)
        return answer(call) if call.method == method else fault(call, 405)

    def trouble(self, call: Call, status: int) -> Response:
        """Throttled, or the backend is away."""
        return fault(call, 900802 if status == 429 else 101503)

    def expire(self) -> None:
        """Forgets every token."""
        self._tokens.clear()

    def _token(self, call: Call) -> Response:
        user = _basic(call.headers.get("authorization", ""))
        known = {(one["user"], one["secret"]) for one in (ACCOUNTS["lgsp"], UNSUBSCRIBED)}
        if call.method != "POST" or user not in known:
            return json_answer({"error": "invalid_client", "error_description": "Client Authentication failed."}, 401)
        if parse_qs(call.body.decode("latin-1")).get("grant_type") != ["client_credentials"]:
            return json_answer({"error": "unsupported_grant_type", "error_description": "Unsupported grant_type value"}, 400)
        token = secrets.token_hex(16)
        self._tokens[token] = (user[0], time.monotonic() + self._seconds)
        return json_answer({"access_token": token, "token_type": "Bearer", "expires_in": int(self._seconds), "scope": "default"})

    def _refusal(self, call: Call) -> int:
        """The code of the fault that stands between the caller and the API; 0 when nothing does."""
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            return 900902
        user, until = self._tokens.get(token.strip(), ("", 0.0))
        if time.monotonic() >= until:
            return 900901
        return 900908 if user == UNSUBSCRIBED["user"] else 0

    def _enterprises(self, call: Call) -> Response:
        query = call.query
        first, last = _iso_day(query.get("from_date", "")), _iso_day(query.get("to_date", ""))
        offset, limit = whole(query.get("offset", "0"), 0, 10**9), whole(query.get("limit", "500"), 1, LARGEST_ENTERPRISE_PAGE)
        if first is None or last is None or first > last:
            return _registry_refusal("from_date, to_date: yyyy-MM-dd, from_date không sau to_date")
        if (last - first).days >= LONGEST_WINDOW:
            return _registry_refusal("from_date, to_date: tối đa 5 ngày")
        if offset is None or limit is None:
            return _registry_refusal("offset, limit: limit từ 1 đến 1000")
        window = (ENTERPRISES.name, first.isoformat(), last.isoformat() + _END)
        back = self._repeats.of(window, offset == 0, call.repeat)
        rows = self.store.page(*window, offset - back, limit)
        return _registry_answer(self.store.count(*window) + back, rows)

    def _enterprise(self, call: Call) -> Response:
        code = call.query.get("msdn", "").replace("-", "")
        rows = [fragment for _, fragment in self.store.fragments(ENTERPRISES.name, code)]
        return _registry_answer(len(rows), rows) if code else _registry_refusal("msdn: bắt buộc")

    def _births(self, call: Call) -> Response:
        request = json_object(call.body)
        if request is None or any(type(request.get(name)) is not kind for name, kind in _BIRTH_TYPES.items()):
            return _births_refusal(302)
        if request["maDonVi"] != 24:
            return _births_refusal(106)
        first, last = _vn_day(request["tuNgay"]), _vn_day(request["denNgay"])
        size, page = request["soLuong"], request["trang"]
        module = _MODULES.get(request["module"])
        if first is None or last is None or first > last or module is None or not 1 <= size <= LARGEST_BIRTH_PAGE or page < 1:
            return _births_refusal(500)
        window = (module.name, first.isoformat(), last.isoformat() + _END)
        back = self._repeats.of(window, page == 1, call.repeat)
        rows = self.store.page(*window, (page - 1) * size - back, size)
        data = f"<DanhSachHoSo>{''.join(rows)}</DanhSachHoSo>"
        return json_answer({"status": 1, "errorCode": 0, "message": "", "tongSo": self.store.count(*window) + back, "data": data})


def fault(call: Call, code: int) -> Response:
    """A gateway fault, in XML when that is what was asked for."""
    status, message, description = _MESSAGES[code]
    if "application/xml" in call.headers.get("accept", ""):
        inner = f"<ams:code>{code}</ams:code><ams:message>{message}</ams:message><ams:description>{description}</ams:description>"
        body = f'<ams:fault xmlns:ams="http://wso2.org/apimanager/security">{inner}</ams:fault>'
        return Response(body, status, media_type="application/xml; charset=UTF-8")
    return json_answer({"fault": {"code": code, "message": message, "description": description}}, status)


def _registry_answer(total: int, rows: list[str]) -> Response:
    body = f'{{"Status":1,"Message":"","DataCount":{total},"Data":[{",".join(rows)}]}}'
    return Response(body, media_type="application/json; charset=utf-8")


def _registry_refusal(message: str) -> Response:
    return json_answer({"Status": 0, "Message": message, "DataCount": 0, "Data": []})


def _births_refusal(code: int) -> Response:
    return json_answer({"status": 0, "errorCode": code, "message": _BIRTH_ERRORS[code], "tongSo": 0, "data": ""})


def _basic(header: str) -> tuple[str, str]:
    kind, _, value = header.partition(" ")
    try:
        user, _, secret = base64.b64decode(value if kind.lower() == "basic" else "", validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, secret


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _vn_day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 a day has no zone
    except ValueError:
        return None
