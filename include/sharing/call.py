"""One request as the service sees it: headers once each, a body of bounded size, the names it goes by in the log."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope

from include.sharing.problems import Problem

LARGEST_BODY = 1 << 18
LARGEST_HEADER = 8_192
ONCE = (b"authorization", b"purpose-of-use", b"dossier-id", b"officer-id", b"content-type", b"content-length", b"signature", b"signature-input")
"""Headers that must not come twice: two readers could choose differently."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")


@dataclass(slots=True)
class Call:
    """Method, path, headers (lower case), body; who asks for what purpose. ``request_id`` is the caller's when it is well-formed, else ours."""

    method: str
    path: str
    target: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    request_id: str
    purpose: str = ""
    dossier: str = ""
    officer: str = ""
    represented: str = ""
    params: dict[str, str] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON. Raises Problem."""
        if self.media_type != "application/json":
            raise Problem("media-type", "application/json")
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Problem("invalid", "thân yêu cầu không phải JSON · the body is not JSON") from None


async def call_of(scope: Scope, receive: Receive) -> Call:
    """Reads the request. Raises Problem when it is too large or says a thing twice."""
    headers = headers_of(scope["headers"])
    path, raw = scope["path"], scope["query_string"]
    call = Call(scope["method"], path, path, {}, headers, b"", name_of(headers), params=scope.get("path_params", {}))
    if raw:
        call.target, call.query = f"{path}?{raw.decode('latin-1')}", dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True))
    call.body = await body_of(receive)
    call.purpose = word(headers, "purpose-of-use")
    call.dossier = word(headers, "dossier-id") or word(headers, "x-road-issue")
    call.officer = word(headers, "officer-id") or word(headers, "x-road-userid")
    call.represented = word(headers, "x-road-represented-party")
    return call


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Each header once; a repeated one that matters is refused, others are joined."""
    found: dict[str, str] = {}
    size = 0
    for name, value in raw:
        size += len(name) + len(value)
        key = name.decode("latin-1")
        if key in found:
            if name in ONCE:
                raise Problem("ambiguous-request", f"{key} có hai lần · comes twice")
            found[key] += ", " + value.decode("latin-1")
        else:
            found[key] = value.decode("latin-1")
    if size > 4 * LARGEST_HEADER:
        raise Problem("too-large", "tiêu đề quá lớn · the headers are too large")
    return found


def name_of(headers: dict[str, str]) -> str:
    """The request's name: as the caller calls it, unless that could not stand in a log line."""
    given = headers.get("x-request-id") or headers.get("x-road-id") or ""
    return given if NAME.fullmatch(given) else uuid.uuid4().hex


def word(headers: dict[str, str], name: str) -> str:
    """A header that is a code. Raises Problem when it is anything else."""
    value = headers.get(name, "")
    if value and not WORD.fullmatch(value):
        raise Problem("invalid", f"{name} không đúng dạng · is not well-formed", [{"in": "header", "pointer": name, "detail": "A-Z a-z 0-9 . _ / -"}])
    return value


async def body_of(receive: Receive) -> bytes:
    """The body, at most 256 KB of it."""
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Problem("invalid", "bên gọi đã ngắt · the caller went away")
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > LARGEST_BODY:
            raise Problem("too-large", f"tối đa · at most {LARGEST_BODY} bytes")
        if not message.get("more_body"):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)
