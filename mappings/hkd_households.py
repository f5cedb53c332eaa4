"""Household businesses of the district registers, through the provincial LGSP (``apiHoKinhDoanh``). Since 1/7/2025 their code is the owner's
personal number (TT 86/2024/TT-BTC); older ones keep a 10-digit tax code.
"""

from mappings.apply import Each, Map, Mapping
from mappings.canonical import ENTERPRISE
from mappings.codes import activity_code, flag, integer, legal_status
from mappings.contact import phone
from mappings.dates import iso_moment, vn_date
from mappings.identifiers import personal_number, tax_code
from mappings.text import organisation_name, person_name, text
from mappings.units import commune_when_changed


def household(_: str | None) -> str:
    """Every row is a household business."""
    return "household"


HOUSEHOLDS = Mapping(
    id="households",
    entity=ENTERPRISE,
    system="hkd",
    dataset="danhSachHoKinhDoanh",
    vi="Hộ kinh doanh từ hệ thống đăng ký của tỉnh",
    en="Household businesses of the provincial register",
    agency="H05",
    legal_basis="NĐ 168/2025/NĐ-CP; NĐ 278/2025/NĐ-CP Đ5",
    key=("maHoKinhDoanh",),
    moment="capNhatLuc",
    moment_form=iso_moment,
    fields=(
        Map("tax_code", "maSoThue", tax_code, required=True),
        Map("name", "tenHo", organisation_name, required=True),
        Map("type", "loaiHinh", text),
        Map("legal_status", "trangThai", legal_status),
        Map("suspended_from", "tamNgungTu", vn_date),
        Map("suspended_to", "tamNgungDen", vn_date),
        Map("founded_on", "ngayDangKy", vn_date),
        Map("amended_on", "ngayThayDoi", vn_date),
        Map("capital", "vonKinhDoanh", integer),
        Map("commune_code", ("diaChi.maXa", "capNhatLuc"), commune_when_changed),
        Map("address", "diaChi.chiTiet", text),
        Map("phone", "chuHo.dienThoai", phone),
        Map("representative_name", "chuHo.hoTen", person_name),
        Map("representative_number", "chuHo.soDinhDanh", personal_number),
        Map("main_activity", "maNganhChinh", activity_code),
        Map("activities", "nganhNghe", Each((Map("code", "ma", activity_code, required=True), Map("name", "ten", text), Map("main", "chinh", flag)))),
        Map("kind", "maHoKinhDoanh", household),
    ),
    ignored=("diaChi.tenXa",),
    sample={
        "maHoKinhDoanh": "24A8000123",
        "maSoThue": "024085000123",
        "tenHo": "HỘ KINH DOANH MẪU THỬ",
        "loaiHinh": "Hộ kinh doanh",
        "trangThai": "Đang hoạt động",
        "tamNgungTu": "",
        "tamNgungDen": "",
        "ngayDangKy": "05/08/2025",
        "ngayThayDoi": "05/08/2025",
        "vonKinhDoanh": "150000000",
        "maNganhChinh": "4711",
        "nganhNghe": [{"ma": "4711", "ten": "Bán lẻ trong cửa hàng kinh doanh tổng hợp", "chinh": "1"}],
        "diaChi": {"maXa": "07210", "tenXa": "Phường Bắc Giang", "chiTiet": "Số 5 đường Mẫu"},
        "chuHo": {"hoTen": "Nguyễn Văn Mẫu", "soDinhDanh": "024085000123", "dienThoai": "0912000123"},
        "capNhatLuc": "2025-08-05T09:00:00+07:00",
    },
)
