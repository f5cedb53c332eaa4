"""Attachments beside a SOAP answer: put back in their places byte for byte, and nothing fetched from elsewhere."""

import base64
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from connectors import mtom
from connectors.errors import BadAnswer, SourceUnavailable
from connectors.mtom import soap_part, split
from connectors.page import Endpoint
from connectors.xmlguard import parse
from include import sources
from tests.connectors.conftest import QUICK, Say, Script, Server
from tests.connectors.test_soap import body

XOP = "http://www.w3.org/2004/08/xop/include"
HOSTILE = b"\x00\r\n--\r\n--other\r\n\xff" + bytes(range(256))
"""Bytes that look like a boundary and are none."""


def included(href: str) -> str:
    return f'<a><tep><i:Include xmlns:i="{XOP}" href="{href}"/></tep></a>'


def multipart(root: str, *parts: tuple[str, bytes], boundary: str = "b=1:x", coding: str = "binary") -> bytes:
    pieces = [("root@x", root.encode(), 'application/xop+xml; type="text/xml"', "8bit"), *[(name, data, "image/png", coding) for name, data in parts]]
    out = b""
    for name, data, media, how in pieces:
        out += f"--{boundary}\r\nContent-Type: {media}\r\nContent-Transfer-Encoding: {how}\r\nContent-ID: <{name}>\r\n\r\n".encode() + data + b"\r\n"
    return out + f"--{boundary}--\r\n".encode()


def test_an_attachment_comes_back_in_its_place_byte_for_byte() -> None:
    found = soap_part(multipart(included("cid:file%40x"), ("file@x", HOSTILE)))
    assert base64.b64decode(parse(found).findtext("tep") or "") == HOSTILE


def test_an_attachment_sent_as_base64_is_decoded_once() -> None:
    found = soap_part(multipart(included("cid:f"), ("f", base64.encodebytes(HOSTILE)), coding="base64"))
    assert base64.b64decode(parse(found).findtext("tep") or "") == HOSTILE


def test_an_answer_without_parts_is_itself() -> None:
    assert soap_part(body().encode()) == body().encode()


def test_a_preamble_s_line_break_is_no_matter() -> None:
    assert len(split(b"\r\n" + multipart("<a/>", ("f", b"1")))) == 2


@pytest.mark.parametrize(
    "href", ["cid:other", "http://127.0.0.1:9/x", "file:///etc/passwd", "", "f", "CID:f", "cid:"], ids=lambda href: href or "empty"
)
def test_an_include_that_leads_elsewhere_is_a_bad_answer(href: str) -> None:
    with pytest.raises(BadAnswer, match="names no attachment"):
        soap_part(multipart(included(href), ("f", b"1")))


BROKEN = {
    "no boundary": b"--\r\n\r\n",
    "two of one name": multipart(included("cid:f"), ("f", b"1"), ("f", b"2")),
    "an attachment without a name": multipart(included("cid:f"), ("f", b"1"), ("", b"2")),
    "an include beside text": multipart(included("cid:f").replace("<tep>", "<tep>0270"), ("f", b"1")),
    "two includes in one place": multipart(included("cid:f").replace("</tep>", f'<i:Include xmlns:i="{XOP}" href="cid:f"/></tep>'), ("f", b"1")),
    "quoted-printable": multipart(included("cid:f"), ("f", b"1"), coding="quoted-printable"),
    "base64 that is none": multipart(included("cid:f"), ("f", b"?"), coding="base64"),
    "headers without end": b"--b\r\nContent-ID: <x>\r\n--b--\r\n",
    "headers beyond measure": multipart("<a/>").replace(b"Content-ID", b"X: " + b"x" * mtom.HEADERS + b"\r\nContent-ID"),
    "too many parts": multipart("<a/>", *[(f"f{n}", b"") for n in range(mtom.PARTS)]),
    "an attachment too large": multipart(included("cid:f"), ("f", bytes(mtom.INLINE + 1))),
    "a root with a DTD": multipart("<!DOCTYPE a><a/>"),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_a_broken_multipart_answer_is_a_bad_answer(answer: bytes) -> None:
    with pytest.raises(BadAnswer):
        soap_part(answer)


def test_a_multipart_answer_cut_short_is_asked_for_again() -> None:
    with pytest.raises(SourceUnavailable, match="cut short"):
        soap_part(multipart("<a/>", ("f", b"1"))[:-8])


def test_the_largest_attachment_is_taken() -> None:
    data = os.urandom(mtom.INLINE)
    assert base64.b64decode(parse(soap_part(multipart(included("cid:f"), ("f", data)))).findtext("tep") or "") == data


def test_a_source_reads_a_multipart_answer_and_the_page_is_kept_as_it_came(serve: Callable[[Script], Server]) -> None:
    whole = multipart(body())
    media = {"Content-Type": 'multipart/related; type="application/xop+xml"; boundary="b=1:x"; start="<root@x>"'}
    answers = [Say(body=whole[:-20], headers=media), Say(body=whole, headers=media)]
    source: Any = sources.participants(Endpoint("bhxh", serve(lambda _: answers.pop(0)).url, "user", "secret"))
    source.transport.patience = QUICK
    pages = list(source.pages({"since": "2026-11-01T00:00:00+07:00"}, datetime.fromisoformat("2026-11-23T00:00:00+07:00")))
    source.close()
    assert [page.body for page in pages] == [whole]
    assert source.decode(source.rows(whole)[0])["soDinhDanh"] == "027099000123"
