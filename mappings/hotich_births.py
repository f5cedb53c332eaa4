"""Births of the civil status register, through the provincial LGSP (``dsHoSoDangKy``, module LTKS)."""

from mappings.apply import Map, Mapping
from mappings.canonical import PERSON
from mappings.codes import ethnicity, hotich_sex, nationality
from mappings.dates import vn_moment, vn_partial
from mappings.identifiers import personal_number
from mappings.text import person_name

BIRTHS = Mapping(
    id="births",
    entity=PERSON,
    system="hotich",
    dataset="dsHoSoDangKy/LTKS",
    vi="Đăng ký khai sinh từ CSDL hộ tịch điện tử",
    en="Births of the civil status register",
    agency="G15",
    legal_basis="NĐ 278/2025/NĐ-CP Đ5; Luật Hộ tịch 60/2014/QH13",
    key=("maGCS",),
    moment="ngayCapNhat",
    moment_form=vn_moment,
    fields=(
        Map("personal_number", "soDinhDanh", personal_number),
        Map("full_name", "nks.HoTen", person_name, required=True),
        Map("birth_date", "nks.NgaySinh", vn_partial),
        Map("sex", "nks.GioiTinh", hotich_sex),
        Map("ethnicity", "nks.DanToc", ethnicity),
        Map("nationality", "nks.QuocTich", nationality),
        Map("mother_name", "me.HoTen", person_name),
        Map("mother_number", "me.SoDDCN", personal_number),
        Map("father_name", "cha.HoTen", person_name),
        Map("father_number", "cha.SoDDCN", personal_number),
    ),
    ignored=(
        "soDangKy",
        "quyenSo",
        "ngayDangKy",
        "noiDangKy",
        "nks.NoiSinh",
        "nks.QueQuan",
        "me.NgaySinh",
        "me.NoiCuTru",
        "cha.NgaySinh",
        "cha.NoiCuTru",
    ),
    sample={
        "maGCS": "GCS-24-0000123",
        "soDangKy": "123",
        "quyenSo": "01/2026",
        "ngayDangKy": "05/11/2026",
        "noiDangKy": "07210",
        "nks": {
            "HoTen": "NGUYỄN AN NHIÊN",
            "GioiTinh": "2",
            "NgaySinh": "28/10/2026",
            "NoiSinh": "Bệnh viện Mẫu",
            "QueQuan": "Phường Bắc Giang, Bắc Ninh",
            "DanToc": "01",
            "QuocTich": "VN",
        },
        "me": {"HoTen": "TRẦN THỊ MẪU", "NgaySinh": "1996", "SoDDCN": "024196000124", "NoiCuTru": "07210"},
        "cha": {"HoTen": "NGUYỄN VĂN MẪU", "NgaySinh": "02/1994", "SoDDCN": "024094000125", "NoiCuTru": "07210"},
        "soDinhDanh": "024326000123",
        "ngayCapNhat": "05/11/2026 09:12:33",
    },
)
