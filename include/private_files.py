"""Files only their owner reads: keys, passwords."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds; ``make`` gives it when there is none. Of several processes at once one makes it, and all have the same."""
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}")
        write(fresh, make())
        with suppress(FileExistsError):  # another process was first: what it made counts
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_bytes()


def write(path: Path, data: bytes) -> None:
    """Writes the file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.touch(mode=0o600)
    part.write_bytes(data)
    part.replace(path)
