"""Tax status of enterprises and household businesses (X-Road SOAP ``TraCuuNguoiNopThue``)."""

from mappings.apply import Map, Mapping
from mappings.canonical import ENTERPRISE
from mappings.codes import tax_status
from mappings.dates import iso_date, iso_moment
from mappings.identifiers import tax_code
from mappings.text import organisation_name, text

TAXPAYERS = Mapping(
    id="taxpayers",
    entity=ENTERPRISE,
    system="thue",
    dataset="DanhSachNguoiNopThue",
    vi="Trạng thái người nộp thuế từ cơ quan thuế",
    en="Status of taxpayers at the tax office",
    agency="G12.18",
    legal_basis="NĐ 278/2025/NĐ-CP Đ5; TT 86/2024/TT-BTC",
    key=("maSoThue",),
    moment="capNhatLuc",
    moment_form=iso_moment,
    fields=(
        Map("tax_code", "maSoThue", tax_code, required=True),
        Map("name", "tenNguoiNopThue", organisation_name, required=True),
        Map("parent_tax_code", "maSoThueChuQuan", tax_code),
        Map("tax_status", "trangThai", tax_status, required=True),
        Map("tax_status_from", "trangThaiTu", iso_date),
        Map("tax_office", "coQuanThue", text),
    ),
    sample={
        "maSoThue": "2400000128",
        "tenNguoiNopThue": "CÔNG TY TNHH MTV MẪU THỬ",
        "maSoThueChuQuan": "",
        "trangThai": "00",
        "trangThaiTu": "2015-03-12",
        "coQuanThue": "Thuế cơ sở 1 tỉnh Bắc Ninh",
        "capNhatLuc": "2025-03-04T08:00:00+07:00",
    },
)
