"""What mapping a row costs, per dataset, in batches of 20,000 rows as the sandbox sends them: one pass over records just decoded, nothing remembered
from before, not even the hash of a text.

The headline is the register of births read as events: 15 fields, none of them nested.
"""

import gc
import time
from collections.abc import Callable
from typing import Any

from include.flows import FLOWS
from include.garbage import seldom
from include.sandbox.province import generate
from include.sandbox.wire import DATASETS
from mappings.apply import Each, Mapping, Whole, apply
from mappings.memo import forget

BATCH = 20_000
HEADLINE = "birth_events"


def records(rows: int) -> dict[str, list[str]]:
    """The records of each dataset as the wire has them."""
    found: dict[str, list[str]] = {}
    for row in generate(rows, max(1, rows // 10), max(1, rows // 4)).rows():
        found.setdefault(row.dataset, []).append(row.fragment)
    return found


def run(rows: int) -> list[dict[str, Any]]:
    """CPU microseconds per row, best of seven: neighbours on the machine only ever add."""
    figures = []
    data = records(rows)
    gc.freeze()
    for flow in FLOWS:
        dataset = flow.pages_of or flow.id
        items, fields = data[dataset], flow.dataset.fields
        best = min(spent(flow.dataset, items, DATASETS[dataset].parse) for _ in range(7)) / len(items) * 1e6
        flat = not any(isinstance(one.convert, Each | Whole) for one in fields)
        target = "12" if flat and len(fields) <= 15 and len(items) >= BATCH else ""
        figure = {"value": best, "unit": "µs/row", "target": target, "fields": len(fields), "rows": len(items)}
        figures.append({"name": f"{flow.id}_us_per_row", **figure})
        if flow.id == HEADLINE:
            figures.insert(0, {"name": "us_per_row", **figure})
    return figures


@seldom()
def spent(dataset: Mapping, items: list[str], parse: Callable[[str], dict[str, Any]]) -> float:
    """CPU seconds of mapping all items once."""
    forget()
    found = 0.0
    for first in range(0, len(items), BATCH):
        decoded = [parse(item) for item in items[first : first + BATCH]]
        started = time.process_time()
        apply(dataset, decoded)
        found += time.process_time() - started
    return found
