"""Faults that can be switched on while a system runs.

=====================  =================================================================================================
kind                   what happens
=====================  =================================================================================================
``latency``            the answer comes ``seconds`` later
``429``                throttled; ``retry_after``: seconds or an HTTP date
``503``                the system says it is away; ``retry_after`` as above, if given
``expired_token``      tokens and sessions are forgotten before the call
``truncated_body``     half the body, as if it were all of it
``html_login``         HTTP 200 with a login page
``soap_fault``         HTTP 500 with a SOAP Fault; ``ma`` (QUATAI unless given)
``duplicate_delivery`` a page repeats the last ``rows`` (1 unless given) of the page before
``slow_drip``          the body in ``pieces`` (10 unless given), one every ``seconds`` (0.05 unless given)
``reset``              the connection is cut in the middle of the body
``lost_answer``        the call is carried out and the connection cut before the answer
=====================  =================================================================================================

Each has ``kind`` and optionally ``path`` (a part of ``path?query operation``), ``times`` (1 unless given, -1 for ever)
and ``after`` (calls to let pass).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from include.sandbox.calls import Call, System
from include.sandbox.soap import soap_fault

KINDS = frozenset(
    {"latency", "429", "503", "expired_token", "truncated_body", "html_login", "soap_fault"}
    | {"duplicate_delivery", "slow_drip", "reset", "lost_answer"}
)
TRANSPORT = "sandbox.transport"
"""Where the server leaves the connection in the scope, for faults that cut it."""
_LOGIN = "<!DOCTYPE html><html><head><title>Đăng nhập</title></head><body><form action='/login'><input name='user'></form></body></html>"

Fault = dict[str, Any]


class Faults:
    """The faults switched on."""

    def __init__(self) -> None:
        self.active: list[Fault] = []

    def add(self, faults: list[Fault]) -> None:
        """Switches faults on. ValueError names a kind there is not."""
        for fault in faults:
            if fault.get("kind") not in KINDS:
                raise ValueError(f"no fault {fault.get('kind')!r}; there are {', '.join(sorted(KINDS))}")
        self.active += [{"times": 1, "after": 0} | fault for fault in faults]

    def next(self, target: str) -> Fault | None:
        """The first fault that is aimed at ``target`` and whose turn it is."""
        for fault in self.active:
            if fault.get("path", "") not in target or fault["times"] == 0:
                continue
            if fault["after"] > 0:
                fault["after"] -= 1
                continue
            fault["times"] -= fault["times"] > 0
            return fault
        return None


async def answer(system: System, call: Call, fault: Fault | None) -> Response:
    """The system's answer to a call, with what the fault makes of it."""
    if fault is None:
        return system.handle(call)
    return await _BEFORE.get(fault["kind"], _as_usual)(system, call, fault)


async def _as_usual(system: System, call: Call, fault: Fault) -> Response:
    response = system.handle(call)
    wrap = _AFTER.get(fault["kind"])
    return wrap(response, fault) if wrap else response


async def _late(system: System, call: Call, fault: Fault) -> Response:
    await asyncio.sleep(float(fault.get("seconds", 1)))
    return system.handle(call)


async def _away(system: System, call: Call, fault: Fault) -> Response:
    response = system.trouble(call, int(fault["kind"]))
    if "retry_after" in fault or fault["kind"] == "429":
        response.headers["Retry-After"] = str(fault.get("retry_after", 1))
    return response


async def _expired(system: System, call: Call, fault: Fault) -> Response:  # noqa: ARG001 one signature for all
    system.expire()
    return system.handle(call)


async def _login_page(system: System, call: Call, fault: Fault) -> Response:  # noqa: ARG001 one signature for all
    return HTMLResponse(_LOGIN)


async def _soap_fault(system: System, call: Call, fault: Fault) -> Response:  # noqa: ARG001 one signature for all
    code = str(fault.get("ma", "QUATAI"))
    return soap_fault("Server" if code == "QUATAI" else "Client", code, "Hệ thống đang quá tải", system.namespace)


async def _repeated(system: System, call: Call, fault: Fault) -> Response:
    call.repeat = int(fault.get("rows", 1))
    return system.handle(call)


_BEFORE: dict[str, Callable[[System, Call, Fault], Awaitable[Response]]] = {
    "latency": _late,
    "429": _away,
    "503": _away,
    "expired_token": _expired,
    "html_login": _login_page,
    "soap_fault": _soap_fault,
    "duplicate_delivery": _repeated,
}


class Dripping(Response):
    """A body that comes in small pieces."""

    def __init__(self, response: Response, fault: Fault) -> None:
        super().__init__(response.body, response.status_code, media_type=response.media_type)
        self._pieces = max(1, int(fault.get("pieces", 10)))
        self._seconds = float(fault.get("seconds", 0.05))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 ASGI
        """Sends it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = bytes(self.body)
        size = len(body) // self._pieces + 1
        for start in range(0, len(body), size):
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
            await asyncio.sleep(self._seconds)
        await send({"type": "http.response.body", "body": b""})


class Cut(Response):
    """An answer whose connection is cut: in the middle of its body, or before it starts."""

    def __init__(self, response: Response, *, silent: bool) -> None:
        super().__init__(response.body, response.status_code, media_type=response.media_type)
        self._silent = silent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 ASGI
        """Sends half of it, or none, and cuts."""
        if not self._silent:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": bytes(self.body)[: len(self.body) // 2], "more_body": True})
            await asyncio.sleep(0.02)  # let the half leave before the cut
        scope[TRANSPORT].abort()
        await asyncio.sleep(0.01)  # let the server notice, or it would answer 500 into the cut connection


def _half(response: Response, fault: Fault) -> Response:  # noqa: ARG001 one signature for all
    return Response(bytes(response.body)[: len(response.body) // 2], response.status_code, media_type=response.media_type)


_AFTER: dict[str, Callable[[Response, Fault], Response]] = {
    "truncated_body": _half,
    "slow_drip": Dripping,
    "reset": lambda response, fault: Cut(response, silent=False),  # noqa: ARG005 one signature for all
    "lost_answer": lambda response, fault: Cut(response, silent=True),  # noqa: ARG005 one signature for all
}
