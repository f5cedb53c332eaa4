"""Pages of people, the same for every run of one size: about one record in 200 is damaged; the second edition changes one in a hundred."""

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from include.sandbox.names import Names
from mappings.units import CURRENT

PAGE = 1000
COMMUNES = sorted(CURRENT)
NAMES = 20_000
"""Different full names to draw from; real lists repeat more."""


def write(folder: Path, rows: int) -> None:
    """``folder/1/N.json`` and ``folder/2/N.json``, N from 1."""
    random = Random(717)
    people = drawn(random)
    for edition in ("1", "2"):
        (folder / edition).mkdir(parents=True, exist_ok=True)
    for first in range(0, rows, PAGE):
        page = [person(random, people, number) for number in range(first, min(first + PAGE, rows))]
        put(folder / "1", first, rows, page)
        for one in page[:: PAGE // 10]:
            one["dien_thoai"], one["cap_nhat"] = phone(random.randrange(10**8)), "2026-11-20T10:00:00+07:00"
        put(folder / "2", first, rows, page)


def drawn(random: Random) -> list[tuple[int, str]]:
    """Sexes and full names that people are made of."""
    names = Names(random)
    return [(sex, names.full(names.surname(), sex, 1980).upper()) for sex in (1, 2) for _ in range(NAMES // 2)]


def put(folder: Path, first: int, rows: int, page: list[dict[str, Any]]) -> None:
    """One page as it goes over the wire."""
    body = json.dumps({"tong": rows, "du_lieu": page}, ensure_ascii=False, separators=(",", ":"))
    (folder / f"{first // PAGE + 1}.json").write_text(body, encoding="utf-8")


def phone(number: int) -> str:
    """A mobile number."""
    return f"09{number:08d}"


def person(random: Random, people: list[tuple[int, str]], number: int) -> dict[str, Any]:
    """One record; its personal number agrees with sex and year unless damage says otherwise."""
    sex, name = people[random.randrange(len(people))]
    born = date(1920, 1, 1) + timedelta(days=number % 29_000)
    own = f"{'024' if number % 2 else '027'}{sex - 1}{born.year % 100:02d}{number // 2 % 10**6:06d}"
    commune = COMMUNES[random.randrange(len(COMMUNES))]
    record = {
        "ma": f"BN{number:09d}",
        "so_dinh_danh": own,
        "so_cmnd": f"1{number:08d}" if born.year < 1990 else "",
        "ho_ten": name,
        "ngay_sinh": born.strftime("%d/%m/%Y"),
        "gioi_tinh": str(sex),
        "dan_toc": "01",
        "quoc_tich": "VN",
        "dien_thoai": phone(random.randrange(10**8)),
        "ten_me": people[random.randrange(len(people))][1],
        "ten_cha": people[random.randrange(len(people))][1],
        "so_bhxh": f"24{number:08d}",
        "dia_chi": {
            "so_nha": str(random.randrange(300)),
            "duong": f"Đường {random.randrange(200)}",
            "ma_xa": commune,
            "ten_xa": CURRENT[commune],
            "ma_tinh": "24",
        },
        "cap_nhat": f"2026-10-{number % 28 + 1:02d}T08:{number % 60:02d}:00+07:00",
    }
    if random.random() < 0.005:
        field, value = random.choice([("so_dinh_danh", own[1:]), ("ngay_sinh", "31/02/1990"), ("dien_thoai", "12"), ("ho_ten", "NGUY?N VĂN A")])
        record[field] = value
    return record


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
