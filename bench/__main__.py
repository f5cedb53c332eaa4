"""Runs the benchmarks named, or all, and keeps their figures."""

import importlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ALL = ("checks", "converters", "indicators", "once_only", "parity", "row_path", "sharing", "site_pages", "soak", "soap_decode", "truth")


def machine() -> str:
    """Cores and processor, enough to compare figures by."""
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return f"{os.cpu_count()} × {model or platform.machine()}, Python {platform.python_version()}"


def main() -> None:
    """Prints a table per benchmark and writes ``results/NAME.json``. Each runs in a process of its own: memory is measured too.

    A benchmark that says ``BY_SIZE`` keeps its figures of other sizes.
    """
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=FOLDER).stdout.strip()
    (FOLDER / "results").mkdir(exist_ok=True)
    if len(sys.argv) != 2:
        for name in sys.argv[1:] or ALL:
            subprocess.run([sys.executable, "-m", "bench", name], check=True, cwd=FOLDER.parent)
        return
    for name in sys.argv[1:]:
        bench = importlib.import_module(f"bench.{name}")
        figures: list[dict[str, Any]] = bench.run(int(os.environ.get("ROWS", "50000")))
        for figure in figures:
            print(f"{name:12s} {figure['name']:32s} {figure['value']:>12,.2f} {figure['unit']:10s} target {figure.get('target', '')}")
            figure |= {"machine": machine(), "commit": commit}
        file = FOLDER / "results" / f"{name}.json"
        if getattr(bench, "BY_SIZE", False) and file.exists():
            now = {(figure["name"], figure["rows"]) for figure in figures}
            figures += [figure for figure in json.loads(file.read_text(encoding="utf-8")) if (figure["name"], figure["rows"]) not in now]
        file.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
