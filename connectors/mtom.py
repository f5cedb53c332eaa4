"""Attachments beside a SOAP answer: MTOM (SOAP Message Transmission Optimization Mechanism) in ``multipart/related`` (RFC 2387).

What an ``xop:Include`` stands for is put back in its place as base64, so that the contract's schema sees the message the sender meant. Only
``cid:`` references into the same message are followed. Parts are cut at their boundary byte for byte; nothing is decoded on the way.
"""

import base64
import binascii
import re
from email.parser import BytesHeaderParser
from urllib.parse import unquote

from lxml import etree

from connectors.errors import BadAnswer, SourceUnavailable
from connectors.xmlguard import parse

MULTIPART = "multipart/related"
XOP = "{http://www.w3.org/2004/08/xop/include}Include"
PARTS = 100
HEADERS = 8 * 1024
"""Bytes of one part's headers."""
INLINE = 7 * 2**20
"""Bytes of one attachment: as base64 it must stay below what the XML reader takes as one text."""
_BOUNDARY = re.compile(rb"--([0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-])[ \t]*\r\n")


def soap_part(body: bytes) -> bytes:
    """The envelope of an answer: the body itself, or the root part of a multipart one with its attachments in their places."""
    if not body.startswith((b"--", b"\r\n--")):
        return body
    parts = split(body)
    (_, root), attachments = parts[0], {name: content for name, content in parts[1:] if name}
    if len(attachments) != len(parts) - 1:
        raise BadAnswer("an attachment has no Content-ID, or one that another has")
    return inlined(root, attachments)


def split(body: bytes) -> list[tuple[str, bytes]]:
    """(Content-ID, content) of each part, the SOAP part first as X-Road and the profile want it. Raises BadAnswer."""
    found = _BOUNDARY.match(body.removeprefix(b"\r\n"))
    if not found:
        raise BadAnswer("a multipart answer without a readable boundary")
    delimiter = b"\r\n--" + found[1]
    pieces = (b"\r\n" + body.removeprefix(b"\r\n")).split(delimiter, PARTS + 2)
    if len(pieces) > PARTS + 2:
        raise BadAnswer(f"a multipart answer of more than {PARTS} parts")
    if not pieces[-1].startswith(b"--"):
        raise SourceUnavailable("the multipart answer was cut short")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> tuple[str, bytes]:
    head, gap, content = piece.partition(b"\r\n\r\n")
    if not gap or len(head) > HEADERS:
        raise BadAnswer("a part of a multipart answer without an end to its headers")
    headers = BytesHeaderParser().parsebytes(head.lstrip(b" \t\r\n") + b"\r\n\r\n")
    coding = str(headers.get("Content-Transfer-Encoding", "binary")).strip().lower()
    if coding == "base64":
        try:
            content = base64.b64decode(re.sub(rb"\s", b"", content), validate=True)
        except binascii.Error:
            raise BadAnswer("a part said to be base64 is not") from None
    elif coding not in {"binary", "8bit", "7bit"}:
        raise BadAnswer(f"content transfer encoding {coding[:20]!r} is not read")
    return str(headers.get("Content-ID", "")).strip().removeprefix("<").removesuffix(">"), content


def inlined(root: bytes, attachments: dict[str, bytes]) -> bytes:
    """The root part with every ``xop:Include`` replaced by what it names. Raises BadAnswer on one that leads elsewhere."""
    envelope = parse(root)
    for include in list(envelope.iter(XOP)):
        holder, href = include.getparent(), include.get("href", "")
        content = attachments.get(unquote(href.removeprefix("cid:"))) if href.startswith("cid:") else None
        if content is None:
            raise BadAnswer("an xop:Include names no attachment of this message")
        if len(content) > INLINE:
            raise BadAnswer(f"an attachment is larger than {INLINE >> 20} MiB")
        if holder is None or len(holder) != 1 or (holder.text or "").strip() or (include.tail or "").strip():
            raise BadAnswer("an xop:Include stands beside something else")
        holder.remove(include)
        holder.text = base64.b64encode(content).decode()
    return etree.tostring(envelope, encoding="utf-8")
