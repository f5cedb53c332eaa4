"""The frame around every endpoint: read the request, find the caller, run, answer or say why not."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from include.sharing.auth.caller import Caller
from include.sharing.call import Call, call_of, name_of
from include.sharing.problems import Problem
from include.sharing.service import Service

VERSION = "1.0.0"
XROAD = ("x-road-client", "x-road-service", "x-road-id", "x-road-userid", "x-road-issue", "x-road-represented-party")
"""Echoed as they came (X-Road: Message Protocol for REST)."""
Handler = Callable[[Service, Call, Caller], Awaitable[Any]]
Open = Callable[[Service, Call], Awaitable[Response]]


class Answer:
    """A document with a status and headers of its own."""

    __slots__ = ("document", "headers", "status")

    def __init__(self, document: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.document = document
        self.status = status
        self.headers = headers or {}


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for callers that have proved themselves; what it returns becomes JSON."""

    async def answer(service: Service, call: Call) -> Response:
        caller = await service.admit(call)
        made = await handler(service, call, caller)
        if isinstance(made, Response):
            return made
        given = made if isinstance(made, Answer) else Answer(made)
        return Response(msgspec.json.encode(given.document), given.status, given.headers, "application/json")

    return framed(answer)


def framed(handler: Open) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for anybody. Problems become problem documents; X-Road headers go back as they came."""

    async def serve(request: Request) -> Response:
        service: Service = request.app.state.service
        headers: dict[str, str] = {}
        request_id = ""
        try:
            call = await call_of(request)
            request_id, headers = call.request_id, call.headers
            response = await handler(service, call)
        except Problem as problem:
            headers = headers or {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}
            request_id = request_id or name_of(headers)
            response = refused(problem, request_id, headers)
        marks = response.headers
        marks["x-request-id"] = request_id
        marks["api-version"] = VERSION
        marks.setdefault("cache-control", "no-store")
        if "x-road-client" in headers:
            for name in XROAD:
                if name in headers:
                    marks[name] = headers[name]
        return response

    return serve


def refused(problem: Problem, request_id: str, headers: dict[str, str]) -> Response:
    """The problem document; through a security server with the three members X-Road's own errors have, beside those of RFC 9457."""
    document = problem.document(request_id)
    if "x-road-client" in headers:
        document["message"] = document["title"]
    return Response(msgspec.json.encode(document), problem.status, problem.headers(), "application/problem+json")
