"""The embedded PostgreSQL is stopped by any process, not only by the one that started it."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from include.settings import ROOT


def play(action: str, folder: Path) -> None:
    code = f"from pathlib import Path; from include.store import embedded; embedded.{action}(Path({str(folder)!r}))"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)


def test_another_process_stops_the_server() -> None:
    home = Path(tempfile.mkdtemp(prefix="hubpg"))
    home.chmod(0o755)  # run as root, PostgreSQL is another user
    try:
        play("start", home / "pgdata")
        assert (home / "pgdata" / "postmaster.pid").exists()
        play("stop", home / "pgdata")
        assert not (home / "pgdata" / "postmaster.pid").exists()
    finally:
        play("stop", home / "pgdata")
        shutil.rmtree(home, ignore_errors=True)
