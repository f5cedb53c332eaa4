"""Canonical dossiers as the national portal takes them: ``DongBoHoSoMC`` and ``CapNhatTienDoHoSoMC``.

Every value is text, every moment ``yyyyMMddHHmmss``, what is not known is ``""``: nothing is filled in, cut or guessed.
"""

from collections.abc import Mapping
from typing import Any

from mappings.codes import APPLICANT_KINDS, CHANNELS, PAYMENTS, PLACES
from mappings.dates import to_compact_moment

Wire = dict[str, Any]

_CHANNEL, _APPLICANT, _PLACE, _PAYMENT = ({value: code for code, value in one.items()} for one in (CHANNELS, APPLICANT_KINDS, PLACES, PAYMENTS))
_IDENTITY = {"personal_number": "1", "old_id_number": "2"}
_NOT_SAID = ("MaDoiTuong", "ThongTinKhac", "Fax", "ThongTinTra", "HinhThuc", "GhiChu")
"""Fields of the specification our sources know nothing of."""


def _flag(value: bool | None) -> str:
    return "" if value is None else "1" if value else "0"


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def ho_so(dossier: Mapping[str, Any]) -> Wire:
    """One ``HoSo`` of ``DongBoHoSoMC``. National phone numbers go out as they are dialled at home."""
    components = dossier.get("components")
    return {
        "MaHoSo": dossier["code"],
        "MaTTHC": dossier["procedure_code"],
        "TenTTHC": _text(dossier.get("procedure_name")),
        "MaLinhVuc": _text(dossier.get("sector_code")),
        "TenLinhVuc": _text(dossier.get("sector_name")),
        "KenhThucHien": _CHANNEL.get(dossier.get("channel") or "", ""),
        "ChuHoSo": _text(dossier.get("applicant_name")),
        "LoaiDoiTuong": _APPLICANT.get(dossier.get("applicant_kind") or "", ""),
        **dict.fromkeys(_NOT_SAID, ""),
        "Email": _text(dossier.get("email")),
        "SoDienThoai": home_phone(dossier.get("phone")),
        "TrichYeuHoSo": _text(dossier.get("summary")),
        "NgayTiepNhan": to_compact_moment(dossier.get("received_at")),
        "NgayHenTra": to_compact_moment(dossier.get("due_at")),
        "TrangThaiHoSo": _text(dossier.get("status")),
        "NgayTra": to_compact_moment(dossier.get("returned_at")),
        "NgayKetThucXuLy": to_compact_moment(dossier.get("finished_at")),
        "DonViXuLy": _text(dossier.get("handling_agency")),
        "NoiNopHoSo": _PLACE.get(dossier.get("place") or "", ""),
        "HoSoCoThanhPhanSoHoa": _flag(None if components is None else any(one.get("digitised") for one in components)),
        "TaiKhoanDuocXacThucVoiVNeID": _flag(dossier.get("eid_verified")),
        "DuocThanhToanTrucTuyen": _PAYMENT.get(dossier.get("online_payment") or "", ""),
        "NgayTuChoi": to_compact_moment(dossier.get("refused_at")),
        "NgayNopHoSo": to_compact_moment(dossier.get("submitted_at")),
        "DinhDanhCHS": _identities(dossier),
        "DSKetNoiCSDL": [{"MaCSDL": _text(one.get("code"))} for one in dossier.get("linked_databases") or []],
        "TaiLieuNop": [_component(one) for one in components or []],
        "DanhSachLePhi": [_fee(one) for one in dossier.get("fees") or []],
        "DanhSachTepDinhKemKhac": [],
        "DanhSachHoSoBoSung": [_supplement(one) for one in dossier.get("supplements") or []],
        "DanhSachGiayToKetQua": [_result(one) for one in dossier.get("results") or []],
    }


def tien_do(dossier: Mapping[str, Any]) -> list[Wire]:
    """The ``TienDo`` items of ``CapNhatTienDoHoSoMC``, one per handling step that has its moment and status, in the order of the steps."""
    steps = dossier.get("steps") or []
    return [_step(dossier["code"], one) for one in steps if one.get("at") and one.get("status")]


def home_phone(number: str | None) -> str:
    """E.164 as dialled in the country: +84912… to 0912…."""
    return "0" + number.removeprefix("+84") if number else ""


def _identities(dossier: Mapping[str, Any]) -> list[Wire]:
    """The portal knows two kinds of number; a tax code is neither, so it is not passed off as one."""
    kind = _IDENTITY.get(dossier.get("applicant_number_kind") or "")
    number = dossier.get("applicant_number")
    return [{"LoaiDinhDanh": kind, "SoDinhDanh": number}] if kind and number else []


def _component(one: Mapping[str, Any]) -> Wire:
    return {
        "TepDinhKemId": _text(one.get("file_id")),
        "TenTepDinhKem": _text(one.get("name")),
        "IsDeleted": "False",
        "MaThanhPhanHoSo": _text(one.get("code")),
        "DuongDanTaiTepTin": _text(one.get("path")),
        "DuocSoHoa": _flag(one.get("digitised")),
        "DuocTaiSuDung": _text(one.get("reused")),
        "DuocLayTuKhoDMQG": _flag(one.get("national_store")),
        "MaKetQuaThayThe": _text(one.get("replaced_by")),
    }


def _fee(one: Mapping[str, Any]) -> Wire:
    return {
        "TenPhiLePhi": _text(one.get("name")),
        "MaPhiLePhi": _text(one.get("code")),
        "HinhThucThu": _text(one.get("method")),
        "Gia": _text(one.get("amount")),
        "LoaiPhiLePhi": _text(one.get("kind")),
    }


def _supplement(one: Mapping[str, Any]) -> Wire:
    return {
        "HoSoBoSungId": _text(one.get("id")),
        "NguoiYeuCauBoSung": _text(one.get("requested_by")),
        "NoiDungBoSung": _text(one.get("content")),
        "NgayBoSung": to_compact_moment(one.get("requested_at")),
        "NguoiTiepNhanBoSung": _text(one.get("received_by")),
        "NgayTiepNhanBoSung": to_compact_moment(one.get("received_at")),
        "TrangThaiBoSung": _text(one.get("status")),
        "NgayHenTraTruoc": to_compact_moment(one.get("due_before")),
        "NgayHenTraMoi": to_compact_moment(one.get("due_after")),
    }


def _result(one: Mapping[str, Any]) -> Wire:
    return {
        "TenGiayTo": _text(one.get("name")),
        "MaThanhPhanHoSo": _text(one.get("component_code")),
        "GiayToId": _text(one.get("document_id")),
        "DuongDanTepTinKetQua": _text(one.get("path")),
        "MaGiayToKetQua": _text(one.get("code")),
    }


def _step(code: str, one: Mapping[str, Any]) -> Wire:
    return {
        "MaHoSo": code,
        "NguoiXuLy": _text(one.get("handler")),
        "ChucDanh": _text(one.get("title")),
        "ThoiDiemXuLy": to_compact_moment(one.get("at")),
        "PhongBanXuLy": _text(one.get("unit")),
        "NoiDungXuLy": _text(one.get("note")),
        "TrangThai": _text(one.get("status")),
        "NgayBatDau": to_compact_moment(one.get("started_at")),
        "NgayKetThucTheoQuyDinh": to_compact_moment(one.get("due_at")),
    }
