"""What mapping a row costs, per dataset, in batches of 20,000 rows as the sandbox sends them."""

import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from include.flows import FLOWS
from include.sandbox.province import generate
from include.sandbox.wire import DATASETS
from mappings.apply import apply

BATCH = 20_000


def records(rows: int) -> dict[str, list[dict[str, Any]]]:
    """Decoded records of each dataset."""
    found: dict[str, list[dict[str, Any]]] = {flow.id: [] for flow in FLOWS}
    for row in generate(rows, max(1, rows // 10), max(1, rows // 4)).rows():
        found[row.dataset].append(DATASETS[row.dataset].parse(row.fragment))
    return found


def batches(items: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Groups of BATCH."""
    left = iter(items)
    while batch := list(islice(left, BATCH)):
        yield batch


def run(rows: int) -> list[dict[str, Any]]:
    """CPU microseconds per row, best of three."""
    figures = []
    data = records(rows)
    for flow in FLOWS:
        best = min(spent(flow.dataset, data[flow.id]) for _ in range(3)) / len(data[flow.id]) * 1e6
        target = 12 if len(flow.dataset.fields) <= 14 else ""
        figures.append({"name": f"{flow.id}_us_per_row", "value": best, "unit": "µs/row", "target": target, "fields": len(flow.dataset.fields)})
    return figures


def spent(dataset: Any, items: list[dict[str, Any]]) -> float:
    """CPU seconds of mapping all items."""
    started = time.process_time()
    for batch in batches(items):
        apply(dataset, batch)
    return time.process_time() - started
