"""`make demo`, small, through the real scheduler: it ends well, leaves nothing running, and its logs tell nothing of anybody."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from include.settings import ROOT

pytestmark = [pytest.mark.airflow, pytest.mark.scenario]


@pytest.fixture(scope="module")
def played() -> Iterator[tuple[Path, subprocess.CompletedProcess[str]]]:
    home = Path(tempfile.mkdtemp(prefix="hubdemo"))
    home.chmod(0o755)  # run as root, PostgreSQL is another user
    command = [sys.executable, "-m", "include.cli", "demo", "--citizens", "300", "--enterprises", "60", "--dossiers", "80"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("HUB_", "AIRFLOW"))}
    done = subprocess.run(command, cwd=ROOT, env={**environment, "HUB_HOME": str(home)}, capture_output=True, text=True, check=False, timeout=400)
    yield home, done
    shutil.rmtree(home, ignore_errors=True)


def test_the_demonstration_ends_well(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = played
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hold exactly the records that were published" in done.stdout
    assert re.search(r"Once only: [\d.,]+ components in dossiers", done.stdout)


def test_nothing_is_left_running(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = played
    assert [process.pid for process in psutil.process_iter(["cmdline"]) if str(home) in " ".join(process.info["cmdline"] or [])] == []


def test_no_name_and_no_number_of_anybody_stands_in_a_log(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, done = played
    logs = [path for path in home.rglob("*") if path.is_file() and (path.suffix == ".log" or "/logs/" in str(path))]
    assert len(logs) > 20
    told = done.stdout + done.stderr + "".join(path.read_text(encoding="utf-8", errors="replace") for path in logs)
    assert [value for value in personal(home / "sandbox") if value in told] == []


def personal(sandbox: Path) -> set[str]:
    """Names and numbers of the participants of social insurance, as the source writes them."""
    [file] = [path for path in sandbox.glob("bhxh*") if path.suffix in {".sqlite", ".db"}]
    with sqlite3.connect(file) as connection:
        dump = "\n".join(connection.iterdump())
    found = re.findall(r"<(?:\w+:)?(hoTen|soDinhDanh|maSoBhxh|soCmnd)>([^<]{8,})<", dump)
    assert len(found) > 300
    return {value for _, value in found}
