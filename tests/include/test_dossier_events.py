"""Events of a dossier from both sides, in whatever order they come, and as often as they come."""

import random
from itertools import permutations
from typing import Any

import pytest

from include.hub import Hub
from tests.include.shelf import record, shelved
from tests.include.test_merge import sync

pytestmark = pytest.mark.postgres

PHONES, MAILS, TEXTS = ("0912000125", "0912000126", "0912000127", ""), ("a@example.com", "b@example.com", ""), ("Một", "Hai", "Ba", "")
DUE = ("20261105170000", "20261106170000", "")


def desk(chance: random.Random, minute: int) -> dict[str, Any]:
    """A version the one-stop system wrote at a minute of a day."""
    pick = chance.choice
    return {
        "soDienThoai": pick(PHONES), "email": pick(MAILS), "trichYeu": pick(TEXTS), "ngayHenTra": pick(DUE), "trangThai": pick(("2", "4")),
        "ngayKetThucXuLy": "", "ketQua": [], "capNhatLuc": f"2026-11-04T10:{minute:02d}:00+07:00",
    }  # fmt: skip


def portal(chance: random.Random, minute: int) -> dict[str, Any]:
    """A version its owner wrote on the portal."""
    pick = chance.choice
    return {"SoDienThoai": pick(PHONES), "Email": pick(MAILS), "TrichYeuHoSo": pick(TEXTS), "NgayCapNhat": f"2026110410{minute:02d}00"}


def events(chance: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Three of the desk and two of the portal, each a minute after another."""
    sides = ["dossiers"] * 3 + ["portal_filed"] * 2
    chance.shuffle(sides)
    return [(side, (desk if side == "dossiers" else portal)(chance, minute)) for minute, side in enumerate(sides)]


def golden(hub: Hub) -> dict[str, Any]:
    query = "SELECT code, to_jsonb(g) - 'id' - 'code' - 'version' - 'updated_at' - 'updated_run' FROM golden.dossier g"
    return dict(hub.db.rows(query))


def tell(hub: Hub, step: int, told: dict[str, tuple[str, dict[str, Any]]]) -> None:
    """One event of each dossier, in a run of each side."""
    for flow, key in (("dossiers", "maHoSo"), ("portal_filed", "MaHoSo")):
        rows = [record(flow, **{key: code}, **event) for code, (side, event) in told.items() if side == flow]
        if rows:
            sync(hub, shelved(flow, rows), f"{step}-{flow}")


@pytest.mark.parametrize("seed", [1, 2])
def test_every_order_of_events_gives_the_same_golden_record(hub: Hub, seed: int) -> None:
    orders = {f"H05.16-261102-{n:04d}": order for n, order in enumerate(permutations(events(random.Random(seed))))}
    for step in range(5):
        tell(hub, step, {code: order[step] for code, order in orders.items()})
    found = golden(hub)
    assert len(found) == 120
    first = found["H05.16-261102-0000"]
    assert [code for code, record in found.items() if record != first] == []


def test_an_event_told_again_and_an_older_one_change_nothing(hub: Hub) -> None:
    told = events(random.Random(7))
    code = "H05.16-261102-0001"
    for step, event in enumerate(told):
        tell(hub, step, {code: event})
    waiting = "SELECT g.version, o.target, o.version FROM golden.dossier g JOIN hub.outbox o ON o.entity_id = g.id ORDER BY 2"
    before = golden(hub), hub.db.rows(waiting)
    for step, event in enumerate([*told, *told[::-1]], 10):
        tell(hub, step, {code: event})
    assert (golden(hub), hub.db.rows(waiting)) == before


def test_a_value_the_desk_withdraws_goes_and_the_portals_comes_forth(hub: Hub) -> None:
    code = "H05.16-261102-0001"
    quiet = {"ngayKetThucXuLy": "", "ketQua": [], "trangThai": "2"}
    tell(hub, 1, {code: ("portal_filed", {"SoDienThoai": "0912000126", "NgayCapNhat": "20261104100000"})})
    tell(hub, 2, {code: ("dossiers", quiet | {"soDienThoai": "0912000125", "capNhatLuc": "2026-11-04T10:01:00+07:00"})})
    assert golden(hub)[code]["phone"] == "+84912000125"
    tell(hub, 3, {code: ("dossiers", quiet | {"soDienThoai": "", "capNhatLuc": "2026-11-04T10:02:00+07:00"})})
    assert golden(hub)[code]["phone"] == "+84912000126"
    tell(hub, 4, {code: ("portal_filed", {"SoDienThoai": "", "NgayCapNhat": "20261104100300"})})
    assert golden(hub)[code].get("phone") is None
