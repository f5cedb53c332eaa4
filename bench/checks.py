"""What checking costs: its share of a whole sync, how it compares with Great Expectations on its own engine, and the memory it needs.

The share: one first load of ``bench.row_path``'s people, in which every check (schema, contract, and the suites' masks and conclusions, import
included) is timed on the CPU of this process. ``import_s`` is the part of it that a process pays once, whatever the number of rows. The ratio:
26 expectations on 25 columns (``bench.wide_suite``). ``ratio_to_stock_gx_person``: the mapped suite of a person over the same rows, ours in
batches of 20,000, theirs in one frame as GX wants it. The peak: a process of its own
that streams the rows through the suite and does nothing else.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from bench import wide_suite
from bench.people.data import drawn, person
from bench.people.flow import FLOW
from bench.row_path import served, short, sync
from bench.scratch import scratch
from include.hub import Hub
from include.settings import ROOT, Settings
from include.store.migrating import migrate
from mappings.apply import apply
from mappings.canonical import PERSON
from quality import contracts, schema, suites

BATCH = 20_000
STOCK_AT_MOST, WIDE_AT_MOST = 200_000, 1_000_000
"""GX's own engine keeps several copies of the frame; per row it costs the same beyond this."""
BY_SIZE = True
TODAY = date(2026, 11, 23)
TIMED = (
    (suites, "check"),
    (suites, "conclude"),
    (suites, "readable"),
    (suites, "conclude_contract"),
    (contracts, "check"),
    (schema, "compare"),
)


def run(rows: int) -> list[dict[str, Any]]:
    """The figures of one size."""
    with scratch() as folder:
        subprocess.run([sys.executable, "-m", "bench.people.data", str(folder / "pages"), str(rows)], check=True, cwd=ROOT)
        with served(folder / "pages") as url:
            hub = Hub.connect(Settings({**os.environ, "HUB_PEOPLE_URL": url, "HUB_HOME": str(folder)}))
            migrate(hub.db)
            checks, whole = share(folder, hub)
    apart = child("ours", rows)
    few = min(rows, STOCK_AT_MOST)
    ours, stock = child("ours", few), child("stock", few)
    many = min(rows, WIDE_AT_MOST)
    wide = child("wide", many)
    return [
        {"name": "share_of_sync", "value": 100 * checks / whole, "unit": "% of CPU", "target": "≤ 15", "rows": rows},
        {"name": "checks_us_per_row", "value": checks / rows * 1e6, "unit": "µs/row", "rows": rows},
        {"name": "import_s", "value": child("import", 0)["cpu"], "unit": "s of CPU", "rows": rows},
        {"name": "ratio_to_stock_gx", "value": wide["stock"] / wide["cpu"], "unit": "×", "target": "≥ 8", "rows": many},
        {"name": "wide_us_per_row", "value": wide["cpu"] / many * 1e6, "unit": "µs/row", "rows": many},
        {"name": "wide_stock_us_per_row", "value": wide["stock"] / many * 1e6, "unit": "µs/row", "rows": many},
        {"name": "ratio_to_stock_gx_person", "value": stock["cpu"] / ours["cpu"], "unit": "×", "rows": few},
        {"name": "stock_us_per_row", "value": stock["cpu"] / few * 1e6, "unit": "µs/row", "rows": few},
        {"name": f"peak_mb_{short(rows)}", "value": apart["peak"], "unit": "MB", "target": "≤ 700", "rows": rows},
        {"name": "stock_peak_mb", "value": stock["peak"], "unit": "MB", "rows": few},
    ]


def share(folder: Path, hub: Hub) -> tuple[float, float]:
    """CPU seconds of the checks, and of the whole first load with them."""
    spent = [0.0]

    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*args: Any, **named: Any) -> Any:
            started = time.process_time()
            try:
                return work(*args, **named)
            finally:
                spent[0] += time.process_time() - started

        return measured

    kept = [(module, name, getattr(module, name)) for module, name in TIMED]
    for module, name, work in kept:
        setattr(module, name, timed(work))
    try:
        whole = sum(sync(hub, "first", folder).values())
    finally:
        for module, name, work in kept:
            setattr(module, name, work)
    return spent[0], whole


def child(engine: str, rows: int) -> dict[str, float]:
    """CPU seconds and peak megabytes of a process that checks so many rows."""
    environment = os.environ | ({"HUB_GX_ENGINE": "stock"} if engine == "stock" else {})
    done = subprocess.run(
        [sys.executable, "-m", "bench.checks", engine, str(rows)], check=True, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def batches(rows: int, size: int) -> Iterator[dict[str, Any]]:
    """Mapped columns, one row in two hundred damaged, made as they are asked for."""
    random = Random(717)
    people = drawn(random)
    for first in range(0, rows, size):
        records = [person(random, people, number) for number in range(first, min(first + size, rows))]
        yield apply(FLOW.dataset, records).columns


def alone(engine: str, rows: int) -> None:
    """Prints what checking alone cost."""
    spent, theirs = 0.0, 0.0
    if engine == "wide":
        spent, theirs = wide_suite.compared(rows)
    elif engine == "import":
        started = time.process_time()
        import great_expectations  # noqa: F401  this is what is measured

        spent = time.process_time() - started
    elif engine == "stock":
        columns: dict[str, list[Any]] = {}
        for batch in batches(rows, BATCH):
            for name, values in batch.items():
                columns.setdefault(name, []).extend(values)
        suites.validate(PERSON, "mapped", {name: values[:10] for name, values in columns.items()}, today=TODAY)  # imports, once per process
        started = time.process_time()
        suites.validate(PERSON, "mapped", columns, today=TODAY)
        spent = time.process_time() - started
    else:
        suites.validate(PERSON, "mapped", next(batches(10, 10)), today=TODAY)
        totals: dict[str, suites.RuleResult] = {}
        for batch in batches(rows, BATCH):
            started = time.process_time()
            for result in suites.check(PERSON, "mapped", batch, today=TODAY).results:
                totals[result.rule_id] = result
            spent += time.process_time() - started
        started = time.process_time()
        suites.conclude(PERSON, "mapped", list(totals.values()), rows)
        spent += time.process_time() - started
    print(json.dumps({"cpu": spent, "stock": theirs, "peak": peak()}))


def peak() -> float:
    """The most memory this program held, in megabytes. ``ru_maxrss`` would not do: a child begins with that of the process that started it."""
    (held,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(held) / 1024


if __name__ == "__main__":
    alone(sys.argv[1], int(sys.argv[2]))
