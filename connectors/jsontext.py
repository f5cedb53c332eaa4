"""JSON as systems really send it: behind a byte order mark, or with half a character in one record; and what came when it is no JSON."""

import re
from typing import TypeVar

import msgspec

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError)
"""What msgspec raises on bytes that are not JSON; text that is not UTF-8 has an error of its own."""
MARK = b"\xef\xbb\xbf"
"""RFC 8259 forbids to write it and allows to overlook it."""
SPOILT = b"\xff"
"""Stands for half a character: no record that holds it can be decoded, all others can."""
ESCAPES = re.compile(rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
"""Escape sequences; the group is half of a surrogate pair without its other half."""

T = TypeVar("T")


def read(body: bytes, kind: type[T], half: bytes = b"\\ufffd") -> T:
    """The body as ``kind``; ``half`` takes the place of half a character. Raises one of NOT_JSON."""
    body = body.removeprefix(MARK)
    try:
        return msgspec.json.decode(body, type=kind)
    except NOT_JSON:
        mended = ESCAPES.sub(lambda found: half if found[1] else found[0], body)
        if mended == body:
            raise
    return msgspec.json.decode(mended, type=kind)


def what_came(body: bytes, why: str) -> str:
    """In words, quoting nothing of it: what a body is that is no JSON of the form expected. ``why`` is the decoder's word."""
    begin = body.removeprefix(MARK)[:100].lstrip()
    if not begin:
        return "an empty body"
    if begin.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in begin[:4]:
        return "text in UTF-16 or UTF-32; JSON is UTF-8"
    if begin.startswith(b"<"):
        return "an HTML or XML page, not JSON"
    if cut_short(why):
        return f"JSON cut short after {len(body)} bytes"
    return f"no JSON of the form expected ({why})"


def cut_short(why: str) -> bool:
    """Whether the decoder says that the text ended too early."""
    return "truncated" in why or "unexpectedly" in why
