"""Deaths of the civil status register (``dsHoSoDangKy``, module LTKT): as events, and as the end of a person's record."""

from mappings.apply import Map, Mapping
from mappings.canonical import CIVIL_EVENT, PERSON
from mappings.codes import ethnicity, hotich_sex, nationality
from mappings.dates import vn_moment, vn_partial
from mappings.hotich_registrations import REGISTRATION
from mappings.identifiers import personal_number
from mappings.text import person_name, text


def death_kind(_: str | None) -> str:
    """Every row of module LTKT is a death."""
    return "death"


_SAMPLE = {
    "maGBT": "GBT-24-0000031",
    "soDangKy": "31",
    "quyenSo": "01/2026",
    "ngayDangKy": "12/08/2026",
    "noiDangKy": "07210",
    "nkt": {
        "HoTen": "LÊ THỊ MẪU",
        "GioiTinh": "2",
        "NgaySinh": "1941",
        "DanToc": "01",
        "QuocTich": "VN",
        "SoDDCN": "027141000017",
        "NgayChet": "10/08/2026",
        "GioPhutChet": "04:30",
        "NoiChet": "Tại nhà",
        "NguyenNhanChet": "Tuổi già",
    },
    "gbt": {"Loai": "1", "So": "12/GBT", "Ngay": "11/08/2026", "CoQuanCap": "Trạm y tế phường Bắc Giang"},
    "ngayCapNhat": "12/08/2026 10:00:00",
}
_LEGAL = "NĐ 278/2025/NĐ-CP Đ5; Luật Hộ tịch 60/2014/QH13 Đ32–34"
_PAPER = ("gbt.Loai", "gbt.So", "gbt.Ngay", "gbt.CoQuanCap", "nkt.GioPhutChet")

DEATHS = Mapping(
    id="deaths",
    entity=CIVIL_EVENT,
    system="hotich",
    dataset="dsHoSoDangKy/LTKT",
    vi="Đăng ký khai tử từ CSDL hộ tịch điện tử",
    en="Deaths of the civil status register",
    agency="G15",
    legal_basis=_LEGAL,
    key=("maGBT",),
    moment="ngayCapNhat",
    moment_form=vn_moment,
    fields=(
        Map("code", "maGBT", text, required=True),
        Map("kind", "maGBT", death_kind, required=True),
        *REGISTRATION,
        Map("event_on", "nkt.NgayChet", vn_partial),
        Map("place", "nkt.NoiChet", text),
        Map("person_name", "nkt.HoTen", person_name, required=True),
        Map("person_number", "nkt.SoDDCN", personal_number),
        Map("person_birth", "nkt.NgaySinh", vn_partial),
        Map("person_sex", "nkt.GioiTinh", hotich_sex),
        Map("cause", "nkt.NguyenNhanChet", text),
    ),
    ignored=(*_PAPER, "nkt.DanToc", "nkt.QuocTich"),
    sample=_SAMPLE,
)

DECEASED = Mapping(
    id="deceased",
    entity=PERSON,
    system="hotich",
    dataset="dsHoSoDangKy/LTKT",
    vi="Người đã đăng ký khai tử",
    en="People whose death is registered",
    agency="G15",
    legal_basis=_LEGAL,
    key=("maGBT",),
    moment="ngayCapNhat",
    moment_form=vn_moment,
    fields=(
        Map("personal_number", "nkt.SoDDCN", personal_number),
        Map("full_name", "nkt.HoTen", person_name, required=True),
        Map("birth_date", "nkt.NgaySinh", vn_partial),
        Map("sex", "nkt.GioiTinh", hotich_sex),
        Map("ethnicity", "nkt.DanToc", ethnicity),
        Map("nationality", "nkt.QuocTich", nationality),
        Map("died_on", "nkt.NgayChet", vn_partial),
    ),
    ignored=(*_PAPER, "soDangKy", "quyenSo", "ngayDangKy", "noiDangKy", "nkt.NoiChet", "nkt.NguyenNhanChet"),
    sample=_SAMPLE,
)
