"""The frame around every endpoint: read the request, find the caller, run, answer or say why not.

Endpoints are ASGI applications of their own, so that the hot ones can be called without the router before them.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from include.sharing.auth.caller import Caller
from include.sharing.call import Call, call_of, name_of
from include.sharing.openapi import PROBLEM
from include.sharing.operations import JSON, Operation
from include.sharing.problems import Problem
from include.sharing.routes.answers import Answer
from include.sharing.routes.files import File
from include.sharing.service import Service
from include.sharing.wire import PLAIN, SAFE, written
from include.unexpected import place

XROAD = (b"x-road-client", b"x-road-service", b"x-road-id", b"x-road-userid", b"x-road-issue", b"x-road-represented-party")
"""Echoed as they came (X-Road: Message Protocol for REST)."""
ENCODER = msgspec.json.Encoder()
Handler = Callable[[Service, Call, Caller], Awaitable[Any]]
Open = Callable[[Service, Call], Awaitable[Answer]]
Refusing = Callable[[Problem, str, dict[bytes, bytes]], Answer]
"""How a problem is told: with the request's name and headers."""


class Endpoint:
    """An endpoint for anybody. Problems are told by ``refuse``; X-Road headers go back as they came. ``known`` is what answers known callers."""

    def __init__(self, handler: Open, about: Operation, known: Handler | None = None, refuse: Refusing | None = None) -> None:
        self.handler = handler
        self.known = known
        self.about = about
        self.refuse = refuse or refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        headers: dict[bytes, bytes] = {}
        request_id = ""
        file = None
        try:
            call = await call_of(scope, receive)
            request_id, headers = call.request_id, call.headers.raw
            answer = await self.handler(scope["service"], call)
            file = File(answer, request_id, call.headers) if isinstance(answer.body, Path) else None
        except Exception as error:  # noqa: BLE001 whatever it is, the caller is told in a form it can read
            if not isinstance(error, Problem):
                place(error)
            headers = headers or dict(scope["headers"])
            request_id = request_id or name_of(headers)
            answer = self.refuse(error if isinstance(error, Problem) else Problem("unavailable"), request_id, headers)
        if file:
            await file(scope, receive, send)
        else:
            await sent(answer, request_id, headers, send)


def endpoint(handler: Handler, about: Operation) -> Endpoint:
    """An endpoint for callers that have proved themselves; what it returns becomes JSON."""

    async def answer(service: Service, call: Call) -> Answer:
        caller = await service.admit(call)
        made = await handler(service, call, caller)
        return made if isinstance(made, Answer) else Answer(made)

    return Endpoint(answer, about, handler)


async def sent(answer: Answer, request_id: str, headers: dict[bytes, bytes], send: Send) -> None:
    """Puts the answer on the wire."""
    body = answer.body if isinstance(answer.body, bytes) else ENCODER.encode(answer.body)
    raw = [(b"content-length", str(len(body)).encode()), (b"x-request-id", request_id.encode("latin-1"))]
    if b"x-road-client" in headers:
        raw += [(name, headers[name]) for name in XROAD if name in headers]
    if answer.media == JSON and not answer.headers:
        if written(send, answer.status, raw, body):
            return
        raw += PLAIN
    else:
        raw.append((b"content-type", answer.media.encode("latin-1")))
        raw += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (SAFE | answer.headers).items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def refused(problem: Problem, request_id: str, headers: dict[bytes, bytes]) -> Answer:
    """The problem document; through a security server with the members X-Road's own errors have, beside those of RFC 9457."""
    document = problem.document(request_id)
    if b"x-road-client" in headers:
        document["message"] = document["title"]
    return Answer(document, problem.status, problem.headers(), PROBLEM)
