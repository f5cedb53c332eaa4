"""A folder for one benchmark, with an embedded PostgreSQL in it if one was started there; both are gone afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.store import embedded


@contextmanager
def scratch() -> Iterator[Path]:
    """The folder; PostgreSQL, when root starts it, must be able to enter."""
    folder = Path(tempfile.mkdtemp(prefix="hubbench"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        embedded.stop(folder / "pgdata")
        shutil.rmtree(folder, ignore_errors=True)
