"""Digitised papers of the provincial papers store (kho giấy tờ số hóa), through the LGSP (``apiKhoGiayTo``, OData paging)."""

import re

from mappings.apply import Map, Mapping
from mappings.canonical import PAPER
from mappings.codes import flag, paper_kind, paper_status
from mappings.dates import compact_date, compact_moment
from mappings.identifiers import agency_code, compact, dossier_code, personal_number, tax_code
from mappings.refusal import Refusal
from mappings.text import clean, text

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NATIONAL = "toàn quốc"


def paper_owner(number: str | None) -> str | None:
    """A personal number (12 digits), else a tax code."""
    return personal_number(number) if len(compact(number)) in {11, 12} else tax_code(number)


def owner_kind(number: str | None) -> str | None:
    """personal_number or tax_code, by length."""
    written = compact(number)
    return ("personal_number" if len(written) in {11, 12} else "tax_code") if written else None


def scope(value: str | None) -> str | None:
    """``national``, or the agency the paper counts at."""
    written = clean(value or "")
    if written.casefold() == _NATIONAL:
        return "national"
    return agency_code(written)


def file_hash(value: str | None) -> str | None:
    """SHA-256 in hexadecimal."""
    written = compact(value).lower()
    if not written or _SHA256.fullmatch(written):
        return written or None
    raise Refusal("file_hash_invalid", f"{len(written)} ký tự, cần 64 chữ số thập lục phân", f"{len(written)} signs, 64 hexadecimal digits expected")


PAPERS = Mapping(
    id="papers",
    entity=PAPER,
    system="kho",
    dataset="giayToSoHoa",
    vi="Giấy tờ số hóa từ kho giấy tờ của tỉnh",
    en="Digitised papers of the provincial store",
    agency="H05",
    legal_basis="NĐ 118/2025/NĐ-CP; NĐ 278/2025/NĐ-CP Đ5",
    key=("Ma",),
    moment="CapNhatLuc",
    moment_form=compact_moment,
    fields=(
        Map("code", "Ma", text, required=True),
        Map("paper_type", "MaGiayTo", text, required=True),
        Map("title", "TrichYeu", text),
        Map("owner_number", "MaDinhDanh", paper_owner, required=True),
        Map("owner_kind", "MaDinhDanh", owner_kind),
        Map("issue_number", "SoKyHieu", text),
        Map("issued_on", "NgayBanHanh", compact_date),
        Map("issuer", "CoQuanBanHanh", agency_code),
        Map("signer", "NguoiKy", text),
        Map("valid_to", "ThoiHanHieuLuc", compact_date),
        Map("scope", "PhamViHieuLuc", scope),
        Map("kind", "LoaiSoHoa", paper_kind, required=True),
        Map("status", "TrangThaiSoHoa", paper_status, required=True),
        Map("dossier_code", "MaHoSo", dossier_code),
        Map("digitised_at", "ThoiGianSoHoa", compact_moment),
        Map("path", "DuongDan", text),
        Map("sha256", "MaBam", file_hash),
        Map("signed", "CoChuKySo", flag),
    ),
    sample={
        "Ma": "GT-H05.16-261102-0012-1",
        "MaHoSo": "H05.16-261102-0012",
        "MaDinhDanh": "024094000125",
        "SoKyHieu": "12/GKS",
        "MaGiayTo": "KQ.G15.001193",
        "ThoiGianSoHoa": "20261104103000",
        "ThoiHanHieuLuc": "",
        "NgayBanHanh": "20261104",
        "PhamViHieuLuc": "Toàn quốc",
        "TrichYeu": "Giấy khai sinh",
        "CoQuanBanHanh": "H05.16",
        "NguoiKy": "CÁN BỘ MẪU",
        "LoaiSoHoa": "1",
        "TrangThaiSoHoa": "2",
        "DuongDan": "/kho/GT-1",
        "MaBam": "0" * 64,
        "CoChuKySo": "1",
        "CapNhatLuc": "20261104103000",
    },
)
