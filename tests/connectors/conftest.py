"""Real HTTP on loopback: a server that answers as a test says, and the sandbox with its four systems."""

import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from connectors.page import Endpoint
from connectors.transport import Patience
from include.sandbox.accounts import ACCOUNTS
from include.sandbox.run import Running, start

QUICK = Patience(attempts=5, first=0.001, longest=0.02)
"""Patience for tests: the same courtesy, with hardly a pause."""


@dataclass
class Seen:
    """One request as the server saw it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Say:
    """What the server answers. ``cut`` announces that many bytes more than it sends."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    cut: int = 0


Script = Callable[[Seen], Say]


@dataclass
class Server:
    url: str
    seen: list[Seen]


class Quiet(ThreadingHTTPServer):
    """Says nothing of clients that hang up: some tests are about just that."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)


@contextmanager
def serving(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serves ``script`` until the block ends, over TLS when a context says how."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Seen(self.command, self.path, dict(self.headers), body)
            seen.append(request)
            say = script(request)
            self.send_response(say.status)
            for name, value in say.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(say.body) + say.cut))
            self.end_headers()
            self.wfile.write(say.body)
            if say.cut:
                self.close_connection = True

        do_GET = do_POST = answer  # noqa: N815 the names http.server wants

        def log_message(self, *_: object) -> None:
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Server(f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}", seen)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """``serve(script)`` starts a server that lives as long as the test; ``serve(script, tls)`` one that speaks TLS."""
    open_servers = []

    def start(script: Script, tls: ssl.SSLContext | None = None) -> Server:
        context = serving(script, tls)
        open_servers.append(context)
        return context.__enter__()

    yield start
    for context in open_servers:
        context.__exit__(None, None, None)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The four systems, with enough rows that every dataset takes more than one page."""
    with start(tmp_path_factory.mktemp("sandbox"), citizens=1700, enterprises=60, dossiers=520) as running:
        yield running


def endpoint_of(sandbox: Running, system: str, **changed: str) -> Endpoint:
    """A system of the sandbox as the hub's settings would describe it."""
    account = dict(ACCOUNTS[system])
    endpoint = Endpoint(system, sandbox.endpoints[system], account.pop("user"), account.pop("secret"), account)
    return replace(endpoint, **changed)  # type: ignore[arg-type]


@dataclass
class Door:
    """The back doors of the sandbox: faults in, counts out."""

    sandbox: Running

    def _call(self, system: str, method: str, what: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.sandbox.root(system)}/_sandbox/{what}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, system: str, **fault: Any) -> None:
        """Switches a fault on, for one call unless ``times`` says otherwise."""
        self._call(system, "POST", "faults", [fault])

    def pending(self, system: str) -> int:
        """How often faults will still strike."""
        return sum(fault["times"] for fault in self._call(system, "GET", "faults"))

    def calls(self, system: str) -> dict[str, int]:
        """Calls by operation since the last reset."""
        counted: dict[str, int] = self._call(system, "GET", "calls")
        return counted

    def records(self, system: str, kind: str) -> list[dict[str, Any]]:
        """What was written to a system."""
        found: list[dict[str, Any]] = self._call(system, "GET", f"records/{kind}?limit=10000")["records"]
        return found

    def reset(self) -> None:
        """No faults, nothing written, no calls counted."""
        for system in self.sandbox.endpoints:
            self._call(system, "DELETE", "faults")
            self._call(system, "POST", "reset")


@pytest.fixture
def door(sandbox: Running) -> Iterator[Door]:
    """The back doors of a sandbox without faults and without anything written; left like that."""
    door = Door(sandbox)
    door.reset()
    yield door
    door.reset()
