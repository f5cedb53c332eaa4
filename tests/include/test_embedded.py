"""The embedded PostgreSQL is stopped by any process, not only by the one that started it, and is the same in every language."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from include.settings import ROOT
from include.store.database import Database


def command(action: str, folder: Path) -> list[str]:
    code = f"from pathlib import Path; from include.store import embedded; print(embedded.{action}(Path({str(folder)!r})))"
    return [sys.executable, "-c", code]


def play(action: str, folder: Path, **environment: str) -> str:
    where = {**os.environ, **environment}
    done = subprocess.run(command(action, folder), cwd=ROOT, env=where, check=True, timeout=120, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def making(folder: Path) -> list[psutil.Process]:
    """The processes that make the cluster of the folder."""
    return [one for one in psutil.process_iter(["cmdline"]) if "initdb" in str(one.info["cmdline"]) and str(folder) in one.info["cmdline"]]


def begun_to_make(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command("start", folder), cwd=ROOT)
    while not making(folder) or not (folder / "PG_VERSION").exists():
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.fixture
def pgdata() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="hubpg"))
    home.chmod(0o755)  # run as root, PostgreSQL is another user
    yield home / "pgdata"
    play("stop", home / "pgdata")
    shutil.rmtree(home, ignore_errors=True)


def test_another_process_stops_the_server(pgdata: Path) -> None:
    play("start", pgdata)
    assert (pgdata / "postmaster.pid").exists()
    play("stop", pgdata)
    assert not (pgdata / "postmaster.pid").exists()


def test_a_language_that_is_not_installed_keeps_it_from_nothing_and_changes_no_order(pgdata: Path) -> None:
    made = Database(play("start", pgdata, LC_ALL="vi_VN.ISO-8859-7", LANG="vi_VN.ISO-8859-7"))
    words = made.rows("SELECT word FROM unnest(ARRAY['đ', 'a', 'B', 'ă']) AS word ORDER BY word")
    assert [word for (word,) in words] == ["B", "a", "ă", "đ"]


def test_told_to_end_while_the_cluster_is_made_it_ends_with_a_whole_one_and_leaves_nobody_making(pgdata: Path) -> None:
    process = begun_to_make(pgdata)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) != 0
    assert making(pgdata) == []
    assert Database(play("start", pgdata)).rows("SHOW shared_buffers") == [("512MB",)]


def test_a_cluster_whose_making_was_killed_is_made_anew(pgdata: Path) -> None:
    process = begun_to_make(pgdata)
    for one in [*making(pgdata), process]:
        one.kill()
    process.wait()
    assert (pgdata / "PG_VERSION").exists()  # as if it were one
    assert Database(play("start", pgdata)).rows("SHOW shared_buffers") == [("512MB",)]
