"""What may be shown of a message: its shape. Every value keeps its length and its kinds of signs, and none of what it says."""

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from connectors.errors import BadAnswer
from connectors.xmlguard import local, parse

SHOWN_HEADERS = frozenset({"content-type", "content-length", "accept", "accept-encoding", "soapaction", "date", "retry-after", "link", "dstcode"})
"""Headers whose values say nothing secret; of all others only the name is shown."""
SECRET = re.compile(r"pass|secret|token|session|nonce|digest|signature|assertion|key", re.IGNORECASE)


def shape(value: Any) -> Any:
    """``"Nguyễn An 1"`` → ``"Xxxxxx Xx 9"``; numbers lose their digits, truth values stay, the structure stays."""
    if isinstance(value, Mapping):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [shape(inner) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    return "".join(_sign(sign) for sign in str(value))


def _sign(sign: str) -> str:
    if sign.isdigit():
        return "9"
    if sign.isalpha():
        return "X" if sign.isupper() else "x"
    return sign


def headers(found: Mapping[str, str]) -> dict[str, str]:
    """Headers with the values of all but the harmless ones hidden."""
    return {name: value if name.lower() in SHOWN_HEADERS else "…" for name, value in found.items()}


def without_secrets(body: bytes) -> str:
    """A request's body, the values of whatever is named like a secret hidden. A body that is neither JSON nor XML is told by its size."""
    import msgspec

    try:
        return msgspec.json.encode(_hidden(msgspec.json.decode(body))).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        root = parse(body)
    except BadAnswer:
        return f"({len(body)} bytes)" if body else ""
    for node in root.iter(etree.Element):
        if SECRET.search(local(node)) and (node.text or "").strip():
            node.text = "…"
    return etree.tostring(root, encoding="unicode")


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "…" if SECRET.search(name) and not isinstance(inner, dict | list) else _hidden(inner) for name, inner in value.items()}
    return [_hidden(inner) for inner in value] if isinstance(value, list) else value


def body_shape(body: bytes, longest: int) -> str:
    """The beginning of an answer's body as its shape: JSON and XML keep their names."""
    text = body[: longest * 2].decode("utf-8", errors="replace")
    pieces = re.split(r"(<[^>]*>?|\"(?:[^\"\\]|\\.)*\"\s*:)", text)
    return "".join(_name(piece) if at % 2 else str(shape(piece)) for at, piece in enumerate(pieces))[:longest]


def _name(piece: str) -> str:
    """A tag or a name as it is, but for the values of a tag's attributes."""
    return re.sub(r"""(\s(?!xmlns)[\w:.-]+\s*=\s*)("[^"]*"|'[^']*')""", lambda found: found[1] + str(shape(found[2])), piece)
