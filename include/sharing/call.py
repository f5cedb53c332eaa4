"""One request as the service sees it: headers once each, a body of bounded size, the names it goes by in the log."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope

from include.sharing.problems import Problem
from mappings.identifiers import BIRTH_PROVINCES

LARGEST_BODY = 1 << 18
LARGEST_HEADER = 8_192
MOST_PARAMETERS = 20
ONCE = (b"authorization", b"purpose-of-use", b"dossier-id", b"officer-id", b"content-type", b"content-length", b"signature", b"signature-input")
"""Headers that must not come twice: two readers could choose differently."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
TWELVE = re.compile(r"[A-Za-z._/-]*([0-9]{12})")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")


class Headers:
    """The headers by name, in lower case; each is decoded only when somebody wants it."""

    __slots__ = ("raw",)

    def __init__(self, raw: dict[bytes, bytes]) -> None:
        self.raw = raw

    def get(self, name: str, default: str = "") -> str:
        """A header's value."""
        value = self.raw.get(name.encode("latin-1"))
        return default if value is None else value.decode("latin-1")

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return self.get("content-type").partition(";")[0].strip().lower()

    def __contains__(self, name: str) -> bool:
        return name.encode("latin-1") in self.raw

    def __getitem__(self, name: str) -> str:
        return self.raw[name.encode("latin-1")].decode("latin-1")


@dataclass(slots=True)
class Call:
    """Method, path, headers, body; who asks for what purpose. ``request_id`` is the caller's when it is well-formed, else ours. ``asker`` is who asks
    as the caller says, ``officer`` as the log keeps it.
    """

    method: str
    path: str
    target: str
    query: dict[str, str]
    headers: Headers
    body: bytes
    request_id: str
    purpose: str = ""
    dossier: str = ""
    officer: str = ""
    represented: str = ""
    asker: str = ""
    params: dict[str, str] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        """That of the headers."""
        return self.headers.media_type

    def json(self) -> Any:
        """The body as JSON. Raises Problem."""
        if self.media_type != "application/json":
            raise Problem("media-type", "application/json")
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Problem("invalid", "thân yêu cầu không phải JSON · the body is not JSON") from None


async def call_of(scope: Scope, receive: Receive) -> Call:
    """Reads the request. Raises Problem when it is too large or says a thing twice."""
    raw = headers_of(scope["headers"])
    path, query = scope["path"], scope["query_string"]
    call = Call(scope["method"], path, path, {}, Headers(raw), b"", name_of(raw), params=scope.get("path_params", {}))
    if query:
        call.target, call.query = f"{path}?{query.decode('latin-1')}", parameters(query.decode("latin-1"))
    call.body = await body_of(receive)
    call.purpose = word(raw, b"purpose-of-use")
    call.dossier = word(raw, b"dossier-id") or word(raw, b"x-road-issue")
    if personal(call.dossier):
        told = "mã hồ sơ, không phải số định danh cá nhân · a dossier's code, no personal number"
        raise Problem("invalid", f"Dossier-Id: {told}", [{"in": "header", "pointer": "dossier-id", "detail": told}])
    call.asker = word(raw, b"officer-id") or word(raw, b"x-road-userid")
    call.officer = kept(scope["service"].registry, call.asker)
    call.represented = word(raw, b"x-road-represented-party")
    return call


def kept(registry: Any, asker: str) -> str:
    """Who asks, as the log keeps it. A personal number (X-Road calls its users so) is keyed like the subject's: erasing the month's key erases it."""
    number = personal(asker)
    return registry.key().keyed(number).hex() if number else asker


def personal(code: str) -> str:
    """The personal number that stands in a code, alone or behind letters: it must not be in the log in clear. Empty when there is none; a moment or a
    serial number of twelve digits, which begins with no province of birth, is a code like any other.
    """
    found = TWELVE.fullmatch(code)
    return found[1] if found and found[1][:3] in BIRTH_PROVINCES else ""


def parameters(text: str) -> dict[str, str]:
    """The parameters of a query or a form, each once. Raises Problem."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise Problem("invalid", f"tối đa {MOST_PARAMETERS} tham số · parameters at most") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem("ambiguous-request", "tham số lặp lại · a parameter comes twice")
    return found


def headers_of(raw: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Each header once; a repeated one that matters is refused, others are joined. Raises Problem, too when they are too large."""
    found = dict(raw)
    if len(found) != len(raw):
        found = {}
        for name, value in raw:
            if name in found and name in ONCE:
                raise Problem("ambiguous-request", f"{name.decode('latin-1')} có hai lần · comes twice")
            found[name] = found[name] + b", " + value if name in found else value
    if sum(map(len, found)) + sum(map(len, found.values())) > 4 * LARGEST_HEADER:
        raise Problem("too-large", "tiêu đề quá lớn · the headers are too large")
    return found


def name_of(headers: dict[bytes, bytes]) -> str:
    """The request's name: as the caller calls it, unless that could not or must not stand in a log line."""
    given = headers.get(b"x-request-id") or headers.get(b"x-road-id")
    if given and NAME.fullmatch(told := given.decode("latin-1")) and not personal(told):
        return told
    return os.urandom(16).hex()


def word(headers: dict[bytes, bytes], name: bytes) -> str:
    """A header that is a code. Raises Problem when it is anything else."""
    given = headers.get(name)
    if not given:
        return ""
    value = given.decode("latin-1")
    if not WORD.fullmatch(value):
        told = name.decode()
        raise Problem("invalid", f"{told} không đúng dạng · is not well-formed", [{"in": "header", "pointer": told, "detail": "A-Z a-z 0-9 . _ / -"}])
    return value


async def body_of(receive: Receive) -> bytes:
    """The body, at most 256 KB of it."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Problem("invalid", "bên gọi đã ngắt · the caller went away")
        piece: bytes = message.get("body", b"")
        size += len(piece)
        if size > LARGEST_BODY:
            raise Problem("too-large", f"tối đa · at most {LARGEST_BODY} bytes")
        if not message.get("more_body"):
            return b"".join([*pieces, piece]) if pieces else piece
        pieces.append(piece)
