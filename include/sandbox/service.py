"""Turns at the desks and satisfaction answers, as the queue system of the one-stop centres writes them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from include.sandbox.moments import AS_OF, iso
from include.sandbox.tables import Weighted
from include.sandbox.wire import Wire

_SCORES = Weighted({"5": 72, "4": 22, "3": 3, "2": 2, "1": 1})
_CHANNELS = Weighted({"1": 50, "2": 35, "3": 15})
ANSWERED = 0.3
"""Share of the finished dossiers whose owner says what they think."""


class Served:
    """Writes a turn for each dossier handed in at a desk, some turns that led to nothing, and answers."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._numbers: defaultdict[str, int] = defaultdict(int)

    def turns(self, dossier: Wire) -> Iterator[Wire]:
        """The turn in which the dossier was handed in."""
        if dossier["kenhThucHien"] != "1":
            return
        random = self._random
        agency, filed = dossier["donViTiepNhan"], _moment(dossier["ngayNop"])
        wait = min(random.expovariate(1 / 11), 120.0)
        yield self._turn(agency, dossier, filed - timedelta(minutes=wait), filed, filed + timedelta(minutes=3 + random.random() * 20), "3")
        if random.random() < 0.04:
            yield self._turn(agency, {}, filed - timedelta(minutes=wait), None, None, "4")

    def _turn(self, agency: str, dossier: Wire, taken: datetime, called: datetime | None, done: datetime | None, status: str) -> Wire:
        head = f"{agency}-{taken:%y%m%d}"
        self._numbers[head] += 1
        return {
            "maLuot": f"{head}-A{self._numbers[head]:04d}",
            "maCoQuan": agency,
            "quay": f"A{1 + self._numbers[head] % 6}",
            "maTTHC": dossier.get("maTTHC", ""),
            "maHoSo": dossier.get("maHoSo", ""),
            "layLuc": iso(taken),
            "goiLuc": iso(called) if called else "",
            "xongLuc": iso(done) if done else "",
            "trangThai": status,
            "capNhatLuc": iso(min(done or taken + timedelta(hours=1), AS_OF - timedelta(seconds=1))),
        }

    def answers(self, dossier: Wire) -> Iterator[Wire]:
        """What the owner of a finished dossier answered, if anything."""
        random, done = self._random, dossier["ngayTra"] or dossier["ngayTuChoi"]
        if not done or random.random() >= ANSWERED:
            return
        said = min(_moment(done) + timedelta(hours=random.random() * 48), AS_OF - timedelta(seconds=1))
        score = _SCORES.draw(random)
        yield {
            "maPhieu": f"DG-{dossier['maHoSo']}",
            "maCoQuan": dossier["donViXuLy"],
            "maTTHC": dossier["maTTHC"],
            "maHoSo": dossier["maHoSo"],
            "diem": score,
            "coPhanAnh": "1" if score in {"1", "2"} and random.random() < 0.5 else "0",
            "kenh": _CHANNELS.draw(random),
            "yKien": "",
            "traLoiLuc": iso(said),
            "capNhatLuc": iso(said),
        }


def _moment(compact: str) -> datetime:
    return datetime.strptime(compact, "%Y%m%d%H%M%S")  # noqa: DTZ007 wire times are local
