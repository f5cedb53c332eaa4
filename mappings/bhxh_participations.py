"""Employment periods of social insurance: the same rows as ``insurance``, read for unit and time."""

from mappings.apply import Map, Mapping
from mappings.bhxh_participants import PARTICIPANTS
from mappings.canonical import INSURANCE_PARTICIPATION
from mappings.dates import compact_date, iso_moment
from mappings.identifiers import compact, insurance_number, personal_number
from mappings.text import organisation_name, person_name, text


def participation_code(number: str | None, unit: str | None, begins: str | None) -> str | None:
    """``insurance number|unit|first day``; somebody insured without a unit has an empty one."""
    known = insurance_number(number)
    return f"{known}|{compact(unit)}|{compact(begins)}" if known else None


PARTICIPATIONS = Mapping(
    id="participations",
    entity=INSURANCE_PARTICIPATION,
    system="bhxh",
    dataset="DanhSachNguoiThamGia",
    vi="Quá trình tham gia bảo hiểm xã hội",
    en="Participation in social insurance",
    agency="G24",
    legal_basis="NĐ 278/2025/NĐ-CP Đ5; Luật BHXH 41/2024/QH15",
    key=("maSoBhxh",),
    moment="capNhatLuc",
    moment_form=iso_moment,
    fields=(
        Map("code", ("maSoBhxh", "maDonVi", "tuNgay"), participation_code, required=True),
        Map("insurance_number", "maSoBhxh", insurance_number, required=True),
        Map("personal_number", "soDinhDanh", personal_number),
        Map("full_name", "hoTen", person_name, required=True),
        Map("unit_code", "maDonVi", text),
        Map("unit_name", "tenDonVi", organisation_name),
        Map("begins_on", "tuNgay", compact_date),
        Map("ends_on", "denNgay", compact_date),
    ),
    ignored=("soCmnd", "ngaySinh", "loaiNgaySinh", "gioiTinh", "danToc", "maXa", "diaChi", "dienThoai"),
    sample=PARTICIPANTS.sample,
)
