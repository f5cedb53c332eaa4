"""XML from strangers."""

import time
from pathlib import Path

import pytest

from connectors.errors import BadAnswer
from connectors.xmlguard import local, parse, to_dict

BILLION_LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY b0 "ha">' + b"".join(b'<!ENTITY b%d "%s">' % (i, b"&b%d;" % (i - 1) * 10) for i in range(1, 10)) + b"]><a>&b9;</a>"
)


def test_well_formed_xml_is_read() -> None:
    assert parse("<a>Bắc Ninh</a>".encode()).text == "Bắc Ninh"


@pytest.mark.parametrize("lead", [b"\xef\xbb\xbf", b"\r\n  ", b"\xef\xbb\xbf\n"])
def test_a_byte_order_mark_or_blank_lines_in_front_are_no_matter(lead: bytes) -> None:
    assert local(parse(lead + b'<?xml version="1.0" encoding="UTF-8"?><a/>')) == "a"


@pytest.mark.parametrize(
    "body",
    [b"", b"   ", b"<a>", b"<a></b>", b"not xml", b"<a>\x00</a>", b"<a>\xff</a>", b"<a/><b/>", b"<a>&unknown;</a>"],
    ids=["empty", "blank", "unclosed", "crossed", "text", "nul", "bad utf-8", "two roots", "unknown entity"],
)
def test_what_is_not_well_formed_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="not well-formed"):
        parse(body)


@pytest.mark.parametrize(
    "doctype",
    ["<!DOCTYPE a>", '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">', '<!DOCTYPE a [<!ENTITY b "c">]>', "<!DOCTYPE a []>"],
    ids=["bare", "external", "entity", "empty subset"],
)
def test_any_dtd_is_refused(doctype: str) -> None:
    with pytest.raises(BadAnswer, match="DTD"):
        parse(f"{doctype}<a/>".encode())


def test_an_entity_cannot_read_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of this machine")
    with pytest.raises(BadAnswer) as caught:
        parse(f'<!DOCTYPE a [<!ENTITY f SYSTEM "file://{secret}">]><a>&f;</a>'.encode())
    assert "of this machine" not in str(caught.value)


@pytest.mark.parametrize(
    "bomb", [BILLION_LAUGHS, b"<a>" * 100_000 + b"</a>" * 100_000, b"<a>" + b"x" * 11_000_000 + b"</a>"], ids=["entities", "depth", "long text"]
)
def test_a_bomb_is_refused_at_once(bomb: bytes) -> None:
    start = time.process_time()
    with pytest.raises(BadAnswer):
        parse(bomb)
    assert time.process_time() - start < 1.0


def test_an_error_does_not_quote_what_was_sent() -> None:
    with pytest.raises(BadAnswer) as caught:
        parse(b"<a>024085000123</a")
    assert "024085000123" not in str(caught.value)


def test_a_comment_does_not_cut_a_text_in_two() -> None:
    assert to_dict(parse(b"<r><n>0270<!-- x -->99</n></r>"), {}) == {"n": "027099"}


def test_cdata_is_text() -> None:
    assert to_dict(parse(b"<r><n><![CDATA[A & B]]></n></r>"), {}) == {"n": "A & B"}


def test_children_become_text_or_dicts_without_their_namespaces() -> None:
    assert to_dict(parse(b'<r xmlns="urn:x"><a>1</a><b><c>2</c></b><d/></r>'), {}) == {"a": "1", "b": {"c": "2"}, "d": ""}


@pytest.mark.parametrize(("body", "found"), [(b"<r><a>1</a></r>", ["1"]), (b"<r><a>1</a><a>2</a></r>", ["1", "2"])])
def test_what_may_repeat_is_a_list_however_often_it_comes(body: bytes, found: list[str]) -> None:
    assert to_dict(parse(body), {"a": (True, {})}) == {"a": found}


def test_lists_inside_lists_follow_the_shape() -> None:
    shape = {"step": (True, {"note": (True, {})})}
    assert to_dict(parse(b"<r><step><note>x</note></step></r>"), shape) == {"step": [{"note": ["x"]}]}


def test_what_may_not_repeat_and_does_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer, match="soDinhDanh occurs twice"):
        to_dict(parse(b"<r><soDinhDanh>1</soDinhDanh><soDinhDanh>2</soDinhDanh></r>"), {})


@pytest.mark.parametrize("body", [b"<r><?x y?><a/></r>", b"<r><a>0270<?x y?>99</a></r>"])
def test_a_processing_instruction_inside_a_record_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="processing instruction"):
        to_dict(parse(body), {})


def test_an_element_inside_a_text_does_not_cut_it_short_unnoticed() -> None:
    with pytest.raises(BadAnswer, match="text beside elements"):
        to_dict(parse(b"<r><soDinhDanh>0270<i/>99</soDinhDanh></r>"), {})
