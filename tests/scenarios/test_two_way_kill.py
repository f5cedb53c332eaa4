"""kill -9 anywhere in the two-way sync, again and again: portal, one-stop system and hub agree at the end, and nothing was done twice."""

import os
import random
import signal
import time
import traceback
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.dialects.motcua import OnestopDossierSink
from connectors.dialects.vdxp import PortalSink
from include.clock import HANOI
from include.errors import Busy
from include.flows import flow as find
from include.hub import Hub
from include.readback import compare_progress
from include.runs import Wish, unfinished
from include.steps import run_flow
from tests.scenarios.conftest import Province

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]

KILLS = int(os.environ.get("HUB_TEST_KILLS", "10"))
POINTS = [
    *("land.fetched", "land.stored", "land.page", "refine.copied", "refine.written", "refine.batch"),
    *("merge.applied", "merge.before_commit", "merge.committed", "publish.intended", "publish.pushed", "publish.settled"),
]
START = datetime(2026, 11, 23, 9, tzinfo=HANOI)
FLOWS = ("dossiers", "portal_filed")


class Loop:
    """Both flows in turn, each round in a process of its own that may be killed."""

    def __init__(self, hub: Hub, province: Province) -> None:
        self.province, self.now = province, START
        self.hub = replace(hub, clock=lambda: self.now)

    def tick(self) -> None:
        self.now += timedelta(minutes=20)
        self.province.stand_at((self.now - timedelta(minutes=1)).isoformat())

    def round(self, full: bool = False) -> None:
        """What is unfinished is gone on with, then a run of today."""
        for flow_id in FLOWS:
            name = unfinished(self.hub, flow_id) or f"{self.now:%d%H%M}"
            run_flow(self.hub, find(flow_id), name, Wish(full=full))

    def killed(self, chance: random.Random) -> bool:
        """A round in a child that dies at a random point, or at a random moment; whether it died of it."""
        point, wait = (chance.choice(POINTS), 20.0) if chance.random() < 0.6 else ("", chance.uniform(0.05, 1.5))
        child = os.fork()
        if child == 0:
            if point:
                os.environ["HUB_FAIL_AT"] = f"{point}:{chance.randint(1, 2)}"
            try:
                self.round()
            except Busy:  # a lock of one killed before
                os._exit(0)
            except BaseException:  # noqa: BLE001 the parent is told by the code
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        end = time.monotonic() + wait
        while time.monotonic() < end:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
                assert code in {0, 137}, "nothing but a kill ends a round badly"
                return code == 137
            time.sleep(0.01)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return True

    def settled(self) -> None:
        """Rounds without a kill until nothing is waiting; a lock of the dead may take a moment to go."""
        for _ in range(3):
            self.tick()
            end = time.monotonic() + 30
            while True:
                try:
                    self.round()
                    break
                except Busy:
                    if time.monotonic() > end:
                        raise
                    time.sleep(0.1)

    def somebody_changes(self, chance: random.Random, number: int) -> None:
        """A desk or an owner changes a dossier, most often one that both sides know."""
        both = "SELECT source_key FROM hub.source_record WHERE flow = %s ORDER BY 1"
        side = chance.choice(FLOWS)
        keys = [row[0] for row in self.hub.db.rows(both, side)]
        system, field = ("motcua", "trichYeu") if side == "dossiers" else ("dvcqg", "TrichYeuHoSo")
        change: dict[str, Any] = {field: f"Lần {number}"} | ({"NguonCapNhat": "1"} if system == "dvcqg" else {})
        at = (self.now - timedelta(minutes=chance.randint(2, 15))).isoformat()
        dataset = "dossiers" if system == "motcua" else "portal_filed"
        self.province.door(system, "change", "POST", json={"dataset": dataset, "key": chance.choice(keys), "set": change, "at": at})


def test_after_many_kills_portal_one_stop_and_hub_agree(world: Hub, province: Province) -> None:
    chance = random.Random(2026)
    loop = Loop(world, province)
    loop.round(full=True)
    kills = rounds = 0
    while kills < KILLS:
        rounds += 1
        assert rounds < 6 * KILLS
        loop.tick()
        for _ in range(3):
            loop.somebody_changes(chance, rounds)
        kills += loop.killed(chance)
    loop.settled()
    hub_side, desk_side, portal_side = sides(loop)
    odd = [(code, hub_side[code], desk_side.get(code), portal_side.get(code)) for code in hub_side
           if not hub_side[code] == desk_side.get(code) == portal_side.get(code)]  # fmt: skip
    moments = "SELECT flow, source_key, moment, run FROM hub.source_record WHERE source_key = ANY(%s) ORDER BY 2, 1"
    assert odd == [], loop.hub.db.rows(moments, [one[0] for one in odd])
    assert compare_progress(loop.hub, province.running.endpoints["dvcqg"]) == []
    assert loop.hub.db.rows("SELECT count(*) FROM hub.outbox") == [(0,)]
    assert loop.hub.db.rows("SELECT count(*) FROM hub.delivery d LEFT JOIN hub.delivery_result r USING (id) WHERE r.id IS NULL") == [(0,)]
    again = "(SELECT count(DISTINCT (other_flow, other_run)) FROM hub.conflict c WHERE c.code = d.reference)"
    twice = f"""SELECT target, reference, version FROM hub.delivery d JOIN hub.delivery_result r USING (id) WHERE r.outcome = 'accepted'
        GROUP BY target, reference, version, content_hash HAVING count(*) > 1 + {again}"""
    assert loop.hub.db.rows(twice) == []  # only a side that was overruled is told the same once more


def sides(loop: Loop) -> list[dict[str, tuple[str, str]]]:
    """(summary, status) by dossier as hub, one-stop system and portal have them now, of the dossiers each of them holds."""
    golden = {code: (summary or "", status) for code, summary, status in loop.hub.db.rows("SELECT code, summary, status FROM golden.dossier")}
    desk, portal = OnestopDossierSink(loop.hub.settings.endpoint("motcua")), PortalSink(loop.hub.settings.endpoint("dvcqg"))
    codes = sorted(golden)
    there: dict[str, tuple[str, str]] = {}
    for first in range(0, len(codes), desk.batch):
        there |= {code: (row.get("trichYeu", ""), row["trangThai"]) for code, (row, _) in desk.held(codes[first : first + desk.batch]).items()}
    copies = {code: copy for code in codes if (copy := portal.copy(code))}
    desk.close()
    portal.close()
    return [golden, there, {code: (copy["TrichYeuHoSo"], copy["TrangThaiHoSo"]) for code, copy in copies.items()}]
