"""The national portal's dialect of 2025/26: a bearer token, ISO moments, an envelope ``{code, message, data}``, and other field names.

What it says of a dossier is what the older adapter (``vdxp``) says. ``older`` gives the record in those words, so that one mapping reads
both; a field it does not know keeps its name, and the contract reports it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from connectors.moments import HANOI
from connectors.page import Cursor, Endpoint
from connectors.paging import PageNumber
from connectors.rest import JsonRecords, RestSource, both, refused_when
from connectors.tokens import LoginSession
from connectors.transport import Patience, Request, Transport, plain_http

TOKEN, LIST = "/api/v2/token", "/api/v2/hoso/danhsach"
SIZE = 100
JSON = {"Content-Type": "application/json"}
RENAMED = {
    "IDHoSo": "MaHoSo",
    "MaDonViTiepNhan": "DonViXuLy",
    "NoiNop": "NoiNopHoSo",
    "XacThucVNeID": "TaiKhoanDuocXacThucVoiVNeID",
    "ThanhToanTrucTuyen": "DuocThanhToanTrucTuyen",
    "LePhi": "DanhSachLePhi",
    "KetQua": "DanhSachGiayToKetQua",
}
OWNER = {"HoTen": "ChuHoSo", "LoaiDoiTuong": "LoaiDoiTuong", "Email": "Email", "SoDienThoai": "SoDienThoai"}
COMPONENT = {"MaThanhPhan": "MaThanhPhanHoSo", "TenGiayTo": "TenTepDinhKem"}
FILE = {"IdGiayTo": "TepDinhKemId", "DuongDan": "DuongDanTaiTepTin", "MaKetQua": "MaKetQuaThayThe"}
MOMENTS = ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "NgayTuChoi", "NgayCapNhat")


def failed(envelope: dict[str, Any]) -> str:
    """The portal says no with HTTP 200 and another ``code`` than 00; its message may name a person, so it is not repeated."""
    return "" if envelope.get("code") == "00" else f"the portal refuses us with code {envelope.get('code')}"


def token(endpoint: Endpoint) -> LoginSession:
    """A bearer token for ``client_id`` and ``client_secret``."""
    return LoginSession(endpoint, TOKEN, at="data.access_token", names=("client_id", "client_secret"))


class OlderWords(JsonRecords):
    """Records of the newer dialect in the words of the older one."""

    def decode(self, raw: bytes) -> dict[str, Any]:
        """The record as ``LayDanhSachHoSo`` would have given it."""
        return older(super().decode(raw))


def older(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record of the newer dialect in the older one's names, shapes and moments."""
    found = _renamed(record, RENAMED)
    found |= {name: compact(found[name]) for name in MOMENTS if name in found}
    owner = found.pop("ThongTinNguoiNop", None)
    if isinstance(owner, dict):
        numbered = {name: owner[name] for name in ("LoaiDinhDanh", "SoDinhDanh") if owner.get(name)}
        found["DinhDanhCHS"] = [numbered] if numbered else []
        found |= _renamed({name: value for name, value in owner.items() if name not in {"LoaiDinhDanh", "SoDinhDanh"}}, OWNER)
    parts = found.pop("ThanhPhanHoSo", None)
    if isinstance(parts, list):
        found["TaiLieuNop"] = [each for part in parts for each in component(part)]
    databases = found.pop("CSDLKetNoi", None)
    if isinstance(databases, list):
        found["DSKetNoiCSDL"] = [{"MaCSDL": code} for code in databases]
    return found


def component(part: Any) -> list[Any]:
    """A component, once per attached file; one without a file once. What is no object goes on as it is, for the contract to report."""
    if not isinstance(part, dict):
        return [part]
    own = _renamed({name: value for name, value in part.items() if name != "GiayToDinhKem"}, COMPONENT)
    files = part.get("GiayToDinhKem") or [{}]
    return [own | (_renamed(file, FILE) if isinstance(file, dict) else {}) for file in files]


def _renamed(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in record.items()}


def compact(moment: Any) -> Any:
    """``yyyy-MM-ddTHH:mm:ss.fff``, Hanoi time when it names no other, as ``yyyyMMddHHmmss``; what is no such moment stays for the converter
    to refuse.
    """
    try:
        found = datetime.fromisoformat(moment)
    except (TypeError, ValueError):
        return moment
    return (found.astimezone(HANOI) if found.tzinfo else found).strftime("%Y%m%d%H%M%S")


def filed(endpoint: Endpoint, patience: Patience | None = None) -> RestSource:
    """Dossiers filed on the portal that changed in a time, by page number."""

    def request(cursor: Cursor) -> Request:
        window = {"TuNgay": local(cursor["since"]), "DenNgay": local(cursor["until"]), "Trang": cursor["page"], "SoLuong": SIZE}
        return Request("POST", endpoint.url + LIST, JSON, body=msgspec.json.encode(window))

    transport = Transport(both(plain_http, refused_when(failed)), token(endpoint), patience)
    return RestSource(transport, request, PageNumber(SIZE), OlderWords("data.DanhSach", total="data.TongSo"))


def local(moment: str) -> str:
    """An ISO moment as the portal writes it, Hanoi time without an offset."""
    return datetime.fromisoformat(moment).astimezone(HANOI).strftime("%Y-%m-%dT%H:%M:%S.000")
