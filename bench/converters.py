"""What mapping a row costs, per dataset, in batches of 20,000 rows as the sandbox sends them: one pass, nothing remembered from before.

The headline is the register of births read as events: 15 fields, none of them nested.
"""

import gc
import time
from typing import Any

from include.flows import FLOWS
from include.garbage import seldom
from include.sandbox.province import generate
from include.sandbox.wire import DATASETS
from mappings.apply import Each, Mapping, Whole, apply
from mappings.memo import forget

BATCH = 20_000
HEADLINE = "birth_events"


def records(rows: int) -> dict[str, list[dict[str, Any]]]:
    """Decoded records of each dataset."""
    found: dict[str, list[dict[str, Any]]] = {flow.id: [] for flow in FLOWS}
    for row in generate(rows, max(1, rows // 10), max(1, rows // 4)).rows():
        for flow in FLOWS:
            if row.dataset in {flow.id, flow.pages_of}:
                found[flow.id].append(DATASETS[row.dataset].parse(row.fragment))
    return found


def run(rows: int) -> list[dict[str, Any]]:
    """CPU microseconds per row, best of seven: neighbours on the machine only ever add."""
    figures = []
    data = records(rows)
    gc.freeze()
    for flow in FLOWS:
        items, fields = data[flow.id], flow.dataset.fields
        best = min(spent(flow.dataset, items) for _ in range(7)) / len(items) * 1e6
        flat = not any(isinstance(one.convert, Each | Whole) for one in fields)
        target = "12" if flat and len(fields) <= 15 and len(items) >= BATCH else ""
        figure = {"value": best, "unit": "µs/row", "target": target, "fields": len(fields), "rows": len(items)}
        figures.append({"name": f"{flow.id}_us_per_row", **figure})
        if flow.id == HEADLINE:
            figures.insert(0, {"name": "us_per_row", **figure})
    return figures


@seldom()
def spent(dataset: Mapping, items: list[dict[str, Any]]) -> float:
    """CPU seconds of mapping all items once."""
    forget()
    started = time.process_time()
    for first in range(0, len(items), BATCH):
        apply(dataset, items[first : first + BATCH])
    return time.process_time() - started
