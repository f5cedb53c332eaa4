"""The sharing service at half load for ten minutes: memory stays flat, nothing stalls, nothing fails. ``MINUTES`` makes it shorter."""

import contextlib
import os
from pathlib import Path
from typing import Any

import psutil

from bench.scratch import scratch
from bench.sharing import CONNECTIONS, Served, peopled, token

MINUTES = int(os.environ.get("MINUTES", "10"))
SLICE = 58.0
"""Seconds of a minute that are counted; two are for the load to begin anew, with a fresh token."""


def run(rows: int) -> list[dict[str, Any]]:
    """The figures."""
    with scratch() as folder:
        return measured(folder, rows)


def measured(folder: Path, rows: int) -> list[dict[str, Any]]:
    """Minute by minute."""
    hub = peopled(folder, rows)
    minutes, memory = [], []
    with Served(hub) as served:
        full = served.load(rows, CONNECTIONS, 0.0, 10.0)
        for minute in range(MINUTES):
            served.token = token(hub, served.url)
            minutes.append(served.load(rows, CONNECTIONS, 2 * CONNECTIONS / full["per_s"], SLICE))
            memory.append(mb(served))
            print(f"minute {minute + 1}: {minutes[-1]}, {memory[-1]:.0f} MB", flush=True)
    settled = memory[min(1, len(memory) - 1)]
    figures = [
        ("lookups", sum(each["per_s"] * SLICE for each in minutes), "", ""),
        ("errors", sum(count for each in minutes for status, count in each["statuses"].items() if status != "200"), "", "0"),
        ("longest_ms", max(each["longest_ms"] for each in minutes), "ms", "≤ 250"),
        ("p99_ms", max(each["p99"] for each in minutes), "ms", "≤ 20"),
        ("memory_mb", memory[-1], "MB", ""),
        ("memory_growth", 100 * (memory[-1] / settled - 1), "%", "≤ 5"),
    ]
    common = {"rows": rows, "minutes": MINUTES, "load": os.getloadavg()[0]}
    return [{"name": name, "value": value, "unit": unit, "target": target, **common} for name, value, unit, target in figures]


def mb(served: Served) -> float:
    """What the service's own processes hold; PostgreSQL's are not among them."""
    root = psutil.Process(served.process.pid)
    held = 0
    for each in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            held += each.memory_full_info().pss
    return held / 1e6
