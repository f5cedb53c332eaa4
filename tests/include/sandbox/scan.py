"""Finds what is wrong with a row by rules of its own, sharing nothing with the code that plants damage."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from include.sandbox.places import current_codes, places

AS_OF = "20261120000000"
STATUSES = {
    "Đang hoạt động",
    "Tạm ngừng kinh doanh",
    "Không hoạt động tại địa chỉ đã đăng ký",
    "Bị thu hồi Giấy chứng nhận đăng ký doanh nghiệp do cưỡng chế về quản lý thuế",
    "Đang làm thủ tục giải thể, đã bị chia, bị hợp nhất, bị sáp nhập",
    "Đang làm thủ tục phá sản",
    "Đã giải thể, phá sản, chấm dứt tồn tại",
}
_PROVINCES = """001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042 044 045 046 048 049
051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096"""
PROVINCES = set(_PROVINCES.split())
OLD = {place.old_code for place in places()}


def is_date(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007
    except ValueError:
        return False
    return True


def name(text: str) -> Iterator[str]:
    if not text.strip():
        yield "required_missing"
    if re.search(r"\w\?\w", text):
        yield "name_lost_letters"
    if re.search("á[»º]|Ä‘|Æ°", text):
        yield "name_mojibake"


def number(text: str, sex: str = "", year: str = "") -> Iterator[str]:
    if re.fullmatch(r"[1-9]\d{10}", text):
        yield "personal_number_lost_zero"
    elif text and not re.fullmatch(r"\d{12}", text):
        yield "personal_number_invalid"
    elif text:
        if text[:3] not in PROVINCES:
            yield "personal_number_unknown_province"
        if sex in {"1", "2"} and int(text[3]) % 2 != int(sex) - 1:
            yield "personal_number_sex_mismatch"
        if year and 1900 + 100 * (int(text[3]) // 2) + int(text[4:6]) != int(year):
            yield "personal_number_year_mismatch"


def phone(text: str | None) -> Iterator[str]:
    if text and not re.fullmatch(r"0(2\d{8,9}|[35789]\d{8})", text):
        yield "phone_invalid"


def unit(code: str, before_reform: bool) -> Iterator[str]:
    if code not in (OLD if before_reform else current_codes()):
        yield "unit_unknown"


def tax(code: str) -> Iterator[str]:
    try:
        mst.validate(code)
    except ValidationError:
        yield "tax_code_invalid"


def births(row: dict[str, Any]) -> Iterator[str]:
    child = row["nks"]
    yield from name(child["HoTen"])
    if not is_date(child["NgaySinh"], "%d/%m/%Y"):
        yield "date_invalid"
    elif int(child["NgaySinh"][-4:]) > 2026:
        yield "date_in_future"
    if child["GioiTinh"] not in {"0", "1", "2"}:
        yield "code_unknown"
    yield from number(row["soDinhDanh"], child["GioiTinh"], child["NgaySinh"][-4:])


def insurance(row: dict[str, Any]) -> Iterator[str]:
    yield from name(row["hoTen"])
    form = {"0": "%Y%m%d", "1": "%Y", "2": "%Y%m"}[row["loaiNgaySinh"]]
    if not is_date(row["ngaySinh"], form):
        yield "date_invalid"
    elif int(row["ngaySinh"][:4]) > 2026:
        yield "date_in_future"
    if row["gioiTinh"] not in {"1", "2", "3"}:
        yield "code_unknown"
    if not re.fullmatch(r"\d{10}", row["maSoBhxh"]):
        yield "insurance_number_invalid"
    if not re.fullmatch(r"(\d{9})?", row.get("soCmnd", "")):
        yield "old_id_invalid"
    yield from number(row.get("soDinhDanh", ""), row["gioiTinh"], row["ngaySinh"][:4])
    yield from unit(row["maXa"], row["capNhatLuc"] < "2025-07-01")
    yield from phone(row.get("dienThoai"))


def enterprises(row: dict[str, Any]) -> Iterator[str]:
    main = row["MainInformation"]
    yield from name(main["NAME"])
    yield from tax(main["ENTERPRISE_GDT_CODE"]) if main["ENTERPRISE_GDT_CODE"] else ["required_missing"]
    if not is_date(main["FOUNDING_DATE"], "%d/%m/%Y"):
        yield "date_invalid"
    if main["ENTERPRISE_STATUS"] not in STATUSES:
        yield "code_unknown"
    if main["ENTERPRISE_STATUS"] == "Tạm ngừng kinh doanh" and not main["SUSPEND_FROM"]:
        yield "suspension_dates_missing"
    yield from unit(row["HOAdress"]["WardID"], main["LAST_AMEND_DATE"][6:] + main["LAST_AMEND_DATE"][3:5] < "202507")
    yield from phone(main["PHONE"])
    yield from number(main["LEGAL_IDS"])
    if "TAX_OFFICE" in main:
        yield "unknown_field"


AGENCY = r"(?:000\.00\.\d\d\.H05|H05\.\d{2,3})"


def dossiers(row: dict[str, Any]) -> Iterator[str]:
    yield from name(row["chuHoSo"])
    found = re.fullmatch(AGENCY + r"-(\d{6})-\d{4,6}", row["maHoSo"])
    if not found or not is_date(found[1], "%y%m%d"):
        yield "dossier_code_invalid"
    if not row["maTTHC"]:
        yield "required_missing"
    elif not re.fullmatch(r"\d\.\d{6}(\.000\.00\.00\.H05)?", row["maTTHC"]):
        yield "procedure_code_invalid"
    if not all(re.fullmatch(AGENCY, row[field]) for field in ("donViXuLy", "donViTiepNhan")):
        yield "agency_code_invalid"
    if row["kenhThucHien"] not in {"1", "2", "3"}:
        yield "code_unknown"
    if row["trangThai"] not in {str(i) for i in range(1, 11)}:
        yield "status_unknown"
    yield from dossier_dates(row)
    yield from unit(row["maXa"], row["ngayNop"] < "20250701")
    yield from phone(row["soDienThoai"])
    if row["loaiDoiTuong"] == "2":
        yield from tax(row["soDinhDanh"])
    elif row.get("loaiDinhDanh") == "1":
        yield from number(row["soDinhDanh"])


def dossier_dates(row: dict[str, Any]) -> Iterator[str]:
    names = ("ngayNop", "ngayTiepNhan", "ngayKetThucXuLy", "ngayTra", "ngayHenTra", "ngayTuChoi")
    if any(row[field] and not is_date(row[field], "%Y%m%d%H%M%S") for field in names):
        yield "date_invalid"
        return
    line = [row[field] for field in names[:4] if row[field]]
    if line != sorted(line) or (row["ngayHenTra"] and row["ngayHenTra"] < row["ngayTiepNhan"]):
        yield "date_order"
    needed = {"2": 1, "4": 1, "5": 1, "6": 1, "8": 1, "9": 2, "10": 3, "3": 5}.get(row["trangThai"])
    if needed is not None and not row[names[needed]]:
        yield "status_date_missing"
    if any(row[field] >= AS_OF for field in ("ngayNop", "ngayTiepNhan", "ngayKetThucXuLy", "ngayTra", "ngayTuChoi")):
        yield "date_in_future"


def registration(row: dict[str, Any]) -> Iterator[str]:
    day = row["ngayDangKy"]
    yield from unit(row["noiDangKy"], day[6:] + day[3:5] < "202507")


def deaths(row: dict[str, Any]) -> Iterator[str]:
    dead = row["nkt"]
    yield from name(dead["HoTen"])
    birth = dead["NgaySinh"]
    if len(birth) > 4 and not is_date(birth, "%d/%m/%Y"):
        yield "date_invalid"
    elif int(dead["NgayChet"][-4:]) < int(birth[-4:]):
        yield "death_before_birth"
    yield from number(dead["SoDDCN"], dead["GioiTinh"], birth[-4:])
    yield from registration(row)


def marriages(row: dict[str, Any]) -> Iterator[str]:
    for spouse in (row["chong"], row["vo"]):
        yield from name(spouse["HoTen"])
        yield from number(spouse["SoDDCN"])
    if not is_date(row["ngayXacLapQuanHeHonNhan"], "%d/%m/%Y"):
        yield "date_invalid"
    if row["soBanAn"] and not row["ngayLyHon"]:
        yield "status_date_missing"
    yield from registration(row)


def households(row: dict[str, Any]) -> Iterator[str]:
    yield from name(row["tenHo"])
    if not re.fullmatch(r"\d{12}", row["maSoThue"]):
        yield "tax_code_invalid"
    if row["trangThai"] not in STATUSES:
        yield "code_unknown"
    if row["trangThai"] == "Tạm ngừng kinh doanh" and not row["tamNgungTu"]:
        yield "suspension_dates_missing"
    if not is_date(row["ngayDangKy"], "%d/%m/%Y"):
        yield "date_invalid"
    yield from number(row["chuHo"]["soDinhDanh"])
    yield from unit(row["diaChi"]["maXa"], row["capNhatLuc"] < "2025-07-01")
    yield from phone(row["chuHo"]["dienThoai"])


def taxpayers(row: dict[str, Any]) -> Iterator[str]:
    yield from name(row["tenNguoiNopThue"])
    if len(row["maSoThue"]) != 12:
        yield from tax(row["maSoThue"])
    if row["trangThai"] not in {f"0{i}" for i in range(8)}:
        yield "code_unknown"
    if not is_date(row["trangThaiTu"], "%Y-%m-%d"):
        yield "date_invalid"


def land(row: dict[str, Any]) -> Iterator[str]:
    for holder in row["chuSuDung"]:
        yield from name(holder["hoTen"])
        if holder["loaiGiayTo"] == "1":
            yield from number(holder["soGiayTo"])
    if row["maGiayChungNhan"] and len(row["maGiayChungNhan"]) != 12:
        yield "certificate_code_invalid"
    if row["tinhTrang"] not in {"1", "2", "3", "4"}:
        yield "code_unknown"
    if not is_date(row["ngayCap"], "%d/%m/%Y"):
        yield "date_invalid"
    for parcel in row["thuaDat"]:
        if parcel["maXaBanDo"] not in OLD:
            yield "parcel_invalid"
        if not re.fullmatch(r"\d+(,\d)?", parcel["dienTich"]):
            yield "wrong_type"
    yield from unit(row["xaId"], row["capNhatLuc"] < "2025-07-01")


NAMES = {place.name for place in places()}


def social(row: dict[str, Any]) -> Iterator[str]:
    yield from name(row["Họ và tên"])
    yield from number(row["Số định danh"], {"Nam": "1", "Nữ": "2"}[row["Giới tính"]], row["Ngày sinh"][-4:])
    if not is_date(row["Ngày quyết định"], "%d/%m/%Y"):
        yield "date_invalid"
    if row["Hưởng đến"] and row["Hưởng đến"][6:] < row["Hưởng từ"][6:]:
        yield "date_order"
    if row["Diện"] not in set("12345678"):
        yield "code_unknown"
    if row["Xã, phường"] not in NAMES:
        yield "unit_unknown"


def papers(row: dict[str, Any]) -> Iterator[str]:
    owner = row["MaDinhDanh"]
    if not owner:
        yield "required_missing"
    elif len(owner) == 11:
        yield "personal_number_lost_zero"
    if not re.fullmatch("[0-9a-f]{64}", row["MaBam"]):
        yield "file_hash_invalid"
    if row["LoaiSoHoa"] not in {"0", "1"}:
        yield "code_unknown"
    if row["ThoiHanHieuLuc"] and row["ThoiHanHieuLuc"] < row["NgayBanHanh"]:
        yield "date_order"
    found = re.fullmatch(AGENCY + r"-(\d{6})-\d{4,6}", row["MaHoSo"])
    if not found or not is_date(found[1], "%y%m%d"):
        yield "dossier_code_invalid"
    if not re.fullmatch(AGENCY, row["CoQuanBanHanh"]):
        yield "agency_code_invalid"


def moments(*values: str) -> bool:
    return all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00", value) for value in values)


def of_a_desk(row: dict[str, Any]) -> Iterator[str]:
    if not re.fullmatch(AGENCY, row["maCoQuan"]):
        yield "agency_code_invalid"
    found = re.fullmatch(AGENCY + r"-(\d{6})-\d{4,6}", row["maHoSo"])
    if row["maHoSo"] and (not found or not is_date(found[1], "%y%m%d")):
        yield "dossier_code_invalid"


def tickets(row: dict[str, Any]) -> Iterator[str]:
    yield from of_a_desk(row)
    if not moments(row["layLuc"]):
        yield "required_missing"
    if row["trangThai"] not in set("1234"):
        yield "code_unknown"
    if row["goiLuc"] and row["goiLuc"] < row["layLuc"]:
        yield "date_order"


def surveys(row: dict[str, Any]) -> Iterator[str]:
    yield from of_a_desk(row)
    if not moments(row["traLoiLuc"]):
        yield "required_missing"
    if row["diem"] not in set("12345"):
        yield "score_out_of_range"
    if row["kenh"] not in set("123"):
        yield "code_unknown"


def catalogue(_: dict[str, Any]) -> Iterator[str]:
    """The portal's own catalogues, and what it checked as it was filed, come clean."""
    yield from ()


SCANS = {
    "births": births, "insurance": insurance, "enterprises": enterprises, "dossiers": dossiers, "deaths": deaths, "marriages": marriages,
    "households": households, "taxpayers": taxpayers, "land": land, "social": social, "papers": papers, "tickets": tickets, "surveys": surveys,
    "procedures": catalogue, "agencies": catalogue, "units": catalogue, "portal_filed": catalogue,
}  # fmt: skip
