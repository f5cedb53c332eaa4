"""How the command line speaks: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from include.counts import Counts

WIDE = None if sys.stdout.isatty() else 200
"""Into a file or a pipe, lines are as long as they need to be."""

out = Console(highlight=False, width=WIDE, soft_wrap=not sys.stdout.isatty())
err = Console(stderr=True, highlight=False, width=WIDE)


def number(value: int) -> str:
    """1,234, and a dot for nothing, so that what counts stands out."""
    return f"{value:,}" if value else "·"


NAMES = frozenset({"id", "page", "record", "version", "number"})
"""Columns whose numbers name something: written as they are typed."""


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]], as_json: bool) -> None:
    """A table, or a sentence when it would be empty, or the same as a JSON list of objects. Numbers go right."""
    if as_json:
        print(json.dumps([dict(zip(head, row, strict=True)) for row in rows], ensure_ascii=False, default=str, indent=2))  # noqa: T201 that is the output
        return
    table = Table(title=title, title_justify="left", header_style="bold")
    for index, name in enumerate(head):
        first = next((row[index] for row in rows if row[index] is not None), None)
        right = isinstance(first, int | float) and not isinstance(first, bool)
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*[str(cell) if name in NAMES and cell is not None else written(cell) for name, cell in zip(head, row, strict=True)])
    out.print(table if rows else f"{title}: không có gì · nothing")


def written(cell: Any) -> str:
    """A cell as text; nothing where there is none."""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return number(cell)
    return "" if cell is None else str(cell)


def line(step: str, counts: Counts, seconds: float) -> str:
    """One step in one line: its counts, and rows per second where rows went through."""
    rows = counts.received or counts.staged or counts.published
    told = " · ".join(f"{name} {value:,}" for name, value in counts.document().items())
    rate = f" · {rows / seconds:,.0f} rows/s" if rows and seconds > 0.05 else ""
    return f"{step:8s} {told or 'nothing to do'}{rate} · {seconds:.1f} s"
