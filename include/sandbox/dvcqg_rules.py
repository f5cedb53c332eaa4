"""What the national portal takes: ``DongBoHoSoMC`` and ``CapNhatTienDoHoSoMC`` of the national specification, checked for real."""

import re
from datetime import datetime
from typing import Any

_FIELDS = """MaHoSo MaTTHC TenTTHC MaLinhVuc TenLinhVuc KenhThucHien ChuHoSo LoaiDoiTuong MaDoiTuong ThongTinKhac Email Fax SoDienThoai
TrichYeuHoSo NgayTiepNhan NgayHenTra TrangThaiHoSo NgayTra ThongTinTra HinhThuc NgayKetThucXuLy DonViXuLy GhiChu NoiNopHoSo
HoSoCoThanhPhanSoHoa TaiKhoanDuocXacThucVoiVNeID DuocThanhToanTrucTuyen NgayTuChoi NgayNopHoSo"""
_LISTS = {
    "DinhDanhCHS": "LoaiDinhDanh SoDinhDanh",
    "DSKetNoiCSDL": "MaCSDL",
    "TaiLieuNop": "TepDinhKemId TenTepDinhKem IsDeleted MaThanhPhanHoSo DuongDanTaiTepTin DuocSoHoa DuocTaiSuDung DuocLayTuKhoDMQG MaKetQuaThayThe",
    "DanhSachLePhi": "TenPhiLePhi MaPhiLePhi HinhThucThu Gia LoaiPhiLePhi",
    "DanhSachTepDinhKemKhac": "TenGiayTo SoLuong LoaiGiayTo",
    "DanhSachHoSoBoSung": "HoSoBoSungId NguoiYeuCauBoSung NoiDungBoSung NgayBoSung NguoiTiepNhanBoSung NgayTiepNhanBoSung"
    " TrangThaiBoSung NgayHenTraTruoc NgayHenTraMoi",
    "DanhSachGiayToKetQua": "TenGiayTo MaThanhPhanHoSo GiayToId DuongDanTepTinKetQua MaGiayToKetQua",
}
HOSO = frozenset(_FIELDS.split())
LISTS = {name: frozenset(fields.split()) for name, fields in _LISTS.items()}
_STEP = "MaHoSo NguoiXuLy ChucDanh ThoiDiemXuLy PhongBanXuLy NoiDungXuLy TrangThai NgayBatDau NgayKetThucTheoQuyDinh"
TIENDO = frozenset(_STEP.split())
_FILLED = ("MaHoSo", "MaTTHC", "TenTTHC", "ChuHoSo", "KenhThucHien", "LoaiDoiTuong", "TrangThaiHoSo", "DonViXuLy")
_STATUSES = frozenset(str(i) for i in range(1, 11))
_CODES = {"TrangThaiHoSo": _STATUSES, "KenhThucHien": frozenset("123"), "LoaiDoiTuong": frozenset("1234")}
_AGENCY = r"(?:[0-9A-Z]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Z]\d{2}|[A-Z]\d{2}(?:\.[0-9A-Z]{2,3}){0,3})"
_CODE = re.compile(_AGENCY + r"-(\d{6})-\d{4,6}")
_PROCEDURE = re.compile(r"\d\.\d{6}(?:\.[0-9A-Z]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Z]\d{2})?")
_ORDER = (("NgayNopHoSo", "NgayTiepNhan"), ("NgayTiepNhan", "NgayKetThucXuLy"), ("NgayKetThucXuLy", "NgayTra"), ("NgayTiepNhan", "NgayHenTra"))
_DATED = {"2": "NgayTiepNhan", "3": "NgayTuChoi", "4": "NgayTiepNhan", "9": "NgayKetThucXuLy", "10": "NgayTra"}
_SUMMARY = 1000
_HANDLER = 50


class Refusal(Exception):
    """The whole batch is refused with ``code``; the message names the first one at fault."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


def checked_dossier(one: Any) -> str:
    """The code of a dossier the portal takes. Raises Refusal (-5)."""
    code = str(one.get("MaHoSo", "")) if isinstance(one, dict) else ""
    for problem in _problems(one):
        raise Refusal(-5, f"Hồ sơ {code}: {problem}")
    return code


def _problems(one: Any) -> "list[str]":
    shape = _shape(one)
    if shape:
        return shape
    wrong = [f"{name} trống" for name in _FILLED if not one.get(name)]
    wrong += [f"{name} không hợp lệ" for name, codes in _CODES.items() if one.get(name) and one[name] not in codes]
    if not _is_code(one.get("MaHoSo", "")):
        wrong.append("MaHoSo không đúng mẫu")
    if not _PROCEDURE.fullmatch(one.get("MaTTHC", "")):
        wrong.append("MaTTHC không đúng mẫu")
    if not re.fullmatch(_AGENCY, one.get("DonViXuLy", "")):
        wrong.append("DonViXuLy không đúng mẫu")
    if len(one.get("TrichYeuHoSo", "")) > _SUMMARY:
        wrong.append("TrichYeuHoSo quá dài")
    return wrong + _dates(one)


def _shape(one: Any) -> list[str]:
    """Every value a text, every list of objects of texts, no field the specification does not know."""
    if not isinstance(one, dict):
        return ["không phải đối tượng"]
    wrong = [f"không có trường {name}" for name in one if name not in HOSO and name not in LISTS]
    wrong += [f"{name} phải là chuỗi" for name in HOSO if not isinstance(one.get(name, ""), str)]
    for name, fields in LISTS.items():
        items = one.get(name, [])
        if not isinstance(items, list) or any(not _is_item(item, fields) for item in items):
            wrong.append(f"{name} không đúng cấu trúc")
    return sorted(wrong)


def _is_item(item: Any, fields: frozenset[str]) -> bool:
    return isinstance(item, dict) and set(item) <= fields and all(isinstance(value, str) for value in item.values())


def _dates(one: dict[str, Any]) -> list[str]:
    moments = {name: one.get(name, "") for name in HOSO if name.startswith("Ngay")}
    wrong = sorted(f"{name} không hợp lệ" for name, text in moments.items() if text and not is_moment(text))
    wrong += [f"{late} trước {early}" for early, late in _ORDER if moments[early] and moments[late] and moments[late] < moments[early]]
    needed = _DATED.get(one.get("TrangThaiHoSo", ""))
    return wrong + ([f"{needed} trống"] if needed and not moments[needed] else [])


def _is_code(text: str) -> bool:
    found = _CODE.fullmatch(text)
    return bool(found and is_moment(f"20{found[1]}000000"))


def is_moment(text: str) -> bool:
    """``yyyyMMddHHmmss`` of a real moment."""
    if not re.fullmatch(r"[0-9]{14}", text):
        return False
    try:
        datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 only its form is asked for
    except ValueError:
        return False
    return True


def checked_progress(one: Any) -> str:
    """The key of a step (dossier, moment, status). Raises Refusal (-5)."""
    if not isinstance(one, dict) or not set(one) <= TIENDO or any(not isinstance(value, str) for value in one.values()):
        raise Refusal(-5, "Tiến độ không đúng cấu trúc")
    code, moment, status = (one.get(name, "") for name in ("MaHoSo", "ThoiDiemXuLy", "TrangThai"))
    optional = [one.get(name, "") for name in ("NgayBatDau", "NgayKetThucTheoQuyDinh")]
    if not _is_code(code) or not is_moment(moment) or status not in _STATUSES or any(text and not is_moment(text) for text in optional):
        raise Refusal(-5, f"Tiến độ của hồ sơ {code} không hợp lệ")
    if len(one.get("NguoiXuLy", "")) > _HANDLER:
        raise Refusal(-5, f"Tiến độ của hồ sơ {code}: NguoiXuLy quá dài")
    return f"{code}|{moment}|{status}"
