"""Canonical dossiers as the one-stop system takes them: a ``hoSo`` of ``CapNhatHoSo``, the inverse of ``motcua_dossiers``.

Elements stand in the order of the schema. One the schema requires and nobody knows is empty, one it does not require is left out: nothing is
filled in, cut or guessed. ``capNhatTruoc``, the moment of the copy that is to be overwritten, is added by whoever has looked it up.
"""

from collections.abc import Mapping
from typing import Any

from mappings.codes import APPLICANT_KINDS, CHANNELS, PAYMENTS, PLACES
from mappings.dates import to_compact_moment
from mappings.portal_dossier import home_phone

_CHANNEL, _APPLICANT, _PLACE, _PAYMENT = ({value: code for code, value in one.items()} for one in (CHANNELS, APPLICANT_KINDS, PLACES, PAYMENTS))
_NUMBER = {"personal_number": "1", "old_id_number": "2", "tax_code": "3"}
Wire = dict[str, Any]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _flag(value: bool | None) -> str:
    return "" if value is None else "1" if value else "0"


def _given(wire: Wire) -> Wire:
    """Without what is not known."""
    return {name: value for name, value in wire.items() if value not in ("", None, [])}


def ho_so_mot_cua(dossier: Mapping[str, Any]) -> Wire:
    """One ``hoSo`` of ``CapNhatHoSo``; phone numbers as they are dialled at home."""
    number = dossier.get("applicant_number")
    return {
        "maHoSo": dossier["code"],
        "maTTHC": dossier["procedure_code"],
        "tenTTHC": _text(dossier.get("procedure_name")),
        **_given({"maLinhVuc": dossier.get("sector_code"), "tenLinhVuc": dossier.get("sector_name")}),
        "kenhThucHien": _CHANNEL.get(dossier.get("channel") or "", ""),
        "loaiDoiTuong": _APPLICANT.get(dossier.get("applicant_kind") or "", ""),
        "chuHoSo": _text(dossier.get("applicant_name")),
        **_given({"loaiDinhDanh": _NUMBER.get(dossier.get("applicant_number_kind") or "") if number else None, "soDinhDanh": number}),
        **_given({"soDienThoai": home_phone(dossier.get("phone")), "email": dossier.get("email"), "trichYeu": dossier.get("summary")}),
        **_given({"maXa": dossier.get("commune_code")}),
        "noiNop": _PLACE.get(dossier.get("place") or "", ""),
        "donViTiepNhan": _text(dossier.get("receiving_agency")),
        "donViXuLy": _text(dossier.get("handling_agency")),
        "ngayNop": to_compact_moment(dossier.get("submitted_at")),
        "ngayTiepNhan": to_compact_moment(dossier.get("received_at")),
        "ngayHenTra": to_compact_moment(dossier.get("due_at")),
        "ngayKetThucXuLy": to_compact_moment(dossier.get("finished_at")),
        "ngayTra": to_compact_moment(dossier.get("returned_at")),
        "ngayTuChoi": to_compact_moment(dossier.get("refused_at")),
        "trangThai": _text(dossier.get("status")),
        "xacThucVNeID": _flag(dossier.get("eid_verified")),
        "thanhToanTrucTuyen": _PAYMENT.get(dossier.get("online_payment") or "", ""),
        **_given({
            "giayTo": [_component(one) for one in dossier.get("components") or []],
            "quaTrinh": [_step(one) for one in dossier.get("steps") or []],
            "lePhi": [_fee(one) for one in dossier.get("fees") or []],
            "boSung": [_supplement(one) for one in dossier.get("supplements") or []],
            "ketQua": [_result(one) for one in dossier.get("results") or []],
            "ketNoiCSDL": [_text(one.get("code")) for one in dossier.get("linked_databases") or []],
        }),
    }  # fmt: skip


def _component(one: Mapping[str, Any]) -> Wire:
    return {
        "maThanhPhan": _text(one.get("code")),
        "tenGiayTo": _text(one.get("name")),
        **_given({"tepId": one.get("file_id"), "duongDan": one.get("path")}),
        "duocSoHoa": _flag(one.get("digitised")),
        "duocTaiSuDung": _text(one.get("reused")),
        "layTuKhoDMQG": _flag(one.get("national_store")),
        **_given({"maKetQuaThayThe": one.get("replaced_by")}),
    }


def _step(one: Mapping[str, Any]) -> Wire:
    return {
        "nguoiXuLy": _text(one.get("handler")),
        **_given({"chucDanh": one.get("title")}),
        "thoiDiem": to_compact_moment(one.get("at")),
        **_given({"phongBan": one.get("unit")}),
        "noiDung": _text(one.get("note")),
        "trangThai": _text(one.get("status")),
        **_given({"batDau": to_compact_moment(one.get("started_at")), "hanQuyDinh": to_compact_moment(one.get("due_at"))}),
    }


def _fee(one: Mapping[str, Any]) -> Wire:
    return {
        "tenPhi": _text(one.get("name")),
        "maPhi": _text(one.get("code")),
        "hinhThucThu": _text(one.get("method")),
        "gia": _text(one.get("amount")),
        **_given({"loaiPhi": one.get("kind")}),
    }


def _supplement(one: Mapping[str, Any]) -> Wire:
    return {
        "boSungId": _text(one.get("id")),
        "nguoiYeuCau": _text(one.get("requested_by")),
        "noiDung": _text(one.get("content")),
        "ngayYeuCau": to_compact_moment(one.get("requested_at")),
        **_given({"nguoiTiepNhan": one.get("received_by"), "ngayTiepNhan": to_compact_moment(one.get("received_at"))}),
        "trangThai": _text(one.get("status")),
        **_given({"henTraTruoc": to_compact_moment(one.get("due_before")), "henTraMoi": to_compact_moment(one.get("due_after"))}),
    }


def _result(one: Mapping[str, Any]) -> Wire:
    return {
        "tenGiayTo": _text(one.get("name")),
        **_given({"maThanhPhan": one.get("component_code")}),
        "giayToId": _text(one.get("document_id")),
        **_given({"duongDan": one.get("path")}),
        "maKetQua": _text(one.get("code")),
    }
