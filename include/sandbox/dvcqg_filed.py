"""Dossiers filed on the national portal, as it lists them: ``LayDanhSachHoSo`` behind the adapter, and the portal dialect of 2025/26.

The newer dialect asks for a token with ``client_id`` and ``client_secret``, writes ISO moments, nests what belongs together, and answers
``{code, message, data}``; what it says of a dossier is the same.
"""

import json
import secrets
import time
from datetime import datetime
from typing import Any

from starlette.responses import Response

from include.sandbox.accounts import ACCOUNTS
from include.sandbox.calls import Call, json_answer, json_object
from include.sandbox.dvcqg_rules import HOSO, LISTS, is_moment
from include.sandbox.portal_filed import pushed
from include.sandbox.store import Store
from include.sandbox.wire import PORTAL_FILED

LARGEST_PAGE = 100
TOKEN, LIST = "/api/v2/token", "/api/v2/hoso/danhsach"
Answer = dict[str, Any]


class Filed:
    """The filed dossiers in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def copy(self, code: str) -> Answer | None:
        """The portal's present copy of a dossier filed on it."""
        found = self._store.fragments(PORTAL_FILED.name, code)
        return json.loads(found[0][1]) if found else None

    def overwritten(self, code: str, taken: Answer) -> None:
        """The agency wrote to a dossier; if it was filed here, that is its present copy, and it has changed just now."""
        for number, _ in self._store.fragments(PORTAL_FILED.name, code):
            self._store.replace(PORTAL_FILED.name, number, pushed(taken, self._store.now()))

    def window(self, first: str, end: str, page: int, size: int) -> tuple[int, list[Answer]]:
        """How many changed in [first, end), and one page of them."""
        rows = self._store.page(PORTAL_FILED.name, first, end, (page - 1) * size, size)
        return self._store.count(PORTAL_FILED.name, first, end), [json.loads(row) for row in rows]


def listed(filed: Filed, request: Answer) -> Answer | str:
    """The answer of ``LayDanhSachHoSo``; a text says what is wrong with the request."""
    first, end, page, size = (request.get(name) for name in ("tuNgay", "denNgay", "trang", "soLuong"))
    if not (isinstance(first, str) and isinstance(end, str) and is_moment(first) and is_moment(end)):
        return "tuNgay, denNgay: yyyyMMddHHmmss"
    if not (isinstance(page, int) and page > 0 and isinstance(size, int) and 0 < size <= LARGEST_PAGE):
        return f"trang từ 1, soLuong từ 1 đến {LARGEST_PAGE}"
    total, rows = filed.window(first, end, page, size)
    return {"error_code": "0", "message": "", "tongSo": total, "result": rows}


class Newer:
    """The dialect of 2025/26. Tokens live ``seconds`` and die with the process."""

    def __init__(self, filed: Filed, seconds: float) -> None:
        self._filed = filed
        self._seconds = seconds
        self._tokens: dict[str, float] = {}

    def expire(self) -> None:
        """Forgets every token."""
        self._tokens.clear()

    def handle(self, call: Call) -> Response:
        """A token, or a page."""
        request = json_object(call.body)
        if call.method != "POST" or request is None:
            return _said("400", "Yêu cầu không hợp lệ", 400)
        if call.path == TOKEN:
            return self._token(request)
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or time.monotonic() >= self._tokens.get(token, 0.0):
            return _said("401", "Token không hợp lệ hoặc đã hết hạn", 401)
        return self._list(request)

    def _token(self, request: Answer) -> Response:
        account = ACCOUNTS["dvcqg"]
        if (request.get("client_id"), request.get("client_secret")) != (account["user"], account["secret"]):
            return _said("401", "Sai client_id hoặc client_secret", 401)
        token = secrets.token_hex(16)
        self._tokens[token] = time.monotonic() + self._seconds
        return _said("00", "", data={"access_token": token, "expires_in": int(self._seconds), "token_type": "Bearer", "scope": "hoso"})

    def _list(self, request: Answer) -> Response:
        try:
            first, end = (datetime.fromisoformat(request[name]).strftime("%Y%m%d%H%M%S") for name in ("TuNgay", "DenNgay"))
            page, size = int(request["Trang"]), int(request["SoLuong"])
        except (KeyError, TypeError, ValueError):
            return _said("422", "TuNgay, DenNgay (ISO 8601), Trang, SoLuong")
        if page < 1 or not 0 < size <= LARGEST_PAGE:
            return _said("422", f"Trang từ 1, SoLuong từ 1 đến {LARGEST_PAGE}")
        total, rows = self._filed.window(first, end, page, size)
        return _said("00", "", data={"TongSo": total, "DanhSach": [newer(row) for row in rows]})


def _said(code: str, message: str, status: int = 200, data: Any = None) -> Response:
    return json_answer({"code": code, "message": message, "data": data}, status)


_MOMENTS = ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "NgayTuChoi", "NgayCapNhat")

_BLANK: Answer = dict.fromkeys(HOSO, "") | {name: [] for name in LISTS}


def newer(row: Answer) -> Answer:
    """A filed dossier in the words of the newer dialect."""
    row = _BLANK | row
    owner: Answer = next(iter(row["DinhDanhCHS"]), {})
    return {
        "IDHoSo": row["MaHoSo"],
        **{name: row.get(name, "") for name in ("MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "TrangThaiHoSo", "TrichYeuHoSo")},
        "MaDonViTiepNhan": row["DonViXuLy"],
        "NoiNop": row["NoiNopHoSo"],
        "XacThucVNeID": row["TaiKhoanDuocXacThucVoiVNeID"],
        "ThanhToanTrucTuyen": row["DuocThanhToanTrucTuyen"],
        "ThongTinNguoiNop": {
            "HoTen": row["ChuHoSo"],
            "LoaiDoiTuong": row["LoaiDoiTuong"],
            "LoaiDinhDanh": owner.get("LoaiDinhDanh", ""),
            "SoDinhDanh": owner.get("SoDinhDanh", ""),
            "Email": row["Email"],
            "SoDienThoai": row["SoDienThoai"],
        },
        "ThanhPhanHoSo": [_component(one) for one in row["TaiLieuNop"]],
        "CSDLKetNoi": [one["MaCSDL"] for one in row["DSKetNoiCSDL"]],
        "LePhi": row["DanhSachLePhi"],
        "KetQua": row["DanhSachGiayToKetQua"],
        **{name: _iso(row.get(name, "")) for name in _MOMENTS},
        "NguonCapNhat": row["NguonCapNhat"],
    }


def _component(one: Answer) -> Answer:
    file = {"IdGiayTo": one["TepDinhKemId"], "DuongDan": one["DuongDanTaiTepTin"], "MaKetQua": one["MaKetQuaThayThe"]}
    names = ("DuocSoHoa", "DuocTaiSuDung", "DuocLayTuKhoDMQG")
    return {"MaThanhPhan": one["MaThanhPhanHoSo"], "TenGiayTo": one["TenTepDinhKem"], "GiayToDinhKem": [file]} | {n: one[n] for n in names}


def _iso(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:14]}.000" if is_moment(text) else text
