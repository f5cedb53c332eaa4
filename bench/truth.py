"""The sandbox's truth at scale: every planted damage found for its own reason, no clean row refused. ``ROWS`` is the number of citizens.

All flows are landed, refined and merged; nothing is published. The comparison is that of ``tests/scenarios/test_main_job.py``.
"""

import json
import os
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from include.flows import FLOWS
from include.hub import Hub
from include.local import sandbox_environment
from include.runs import Wish, begin
from include.sandbox.run import start
from include.settings import Settings
from include.steps import land, merge, refine
from include.store import embedded
from include.store.migrating import migrate
from tests.scenarios.conftest import Province
from tests.scenarios.test_main_job import planted, put_aside


def run(rows: int) -> list[dict[str, Any]]:
    """Rows, damages planted, missed, and put aside without having been planted."""
    folder = Path(tempfile.mkdtemp(prefix="hubbench"))
    folder.chmod(0o755)
    try:
        with start(folder / "sandbox", rows, rows // 10, rows // 4) as systems:
            province = Province(systems, json.loads((folder / "sandbox" / "truth.json").read_text()))
            hub = Hub.connect(Settings({**os.environ, **sandbox_environment(systems.addresses), "HUB_HOME": str(folder)}))
            migrate(hub.db)
            return compared(hub, province)
    finally:
        embedded.stop(folder / "pgdata")
        shutil.rmtree(folder, ignore_errors=True)


def compared(hub: Hub, province: Province) -> list[dict[str, Any]]:
    """The figures, summed over the flows; what differs is printed."""
    total: Counter[str] = Counter()
    started = time.process_time()
    for flow in FLOWS:
        begin(hub, flow, "r1", Wish(full=True))
        total["received"] += land(hub, flow, "r1").received
        refine(hub, flow, "r1")
        merge(hub, flow, "r1")
        wanted, found = planted(province, flow.id), put_aside(hub, flow.id)
        total.update(planted=len(wanted), missed=len(wanted - found), wrongly=len(found - wanted))
        if wanted != found:
            missed, wrongly = (dict(Counter(code for _, code in some)) for some in (wanted - found, found - wanted))
            print(f"{flow.id}: missed {missed}, not planted {wrongly}", flush=True)
    return [
        {"name": "rows", "value": total["received"], "unit": "rows"},
        {"name": "planted", "value": total["planted"], "unit": "reasons"},
        {"name": "missed", "value": total["missed"], "unit": "reasons", "target": "0"},
        {"name": "clean_refused", "value": total["wrongly"], "unit": "reasons", "target": "0"},
        {"name": "client_cpu_s", "value": time.process_time() - started, "unit": "s"},
    ]
