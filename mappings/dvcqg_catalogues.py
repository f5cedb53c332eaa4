"""Catalogues of the national portal: procedures, agencies, administrative units."""

from collections.abc import Callable
from typing import Any

from mappings.apply import Each, Map, Mapping, Whole
from mappings.canonical import ADMINISTRATIVE_UNIT, AGENCY, PROCEDURE
from mappings.codes import agency_level, channel, flag, integer, service_level
from mappings.dates import compact_moment, vn_date
from mappings.identifiers import agency_code, compact, procedure_code
from mappings.refusal import Refusal
from mappings.text import clean, text
from mappings.units import current_commune

_KINDS = ("xã", "phường", "thị trấn", "đặc khu")


def _records(listed: Any) -> list[dict[str, Any]]:
    """The sub-records of what should be a list of them."""
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _written(value: Any) -> str | None:
    """A text or number of the wire as clean text. Raises Refusal on a structure."""
    if isinstance(value, dict | list | bool):
        raise Refusal("wrong_type", f"{type(value).__name__} ở chỗ cần văn bản", f"{type(value).__name__} in place of a text")
    return text(str(value)) if value is not None else None


def _of_first(name: str) -> Callable[[list[Any]], str | None]:
    """The value called ``name`` in the first sub-record."""
    return lambda listed: next((_written(one.get(name)) for one in _records(listed)), None)


def _first_limit(ways: list[Any]) -> dict[str, Any]:
    """The first time limit of the ways to file."""
    return next((limit for way in _records(ways) for limit in _records(way.get("THOIGIAN"))), {})


def working_days(ways: list[Any]) -> int | None:
    """The time limit of the first way to file, in working days; None when the portal counts it otherwise."""
    limit = _first_limit(ways)
    return integer(_written(limit.get("THOIGIANGIAIQUYET"))) if (_written(limit.get("DONVITINH")) or "").casefold() == "ngày làm việc" else None


def fee(ways: list[Any]) -> int | None:
    """The fee of the first way to file, đồng."""
    return integer(_written(_first_limit(ways).get("PHILEPHI")))


def papers_asked(groups: list[Any]) -> list[dict[str, str | None]]:
    """Code and name of every paper of every group of components."""
    papers = [paper for group in _records(groups) for paper in _records(group.get("GIAYTO"))]
    return [{"code": _written(paper.get("MAGIAYTO")), "name": _written(paper.get("TENGIAYTO"))} for paper in papers]


def unit_key(code: str | None, since: str | None) -> str | None:
    """First day and code, for codes were reused; None when the day is no good (its own field tells)."""
    try:
        day = vn_date(since)
    except Refusal:
        return None
    written = compact(code)
    return f"{day}/{written}" if day and written else None


def unit_kind(name: str | None) -> str | None:
    """The type word at the head of a full name: xã, phường, thị trấn or đặc khu."""
    written = clean(name or "").casefold()
    return next((kind for kind in _KINDS if written.startswith(f"{kind} ")), None)


def bare_name(name: str | None) -> str | None:
    """A full name without its type word."""
    written = clean(name or "")
    kind = unit_kind(written)
    return (written[len(kind) + 1 :] if kind else written) or None


def unit_code(value: str | None) -> str | None:
    """Five digits, as text: leading zeros count."""
    written = compact(value)
    if not written or (len(written) == 5 and written.isascii() and written.isdigit()):
        return written or None
    raise Refusal("unit_unknown", "{} không phải mã xã/phường 5 chữ số", "{} is not a commune code of five digits", value=written)


_PORTAL = "NĐ 118/2025/NĐ-CP; QĐ 766/QĐ-TTg"

PROCEDURES = Mapping(
    id="procedures",
    entity=PROCEDURE,
    system="dvcqg",
    dataset="LayDanhSachTTHC",
    vi="Thủ tục hành chính từ Cổng dịch vụ công quốc gia",
    en="Procedures of the national portal",
    agency="G22",
    legal_basis=_PORTAL,
    key=("MATTHC",),
    moment="NGAYCAPNHAT",
    moment_form=compact_moment,
    fields=(
        Map("code", "MATTHC", procedure_code, required=True),
        Map("name", "TENTTHC", text, required=True),
        Map("sector_code", "LINHVUCTHUCHIEN", Whole(_of_first("MALINHVUC"))),
        Map("sector_name", "LINHVUCTHUCHIEN", Whole(_of_first("TENLINHVUC"))),
        Map("level", "CAPTHUCHIEN", agency_level),
        Map("service_level", "MUCDO", service_level),
        Map("working_days", "CACHTHUCTHUCHIEN", Whole(working_days)),
        Map("fee", "CACHTHUCTHUCHIEN", Whole(fee)),
        Map("active", "TRANGTHAI", flag),
        Map("components", "THANHPHANHOSO", Whole(papers_asked)),
        Map("results", "KETQUATHUCHIEN", Each((Map("code", "MAKETQUA", text, required=True), Map("name", "TENKETQUA", text)))),
        Map("channels", "CACHTHUCTHUCHIEN", Each((Map("code", "KENH", channel),), ignored=("THOIGIAN",))),
    ),
    sample={
        "MATTHC": "1.001193",
        "TENTTHC": "Thủ tục đăng ký khai sinh",
        "LINHVUCTHUCHIEN": [{"MALINHVUC": "G15-TP110", "TENLINHVUC": "Hộ tịch"}],
        "CAPTHUCHIEN": "3",
        "MUCDO": "4",
        "CACHTHUCTHUCHIEN": [{"KENH": "2", "THOIGIAN": [{"THOIGIANGIAIQUYET": "1", "DONVITINH": "Ngày làm việc", "PHILEPHI": "0"}]}],
        "THANHPHANHOSO": [{"GIAYTO": [{"MAGIAYTO": "TP.001193.01", "TENGIAYTO": "Giấy chứng sinh"}]}],
        "KETQUATHUCHIEN": [{"MAKETQUA": "KQ.G15.001193", "TENKETQUA": "Giấy khai sinh"}],
        "TRANGTHAI": "1",
        "NGAYCAPNHAT": "20260701000000",
    },
)

AGENCIES = Mapping(
    id="agencies",
    entity=AGENCY,
    system="dvcqg",
    dataset="LayDanhMucCoQuan",
    vi="Danh mục cơ quan từ Cổng dịch vụ công quốc gia",
    en="Agencies of the national portal",
    agency="G22",
    legal_basis="QĐ 20/2020/QĐ-TTg; QĐ 09/2025/QĐ-TTg",
    key=("MADONVI",),
    moment="NGAYCAPNHAT",
    moment_form=compact_moment,
    fields=(
        Map("code", "MADONVI", agency_code, required=True),
        Map("name", "TENDONVI", text, required=True),
        Map("level", "CAPDONVI", agency_level),
        Map("parent_code", "MADONVICHA", agency_code),
        Map("commune_code", "MAPHUONGXA", lambda code: current_commune(code, None)),
        Map("valid_from", "NGAYHIEULUC", vn_date),
        Map("valid_to", "NGAYHETHIEULUC", vn_date),
        Map("successor_code", "MADONVIKETHUA", agency_code),
        Map("legal_act", "VANBAN", text),
    ),
    sample={
        "MADONVI": "000.00.16.H05",
        "TENDONVI": "Trung tâm Phục vụ hành chính công",
        "CAPDONVI": "2",
        "MADONVICHA": "H05",
        "MAPHUONGXA": "",
        "NGAYHIEULUC": "01/07/2025",
        "NGAYHETHIEULUC": "",
        "MADONVIKETHUA": "",
        "VANBAN": "NQ 202/2025/QH15",
        "NGAYCAPNHAT": "20250701000000",
    },
)

UNITS = Mapping(
    id="units",
    entity=ADMINISTRATIVE_UNIT,
    system="dvcqg",
    dataset="LayDanhMucPhuongXa",
    vi="Danh mục đơn vị hành chính, gồm cả đơn vị cũ",
    en="Administrative units, former ones included",
    agency="G22",
    legal_basis="QĐ 19/2025/QĐ-TTg; NQ 1658/NQ-UBTVQH15",
    key=("MAPHUONGXA", "NGAYHIEULUC"),
    moment="NGAYCAPNHAT",
    moment_form=compact_moment,
    fields=(
        Map("unit_key", ("MAPHUONGXA", "NGAYHIEULUC"), unit_key, required=True),
        Map("code", "MAPHUONGXA", unit_code, required=True),
        Map("kind", "TENPHUONGXA", unit_kind),
        Map("name", "TENPHUONGXA", bare_name, required=True),
        Map("parent", "TENCAPTREN", text),
        Map("valid_from", "NGAYHIEULUC", vn_date, required=True),
        Map("valid_to", "NGAYHETHIEULUC", vn_date),
        Map("successor_code", "MAKETHUA", unit_code),
        Map("legal_act", "VANBAN", text),
    ),
    sample={
        "MAPHUONGXA": "07210",
        "TENPHUONGXA": "Phường Bắc Giang",
        "TENCAPTREN": "Tỉnh Bắc Ninh",
        "NGAYHIEULUC": "01/07/2025",
        "NGAYHETHIEULUC": "",
        "MAKETHUA": "",
        "VANBAN": "NQ 1658/NQ-UBTVQH15",
        "NGAYCAPNHAT": "20250701000000",
    },
)
