"""Land use right certificates of the land database (VBDLIS), through the provincial LGSP (``apiDatDai``)."""

from collections.abc import Callable
from typing import Any

from mappings.apply import Each, Map, Mapping, Whole
from mappings.cadastre import area_dm2, certificate_code, legacy_commune, parcel_key, serial, sheet_number
from mappings.canonical import LAND_CERTIFICATE
from mappings.codes import land_purpose, land_status
from mappings.dates import iso_moment, vn_date
from mappings.identifiers import old_id_number, passport, personal_number, tax_code
from mappings.refusal import Refusal
from mappings.text import organisation_name, person_name, text
from mappings.units import commune_when_changed

_PAPERS = {"1": personal_number, "2": old_id_number, "3": tax_code, "4": passport}
_ORGANISATION = "3"


def _holder(place: int, take: Callable[[dict[str, Any]], str | None]) -> Whole:
    """The ``place``-th of the holders, read by ``take``."""

    def convert(holders: list[Any]) -> str | None:
        one = holders[place] if len(holders) > place else None
        return take(one) if isinstance(one, dict) else None

    return Whole(convert)


def _plain(value: Any) -> str:
    """A text or number of the wire. Raises Refusal on a structure."""
    if isinstance(value, dict | list | bool):
        raise Refusal("wrong_type", f"{type(value).__name__} ở chỗ cần văn bản", f"{type(value).__name__} in place of a text")
    return "" if value is None else str(value)


def holder_name(holder: dict[str, Any]) -> str | None:
    """A person's name in display case, an organisation's as it writes it."""
    written = _plain(holder.get("hoTen"))
    return organisation_name(written) if holder.get("loaiGiayTo") == _ORGANISATION else person_name(written)


def holder_number(holder: dict[str, Any]) -> str | None:
    """The number by the rules of the paper it stands on: 1 personal number, 2 CMND, 3 tax code, 4 passport."""
    number, kind = _plain(holder.get("soGiayTo")), _plain(holder.get("loaiGiayTo"))
    if not number:
        return None
    if kind not in _PAPERS:
        raise Refusal("code_unknown", "{} không phải loại giấy tờ (1 đến 4)", "{} is not a kind of paper (1 to 4)", value=kind or "—")
    return _PAPERS[kind](number)


CERTIFICATES = Mapping(
    id="land",
    entity=LAND_CERTIFICATE,
    system="datdai",
    dataset="danhSachGiayChungNhan",
    vi="Giấy chứng nhận quyền sử dụng đất từ CSDL đất đai",
    en="Land use right certificates of the land database",
    agency="H05",
    legal_basis="Luật Đất đai 31/2024/QH15 Đ165; TT 10/2024/TT-BTNMT",
    key=("soPhatHanh",),
    moment="capNhatLuc",
    moment_form=iso_moment,
    fields=(
        Map("serial", "soPhatHanh", serial, required=True),
        Map("certificate_code", "maGiayChungNhan", certificate_code),
        Map("book_number", "soVaoSo", text),
        Map("issued_on", "ngayCap", vn_date),
        Map("issuer", "coQuanCap", text),
        Map("status", "tinhTrang", land_status),
        Map("owner_name", "chuSuDung", _holder(0, holder_name), required=True),
        Map("owner_number", "chuSuDung", _holder(0, holder_number)),
        Map("co_owner_name", "chuSuDung", _holder(1, holder_name)),
        Map("co_owner_number", "chuSuDung", _holder(1, holder_number)),
        Map("commune_code", ("xaId", "capNhatLuc"), commune_when_changed),
        Map("address", "diaChiTaiSan", text),
        Map(
            "parcels",
            "thuaDat",
            Each(
                (
                    Map("parcel_key", ("maXaBanDo", "soHieuBanDo", "soThuTuThua"), parcel_key),
                    Map("legacy_commune", "maXaBanDo", legacy_commune, required=True),
                    Map("sheet", "soHieuBanDo", sheet_number, required=True),
                    Map("parcel", "soThuTuThua", sheet_number, required=True),
                    Map("area_dm2", "dienTich", area_dm2),
                    Map("purpose", "mucDich", land_purpose),
                    Map("address", "diaChiChiTiet", text),
                )
            ),
        ),
    ),
    sample={
        "soPhatHanh": "AA 00123456",
        "maGiayChungNhan": "T12401000123",
        "soVaoSo": "CS00123",
        "ngayCap": "10/03/2025",
        "coQuanCap": "Văn phòng đăng ký đất đai",
        "tinhTrang": "1",
        "chuSuDung": [
            {"hoTen": "NGUYỄN VĂN MẪU", "loaiGiayTo": "1", "soGiayTo": "024094000125"},
            {"hoTen": "TRẦN THỊ MẪU", "loaiGiayTo": "1", "soGiayTo": "024196000124"},
        ],
        "xaId": "07210",
        "diaChiTaiSan": "Số 5 đường Mẫu",
        "thuaDat": [{"maXaBanDo": "07201", "soHieuBanDo": "12", "soThuTuThua": "345", "dienTich": "125,5", "mucDich": "ODT"}],
        "capNhatLuc": "2025-08-05T09:00:00+07:00",
    },
)
