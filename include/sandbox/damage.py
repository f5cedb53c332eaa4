"""The closed list of damages a row can get, each with the reason code that the hub must give, and of oddities it must only warn of."""

from collections.abc import Callable
from datetime import datetime
from random import Random

from include.sandbox.damage_kinds import CONFLICT, DUPLICATE, Damage, Edits, changed, fixed, names, personal_numbers
from include.sandbox.damaged_values import lost_zero, month_thirteen, other_check_digit, shifted_digits
from include.sandbox.enterprises import SUSPENDED
from include.sandbox.moments import stamp
from include.sandbox.sector_damage import SECTOR_DAMAGES
from include.sandbox.wire import Wire, get

__all__ = ["CONFLICT", "DAMAGES", "DUPLICATE", "WARNINGS", "Damage"]


def _born_late(row: Wire, _: Random) -> Edits:
    """A hundred years late, as when 1962 is typed 2062; the number would tell, so there is none."""
    day, month, year = row["nks"]["NgaySinh"].split("/")
    return {"nks.NgaySinh": f"{min(int(day), 28):02d}/{month}/{int(year) + 100}", "soDinhDanh": ""}


def _insured_late(row: Wire, _: Random) -> Edits:
    birth = row["ngaySinh"]
    day = birth[6:8] and f"{min(int(birth[6:8]), 28):02d}"
    return {"ngaySinh": f"{int(birth[:4]) + 100}{birth[4:6]}{day}", "soDinhDanh": None}


def _whole_date(row: Wire) -> bool:
    return bool(row["loaiNgaySinh"] == "0")


def _status(*statuses: str) -> Callable[[Wire], bool]:
    return lambda row: row["trangThai"] in statuses


def _finished_early(row: Wire, _: Random) -> Edits | None:
    if row["trangThai"] != "9":
        return None
    return {"ngayKetThucXuLy": _year_before(row["ngayTiepNhan"])}


def _returned_early(row: Wire, _: Random) -> Edits | None:
    if row["trangThai"] != "10":
        return None
    return {"ngayTra": _year_before(row["ngayKetThucXuLy"])}


def _year_before(moment: str) -> str:
    found = datetime.strptime(moment, "%Y%m%d%H%M%S")  # noqa: DTZ007 wire times are local
    return stamp(found.replace(year=found.year - 1, day=min(found.day, 28)))


def _citizen_number(row: Wire) -> bool:
    return bool(row.get("loaiDinhDanh") == "1")


def _enterprise(row: Wire) -> bool:
    return bool(row["loaiDoiTuong"] == "2")


DAMAGES: dict[str, tuple[Damage, ...]] = {
    "births": (
        fixed("required_missing", "nks.HoTen", ""),
        *personal_numbers("soDinhDanh", "nks.GioiTinh"),
        *names("nks.HoTen"),
        changed("date_invalid", "nks.NgaySinh", lambda birth: f"31/02/{birth[-4:]}"),
        Damage("date_in_future", "nks.NgaySinh", _born_late),
        fixed("code_unknown", "nks.GioiTinh", "7"),
    ),
    "insurance": (
        fixed("required_missing", "hoTen", ""),
        *personal_numbers("soDinhDanh", "gioiTinh"),
        changed("old_id_invalid", "soCmnd", lambda number: number[:8]),
        changed("insurance_number_invalid", "maSoBhxh", lambda number: number[1:]),
        *names("hoTen"),
        changed("date_invalid", "ngaySinh", lambda birth: f"{birth[:4]}1301", _whole_date),
        Damage("date_in_future", "ngaySinh", _insured_late),
        fixed("unit_unknown", "maXa", "99999"),
        fixed("code_unknown", "gioiTinh", "7"),
    ),
    "enterprises": (
        fixed("required_missing", "MainInformation.NAME", ""),
        fixed("required_missing", "MainInformation.ENTERPRISE_GDT_CODE", ""),
        changed("tax_code_invalid", "MainInformation.ENTERPRISE_GDT_CODE", other_check_digit),
        *names("MainInformation.NAME"),
        changed("date_invalid", "MainInformation.FOUNDING_DATE", lambda day: f"31/02/{day[-4:]}"),
        fixed("unit_unknown", "HOAdress.WardID", "99999"),
        fixed("code_unknown", "MainInformation.ENTERPRISE_STATUS", "Ngủ đông"),
        Damage(
            "suspension_dates_missing",
            "MainInformation.SUSPEND_FROM",
            lambda row, _: (
                {"MainInformation.SUSPEND_FROM": "", "MainInformation.SUSPEND_TO": ""}
                if get(row, "MainInformation.ENTERPRISE_STATUS") == SUSPENDED
                else None
            ),
        ),
    ),
    "dossiers": (
        fixed("required_missing", "maTTHC", ""),
        fixed("required_missing", "chuHoSo", ""),
        changed("dossier_code_invalid", "maHoSo", month_thirteen),
        changed("procedure_code_invalid", "maTTHC", lambda code: code[:8].replace(".", "-")),
        fixed("agency_code_invalid", "donViXuLy", "BN/16"),
        fixed("agency_code_invalid", "donViTiepNhan", "H5.16"),
        fixed("status_unknown", "trangThai", "42"),
        fixed("code_unknown", "kenhThucHien", "9"),
        Damage("date_order", "ngayKetThucXuLy", _finished_early),
        Damage("date_order", "ngayTra", _returned_early),
        fixed("status_date_missing", "ngayTra", "", _status("10")),
        fixed("status_date_missing", "ngayTuChoi", "", _status("3")),
        changed("date_invalid", "ngayHenTra", lambda moment: f"{moment[:4]}1301{moment[8:]}"),
        changed("personal_number_invalid", "soDinhDanh", shifted_digits, _citizen_number),
        changed("personal_number_lost_zero", "soDinhDanh", lost_zero, _citizen_number),
        changed("tax_code_invalid", "soDinhDanh", other_check_digit, _enterprise),
        fixed("unit_unknown", "maXa", "99999"),
        *names("chuHoSo"),
    ),
}
"""Damages by dataset. ``duplicate_key`` and ``identity_conflict`` come on top."""

DAMAGES |= SECTOR_DAMAGES

WARNINGS: dict[str, tuple[Damage, ...]] = {
    "births": (),
    "insurance": (fixed("phone_invalid", "dienThoai", "0912"),),
    "enterprises": (
        fixed("phone_invalid", "MainInformation.PHONE", "12345678901234"),
        fixed("unknown_field", "MainInformation.TAX_OFFICE", "Thuế cơ sở 3"),
    ),
    "dossiers": (fixed("phone_invalid", "soDienThoai", "khong co"),),
    "households": (fixed("phone_invalid", "chuHo.dienThoai", "0912"),),
}
"""Oddities by dataset. ``personal_number_unknown_province`` is a matter of the person, not planted."""
