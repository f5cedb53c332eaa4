"""Damages of the sector datasets: deaths, marriages, household businesses, tax, land, social beneficiaries, papers."""

from random import Random

from include.sandbox.damage_kinds import Damage, Edits, changed, fixed, names, personal_numbers
from include.sandbox.damaged_values import lost_zero, month_thirteen, other_check_digit, other_sex, other_year, shifted_digits
from include.sandbox.enterprises import SUSPENDED
from include.sandbox.wire import Wire, get


def _dead_too_early(row: Wire, _: Random) -> Edits:
    """The years of birth and death changed places."""
    return {"nkt.NgayChet": f"01/01/{int(row['nkt']['NgaySinh'][-4:]) - 30}"}


def _divorced(row: Wire) -> bool:
    return bool(row["soBanAn"])


def _resting(row: Wire) -> bool:
    return bool(row["trangThai"] == SUSPENDED)


def _on_personal_number(row: Wire) -> bool:
    return bool(get(row, "chuSuDung.0.loaiGiayTo") == "1")


def _ten_digits(row: Wire) -> bool:
    return len(row["maSoThue"]) == 10


def _expired_before(row: Wire, _: Random) -> Edits:
    return {"ThoiHanHieuLuc": f"{int(row['NgayBanHanh'][:4]) - 1}0101"}


def _called_before(row: Wire, _: Random) -> Edits | None:
    return {"goiLuc": f"{int(row['layLuc'][:4]) - 1}{row['layLuc'][4:]}"} if row["goiLuc"] else None


def _ends_before(row: Wire, _: Random) -> Edits:
    day = row["Hưởng từ"]
    return {"Hưởng đến": f"{day[:6]}{int(day[6:]) - 1}"}


def _broken_suspension(row: Wire, _: Random) -> Edits | None:
    return {"tamNgungTu": "", "tamNgungDen": ""} if _resting(row) else None


SECTOR_DAMAGES: dict[str, tuple[Damage, ...]] = {
    "deaths": (
        fixed("required_missing", "nkt.HoTen", ""),
        *personal_numbers("nkt.SoDDCN", "nkt.GioiTinh"),
        *names("nkt.HoTen"),
        changed("date_invalid", "nkt.NgaySinh", lambda birth: f"31/02/{birth[-4:]}"),
        Damage("death_before_birth", "nkt.NgayChet", _dead_too_early),
        fixed("unit_unknown", "noiDangKy", "99999"),
    ),
    "marriages": (
        fixed("required_missing", "vo.HoTen", ""),
        changed("personal_number_invalid", "vo.SoDDCN", shifted_digits),
        changed("personal_number_lost_zero", "chong.SoDDCN", lost_zero),
        *names("chong.HoTen"),
        changed("date_invalid", "ngayXacLapQuanHeHonNhan", lambda day: f"31/02/{day[-4:]}"),
        fixed("status_date_missing", "ngayLyHon", "", _divorced),
        fixed("unit_unknown", "noiDangKy", "99999"),
    ),
    "households": (
        fixed("required_missing", "tenHo", ""),
        changed("tax_code_invalid", "maSoThue", lambda code: code[:11]),
        changed("personal_number_invalid", "chuHo.soDinhDanh", shifted_digits),
        *names("tenHo"),
        changed("date_invalid", "ngayDangKy", lambda day: f"31/02/{day[-4:]}"),
        fixed("code_unknown", "trangThai", "Ngủ đông"),
        Damage("suspension_dates_missing", "tamNgungTu", _broken_suspension),
        fixed("unit_unknown", "diaChi.maXa", "99999"),
    ),
    "taxpayers": (
        fixed("required_missing", "tenNguoiNopThue", ""),
        changed("tax_code_invalid", "maSoThue", other_check_digit, _ten_digits),
        *names("tenNguoiNopThue"),
        fixed("code_unknown", "trangThai", "99"),
        changed("date_invalid", "trangThaiTu", lambda day: f"{day[:4]}-13-01"),
    ),
    "land": (
        fixed("required_missing", "chuSuDung.0.hoTen", "", lambda row: get(row, "chuSuDung.0.hoTen")),
        changed("certificate_code_invalid", "maGiayChungNhan", lambda code: code[:9]),
        fixed("parcel_invalid", "thuaDat.0.maXaBanDo", "99999"),
        fixed("code_unknown", "tinhTrang", "9"),
        fixed("wrong_type", "thuaDat.0.dienTich", "khoảng 120"),
        changed("date_invalid", "ngayCap", lambda day: f"31/02/{day[-4:]}"),
        changed("personal_number_invalid", "chuSuDung.0.soGiayTo", shifted_digits, _on_personal_number),
        changed("personal_number_lost_zero", "chuSuDung.0.soGiayTo", lost_zero, _on_personal_number),
        *names("chuSuDung.0.hoTen"),
        fixed("unit_unknown", "xaId", "99999"),
    ),
    "social": (
        fixed("required_missing", "Họ và tên", ""),
        changed("personal_number_invalid", "Số định danh", shifted_digits),
        changed("personal_number_lost_zero", "Số định danh", lost_zero),
        changed("personal_number_sex_mismatch", "Số định danh", other_sex),
        changed("personal_number_year_mismatch", "Số định danh", other_year),
        *names("Họ và tên"),
        changed("date_invalid", "Ngày quyết định", lambda day: f"31/02/{day[-4:]}"),
        Damage("date_order", "Hưởng đến", _ends_before),
        fixed("code_unknown", "Diện", "99"),
        fixed("unit_unknown", "Xã, phường", "Phường Không Có"),
    ),
    "papers": (
        fixed("required_missing", "MaDinhDanh", ""),
        changed("file_hash_invalid", "MaBam", lambda digest: digest[:40]),
        fixed("code_unknown", "LoaiSoHoa", "7"),
        Damage("date_order", "ThoiHanHieuLuc", _expired_before),
        changed("dossier_code_invalid", "MaHoSo", month_thirteen),
        fixed("agency_code_invalid", "CoQuanBanHanh", "BN/16"),
        changed("personal_number_lost_zero", "MaDinhDanh", lambda number: lost_zero(number) if len(number) == 12 else None),
    ),
    "tickets": (
        fixed("required_missing", "layLuc", ""),
        fixed("code_unknown", "trangThai", "9"),
        fixed("agency_code_invalid", "maCoQuan", "BN/16"),
        changed("dossier_code_invalid", "maHoSo", month_thirteen),
        Damage("date_order", "goiLuc", _called_before),
    ),
    "surveys": (
        fixed("required_missing", "traLoiLuc", ""),
        fixed("score_out_of_range", "diem", "9"),
        fixed("code_unknown", "kenh", "8"),
        fixed("agency_code_invalid", "maCoQuan", "BN/16"),
    ),
    "procedures": (),
    "agencies": (),
    "units": (),
    "portal_filed": (),
}
"""By dataset, like ``damage.DAMAGES``. The catalogues are the portal's own and come clean."""
