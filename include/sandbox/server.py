"""One system as a process: ``python -m include.sandbox.server lgsp --state DIR --port 0`` prints ``{"port": N}`` and serves.

It ends when its standard input does, so that nothing is left behind by a parent that dies; ``--detached`` switches that off. There are
no access logs, and what goes wrong inside is told by type and place only: requests carry personal data.
"""

import argparse
import json
import os
import socket
import sys
import threading
from collections.abc import Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from include.sandbox import faults
from include.sandbox.backdoor import MARK, BackDoor
from include.sandbox.bhxh import Bhxh
from include.sandbox.c06 import C06
from include.sandbox.calls import Call, System, json_answer
from include.sandbox.dvcqg import Dvcqg
from include.sandbox.lgsp import Lgsp
from include.sandbox.motcua import MotCua
from include.sandbox.store import Store, file_of
from include.sandbox.thue import Thue
from include.unexpected import Placed

LARGEST_BODY = 10 * 1024 * 1024
SYSTEMS: dict[str, Callable[[Store, argparse.Namespace], System]] = {
    "lgsp": lambda store, options: Lgsp(store, options.token_seconds),
    "bhxh": lambda store, _: Bhxh(store),
    "motcua": lambda store, _: MotCua(store),
    "thue": lambda store, _: Thue(store),
    "c06": lambda store, options: C06(store, Store(file_of(options.state, "bhxh"))),
    "dvcqg": lambda store, options: Dvcqg(store, options.session_seconds),
}


class CuttableProtocol(HttpToolsProtocol):
    """HTTP whose connection a fault can get at, to cut it."""

    def on_message_begin(self) -> None:
        """Leaves the connection in the scope."""
        super().on_message_begin()
        scope: MutableMapping[str, Any] = cast("MutableMapping[str, Any]", self.scope)
        scope[faults.TRANSPORT] = self.transport


def application(system: System) -> Starlette:
    """The system behind its back door and its faults."""
    door = BackDoor(system)

    async def endpoint(request: Request) -> Response:
        body = await limited_body(request)
        if body is None:
            return PlainTextResponse("Payload Too Large", 413)
        url = str(request.url.replace(query=""))
        call = Call(request.method, request.url.path, request.query_params, request.headers, body, url)
        if MARK in call.path:
            return door.handle(call)
        operation = system.operation(call)
        door.calls[operation] += 1
        fault = door.faults.next(f"{call.path}?{request.url.query} {operation}")
        return await faults.answer(system, call, fault)

    async def broken(_: Request, _error: Exception) -> Response:
        return json_answer({"error": "internal"}, 500)

    methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]
    return Starlette(routes=[Route("/{path:path}", endpoint, methods=methods)], exception_handlers={Exception: broken})


async def limited_body(request: Request) -> bytes | None:
    """The body; None when it is larger than a system would read."""
    pieces, size = [], 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST_BODY:
                return None
            pieces.append(piece)
    except ClientDisconnect:
        return None
    return b"".join(pieces)


def end_with_parent() -> None:
    """Ends this process when standard input does: the parent holds its other end, and lets go when it dies."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves one system until told to end."""
    parser = argparse.ArgumentParser(description="Serves one sandbox system.")
    parser.add_argument("system", choices=sorted(SYSTEMS))
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--token-seconds", type=float, default=3600)
    parser.add_argument("--session-seconds", type=float, default=1800)
    parser.add_argument("--detached", action="store_true", help="outlive the parent")
    options = parser.parse_args(arguments)
    system = SYSTEMS[options.system](Store(file_of(options.state, options.system)), options)
    listener = socket.create_server(("127.0.0.1", options.port))
    if not options.detached:
        end_with_parent()
    sys.stdout.write(json.dumps({"port": listener.getsockname()[1]}) + "\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        Placed(application(system)), http=CuttableProtocol, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
