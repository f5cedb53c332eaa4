"""Rows as the wire shows them: nested dicts of text, rendered to the fragment a page is made of, and read back to be changed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from include.sandbox.moments import iso_of_dmy

Wire = dict[str, Any]
"""One row. Values are text, numbers, dicts or lists; None leaves an element out."""


def element(tag: str, value: Any) -> str:
    """``value`` as XML elements called ``tag``."""
    if isinstance(value, str):
        return f"<{tag}>{escape(value) if '&' in value or '<' in value or '>' in value else value}</{tag}>"
    if isinstance(value, dict):
        return f"<{tag}>{''.join([element(name, inner) for name, inner in value.items()])}</{tag}>"
    if isinstance(value, list):
        return "".join([element(tag, item) for item in value])
    return "" if value is None else f"<{tag}>{value}</{tag}>"


def get(row: Wire, path: str) -> Any:
    """The value at a dotted path, list positions by number; None when there is none."""
    value: Any = row
    for part in path.split("."):
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def put(row: Wire, path: str, value: Any) -> None:
    """Sets the value at a dotted path; dicts on the way are made."""
    *way, last = path.split(".")
    inner: Any = row
    for part in way:
        inner = inner[int(part)] if isinstance(inner, list) else inner.setdefault(part, {})
    inner[int(last) if isinstance(inner, list) else last] = value


@dataclass(frozen=True, slots=True)
class Dataset:
    """How rows of one dataset are keyed, ordered in time, and written.

    ``order`` lists the elements of an XML row in their schema's order, so that a change may add one; ``lists`` are those that repeat.
    """

    name: str
    system: str
    key: str
    moment: str
    tag: str = ""
    order: tuple[str, ...] = ()
    lists: frozenset[str] = frozenset()
    sortable: Callable[[str], str] = str

    def key_of(self, row: Wire) -> str:
        """The source's own key."""
        return str(get(row, self.key))

    def moment_of(self, row: Wire) -> str:
        """The change moment as text that sorts by time."""
        return self.sortable(str(get(row, self.moment)))

    def render(self, row: Wire) -> str:
        """The fragment."""
        if not self.tag:
            return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        if self.order:
            row = {name: row[name] for name in self.order if name in row}
        return element(self.tag, row)

    def parse(self, fragment: str) -> Wire:
        """The row of a fragment."""
        row: Wire = _read(etree.fromstring(fragment), self.lists) if self.tag else json.loads(fragment)
        return row


def _read(node: Any, lists: frozenset[str]) -> Any:
    if not len(node):
        return node.text or ""
    out: Wire = {}
    for child in node:
        value = _read(child, lists)
        if child.tag in lists:
            out.setdefault(child.tag, []).append(value)
        else:
            out[child.tag] = value
    return out


_PARTICIPANT = """maSoBhxh soDinhDanh soCmnd hoTen ngaySinh loaiNgaySinh gioiTinh danToc
maXa diaChi dienThoai maDonVi tenDonVi tuNgay denNgay capNhatLuc"""
_DOSSIER = """maHoSo maTTHC tenTTHC maLinhVuc tenLinhVuc kenhThucHien loaiDoiTuong chuHoSo loaiDinhDanh soDinhDanh soDienThoai email trichYeu
maXa noiNop donViTiepNhan donViXuLy ngayNop ngayTiepNhan ngayHenTra ngayKetThucXuLy ngayTra ngayTuChoi trangThai xacThucVNeID
thanhToanTrucTuyen giayTo quaTrinh lePhi boSung ketQua ketNoiCSDL capNhatLuc"""
_TAXPAYER = "maSoThue tenNguoiNopThue maSoThueChuQuan trangThai trangThaiTu coQuanThue capNhatLuc"
_REPEATED = frozenset({"giayTo", "quaTrinh", "lePhi", "boSung", "ketQua", "ketNoiCSDL"})

ENTERPRISES = Dataset("enterprises", "lgsp", "MainInformation.ENTERPRISE_ID", "MainInformation.LAST_AMEND_DATE", sortable=iso_of_dmy)
BIRTHS = Dataset("births", "lgsp", "maGCS", "ngayCapNhat", tag="HoSo", sortable=iso_of_dmy)
INSURANCE = Dataset("insurance", "bhxh", "maSoBhxh", "capNhatLuc", tag="nguoiThamGia", order=tuple(_PARTICIPANT.split()))
DOSSIERS = Dataset("dossiers", "motcua", "maHoSo", "capNhatLuc", tag="hoSo", order=tuple(_DOSSIER.split()), lists=_REPEATED)
DEATHS = Dataset("deaths", "lgsp", "maGBT", "ngayCapNhat", tag="HoSo", sortable=iso_of_dmy)
MARRIAGES = Dataset("marriages", "lgsp", "maGCNKH", "ngayCapNhat", tag="HoSo", sortable=iso_of_dmy)
HOUSEHOLDS = Dataset("households", "lgsp", "maHoKinhDoanh", "capNhatLuc")
LAND = Dataset("land", "lgsp", "soPhatHanh", "capNhatLuc")
PAPERS = Dataset("papers", "lgsp", "Ma", "CapNhatLuc")
TAXPAYERS = Dataset("taxpayers", "thue", "maSoThue", "capNhatLuc", tag="nguoiNopThue", order=tuple(_TAXPAYER.split()))
SOCIAL = Dataset("social", "btxh", "Số hồ sơ", "Cập nhật", sortable=iso_of_dmy)
PROCEDURES = Dataset("procedures", "dvcqg", "MATTHC", "NGAYCAPNHAT")
AGENCIES = Dataset("agencies", "dvcqg", "MADONVI", "NGAYCAPNHAT")
TICKETS = Dataset("tickets", "lgsp", "maLuot", "capNhatLuc")
SURVEYS = Dataset("surveys", "lgsp", "maPhieu", "capNhatLuc")
PORTAL_FILED = Dataset("portal_filed", "dvcqg", "MaHoSo", "NgayCapNhat")
UNITS = Dataset("units", "dvcqg", "MAPHUONGXA", "NGAYCAPNHAT")
DATASETS = {
    each.name: each
    for each in (
        ENTERPRISES, BIRTHS, INSURANCE, DOSSIERS, DEATHS, MARRIAGES, HOUSEHOLDS, TAXPAYERS, LAND, SOCIAL, PAPERS, TICKETS, SURVEYS,
        PROCEDURES, AGENCIES, UNITS, PORTAL_FILED,
    )
}  # fmt: skip
