"""REST sources: readers, refusals with HTTP 200, loops."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec
import pytest

from connectors.dialects import wso2
from connectors.errors import BadAnswer, SessionExpired, SourceRefused, SourceUnavailable
from connectors.page import Cursor, Page
from connectors.paging import Offset, PageNumber, Seen
from connectors.rest import JsonRecords, RestSource, XmlInJson, both, refused_when
from connectors.transport import Answer, Request, Transport, plain_http
from tests.connectors.conftest import QUICK, Say, Script, Server

Serve = Callable[[Script], Server]
UNTIL = datetime.fromisoformat("2026-11-23T00:00:00+07:00")
SINCE = {"since": "2026-11-20T00:00:00+07:00"}
JSON = {"Content-Type": "application/json"}


def rows(*numbers: int, total: int) -> Say:
    return Say(body=msgspec.json.encode({"total": total, "data": [{"id": n} for n in numbers]}))


@pytest.fixture
def read(serve: Serve) -> Iterator[Callable[..., list[Page]]]:
    """``read(script)`` reads a source of pages of two from a server that answers so."""
    sources = []

    def reading(script: Script) -> list[Page]:
        server = serve(script)
        transport = Transport(both(plain_http, refused_when(lambda envelope: str(envelope.get("no", "")))), patience=QUICK)

        def request(cursor: Cursor) -> Request:
            return Request("GET", server.url, params={"offset": str(cursor["offset"])})

        source = RestSource(transport, request, Offset(2), JsonRecords("data", total="total"))
        sources.append(source)
        return list(source.pages(SINCE, UNTIL))

    yield reading
    for source in sources:
        source.close()


def test_pages_are_read_until_the_promised_total(read: Callable[..., list[Page]]) -> None:
    answers = {"/?offset=0": rows(1, 2, total=3), "/?offset=2": rows(3, total=3)}
    pages = read(lambda request: answers[request.path])
    assert [(page.rows, page.promised, page.finished) for page in pages] == [(2, 3, False), (1, 3, True)]


def test_a_page_is_kept_byte_for_byte(read: Callable[..., list[Page]]) -> None:
    body = '{ "data" : [ {"id":1 , "x":"Đặng"} ],  "total":1 }'.encode()
    assert read(lambda _: Say(body=body))[0].body == body


def test_a_source_that_ignores_the_offset_is_found_out(read: Callable[..., list[Page]]) -> None:
    with pytest.raises(BadAnswer, match="same page twice"):
        read(lambda _: rows(1, 2, total=4))


def test_a_promise_not_kept_is_a_bad_answer(read: Callable[..., list[Page]]) -> None:
    answers = {"/?offset=0": rows(1, 2, total=5)}
    with pytest.raises(BadAnswer, match="promised 5 records and gave 2"):
        read(lambda request: answers.get(request.path, rows(total=5)))


def test_a_refusal_with_http_200_is_a_refusal(read: Callable[..., list[Page]]) -> None:
    with pytest.raises(SourceRefused, match="not this week"):
        read(lambda _: Say(body=b'{"no":"not this week"}'))


def test_json_cut_short_is_asked_for_again(read: Callable[..., list[Page]]) -> None:
    answers = [Say(body=b'{"total":1,"data":[{"id":'), rows(1, total=1)]
    assert [page.rows for page in read(lambda _: answers.pop(0))] == [1]


@pytest.mark.parametrize(
    "say",
    [
        Say(body=b"<html>log in</html>", headers={"Content-Type": "text/html"}),
        Say(body=b"<html>log in</html>", headers=JSON),
        Say(body=b"[1,2]", headers=JSON),
        Say(body=b'{"total":1}', headers=JSON),
        Say(body=b'{"total":1,"data":{}}', headers=JSON),
        Say(body=b'{"total":"many","data":[]}', headers=JSON),
        Say(body=b'{"total":null,"data":[]}', headers=JSON),
        Say(body=b'{"data":[]}', headers=JSON),
        Say(404, b"{}", JSON),
    ],
    ids=["page", "page called JSON", "array", "no array", "object for array", "total in words", "null total", "no total", "not found"],
)
def test_an_answer_of_another_form_is_a_bad_answer(read: Callable[..., list[Page]], say: Say) -> None:
    with pytest.raises(BadAnswer):
        read(lambda _: say)


MARK = b"\xef\xbb\xbf"
BODY = b'{"total":1,"data":[{"id":1}]}'


def test_a_byte_order_mark_is_overlooked_and_kept(read: Callable[..., list[Page]]) -> None:
    [page] = read(lambda _: Say(body=MARK + BODY))
    assert (page.rows, page.body) == (1, MARK + BODY)
    assert JsonRecords("data").rows(page.body) == [b'{"id":1}']
    assert JsonRecords("").rows(MARK + b'[{"id":1}]') == [b'{"id":1}']
    assert CIVIL.seen(MARK + civil("<a><b/></a>")) == Seen(1, 1)


@pytest.mark.parametrize("half", [r"\ud800", r"a\udc00b", r"\\\uDBFF", r"\ud800x"])
def test_half_a_character_spoils_its_record_and_no_other(read: Callable[..., list[Page]], half: str) -> None:
    body = f'{{"total":3,"data":[{{"id":"{half}"}},{{"id":"\\ud83d\\ude00"}},{{"id":"\\\\ud800"}}]}}'.encode()
    [page] = read(lambda _: Say(body=body.replace(b'"total":3', b'"total":3,"x":1')))
    reader = JsonRecords("data")
    first, *others = reader.rows(page.body)
    with pytest.raises(BadAnswer, match="half a character"):
        reader.decode(first)
    assert [reader.decode(row)["id"] for row in others] == ["\N{GRINNING FACE}", r"\ud800"]


@pytest.mark.parametrize(
    ("body", "media", "told"),
    [
        (b"<html>log in</html>", "text/html", "page 1 of this reading: an HTML or XML page, not JSON, sent as text/html"),
        (BODY[:20], "application/json", "JSON cut short after 20 bytes, sent as application/json"),
        (BODY.decode().encode("utf-16"), "application/json", "text in UTF-16 or UTF-32; JSON is UTF-8, sent as application/json"),
        (BODY.decode().encode("utf-16-le"), "", "text in UTF-16 or UTF-32; JSON is UTF-8, sent as of no type"),
        (b"", "application/json", "an empty body"),
        (b'{"data":7}', "application/json", "no array at data"),
    ],
)
def test_what_came_instead_of_a_page_is_told(serve: Serve, body: bytes, media: str, told: str) -> None:
    server = serve(lambda _: Say(body=body, headers={"Content-Type": media}))
    source = RestSource(Transport(plain_http, patience=QUICK), lambda _: Request("GET", server.url), Offset(2), JsonRecords("data"))
    with pytest.raises(BadAnswer) as raised:
        list(source.pages(SINCE, UNTIL))
    source.close()
    assert told in str(raised.value)


def test_records_may_lie_deep() -> None:
    reader = JsonRecords("result.items", total="result.count")
    body = b'{"result":{"count":2,"items":[{"a":"1"},{"a":"2"}]}}'
    assert reader.seen(body) == Seen(2, 2)
    assert [reader.decode(row) for row in reader.rows(body)] == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize("row", [b'"text"', b"7", b"[1]", b"null", b'{"a":"\xff"}'])
def test_a_record_that_is_no_object_is_a_bad_answer(row: bytes) -> None:
    reader = JsonRecords("data")
    found = reader.rows(b'{"data":[' + row + b"]}")
    with pytest.raises(BadAnswer):
        reader.decode(found[0])


CIVIL = XmlInJson("data", total="tongSo")


def civil(xml: str, total: Any = 1) -> bytes:
    return msgspec.json.encode({"status": 1, "tongSo": total, "data": xml})


def test_xml_in_json_gives_its_children() -> None:
    body = civil("<DanhSachHoSo><HoSo><a>1</a></HoSo><HoSo><a>2</a></HoSo></DanhSachHoSo>", 2)
    assert CIVIL.seen(body) == Seen(2, 2)
    assert [CIVIL.decode(row) for row in CIVIL.rows(body)] == [{"a": "1"}, {"a": "2"}]


def test_no_xml_is_no_records() -> None:
    assert CIVIL.seen(civil("", 0)) == Seen(0, 0)


@pytest.mark.parametrize(
    "body",
    [
        civil("<DanhSachHoSo><HoSo>"),
        civil('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        civil("<a/>", None),
        civil("<a/>", "many"),
        b'{"status":1,"data":"<a/>"}',
        b'{"status":1,"tongSo":1,"data":null}',
        b'{"status":1,"tongSo":1}',
        b"[]",
    ],
    ids=["cut xml", "dtd", "null total", "total in words", "no total", "null data", "no data", "array"],
)
def test_xml_in_json_of_another_form_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        CIVIL.seen(body)


def fault(code: int, xml: bool = False) -> Answer:
    if xml:
        body = f'<ams:fault xmlns:ams="http://wso2.org/apimanager/security"><ams:code>{code}</ams:code></ams:fault>'.encode()
        return Answer(401, {"Content-Type": "application/xml; charset=UTF-8"}, body)
    return Answer(401, JSON | {"Retry-After": "9"}, msgspec.json.encode({"fault": {"code": code}}))


@pytest.mark.parametrize("xml", [False, True], ids=["json", "xml"])
@pytest.mark.parametrize(
    ("code", "error"),
    [(900901, SessionExpired), (900902, SourceRefused), (900908, SourceRefused), (900802, SourceUnavailable), (303001, SourceUnavailable)],
)
def test_a_gateway_fault_is_read_by_its_code(code: int, error: type[Exception], xml: bool) -> None:
    with pytest.raises(error) as caught:
        wso2.verdict(fault(code, xml))
    assert type(caught.value) is error


def test_a_throttling_gateway_names_its_time() -> None:
    with pytest.raises(SourceUnavailable) as caught:
        wso2.verdict(fault(900802))
    assert caught.value.retry_after == 9.0


def test_a_gateway_fault_nobody_knows_is_judged_by_its_http_status() -> None:
    with pytest.raises(SessionExpired):
        wso2.verdict(fault(123))


def test_an_answer_of_the_service_behind_the_gateway_passes() -> None:
    wso2.verdict(Answer(200, JSON, b'{"fault":{"code":900901}}'))


def test_page_numbers_reach_the_request(serve: Serve) -> None:
    server = serve(lambda request: rows(int(request.path[-1]), total=3))
    source = RestSource(
        Transport(patience=QUICK),
        lambda cursor: Request("GET", server.url, params={"page": str(cursor["page"])}),
        PageNumber(1),
        JsonRecords("data", total="total"),
    )
    assert [page.rows for page in source.pages(SINCE, UNTIL)] == [1, 1, 1]
    assert [request.path for request in server.seen] == ["/?page=1", "/?page=2", "/?page=3"]
    source.close()
