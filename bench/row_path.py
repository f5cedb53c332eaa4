"""What a row costs from the landed page to the golden record, everything on: contract, mapping, suites, quarantine, merge with history
and outbox. CPU of the hub's process and of all PostgreSQL processes; the sandbox's own CPU and the publishing are left out.

First a full load, then the same read again unchanged, with the WAL it writes.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from include.flows import flow as find
from include.hub import Hub
from include.local import sandbox_environment
from include.runs import Wish, begin
from include.sandbox.run import start
from include.settings import ROOT, Settings
from include.steps import land, merge, refine
from include.store import embedded
from include.store.database import migrate

FLOW = "insurance"


def run(rows: int) -> list[dict[str, Any]]:
    """µs of CPU per row for both reads, peak memory of the syncing process, WAL of the unchanged read per 200k rows."""
    folder = Path(tempfile.mkdtemp(prefix="hubbench"))
    folder.chmod(0o755)
    try:
        return measured(folder, rows)
    finally:
        embedded.stop(folder / "pgdata")
        shutil.rmtree(folder, ignore_errors=True)


def measured(folder: Path, rows: int) -> list[dict[str, Any]]:
    """The figures, in a folder of their own."""
    make = "import sys, pathlib; from include.sandbox.run import generate_if_missing as g; g(pathlib.Path(sys.argv[1]), int(sys.argv[2]), 10, 10)"
    subprocess.run([sys.executable, "-c", make, str(folder / "sandbox"), str(int(rows / 0.65))], check=True, cwd=ROOT)
    with start(folder / "sandbox") as systems:
        hub = Hub.connect(Settings({**os.environ, **sandbox_environment(systems.endpoints), "HUB_HOME": str(folder)}))
        migrate(hub.db)
        seconds, wal, received = {}, {}, 0
        for name in ("r1", "r2"):
            begin(hub, find(FLOW), name, Wish(full=True))
            received = land(hub, find(FLOW), name).received
            before, position = cpu(folder), lsn(hub)
            refine(hub, find(FLOW), name)
            merge(hub, find(FLOW), name)
            seconds[name], wal[name] = cpu(folder) - before, lsn(hub) - position
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        {"name": "first_load_us_per_row", "value": seconds["r1"] / received * 1e6, "unit": "µs/row", "target": "≤ 55", "rows": received},
        {"name": "reread_us_per_row", "value": seconds["r2"] / received * 1e6, "unit": "µs/row", "target": "≤ 12", "rows": received},
        {"name": "unchanged_wal_mb_per_200k", "value": wal["r2"] / 2**20 / received * 200_000, "unit": "MB", "target": "≤ 1", "rows": received},
        {"name": "peak_mb", "value": peak, "unit": "MB", "target": "≤ 450", "rows": received},
    ]


def cpu(folder: Path) -> float:
    """CPU seconds of this process and of the PostgreSQL under ``folder``, with its children that have ended."""
    total = time.process_time()
    postmaster = psutil.Process(int((folder / "pgdata" / "postmaster.pid").read_text().split()[0]))
    for process in [postmaster, *postmaster.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    ended = postmaster.cpu_times()
    return total + ended.children_user + ended.children_system


def lsn(hub: Hub) -> int:
    """The write-ahead log's position in bytes."""
    position: int = hub.db.rows("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")[0][0]
    return int(position)
