"""What a row costs from the source to the golden record, everything on: contract, mapping, suites, quarantine, golden merge with history,
provenance and outbox. CPU of the syncing process and of all PostgreSQL processes; the server of the pages and the publishing are left out.

A full load, the same read again unchanged (the night after: autovacuum has been there, and what it cost is told apart), and once more with one
row in a hundred changed; of the full load also what each step costs on either side of the connection. Beside it, in the same run, against the same
pages and the same PostgreSQL: the floor (``people.floor``) and dlt with its defaults and its best settings (``people.peers``), which check nothing.
``PEERS=off`` leaves dlt out. Great Expectations' import is in the first load; ``import_s`` says what it took.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import requests

from bench.people import floor
from bench.people.flow import FLOW
from bench.scratch import scratch
from include.hub import Hub
from include.runs import Wish, begin
from include.settings import ROOT, Settings
from include.steps import land, merge, refine
from include.store.migrating import migrate

PEER = "dlt[postgres]==1.31.0"
PEERS = Path(__file__).parent / ".peers"
BY_SIZE = True
STEPS = [f"{step}_{side}" for step in ("land", "refine", "merge") for side in ("client", "server")]


def run(rows: int) -> list[dict[str, Any]]:
    """The figures of one size."""
    with scratch() as folder:
        subprocess.run([sys.executable, "-m", "bench.people.data", str(folder / "pages"), str(rows)], check=True, cwd=ROOT)
        with served(folder / "pages") as url:
            return measured(folder, url, rows)


@contextmanager
def served(pages: Path) -> Iterator[str]:
    """The pages over HTTP."""
    command = [sys.executable, "-m", "bench.people.server", str(pages)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()


def measured(folder: Path, url: str, rows: int) -> list[dict[str, Any]]:
    """The hub, then the floor, then the peers."""
    hub = Hub.connect(Settings({**os.environ, "HUB_PEOPLE_URL": url, "HUB_HOME": str(folder)}))
    migrate(hub.db)
    spent: dict[str, float] = {}
    wal: dict[str, int] = {}
    started = time.process_time()
    import great_expectations  # noqa: F401  paid once per process; told apart

    imported = time.process_time() - started
    for name in ("first", "unchanged", "changed"):
        requests.get(f"{url}/an-ban/{2 if name == 'changed' else 1}", timeout=10)
        position = lsn(hub)
        by_step = sync(hub, name, folder)
        spent[name] = sum(by_step.values())
        wal[name] = lsn(hub) - position
        if name == "first":
            spent |= by_step
            spent["vacuum"] = cpu_of(folder, lambda: vacuumed(hub))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent["first"] += imported
    spent["floor"] = cpu_of(folder, lambda: floor.load(url, hub.db.url))
    if os.environ.get("PEERS") != "off":
        for setting in ("default", "best"):
            spent[f"dlt_{setting}"] = cpu_of(folder, lambda setting=setting: peer(url, hub.db.url, setting))  # type: ignore[misc]
    each = {name: seconds / rows * 1e6 for name, seconds in spent.items()}
    return figures(each, wal, rows, peak, imported)


def figures(each: dict[str, float], wal: dict[str, int], rows: int, peak: float, imported: float) -> list[dict[str, Any]]:
    """As they are kept."""
    found: list[dict[str, Any]] = [
        {"name": "first_load_us_per_row", "value": each["first"], "unit": "µs/row", "target": "≤ 55"},
        {"name": "reread_us_per_row", "value": each["changed"], "unit": "µs/row", "target": "≤ 12"},
        {"name": "unchanged_us_per_row", "value": each["unchanged"], "unit": "µs/row"},
        {"name": "unchanged_wal_mb_per_200k", "value": wal["unchanged"] / 2**20 / rows * 200_000, "unit": "MB", "target": "≤ 1"},
        {"name": f"peak_mb_{short(rows)}", "value": peak, "unit": "MB", "target": "≤ 450"},
        {"name": "vacuum_us_per_row", "value": each["vacuum"], "unit": "µs/row"},
        {"name": "import_s", "value": imported, "unit": "s"},
        {"name": "floor_us_per_row", "value": each["floor"], "unit": "µs/row"},
    ]
    found += [{"name": f"{name}_us_per_row", "value": each[name], "unit": "µs/row"} for name in STEPS]
    for setting, target in (("default", 2.7), ("best", 1.4)):
        if f"dlt_{setting}" in each:
            found.append({"name": f"dlt_{setting}_us_per_row", "value": each[f"dlt_{setting}"], "unit": "µs/row"})
            found.append({"name": f"ratio_to_dlt_{setting}", "value": each[f"dlt_{setting}"] / each["first"], "unit": "×", "target": f"≥ {target}"})
    return [figure | {"rows": rows} for figure in found]


def vacuumed(hub: Hub) -> None:
    """What autovacuum does within minutes of a load."""
    with hub.db.session() as connection:
        connection.execute("VACUUM golden.person, hub.source_record, hub.outbox, hub.change, staging.person")


def short(rows: int) -> str:
    """``200k``, ``1m``."""
    return f"{rows // 1_000_000}m" if rows % 1_000_000 == 0 else f"{rows // 1_000}k"


def sync(hub: Hub, name: str, folder: Path) -> dict[str, float]:
    """One full run up to the golden records: CPU seconds of each step, in this process and in PostgreSQL."""
    begin(hub, FLOW, name, Wish(full=True))
    spent = {}
    for step in (land, refine, merge):
        before, own_before = cpu(folder), own()
        step(hub, FLOW, name)
        spent[f"{step.__name__}_client"] = own() - own_before
        spent[f"{step.__name__}_server"] = cpu(folder) - before - spent[f"{step.__name__}_client"]
    return spent


def peer(url: str, database: str, setting: str) -> None:
    """dlt, in an environment of its own that is made on first use."""
    python = PEERS / "dlt" / "bin" / "python"
    if not python.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "-q", str(PEERS / "dlt"), "--python", sys.executable], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--compile-bytecode", "--python", str(python), PEER], check=True)
    script = Path(__file__).parent / "people" / "peers" / "dlt_people.py"
    subprocess.run([str(python), str(script), url, database, setting], check=True, stdout=subprocess.DEVNULL)


def cpu_of(folder: Path, work: Callable[[], Any]) -> float:
    """CPU seconds that ``work`` cost this process, its children and PostgreSQL."""
    before = cpu(folder)
    work()
    return cpu(folder) - before


def cpu(folder: Path) -> float:
    """CPU seconds of this process, its ended children, and the PostgreSQL under ``folder`` with its ended children."""
    total = own()
    postmaster = psutil.Process(int((folder / "pgdata" / "postmaster.pid").read_text().split()[0]))
    for process in [postmaster, *postmaster.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    ended = postmaster.cpu_times()
    return total + ended.children_user + ended.children_system


def own() -> float:
    """CPU seconds of this process and its ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def lsn(hub: Hub) -> int:
    """The write-ahead log's position in bytes."""
    position: int = hub.db.rows("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")[0][0]
    return int(position)
