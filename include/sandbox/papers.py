"""Digitised papers as the store keeps them: what was handed in with a dossier, and what came out of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from include.sandbox.files import file_of, sha256_of
from include.sandbox.moments import AS_OF, between
from include.sandbox.tables import Weighted
from include.sandbox.wire import Wire

_STATUSES = Weighted({"2": 93, "1": 5, "3": 2})


class Papers:
    """Writes the rows of a dossier; the bytes of their files are those of ``files``."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def rows(self, dossier: Wire) -> Iterator[Wire]:
        """The results of a dossier, and some of its components."""
        owner = dossier.get("soDinhDanh")
        if not owner or dossier.get("loaiDinhDanh") == "2":
            return
        done = datetime.strptime(dossier["ngayKetThucXuLy"] or dossier["ngayNop"], "%Y%m%d%H%M%S")  # noqa: DTZ007 wire times are local
        for number, result in enumerate(dossier.get("ketQua") or []):
            yield self._row(dossier, owner, f"GT-{dossier['maHoSo']}-K{number}", result["maKetQua"], result["tenGiayTo"], "1", done)
        for number, part in enumerate(dossier["giayTo"]):
            if part.get("tepId") and self._random.random() < 0.25:
                yield self._row(dossier, owner, f"GT-{dossier['maHoSo']}-T{number}", part["maThanhPhan"], part["tenGiayTo"], "0", done)

    def _row(self, dossier: Wire, owner: str, code: str, kind: str, title: str, made: str, done: datetime) -> Wire:
        random = self._random
        taken = min(between(random, done, done + timedelta(hours=6)), AS_OF - timedelta(seconds=1))
        limited = random.random() < 0.25
        signed = made == "1" or random.random() < 0.3
        return {
            "Ma": code,
            "MaHoSo": dossier["maHoSo"],
            "MaDinhDanh": owner,
            "SoKyHieu": f"{int(random.random() * 900) + 1}/{kind[:2]}",
            "MaGiayTo": kind,
            "ThoiGianSoHoa": f"{taken:%Y%m%d%H%M%S}",
            "ThoiHanHieuLuc": f"{done + timedelta(days=180 + int(random.random() * 700)):%Y%m%d}" if limited else "",
            "NgayBanHanh": f"{done:%Y%m%d}",
            "PhamViHieuLuc": "Toàn quốc" if random.random() < 0.9 else dossier["donViXuLy"],
            "TrichYeu": title[:200],
            "CoQuanBanHanh": dossier["donViXuLy"],
            "NguoiKy": "Cán bộ Một",
            "LoaiSoHoa": made,
            "TrangThaiSoHoa": _STATUSES.draw(random),
            "DuongDan": f"/kho/{code}",
            "MaBam": sha256_of(file_of(code, made, signed)),
            "CoChuKySo": "1" if signed else "0",
            "CapNhatLuc": f"{taken:%Y%m%d%H%M%S}",
        }
