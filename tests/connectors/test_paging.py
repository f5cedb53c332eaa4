"""Cursors: how a source is read to the end, and where a killed run goes on."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import BadAnswer
from connectors.page import Cursor
from connectors.paging import Offset, PageNumber, Pager, Seen, Token, Windows, moved, opened
from connectors.transport import Answer
from connectors.walking import walk

SINCE, UNTIL = "2026-11-01T00:00:00+07:00", datetime.fromisoformat("2026-11-13T09:00:00+07:00")


def walked(pager: Pager, *answers: Seen) -> list[Cursor]:
    """The cursor before each answer, and the one behind the last."""
    cursors = [opened(pager, {"since": SINCE}, UNTIL)]
    for seen in answers:
        cursors.append(moved(pager, cursors[-1], seen))
    return cursors


def part(cursors: list[Cursor], name: str) -> list[Any]:
    return [cursor.get(name) for cursor in cursors]


def test_a_fresh_cursor_opens_a_window_up_to_now() -> None:
    assert opened(PageNumber(10), {"since": SINCE}, UNTIL) == {"since": SINCE, "until": UNTIL.isoformat(), "page": 1}


def test_a_cursor_inside_a_window_keeps_its_window_whatever_the_time_is() -> None:
    inside = {"since": SINCE, "until": "2026-11-10T00:00:00+07:00", "page": 3, "got": 20}
    assert opened(PageNumber(10), inside, UNTIL) == inside


def test_a_window_read_to_its_end_leaves_only_where_it_ended() -> None:
    assert walked(PageNumber(10), Seen(4, 4))[-1] == {"since": UNTIL.isoformat()}


@pytest.mark.parametrize("pager", [PageNumber(10), Offset(10), Token(10), Windows(Offset(10), days=5)])
def test_every_cursor_is_small_json(pager: Pager) -> None:
    for cursor in walked(pager, Seen(10, 12, token="a", more=True)):
        assert json.loads(json.dumps(cursor)) == cursor
        assert len(json.dumps(cursor)) < 300


def test_pages_are_numbered_until_the_promised_total() -> None:
    assert part(walked(PageNumber(10), Seen(10, 25), Seen(10, 25), Seen(5, 25)), "page") == [1, 2, 3, None]


def test_a_full_last_page_with_a_total_asks_for_no_empty_one() -> None:
    assert part(walked(PageNumber(10), Seen(10, 20), Seen(10, 20)), "page") == [1, 2, None]


@pytest.mark.parametrize("pager", [PageNumber(10), Offset(10)])
def test_without_a_total_a_short_page_is_the_last(pager: Pager) -> None:
    assert "until" not in walked(pager, Seen(10), Seen(3))[-1]


@pytest.mark.parametrize("pager", [PageNumber(10), Offset(10)])
def test_without_a_total_a_full_page_is_not_the_last(pager: Pager) -> None:
    assert "until" in walked(pager, Seen(10))[-1]


def test_the_offset_moves_by_what_was_given_not_by_what_was_asked() -> None:
    assert part(walked(Offset(10), Seen(7, 20), Seen(10, 20), Seen(3, 20)), "offset") == [0, 7, 17, None]


def test_the_token_of_the_answer_goes_into_the_next_request() -> None:
    cursors = walked(Token(10), Seen(10, token="a", more=True), Seen(10, token="b", more=True), Seen(1, token="c", more=False))
    assert part(cursors, "token") == ["", "a", "b", None]


def test_an_answer_without_token_is_the_last() -> None:
    assert "until" not in walked(Token(10), Seen(10))[-1]


def test_the_same_token_twice_is_a_loop_and_an_error() -> None:
    with pytest.raises(BadAnswer, match="same continuation token twice"):
        walked(Token(10), Seen(10, token="a", more=True), Seen(10, token="a", more=True))


def test_windows_are_whole_days_without_gap_or_overlap() -> None:
    cursors = walked(Windows(Offset(10), days=5), Seen(0, 0), Seen(0, 0), Seen(0, 0))
    assert part(cursors, "from") == ["2026-11-01", "2026-11-06", "2026-11-11", None]
    assert part(cursors, "to") == ["2026-11-05", "2026-11-10", "2026-11-13", None]


def test_a_window_of_one_day_is_one_window() -> None:
    cursor = opened(Windows(Offset(10), days=5), {"since": UNTIL.isoformat()}, UNTIL)
    assert (cursor["from"], cursor["to"]) == ("2026-11-13", "2026-11-13")


def test_each_window_is_paged_from_its_own_start() -> None:
    cursors = walked(Windows(Offset(10), days=5), Seen(10, 14), Seen(4, 14), Seen(2, 2))
    assert part(cursors, "offset") == [0, 10, 0, 0]
    assert part(cursors, "from") == ["2026-11-01", "2026-11-01", "2026-11-06", "2026-11-11"]


def test_the_promise_of_one_window_is_not_held_against_the_next() -> None:
    walked(Windows(Offset(10), days=5), Seen(10, 14), Seen(4, 14), Seen(0, 0), Seen(1, 1))


@pytest.mark.parametrize(
    ("pager", "answers"),
    [
        (PageNumber(10), [Seen(10, 25), Seen(10, 25), Seen(4, 25)]),
        (PageNumber(500), [Seen(100, 812), Seen(100, 812)]),
        (Offset(10), [Seen(10, 25), Seen(0, 25)]),
        (Token(10), [Seen(10, 25, token="a", more=False)]),
        (Windows(Offset(10), days=5), [Seen(2, 3), Seen(0, 3)]),
    ],
    ids=["short last page", "smaller pages than asked", "empty page", "end too early", "short window"],
)
def test_a_source_that_promises_more_than_it_gives_is_not_believed(pager: Pager, answers: list[Seen]) -> None:
    with pytest.raises(BadAnswer, match="promised"):
        walked(pager, *answers)


def test_what_was_got_before_a_kill_counts_towards_the_promise() -> None:
    pager = PageNumber(10)
    cursor = json.loads(json.dumps(walked(pager, Seen(10, 25), Seen(10, 25))[-1]))
    assert moved(pager, opened(pager, cursor, UNTIL), Seen(5, 25)) == {"since": UNTIL.isoformat()}


def test_rows_that_came_twice_because_others_slipped_in_are_no_error() -> None:
    assert walked(Token(10), Seen(10, 15, token="a", more=True), Seen(6, 15, token="b", more=False))[-1] == {"since": UNTIL.isoformat()}


@pytest.mark.parametrize("kind", [PageNumber, Offset])
@given(size=st.integers(1, 7), count=st.integers(0, 40), leaving=st.dictionaries(st.integers(0, 60), st.sets(st.integers(0, 39))))
def test_whoever_stays_in_the_window_is_read_whoever_leaves_it_meanwhile(kind: Any, size: int, count: int, leaving: dict[int, set[int]]) -> None:
    """``leaving``: before which request whose change takes them out."""
    pager, there, read = kind(size), list(range(count)), set[int]()
    cursor, request = opened(pager, {"since": SINCE}, UNTIL), 0
    while "until" in cursor:
        there = [one for one in there if one not in leaving.get(request, set())]
        at = cursor.get("offset", (cursor.get("page", 1) - 1) * size)
        page = there[at : at + size]
        read.update(page)
        cursor = moved(pager, cursor, Seen(len(page), len(there)))
        request += 1
        assert request < 500
    assert set(there) <= read


def test_a_walk_that_stepped_back_may_meet_what_it_met() -> None:
    """Of five records two a page, the first leaves while its page is on its way: the third has moved to where the reading has been."""
    there, read = [1, 2, 3, 4, 5], []

    def fetch(cursor: Cursor) -> Answer:
        at = (cursor["page"] - 1) * 2
        body = json.dumps({"n": len(there), "rows": there[at : at + 2]}).encode()
        if 1 in there:
            there.remove(1)
        return Answer(200, {}, body)

    def seen(answer: Answer) -> Seen:
        said = json.loads(answer.body)
        return Seen(len(said["rows"]), said["n"])

    for page in walk(PageNumber(2), {"since": SINCE}, UNTIL, fetch, seen):
        read += json.loads(page.body)["rows"]
    assert set(read) == {1, 2, 3, 4, 5}
