"""`make demo`, small, through the real scheduler: it ends well, leaves nothing running, and its logs tell nothing of anybody."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from include.settings import ROOT

pytestmark = [pytest.mark.airflow, pytest.mark.scenario]


Played = tuple[Path, subprocess.CompletedProcess[str]]


@contextmanager
def home() -> Iterator[tuple[Path, list[str], dict[str, str]]]:
    """A folder, the command that plays the demonstration in it, and its environment."""
    folder = Path(tempfile.mkdtemp(prefix="hubdemo"))
    folder.chmod(0o755)  # run as root, PostgreSQL is another user
    command = [sys.executable, "-m", "include.cli", "demo", "--citizens", "300", "--enterprises", "60", "--dossiers", "80"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("HUB_", "AIRFLOW"))}
    yield folder, command, {**environment, "HUB_HOME": str(folder)}
    shutil.rmtree(folder, ignore_errors=True)


def left(folder: Path) -> dict[int, str]:
    """Processes that know the folder, and what they were called with."""
    lines = {process.pid: " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])}
    return {number: line for number, line in lines.items() if str(folder) in line}


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    with home() as (folder, command, environment):
        yield folder, subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=400)


def test_the_demonstration_ends_well(played: Played) -> None:
    _, done = played
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hold exactly the records that were published" in done.stdout
    assert re.search(r"Once only: [\d.,]+ components in dossiers", done.stdout)


def test_nothing_is_left_running(played: Played) -> None:
    assert left(played[0]) == {}


@pytest.mark.parametrize("started", ["postgres", "include.sandbox"])
def test_told_to_end_it_ends_what_it_started(started: str) -> None:
    """While the province is made, and while the systems and Airflow start."""
    with home() as (folder, command, environment):
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        while not any(started in name for name in left(folder).values()):
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.1)
        process.terminate()
        said, _ = process.communicate(timeout=120)
        assert (process.returncode, "stopped" in said) == (130, True), said
        assert left(folder) == {}


def test_no_name_and_no_number_of_anybody_stands_in_a_log(played: Played) -> None:
    folder, done = played
    logs = [path for path in folder.rglob("*") if path.is_file() and (path.suffix == ".log" or "/logs/" in str(path))]
    assert len(logs) > 20
    told = done.stdout + done.stderr + "".join(path.read_text(encoding="utf-8", errors="replace") for path in logs)
    assert [value for value in personal(folder / "sandbox") if value in told] == []


def personal(sandbox: Path) -> set[str]:
    """Names and numbers of the participants of social insurance, as the source writes them."""
    [file] = [path for path in sandbox.glob("bhxh*") if path.suffix in {".sqlite", ".db"}]
    with sqlite3.connect(file) as connection:
        dump = "\n".join(connection.iterdump())
    found = re.findall(r"<(?:\w+:)?(hoTen|soDinhDanh|maSoBhxh|soCmnd)>([^<]{8,})<", dump)
    assert len(found) > 300
    return {value for _, value in found}
