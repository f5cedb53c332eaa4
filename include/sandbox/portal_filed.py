"""Dossiers as citizens and enterprises file them on the national portal: newly filed, nothing decided yet, files as they were uploaded."""

from datetime import datetime, timedelta
from typing import Any

from include.sandbox.moments import stamp
from include.sandbox.wire import Wire

TAKEN_OVER = 0.4
"""Share of the one-stop system's online dossiers that the portal still lists as filed there."""
WAITING = 15
"""One dossier waits on the portal, not taken over yet, for so many that the one-stop system holds."""
FRESH = timedelta(days=3)
"""Those that wait were filed in the last days before the province stands still."""
CITIZEN, AGENCY = "1", "2"
"""``NguonCapNhat``: who changed the portal's copy last, whoever filed it or the agency by way of the hub."""
_NUMBERED = {"1", "2"}


def filed(row: Wire) -> Wire:
    """What the owner of a one-stop dossier (as its system writes it) filed on the portal, at the moment of filing."""
    kind, number = row.get("loaiDinhDanh"), row.get("soDinhDanh")
    return {
        "MaHoSo": row["maHoSo"],
        "MaTTHC": row["maTTHC"],
        "TenTTHC": row["tenTTHC"],
        "MaLinhVuc": row["maLinhVuc"],
        "TenLinhVuc": row["tenLinhVuc"],
        "KenhThucHien": "2",
        "ChuHoSo": row["chuHoSo"],
        "LoaiDoiTuong": row["loaiDoiTuong"],
        "Email": row.get("email") or "",
        "SoDienThoai": row.get("soDienThoai") or "",
        "TrichYeuHoSo": row["trichYeu"],
        "NgayTiepNhan": "",
        "NgayHenTra": "",
        "TrangThaiHoSo": "1",
        "NgayTra": "",
        "NgayKetThucXuLy": "",
        "DonViXuLy": row["donViXuLy"],
        "NoiNopHoSo": "1",
        "TaiKhoanDuocXacThucVoiVNeID": "1" if row["loaiDoiTuong"] == "1" else "0",
        "DuocThanhToanTrucTuyen": row["thanhToanTrucTuyen"] if row["thanhToanTrucTuyen"] in {"0", "1"} else "0",
        "NgayTuChoi": "",
        "NgayNopHoSo": row["ngayNop"],
        "DinhDanhCHS": [{"LoaiDinhDanh": kind, "SoDinhDanh": number}] if kind in _NUMBERED and number else [],
        "DSKetNoiCSDL": [{"MaCSDL": code} for code in row["ketNoiCSDL"]],
        "TaiLieuNop": [_paper(one) for one in row["giayTo"]],
        "DanhSachLePhi": [],
        "DanhSachGiayToKetQua": [],
        "NgayCapNhat": row["ngayNop"],
        "NguonCapNhat": CITIZEN,
    }


def _paper(one: Wire) -> dict[str, Any]:
    return {
        "TepDinhKemId": one.get("tepId", ""),
        "TenTepDinhKem": one["tenGiayTo"],
        "IsDeleted": "False",
        "MaThanhPhanHoSo": one["maThanhPhan"],
        "DuongDanTaiTepTin": one.get("duongDan", ""),
        "DuocSoHoa": one["duocSoHoa"],
        "DuocTaiSuDung": one["duocTaiSuDung"],
        "DuocLayTuKhoDMQG": one["layTuKhoDMQG"],
        "MaKetQuaThayThe": one.get("maKetQuaThayThe", ""),
    }


def pushed(taken: Wire, at: datetime) -> Wire:
    """The portal's copy of a dossier filed there, after the agency wrote to it at that moment."""
    return taken | {"NgayCapNhat": stamp(at), "NguonCapNhat": AGENCY}
