"""The files of papers: small real PDFs and PNGs, the same bytes for the same paper. A few are not what they should be."""

import hashlib
import struct
import zlib
from typing import NamedTuple

HTML, ALTERED = "type_refused", "altered"
"""One file in a hundred is a web page under a paper's name; one in a hundred is no longer what its hash says."""


class File(NamedTuple):
    """What a paper's file is: its bytes, their type, and what is wrong with it."""

    body: bytes
    media_type: str
    fault: str


def file_of(code: str, kind: str, signed: bool) -> File:
    """The file of the paper ``code``: results (kind ``1``) are PDFs, signed or not; components PDFs and now and then a photograph."""
    draw = hashlib.sha256(code.encode()).digest()
    if draw[0] < 3:
        return File(b"<!doctype html><title>404</title><p>Not here any more", "text/html", HTML)
    fault = ALTERED if draw[0] < 6 else ""
    if kind == "0" and draw[1] < 50:
        return File(png(code), "image/png", fault)
    return File(pdf(code, signed=signed), "application/pdf", fault)


def sha256_of(file: File) -> str:
    """What the store says its hash is."""
    return hashlib.sha256(file.body).hexdigest()


def served(file: File) -> bytes:
    """What the store hands out: an altered file is not the one that was hashed."""
    return file.body + b"\n%%altered" if file.fault == ALTERED else file.body


def pdf(text: str, *, signed: bool) -> bytes:
    """A PDF of one page with ``text``; a signed one has a filled signature field (its signature is not one anybody should trust)."""
    content = f"BT /F1 12 Tf 40 100 Td ({text}) Tj ET".encode("ascii", "replace")
    form = b"/AcroForm << /SigFlags 3 /Fields [6 0 R] >>" if signed else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + form + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    if signed:
        objects.append(b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /Rect [0 0 0 0] /V 7 0 R >>")
        objects.append(b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 0 0 0] /Contents <00> >>")
    body, places = bytearray(b"%PDF-1.7\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(body + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))


def png(text: str) -> bytes:
    """One grey pixel, and ``text`` beside it."""
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), (b"tEXt", b"Title\0" + text.encode()), (b"IDAT", zlib.compress(b"\0\x80")))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, (*parts, (b"IEND", b""))))


def _chunk(part: tuple[bytes, bytes]) -> bytes:
    name, body = part
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
