"""Marriages of the civil status register (``dsHoSoDangKy``, module LTKH), with the judgment that ended one where there is."""

from mappings.apply import Map, Mapping
from mappings.canonical import CIVIL_EVENT
from mappings.dates import vn_date, vn_moment, vn_partial
from mappings.hotich_registrations import REGISTRATION
from mappings.identifiers import personal_number
from mappings.text import clean, person_name, text


def marriage_kind(code: str | None, decision: str | None) -> str | None:
    """A marriage, or a divorce once a judgment is noted on it (Luật Hôn nhân và gia đình 52/2014/QH13 Đ57)."""
    if not clean(code or ""):
        return None
    return "divorce" if clean(decision or "") else "marriage"


def husband(_: str | None) -> str:
    """The register's first spouse is the husband (``chong``)."""
    return "male"


MARRIAGES = Mapping(
    id="marriages",
    entity=CIVIL_EVENT,
    system="hotich",
    dataset="dsHoSoDangKy/LTKH",
    vi="Đăng ký kết hôn từ CSDL hộ tịch điện tử",
    en="Marriages of the civil status register",
    agency="G15",
    legal_basis="NĐ 278/2025/NĐ-CP Đ5; Luật Hộ tịch 60/2014/QH13 Đ17–18",
    key=("maGCNKH",),
    moment="ngayCapNhat",
    moment_form=vn_moment,
    fields=(
        Map("code", "maGCNKH", text, required=True),
        Map("kind", ("maGCNKH", "soBanAn"), marriage_kind, required=True),
        *REGISTRATION,
        Map("event_on", "ngayXacLapQuanHeHonNhan", vn_partial),
        Map("person_name", "chong.HoTen", person_name, required=True),
        Map("person_number", "chong.SoDDCN", personal_number),
        Map("person_birth", "chong.NgaySinh", vn_partial),
        Map("person_sex", "maGCNKH", husband),
        Map("other_name", "vo.HoTen", person_name, required=True),
        Map("other_number", "vo.SoDDCN", personal_number),
        Map("other_birth", "vo.NgaySinh", vn_partial),
        Map("decision", "soBanAn", text),
        Map("ended_on", "ngayLyHon", vn_date),
    ),
    ignored=("chong.DanToc", "chong.QuocTich", "chong.NoiCuTru", "vo.DanToc", "vo.QuocTich", "vo.NoiCuTru"),
    sample={
        "maGCNKH": "KH-24-0000045",
        "soDangKy": "45",
        "quyenSo": "01/2026",
        "ngayDangKy": "14/02/2026",
        "noiDangKy": "07210",
        "ngayXacLapQuanHeHonNhan": "14/02/2026",
        "chong": {"HoTen": "NGUYỄN VĂN MẪU", "NgaySinh": "02/03/1994", "DanToc": "01", "QuocTich": "VN", "SoDDCN": "024094000125"},
        "vo": {"HoTen": "TRẦN THỊ MẪU", "NgaySinh": "1996", "DanToc": "01", "QuocTich": "VN", "SoDDCN": "024196000124"},
        "soBanAn": "",
        "ngayLyHon": "",
        "ngayCapNhat": "14/02/2026 15:20:00",
    },
)
