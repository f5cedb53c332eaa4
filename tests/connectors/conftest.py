"""A real HTTP server on loopback that answers as a test says."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


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


@contextmanager
def serving(script: Script) -> Iterator[Server]:
    """Serves ``script`` until the block ends."""
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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_address[1]}", seen)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Script], Server]]:
    """``serve(script)`` starts a server that lives as long as the test."""
    open_servers = []

    def start(script: Script) -> Server:
        context = serving(script)
        open_servers.append(context)
        return context.__enter__()

    yield start
    for context in open_servers:
        context.__exit__(None, None, None)
