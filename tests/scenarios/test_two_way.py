"""Dossiers both ways: filed on the portal, taken over by the one-stop system, told back, and never round in circles."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.dialects.vdxp import PortalSink
from include import acts
from include.clock import HANOI
from include.counts import Counts
from include.dossiers.conflicts import listed
from include.dossiers.settling import settle
from include.flows import flow as find
from include.hub import Hub
from include.life import Refused
from include.readback import differences
from include.runs import Wish
from include.steps import run_flow
from tests.scenarios.conftest import Province

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]

START = datetime(2026, 11, 23, 9, tzinfo=HANOI)


@dataclass
class TwoWay:
    """The hub between portal and one-stop system; the clock goes on by an hour at each round."""

    hub: Hub
    province: Province
    now: datetime = START

    def __post_init__(self) -> None:
        self.hub = replace(self.hub, clock=lambda: self.now)
        self.round(full=True)

    def run(self, flow_id: str, full: bool = False) -> Counts:
        self.now += timedelta(minutes=30)
        self.province.stand_at((self.now + timedelta(minutes=1)).isoformat())
        return run_flow(self.hub, find(flow_id), f"{self.now:%d%H%M}", Wish(full=full))

    def round(self, full: bool = False) -> dict[str, Counts]:
        return {flow_id: self.run(flow_id, full) for flow_id in ("dossiers", "portal_filed")}

    def writes(self) -> dict[str, int]:
        found = {**self.province.door("motcua", "calls"), **self.province.door("dvcqg", "calls")}
        return {name: number for name, number in found.items() if name.startswith(("CapNhat", "DongBo"))}

    def change(self, system: str, key: str, ago: int = 5, **fields: Any) -> None:
        """Somebody changed a dossier at its side, so many minutes ago."""
        dataset = {"dvcqg": "portal_filed", "motcua": "dossiers"}[system]
        source = {"NguonCapNhat": "1"} if system == "dvcqg" else {}
        at = (self.now - timedelta(minutes=ago)).isoformat()
        self.province.door(system, "change", "POST", json={"dataset": dataset, "key": key, "set": fields | source, "at": at})

    def golden(self, code: str) -> dict[str, Any]:
        record: dict[str, Any] = self.hub.db.rows("SELECT to_jsonb(g) FROM golden.dossier g WHERE code = %s", code)[0][0]
        return record

    def waiting(self) -> str:
        """A dossier filed on the portal that only the hub's push has brought to the one-stop system."""
        return str(
            self.hub.db.rows("SELECT max(g.code) FROM golden.dossier g JOIN hub.told t ON t.entity_id = g.id WHERE target = 'onestop_dossiers'")[0][0]
        )

    def held(self, system: str, code: str) -> dict[str, Any]:
        key = {"dvcqg": "MaHoSo", "motcua": "maHoSo"}[system]
        return next(one for one in self.province.written(system, "dossiers") if one[key] == code)


@pytest.fixture
def both(world: Hub, province: Province) -> TwoWay:
    return TwoWay(world, province)


def test_what_was_filed_on_the_portal_reaches_the_one_stop_system_and_stays_there(both: TwoWay) -> None:
    pushed = both.province.written("motcua", "dossiers")
    assert len(pushed) == 10
    assert {one["trangThai"] for one in pushed} == {"1"}
    assert differences(both.hub, both.province.running.endpoints) == []
    before = both.writes()
    for _ in range(2):
        counts = both.round()
        assert sum(one.new + one.changed + one.published for one in counts.values()) == 0
    assert both.round(full=True)["portal_filed"].received == both.province.truth["rows"]["portal_filed"]
    assert both.writes() == before
    assert both.hub.db.rows("SELECT count(*) FROM hub.outbox") == [(0,)]


def test_the_desk_receives_the_portals_dossier_and_the_portal_hears_of_it(both: TwoWay) -> None:
    code = both.waiting()
    both.change("motcua", code, trangThai="2", ngayTiepNhan="20261123100000", donViTiepNhan="H05.16", ngayHenTra="20261210170000")
    counts = both.round()
    assert (counts["dossiers"].changed, counts["dossiers"].published) == (1, 1)
    assert both.held("dvcqg", code)["TrangThaiHoSo"] == "2"
    assert differences(both.hub, both.province.running.endpoints) == []
    before = both.writes()
    assert sum(one.changed + one.published for one in both.round().values()) == 0
    assert both.writes() == before
    with both.hub.db.transaction() as connection:
        connection.execute(
            "UPDATE hub.told SET record = record || '{\"summary\": \"Khác\"}' WHERE target = 'onestop_dossiers' AND record->>'code' = %s", [code]
        )
    assert differences(both.hub, both.province.running.endpoints) == [f"onestop_dossiers: {code} is there with other content than it was told"]


def test_what_its_owner_changes_on_the_portal_reaches_the_one_stop_system(both: TwoWay) -> None:
    code = both.waiting()
    both.change("dvcqg", code, SoDienThoai="0912000999")
    counts = both.round()
    assert (counts["portal_filed"].changed, counts["portal_filed"].published) == (1, 1)
    assert both.held("motcua", code)["soDienThoai"] == "0912000999"
    assert differences(both.hub, both.province.running.endpoints) == []
    assert sum(one.changed + one.published for one in both.round().values()) == 0


def test_a_desks_change_the_hub_has_not_read_is_not_overwritten(both: TwoWay) -> None:
    code = both.waiting()
    both.change("motcua", code, ago=2, email="ban.mot.cua@example.com")
    both.change("dvcqg", code, SoDienThoai="0912000999")
    assert both.run("portal_filed").pending == 1
    both.round()
    assert {name: both.held("motcua", code)[name] for name in ("email", "soDienThoai")} == {
        "email": "ban.mot.cua@example.com",
        "soDienThoai": "0912000999",
    }
    assert both.golden(code)["email"] == "ban.mot.cua@example.com"


def conflicts(both: TwoWay) -> list[tuple[str, str, str, str]]:
    return [(one["code"], one["field"], one["kept_flow"], one["rule"]) for one in listed(both.hub)]


def test_a_field_changed_on_both_sides_is_a_conflict_and_the_portal_is_told_what_stands(both: TwoWay) -> None:
    code = both.waiting()
    both.round()
    assert conflicts(both) == []
    both.change("dvcqg", code, ago=4, SoDienThoai="0912000888")
    both.change("motcua", code, ago=3, soDienThoai="0912000777")
    both.round()
    both.round()
    assert conflicts(both) == [(code, "phone", "dossiers", "both_changed")]
    assert both.golden(code)["phone"] == "+84912000777"
    assert both.held("dvcqg", code)["SoDienThoai"] == "0912000777"
    before = both.writes()
    assert sum(one.changed + one.published for one in both.round().values()) == 0
    assert (both.writes(), len(conflicts(both))) == (before, 1)
    one = listed(both.hub)[0]
    with pytest.raises(Refused, match="lý do"):
        settle(both.hub, one["id"], "can-bo-1", " ")
    settle(both.hub, one["id"], "can-bo-1", "đã gọi cho người nộp")
    assert (conflicts(both), listed(both.hub, "settled")[0]["settled_by"]) == ([], "can-bo-1")
    assert acts.of(both.hub, f"conflict/{one['id']}")[0]["dossier"] == code
    with pytest.raises(Refused, match="settled already"):
        settle(both.hub, one["id"], "can-bo-1", "lại")


def test_the_portals_change_of_what_the_desk_holds_is_kept_as_a_conflict(both: TwoWay) -> None:
    query = "SELECT max(p.source_key) FROM hub.source_record p JOIN hub.source_record d USING (entity_id)"
    query += " WHERE p.flow = 'portal_filed' AND d.flow = 'dossiers'"
    code = both.hub.db.rows(query)[0][0]
    both.change("dvcqg", code, TrichYeuHoSo="Người nộp sửa trích yếu")
    both.round()
    assert conflicts(both) == [(code, "summary", "dossiers", "owner_holds")]
    assert both.held("dvcqg", code)["TrichYeuHoSo"] == both.golden(code)["summary"] != "Người nộp sửa trích yếu"


def test_what_the_portal_once_accepted_is_sent_again_when_it_has_changed_in_between(both: TwoWay) -> None:
    code = both.waiting()
    both.change("motcua", code, trangThai="2", ngayTiepNhan="20261123093000")
    both.round()
    first = both.held("dvcqg", code)["SoDienThoai"]
    both.change("dvcqg", code, SoDienThoai="0912000999")
    both.round()
    both.change("motcua", code, soDienThoai=first)
    both.round()
    both.round()
    assert both.golden(code)["phone"] == "+84" + first[1:]
    assert PortalSink(both.hub.settings.endpoint("dvcqg")).held(code)["SoDienThoai"] == first  # type: ignore[index]


def receipt(both: TwoWay, target: str, code: str) -> tuple[str, str]:
    found: tuple[str, str] = both.hub.db.rows(
        "SELECT r.outcome, r.code FROM hub.receipt r JOIN golden.dossier g ON g.id = r.entity_id WHERE r.target = %s AND g.code = %s", target, code
    )[0]
    return found


def returned(both: TwoWay) -> str:
    """A dossier the portal knows as returned."""
    query = "SELECT max(g.code) FROM golden.dossier g JOIN hub.told t ON t.entity_id = g.id WHERE target = 'portal_dossiers' AND g.status = '10'"
    return str(both.hub.db.rows(query)[0][0])


def test_a_closed_dossier_is_not_reopened_on_the_portal_and_the_receipt_names_the_rule(both: TwoWay) -> None:
    code = returned(both)
    both.change("motcua", code, trangThai="4")
    counts = both.round()["dossiers"]
    assert (counts.changed, counts.published, counts.refused) == (1, 0, 1)
    assert receipt(both, "portal_dossiers", code) == ("refused", "DOS-040")
    assert both.held("dvcqg", code)["TrangThaiHoSo"] == "10"
    assert both.golden(code)["status"] == "4"
    why = both.hub.db.rows("SELECT message FROM hub.delivery_result WHERE code = 'DOS-040'")[0][0]
    assert "có thể đi đến" in why
    both.change("motcua", code, ago=2, trangThai="10")
    assert both.round()["dossiers"].refused == 0
    assert receipt(both, "portal_dossiers", code) == ("accepted", "0")


def test_a_wait_for_a_supplement_nobody_asked_for_is_not_sent(both: TwoWay) -> None:
    code = both.waiting()
    both.change("motcua", code, trangThai="5", ngayTiepNhan="20261123093000")
    assert both.round()["dossiers"].refused == 1
    assert receipt(both, "portal_dossiers", code) == ("refused", "DOS-041")
