"""Next pages named by a link: in a header as RFC 8288 writes it, or in the body; followed at home only."""

from collections.abc import Callable
from datetime import datetime

import pytest

from connectors.errors import BadAnswer
from connectors.links import links, next_link, same_host
from connectors.page import Page
from connectors.paging import Links
from connectors.rest import JsonRecords, RestSource
from connectors.transport import Answer, Request, Transport
from tests.connectors.conftest import QUICK, Say, Script, Server

Serve = Callable[[Script], Server]
SINCE, UNTIL = {"since": "2026-11-20T00:00:00+07:00"}, datetime.fromisoformat("2026-11-23T00:00:00+07:00")
JSON = {"Content-Type": "application/json"}


def answered(link: str) -> Answer:
    return Answer(200, {"Link": link} if link else {}, b"")


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("", ""),
        ('<https://a/2>; rel="next"', "https://a/2"),
        ("<https://a/2>; rel=next", "https://a/2"),
        ("<https://a/2>;REL=Next", "https://a/2"),
        ('<https://a/1>; rel="prev", <https://a/3>; rel="next", <https://a/9>; rel="last"', "https://a/3"),
        ('<https://a/2>; rel="last next"', "https://a/2"),
        ('<https://a/2?x=1,2;y=3>; rel="next"', "https://a/2?x=1,2;y=3"),
        ('<https://a/2>; title="a, b; rel=\\"next\\""; rel="last"', ""),
        ('<https://a/2>; rel="last"; rel="next"', ""),
        ('<https://a/2>; rel="next"; anchor="#other"', ""),
        ("<https://a/2>; crossorigin; rel=next", "https://a/2"),
        ('<https://a/2>; rel="nextish"', ""),
        ("<>; rel=next", ""),
        (", ,<https://a/2>; rel=next ,", "https://a/2"),
        ("<https://a/2>; rel=next, <https://a/2>; rel=next", "https://a/2"),
    ],
)
def test_the_next_link_of_a_header(header: str, target: str) -> None:
    assert next_link(answered(header)) == target


@pytest.mark.parametrize("header", ["https://a/2; rel=next", '<https://a/2>; rel="next" nonsense', '<https://a/2>; rel="nex', "<https://a/2"])
def test_a_header_that_cannot_be_read_is_a_bad_answer(header: str) -> None:
    with pytest.raises(BadAnswer, match="cannot be read"):
        next_link(answered(header))


def test_two_different_next_pages_are_a_bad_answer() -> None:
    with pytest.raises(BadAnswer, match="two next pages"):
        next_link(answered("<https://a/2>; rel=next, <https://a/3>; rel=next"))


def test_every_link_is_told_with_its_relations() -> None:
    assert links('<a>; rel="self x", <b>') == [("a", {"self", "x"}), ("b", set())]


@pytest.mark.parametrize(
    ("link", "whole"),
    [("https://a:1/x?p=2", "https://a:1/x?p=2"), ("/x?p=2", "https://a:1/x?p=2"), ("?p=2", "https://a:1/data?p=2"), ("x", "https://a:1/x")],
)
def test_a_link_at_home_is_followed_relative_or_whole(link: str, whole: str) -> None:
    assert same_host("https://a:1/data?p=1", link) == whole


@pytest.mark.parametrize("link", ["https://b:1/x", "https://a:2/x", "http://a:1/x", "//b/x", "file:///etc/passwd", "https://a:1@b/x", "https://a/x"])
def test_a_link_that_leads_away_is_a_bad_answer(link: str) -> None:
    with pytest.raises(BadAnswer, match="the next link leads to"):
        same_host("https://a:1/data", link)


def numbered(*numbers: int) -> bytes:
    return ('{"data":[' + ",".join(f'{{"id":{n}}}' for n in numbers) + "]}").encode()


def read(server: Server, in_body: bool = False) -> list[Page]:
    def request(_: object) -> Request:
        return Request("GET", f"{server.url}/data", params={"size": "2"})

    transport = Transport(patience=QUICK)
    reader = JsonRecords("data", following="paging.next" if in_body else "")
    source = RestSource(transport, request, Links(), reader, None if in_body else next_link)
    try:
        return list(source.pages(SINCE, UNTIL))
    finally:
        source.close()


def test_a_header_s_links_are_followed_to_the_end_and_every_page_says_where_it_goes_on(serve: Serve) -> None:
    answers = {
        "/data?size=2": Say(body=numbered(1, 2), headers=JSON | {"Link": '</data?after=2>; rel="next"'}),
        "/data?after=2": Say(body=numbered(3, 4), headers=JSON | {"Link": '<?after=4>; rel="next"'}),
        "/data?after=4": Say(body=numbered(5)),
    }
    server = serve(lambda request: answers[request.path])
    pages = read(server)
    assert [(page.rows, page.finished, page.after.get("link")) for page in pages] == [
        (2, False, "/data?after=2"),
        (2, False, "?after=4"),
        (1, True, None),
    ]


def test_an_address_in_the_body_is_followed_too(serve: Serve) -> None:
    def script(request: object) -> Say:
        first = "after" not in request.path  # type: ignore[attr-defined]
        following = f'"paging":{{"next":"{server.url}/data?after=2"}}' if first else '"paging":{"next":null}'
        return Say(body=numbered(1 if first else 2)[:-1] + f",{following}}}".encode())

    server = serve(script)
    assert [page.rows for page in read(server, in_body=True)] == [1, 1]


def test_a_link_to_another_host_takes_no_credentials_there(serve: Serve) -> None:
    away = serve(lambda _: Say(body=numbered(3)))
    server = serve(lambda _: Say(body=numbered(1), headers=JSON | {"Link": f'<{away.url}/data>; rel="next"'}))
    with pytest.raises(BadAnswer, match="the next link leads to"):
        read(server)
    assert away.seen == []


def test_links_that_lead_in_a_circle_are_found_out(serve: Serve) -> None:
    count = iter(range(1000))

    def script(request: object) -> Say:
        at = "b" if "at=a" in request.path else "a"  # type: ignore[attr-defined]
        return Say(body=numbered(next(count)), headers=JSON | {"Link": f'</data?at={at}>; rel="next"'})

    server = serve(script)
    with pytest.raises(BadAnswer, match="in a circle"):
        read(server)
    assert len(server.seen) == 3
