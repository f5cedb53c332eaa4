"""The embedded PostgreSQL is stopped by any process, not only by the one that started it, and is the same in every language."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.settings import ROOT
from include.store.database import Database


def play(action: str, folder: Path, **environment: str) -> str:
    code = f"from pathlib import Path; from include.store import embedded; print(embedded.{action}(Path({str(folder)!r})))"
    command, where = [sys.executable, "-c", code], {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=where, check=True, timeout=120, stdout=subprocess.PIPE, text=True).stdout.strip()


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
