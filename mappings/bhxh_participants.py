"""Participants of social insurance (SOAP ``DanhSachNguoiThamGia``)."""

from mappings.apply import Map, Mapping
from mappings.canonical import PERSON
from mappings.codes import bhxh_sex, ethnicity
from mappings.contact import phone
from mappings.dates import bhxh_date, iso_moment
from mappings.identifiers import insurance_number, old_id_number, personal_number
from mappings.text import person_name, text
from mappings.units import commune_when_changed

PARTICIPANTS = Mapping(
    id="insurance",
    entity=PERSON,
    system="bhxh",
    dataset="DanhSachNguoiThamGia",
    vi="Người tham gia bảo hiểm xã hội",
    en="Participants of social insurance",
    agency="G24",
    legal_basis="NĐ 278/2025/NĐ-CP Đ5; CV 1804/BHXH-QLT",
    key=("maSoBhxh",),
    moment="capNhatLuc",
    moment_form=iso_moment,
    fields=(
        Map("personal_number", "soDinhDanh", personal_number),
        Map("old_id_number", "soCmnd", old_id_number),
        Map("insurance_number", "maSoBhxh", insurance_number, required=True),
        Map("full_name", "hoTen", person_name, required=True),
        Map("birth_date", ("ngaySinh", "loaiNgaySinh"), bhxh_date),
        Map("sex", "gioiTinh", bhxh_sex),
        Map("ethnicity", "danToc", ethnicity),
        Map("commune_code", ("maXa", "capNhatLuc"), commune_when_changed),
        Map("address", "diaChi", text),
        Map("phone", "dienThoai", phone),
    ),
    ignored=("maDonVi", "tenDonVi", "tuNgay", "denNgay"),
    sample={
        "maSoBhxh": "2400000126",
        "soDinhDanh": "024085000126",
        "soCmnd": "120000126",
        "hoTen": "LÊ VĂN MẪU",
        "ngaySinh": "19850409",
        "loaiNgaySinh": "0",
        "gioiTinh": "1",
        "danToc": "01",
        "maXa": "07201",
        "diaChi": "Số 3 đường Mẫu",
        "dienThoai": "0912000126",
        "maDonVi": "TA0001A",
        "tenDonVi": "CÔNG TY MẪU",
        "tuNgay": "20100101",
        "denNgay": "",
        "capNhatLuc": "2025-03-04T08:00:00+07:00",
    },
)
