"""Social beneficiaries: one workbook per commune and month, dropped as XLSX (columns of the list in use at the communes)."""

from mappings.apply import Map, Mapping
from mappings.canonical import SOCIAL_BENEFICIARY
from mappings.codes import integer, social_category, written_sex
from mappings.dates import vn_date, vn_moment, vn_partial
from mappings.identifiers import personal_number
from mappings.text import person_name, text
from mappings.units import commune_by_name


def commune_named(name: str | None) -> str | None:
    """The commune of today by its name; the lists are written by the communes themselves."""
    return commune_by_name(name, None)


BENEFICIARIES = Mapping(
    id="social",
    entity=SOCIAL_BENEFICIARY,
    system="btxh",
    dataset="danh-sach-bao-tro-xa-hoi.xlsx",
    vi="Đối tượng bảo trợ xã hội từ danh sách của xã, phường",
    en="Social beneficiaries from the communes' lists",
    agency="H05",
    legal_basis="NĐ 20/2021/NĐ-CP Đ5; NĐ 278/2025/NĐ-CP Đ5",
    key=("Số hồ sơ",),
    moment="Cập nhật",
    moment_form=vn_moment,
    fields=(
        Map("file_number", "Số hồ sơ", text, required=True),
        Map("personal_number", "Số định danh", personal_number),
        Map("full_name", "Họ và tên", person_name, required=True),
        Map("birth_date", "Ngày sinh", vn_partial),
        Map("sex", "Giới tính", written_sex),
        Map("commune_code", "Xã, phường", commune_named),
        Map("address", "Địa chỉ", text),
        Map("category", "Diện", social_category, required=True),
        Map("decision", "Số quyết định", text),
        Map("decided_on", "Ngày quyết định", vn_date),
        Map("begins_on", "Hưởng từ", vn_date),
        Map("ends_on", "Hưởng đến", vn_date),
        Map("monthly_amount", "Mức hưởng", integer),
    ),
    ignored=("STT", "Ghi chú"),
    sample={
        "STT": "1",
        "Số hồ sơ": "BTXH-07210-0001",
        "Số định danh": "024140000018",
        "Họ và tên": "Lê Thị Mẫu",
        "Ngày sinh": "1940",
        "Giới tính": "Nữ",
        "Xã, phường": "Phường Bắc Giang",
        "Địa chỉ": "Thôn Đông",
        "Diện": "5",
        "Số quyết định": "15/QĐ-UBND",
        "Ngày quyết định": "20/01/2026",
        "Hưởng từ": "01/02/2026",
        "Hưởng đến": "",
        "Mức hưởng": "500.000",
        "Ghi chú": "",
        "Cập nhật": "20/01/2026",
    },
)
