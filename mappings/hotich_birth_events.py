"""Birth registrations as events: the same rows as ``births``, read for the book and the number in it."""

from mappings.apply import Map, Mapping
from mappings.canonical import CIVIL_EVENT
from mappings.codes import hotich_sex
from mappings.dates import vn_moment, vn_partial
from mappings.hotich_births import BIRTHS
from mappings.hotich_registrations import REGISTRATION
from mappings.identifiers import personal_number
from mappings.text import person_name, text


def birth_kind(_: str | None) -> str:
    """Every row of module LTKS is a birth."""
    return "birth"


BIRTH_EVENTS = Mapping(
    id="birth_events",
    entity=CIVIL_EVENT,
    system="hotich",
    dataset="dsHoSoDangKy/LTKS",
    vi="Sự kiện khai sinh từ CSDL hộ tịch điện tử",
    en="Birth registrations of the civil status register",
    agency="G15",
    legal_basis="NĐ 278/2025/NĐ-CP Đ5; Luật Hộ tịch 60/2014/QH13",
    key=("maGCS",),
    moment="ngayCapNhat",
    moment_form=vn_moment,
    fields=(
        Map("code", "maGCS", text, required=True),
        Map("kind", "maGCS", birth_kind, required=True),
        *REGISTRATION,
        Map("event_on", "nks.NgaySinh", vn_partial),
        Map("place", "nks.NoiSinh", text),
        Map("person_name", "nks.HoTen", person_name, required=True),
        Map("person_number", "soDinhDanh", personal_number),
        Map("person_birth", "nks.NgaySinh", vn_partial),
        Map("person_sex", "nks.GioiTinh", hotich_sex),
        Map("other_name", "me.HoTen", person_name),
        Map("other_number", "me.SoDDCN", personal_number),
        Map("other_birth", "me.NgaySinh", vn_partial),
    ),
    ignored=("nks.QueQuan", "nks.DanToc", "nks.QuocTich", "me.NoiCuTru", "cha.HoTen", "cha.NgaySinh", "cha.SoDDCN", "cha.NoiCuTru"),
    sample=BIRTHS.sample,
)
