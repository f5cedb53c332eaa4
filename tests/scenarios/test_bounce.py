"""Numbered records and a sync that is killed at random moments: no gap, no duplicate, and the target never has what the source has not.

``HUB_BOUNCE_KILLS`` and ``HUB_BOUNCE_ROWS`` make it as long as wanted; the suite does a short one.
"""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from include.errors import Busy
from include.flows import flow as find
from include.hub import Hub
from include.runs import Wish
from include.sandbox.run import start
from include.settings import Settings
from include.steps import run_flow
from tests.scenarios.conftest import Province, pointed_at

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]
KILLS = int(os.environ.get("HUB_BOUNCE_KILLS", "6"))
ROWS = int(os.environ.get("HUB_BOUNCE_ROWS", "1500"))
FLOW = find("insurance")


@pytest.fixture
def numbered(tmp_path: Path) -> Iterator[Province]:
    """A province whose insurance participants are numbered one after another."""
    with start(tmp_path, ROWS, 1, 1) as running:
        yield Province(running, {})


def source(province: Province) -> list[str]:
    """Keys as they lie in the source, a duplicate as often as it is there."""
    with sqlite3.connect(province.running.state / "bhxh.sqlite") as connection:
        return [row[0] for row in connection.execute("SELECT key FROM source WHERE dataset = 'insurance' ORDER BY key")]


def attempt(hub: Hub, wait: float) -> bool:
    """Goes on with the run in a process that is killed after ``wait`` seconds; whether it was done before."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            run_flow(hub, FLOW, "r1", Wish(full=True))
            code = 0
        except Busy:  # the lock of the one killed before is not gone yet
            code = 3
        finally:
            os._exit(code)
    end = time.monotonic() + wait
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) in {0, 3}
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def sent(province: Province) -> list[str]:
    """References of the citizens that the one-stop system was given."""
    found: list[str] = []
    while True:
        page = province.door("motcua", "records/citizens", params={"limit": "10000", "offset": str(len(found))})
        found += [record["maThamChieu"] for record in page["records"]]
        if len(found) >= page["total"]:
            return found


def test_a_sync_killed_at_random_moments_loses_and_doubles_nothing(hub: Hub, numbered: Province) -> None:
    bouncing = pointed_at(numbered, hub)
    bouncing = replace(bouncing, settings=Settings(bouncing.settings.environment | {"HUB_BATCH_ROWS": str(ROWS // 20)}))
    chance, kills, finished = random.Random(717), 0, False
    while kills < KILLS and not finished:
        finished = attempt(bouncing, chance.uniform(0.05, max(1.0, ROWS / 10_000)))
        kills += not finished
        golden = {str(row[0]) for row in hub.db.rows("SELECT id FROM golden.person")}
        assert set(sent(numbered)) <= golden, "nothing is told that is not kept"
    assert kills >= KILLS, f"done after {kills} kills: more rows are needed"
    while not attempt(bouncing, 3600):
        time.sleep(0.2)
    keys = source(numbered)
    kept = [row[0] for row in hub.db.rows("SELECT source_key FROM hub.source_record ORDER BY source_key")]
    assert len(kept) == len(set(kept))
    asides = hub.db.rows("SELECT source_key, count(*) FROM hub.quarantine GROUP BY source_key")
    assert set(kept) | {key for key, _ in asides if key} >= {key for key in keys if key}, "no gap"
    ((received, pages, last),) = hub.db.rows("SELECT sum(rows), count(*), max(n) FROM hub.landed_page")
    assert (received, pages) == (len(keys), last), "every row of the source on exactly one page, page after page"
    (counts,) = hub.db.rows("SELECT document->'counts' FROM hub.report ORDER BY seq DESC LIMIT 1")[0]
    assert counts["received"] == counts["new"] + counts.get("changed", 0) + counts.get("unchanged", 0) + counts["quarantined"]
    references = sent(numbered)
    assert len(references) == len(set(references)) == hub.db.rows("SELECT count(*) FROM golden.person")[0][0]
    doubles = "SELECT reference FROM hub.delivery JOIN hub.delivery_result USING (id) WHERE outcome = 'accepted' GROUP BY 1 HAVING count(*) > 1"
    assert hub.db.rows(doubles) == []
