"""``hub serve``: the workers that answer, and the one process that does the chores behind them.

The service ends with its parent's wish (SIGTERM): no new connection, what is under way is answered, then the end. Access logs are off: the audit
log is the log.
"""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from uvicorn.supervisors import Multiprocess

from include.clock import now
from include.hub import Hub
from include.settings import ROOT, Settings
from include.sharing import vault
from include.store.transactions import count_on


def environment(hub: Hub, url: str, workers: int) -> dict[str, str]:
    """What workers and chores read."""
    return {
        **hub.settings.environment,
        "HUB_HOME": str(hub.settings.home),
        "HUB_SHARING_DATABASE": hub.db.url,
        "HUB_SHARING_URL": url,
        "HUB_SHARING_WORKERS": str(workers),
    }


def prepare(hub: Hub) -> None:
    """Keys and partitions of this month and the next, and numbers that go on, before the first question."""
    with hub.db.transaction() as connection:
        count_on(connection)
        vault.prepare(connection, vault.master_key(hub.settings.sharing_key_file), now())


def serve(hub: Hub, listeners: list[socket.socket], url: str, workers: int) -> None:
    """Serves until told to end."""
    prepare(hub)
    os.environ.update(environment(hub, url, workers))
    with chores():
        config = uvicorn.Config(
            "include.sharing.app:worker",
            factory=True,
            loop="uvloop",
            http="httptools",
            ws="none",
            workers=workers,
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            backlog=1024,
            limit_concurrency=4_000,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=10,
        )
        if workers > 1:
            Multiprocess(config, sockets=listeners).run()
        else:
            uvicorn.Server(config).run(sockets=listeners)


@contextmanager
def chores() -> Iterator[None]:
    """The process behind the workers, started again whenever it ends before its time. It ends when its standard input does."""
    reading, holding = os.pipe()

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "include.sharing.chores"], cwd=ROOT, stdin=reading)

    def keep() -> None:
        while True:
            running[0].wait()
            if over.wait(2):
                return
            sys.stderr.write("chores ended, and are started again\n")
            running[0] = start()

    running, over = [start()], threading.Event()
    threading.Thread(target=keep, daemon=True).start()
    try:
        yield
    finally:
        over.set()
        os.close(holding)
        running[0].wait(30)
        os.close(reading)


def listen(host: str, port: int) -> socket.socket:
    """The port, held before anything else starts. Raises LookupError when it is not to be had."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise LookupError(f"{host}:{port} không mở được · cannot be listened on ({error.strerror}); --port 0 takes any free port") from None
    return open_to_all(made)


def listen_at(path: Path) -> socket.socket:
    """A Unix socket, for the nginx of this machine: whoever may write the file may ask. One that nobody listens at any more is replaced.
    Raises LookupError when something else is there.
    """
    made = socket.socket(socket.AF_UNIX)
    try:
        if path.is_socket() and made.connect_ex(str(path)):
            path.unlink()
            made.close()
            made = socket.socket(socket.AF_UNIX)
        made.bind(str(path))
        path.chmod(0o660)
    except OSError as error:
        made.close()
        raise LookupError(f"{path} không mở được · cannot be listened at ({error.strerror}): another service, or a file of that name") from None
    return open_to_all(made)


def open_to_all(made: socket.socket) -> socket.socket:
    """Listening, and handed on to the workers."""
    made.listen(1024)
    made.set_inheritable(True)
    return made


def settings_url(settings: Settings, port: int) -> str:
    """How agencies reach the service."""
    return (settings.environment.get("HUB_SHARING_URL") or f"http://127.0.0.1:{port}").rstrip("/")
