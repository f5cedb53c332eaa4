"""Starts and ends the sandbox: five processes, a folder of workbooks, a province they know, and a file that says where they are."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from include.errors import NotStarted
from include.sandbox.moments import AS_OF, iso
from include.sandbox.province import SEED, Province, generate
from include.sandbox.social import write_workbooks
from include.sandbox.store import Loader, file_of
from include.sandbox.wire import DATASETS, SOCIAL, Wire

SYSTEMS = ("lgsp", "bhxh", "motcua", "dvcqg", "thue")
"""Those that are processes; communes drop their lists into the folder of ``btxh``."""
PATHS = {"lgsp": "", "bhxh": "/bhxh", "motcua": "/motcua", "dvcqg": "", "thue": "/thue"}
"""What stands behind host and port in each system's address."""
ROOT = Path(__file__).parents[2]
VERSION = 6
"""Raised when the same seed gives other bytes than before, so that kept provinces are made anew."""


@dataclass(slots=True)
class Running:
    """The systems at work. ``endpoints`` are the addresses of the processes."""

    state: Path
    processes: dict[str, subprocess.Popen[bytes]]
    endpoints: dict[str, str]

    @property
    def pids(self) -> list[int]:
        """Process ids, one per system; each leads its own process group."""
        return [process.pid for process in self.processes.values()]

    @property
    def addresses(self) -> dict[str, str]:
        """Where the hub finds every system: the processes, and the folder communes drop workbooks into."""
        return self.endpoints | {"btxh": drops(self.state).resolve().as_uri()}

    def root(self, system: str) -> str:
        """``http://host:port`` of a system, in front of ``/_sandbox/…``."""
        return self.endpoints[system].removesuffix(PATHS[system])

    def stop(self) -> None:
        """Ends every process, and waits for its end."""
        for process in self.processes.values():
            if process.stdin:
                process.stdin.close()
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
        (self.state / "endpoints.json").unlink(missing_ok=True)

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def size(state_dir: Path, citizens: int | None, enterprises: int | None, dossiers: int | None) -> tuple[int, int, int]:
    """How large a province is asked for: the one that is there when nothing is said, so that a hub that has read it keeps what it knows."""
    kept = there(state_dir)
    if kept and citizens is None and enterprises is None and dossiers is None:
        return kept["citizens"], kept["enterprises"], kept["dossiers"]
    return sized(20_000 if citizens is None else citizens, enterprises, dossiers)


def sized(citizens: int, enterprises: int | None, dossiers: int | None) -> tuple[int, int, int]:
    """So many citizens, a tenth of it enterprises, a quarter of it dossiers, unless told otherwise."""
    return citizens, citizens // 10 if enterprises is None else enterprises, citizens // 4 if dossiers is None else dossiers


def about(citizens: int, enterprises: int, dossiers: int, seed: int = SEED) -> dict[str, Any]:
    """What tells one province from another."""
    return {"version": VERSION, "citizens": citizens, "enterprises": enterprises, "dossiers": dossiers, "seed": seed, "as_of": iso(AS_OF)}


def header_of(state_dir: Path) -> Path:
    """The file that says which province lies there; written when it is whole."""
    return state_dir / "province.json"


def there(state_dir: Path) -> dict[str, Any]:
    """Which province lies there; empty when none does."""
    header = header_of(state_dir)
    found: dict[str, Any] = json.loads(header.read_text(encoding="utf-8")) if header.exists() else {}
    return found


def generate_if_missing(state_dir: Path, citizens: int, enterprises: int, dossiers: int, seed: int = SEED) -> bool:
    """Makes the province under ``state_dir`` unless the very same one is there; True when it was made. A new one forgets what was written."""
    wanted = about(citizens, enterprises, dossiers, seed)
    if there(state_dir) == wanted:
        return False
    state_dir.mkdir(parents=True, exist_ok=True)
    forget(state_dir)
    province = generate(citizens, enterprises, dossiers, seed)
    store_rows(province, state_dir)
    province.truth.write(state_dir / "truth.json")
    header_of(state_dir).write_text(json.dumps(wanted), encoding="utf-8")
    return True


def drops(state_dir: Path) -> Path:
    """The folder the communes drop their workbooks into."""
    return state_dir / "btxh"


def forget(state_dir: Path) -> None:
    """Removes every system's file, with what SQLite keeps beside it; first the word that they are whole."""
    header_of(state_dir).unlink(missing_ok=True)
    for system in SYSTEMS:
        for tail in ("", "-wal", "-shm"):
            Path(f"{file_of(state_dir, system)}{tail}").unlink(missing_ok=True)


def store_rows(province: Province, state_dir: Path) -> None:
    """Lays every row down in the file of its system."""
    loaders = {system: Loader(file_of(state_dir, system)) for system in SYSTEMS}
    lines: list[Wire] = []
    for row in province.rows():
        if DATASETS[row.dataset] is SOCIAL:
            lines.append(SOCIAL.parse(row.fragment))
        else:
            loaders[DATASETS[row.dataset].system].add(row)
    shutil.rmtree(drops(state_dir), ignore_errors=True)
    write_workbooks(drops(state_dir), lines)
    for loader in loaders.values():
        loader.finish()


def start(
    state_dir: Path,
    citizens: int | None = None,
    enterprises: int = 0,
    dossiers: int = 0,
    seed: int = SEED,
    *,
    ports: Mapping[str, int] | None = None,
    detached: bool = False,
    token_seconds: float = 3600,
    session_seconds: float = 1800,
) -> Running:
    """Starts the four systems on 127.0.0.1 and waits until they answer.

    With ``citizens`` the province is made first when it is missing; without, whatever lies under ``state_dir`` is served. ``ports`` fixes
    ports by system; others are free ones. The processes die with their parent unless ``detached``.
    """
    if citizens is not None:
        generate_if_missing(state_dir, citizens, enterprises, dossiers, seed)
    state_dir.mkdir(parents=True, exist_ok=True)
    options = ["--token-seconds", str(token_seconds), "--session-seconds", str(session_seconds), *(["--detached"] if detached else [])]
    running = Running(state_dir, {}, {})
    try:
        for system in SYSTEMS:
            running.processes[system] = launched(state_dir, system, (ports or {}).get(system, 0), options)
        for system, process in running.processes.items():
            running.endpoints[system] = f"http://127.0.0.1:{port_of(state_dir, system, process)}{PATHS[system]}"
            wait_for_health(running.root(system))
    except BaseException:
        running.stop()
        raise
    (state_dir / "endpoints.json").write_text(json.dumps(running.addresses), encoding="utf-8")
    return running


def launched(state_dir: Path, system: str, port: int, options: list[str]) -> "subprocess.Popen[bytes]":
    """The process of one system; its standard input is the line it hangs on, its complaints go to a file."""
    command = [sys.executable, "-m", "include.sandbox.server", system, "--state", str(state_dir.resolve()), "--port", str(port), *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}
    stdin = subprocess.DEVNULL if "--detached" in options else subprocess.PIPE
    with log_of(state_dir, system).open("wb") as log:
        return subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603 our own module


def log_of(state_dir: Path, system: str) -> Path:
    """Where a system complains."""
    return state_dir / f"{system}.log"


def port_of(state_dir: Path, system: str, process: "subprocess.Popen[bytes]") -> int:
    """The port a system says it listens on. Raises NotStarted when it says nothing."""
    line = process.stdout.readline() if process.stdout else b""
    if not line:
        process.wait()
        raise NotStarted(f"{system} did not start: {log_of(state_dir, system).read_text(errors='replace')[-2000:]}")
    return int(json.loads(line)["port"])


def wait_for_health(root: str) -> None:
    """One call: the socket listens before its port is told, so the call waits for the server by itself."""
    with urllib.request.urlopen(f"{root}/_sandbox/health", timeout=30) as answer:  # noqa: S310 our own address
        json.load(answer)
