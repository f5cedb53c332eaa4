"""What a server sees of a call, and what a system is to the server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.responses import Response

from include.sandbox.store import Store


@dataclass(slots=True)
class Call:
    """One HTTP call, its body read. ``repeat`` rows of the page before are to be delivered again (a fault)."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    url: str = ""
    repeat: int = 0


class System(Protocol):
    """One of the four systems. ``namespace`` is that of its WSDL, empty for REST."""

    name: str
    namespace: str
    store: Store

    def operation(self, call: Call) -> str:
        """The name a call is counted under, and that faults can be aimed at."""

    def handle(self, call: Call) -> Response:
        """The answer."""

    def trouble(self, call: Call, status: int) -> Response:
        """How this system says 429 or 503."""

    def expire(self) -> None:
        """Makes whoever is logged in a stranger at the next call."""


def json_answer(content: Any, status: int = 200) -> Response:
    """JSON as these systems send it: UTF-8, nothing escaped."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, media_type="application/json; charset=utf-8")


def json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object of a body; None when it is not one."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def whole(text: str | None, smallest: int, largest: int) -> int | None:
    """A whole number within bounds; None when it is not."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return int(text) if smallest <= int(text) <= largest else None
