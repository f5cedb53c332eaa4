"""What a desk has before it: the dossiers of the day, and what waits for it or for others."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from include.clock import HANOI
from include.hub import Hub
from include.reception.desk import HandOver, all_desks, handed_over, of_day
from tests.include.shelf import record, shelved
from tests.include.test_merge import sync

pytestmark = pytest.mark.postgres
CODE = "H05.16-261102-0012"
NOW = datetime(2026, 11, 2, 15, tzinfo=HANOI)
"""Six hours after the sample dossier was received."""
RECEIVED = {"trangThai": "2", "ngayKetThucXuLy": "", "ketQua": [], "quaTrinh": [], "donViTiepNhan": "H05.16", "donViXuLy": "H05.201"}


def file(hub: Hub, run: str, **changes: Any) -> None:
    sync(hub, shelved("dossiers", [record("dossiers", **(RECEIVED | changes))]), run)


def step(status: str, at: str) -> dict[str, Any]:
    return record("dossiers")["quaTrinh"][0] | {"trangThai": status, "thoiDiem": at}


def incoming(hub: Hub, agency: str = "H05.201") -> HandOver:
    return handed_over(hub, agency, "incoming", 10)[1][0]


def waiting(hub: Hub) -> dict[str, tuple[int, int]]:
    return {one.agency: (one.incoming, one.outgoing) for one in all_desks(hub, NOW.date()) if one.incoming or one.outgoing}


def test_a_dossier_sent_to_another_agency_waits_there_until_its_first_step(hub: Hub) -> None:
    file(hub, "d1")
    one = incoming(hub)
    assert (one.code, one.sender, one.waits, one.waited(NOW)) == (CODE, "H05.16", True, timedelta(hours=6))
    assert [each.waits for each in handed_over(hub, "H05.16", "outgoing", 10)[1]] == [True]
    assert waiting(hub) == {"H05.201": (1, 0), "H05.16": (0, 1)}
    file(hub, "d2", trangThai="4", quaTrinh=[step("4", "20261102110000")], capNhatLuc="2026-11-05T08:00:00+07:00")
    one = incoming(hub)
    assert (one.waits, one.waited(NOW)) == (False, timedelta(hours=2))
    assert waiting(hub) == {}


def test_a_dossier_passed_on_waits_at_the_next_agency_only(hub: Hub) -> None:
    file(hub, "d1")
    file(hub, "d2", donViXuLy="H05.17", capNhatLuc="2026-11-05T08:00:00+07:00")
    assert (incoming(hub).waits, incoming(hub, "H05.17").waits) == (False, True)
    assert waiting(hub) == {"H05.17": (1, 0), "H05.201": (0, 1)}


def test_a_dossier_handled_without_a_step_does_not_wait_for_ever(hub: Hub) -> None:
    file(hub, "d1", trangThai="9", ngayKetThucXuLy="20261102113000")
    one = incoming(hub)
    assert (one.waits, one.waited(NOW)) == (False, None)
    assert waiting(hub) == {}


def test_what_waits_is_listed_however_old(hub: Hub) -> None:
    sync(hub, shelved("dossiers", [
        record("dossiers", **RECEIVED),
        *(record("dossiers", **(RECEIVED | {"maHoSo": f"H05.16-261102-010{n}", "trangThai": "9", "ngayKetThucXuLy": "20261102140000",
                                            "ngayTiepNhan": f"202611021{n}0000"})) for n in range(3)),
    ]), "d1")  # fmt: skip
    waiting, found = handed_over(hub, "H05.201", "incoming", 2)
    assert (waiting, [one.code for one in found]) == (1, [CODE, "H05.16-261102-0102"])


def test_the_dossiers_of_a_day_are_those_filed_that_day_which_the_agency_receives_or_handles(hub: Hub) -> None:
    file(hub, "d1")
    for agency, day, expected in (("H05.16", 2, [CODE]), ("H05.201", 2, [CODE]), ("H05.17", 2, []), ("H05.16", 3, [])):
        assert [one.code for one in of_day(hub, agency, date(2026, 11, day))] == expected
    assert {one.agency: (one.received, one.handled) for one in all_desks(hub, date(2026, 11, 2))} == {"H05.16": (1, 0), "H05.201": (0, 1)}
