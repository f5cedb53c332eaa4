"""A sector database read directly, on a real PostgreSQL: no row lost at a shared moment, and every page's cursor goes on with the rest."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.errors import BadAnswer, SourceRefused, SourceUnavailable
from connectors.page import Endpoint, Page
from connectors.sql import SqlSource
from include.store.database import Database

pytestmark = pytest.mark.postgres
SINCE = {"since": "2026-11-01T00:00:00+07:00"}
UNTIL = datetime.fromisoformat("2026-11-20T00:00:00+07:00")
ROWS, SIZE = 103, 10
KEYS = {
    "int": ("bigint", "n"),
    "text": ("text", "lpad(n::text, 12, '0')"),
    "Vietnamese text": ("text", "(array['đ','d','Á','a','ă','â'])[1 + n % 6] || n"),
    "uuid": ("uuid", "md5(n::text)::uuid"),
    "numeric": ("numeric", "n + 0.5"),
    "date": ("date", "date '2000-01-01' + n"),
}
MOMENTS = {"with zone": "timestamptz", "without zone": "timestamp", "a day": "date"}


@pytest.fixture
def made(db: Database) -> Iterator[Callable[..., SqlSource]]:
    """``made(key, moment)`` is a source over a view of ROWS rows, seven to a moment."""
    sources: list[SqlSource] = []

    def make(keyed: str = "int", timed: str = "with zone", size: int = SIZE, **changed: Any) -> SqlSource:
        kind, value = KEYS[keyed]
        with db.transaction() as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS nganh")
            connection.execute(f"CREATE TABLE nganh.ho_so (ma {kind} PRIMARY KEY, luc {MOMENTS[timed]}, ten text, tien numeric, tep bytea)")
            connection.execute(
                f"INSERT INTO nganh.ho_so SELECT {value}, timestamptz '2026-11-02 08:00:00.123456+07' AT TIME ZONE 'Asia/Ho_Chi_Minh'"
                f" + (n / 7) * interval '1 day', 'Nguyễn', 12.50, '\\x00ff' FROM generate_series(1, {ROWS}) n"
                if timed != "with zone"
                else f"INSERT INTO nganh.ho_so SELECT {value}, timestamptz '2026-11-02 08:00:00.123456+07' + (n / 7) * interval '1 day',"
                f" 'Nguyễn', 12.50, '\\x00ff' FROM generate_series(1, {ROWS}) n"
            )
            connection.execute("CREATE VIEW nganh.v AS SELECT * FROM nganh.ho_so")
        source = SqlSource(**{"endpoint": Endpoint("nganh", db.url), "view": "nganh.v", "moment": "luc", "key": "ma", "size": size} | changed)
        sources.append(source)
        return source

    yield make
    for source in sources:
        source.close()


Made = Callable[..., SqlSource]


def keys(source: SqlSource, pages: list[Page]) -> list[Any]:
    return [source.decode(row)["ma"] for page in pages for row in source.rows(page.body)]


@pytest.mark.parametrize("key", KEYS)
def test_every_row_comes_once_and_every_cursor_goes_on_with_exactly_the_rest(made: Made, key: str) -> None:
    source = made(key)
    pages = list(source.pages(SINCE, UNTIL))
    found = keys(source, pages)
    assert len(found) == len(set(found)) == ROWS
    assert [page.rows for page in pages] == [SIZE] * 10 + [3]
    assert pages[-1].after == {"since": UNTIL.isoformat()}
    for at in range(len(pages) - 1):
        cursor = json.loads(json.dumps(pages[at].after))
        later = list(source.pages(cursor, UNTIL + timedelta(days=9)))
        assert [page.body for page in later] == [page.body for page in pages[at + 1 :]]
        assert later[-1].after == pages[-1].after


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Ho_Chi_Minh"])
def test_a_window_means_the_same_whatever_the_session_s_zone(made: Made, db: Database, moment: str, zone: str) -> None:
    source = made(timed=moment)
    with db.transaction() as connection:
        name = connection.execute("SELECT current_database()").fetchone()
        connection.execute(f"ALTER DATABASE {name[0] if name else ''} SET timezone = '{zone}'")
    window = {"since": "2026-11-03T00:00:00+07:00"}, datetime.fromisoformat("2026-11-05T00:00:00+07:00")
    assert keys(source, list(source.pages(*window))) == list(range(7, 21))


def test_two_windows_side_by_side_lose_and_repeat_nothing(made: Made) -> None:
    source = made()
    middle = datetime.fromisoformat("2026-11-09T08:00:00.123456+07:00")
    first = list(source.pages(SINCE, middle))
    second = list(source.pages(first[-1].after, UNTIL))
    found = keys(source, first + second)
    assert sorted(found) == list(range(1, ROWS + 1))


def test_a_page_that_ends_with_the_window_is_followed_by_an_empty_one(made: Made) -> None:
    assert [(page.rows, page.finished) for page in made(size=ROWS).pages(SINCE, UNTIL)] == [(ROWS, False), (0, True)]


def test_numbers_keep_their_digits_and_bytes_are_base64(made: Made) -> None:
    source = made()
    row = source.decode(source.rows(next(source.pages(SINCE, UNTIL)).body)[0])
    assert (row["tien"], row["tep"], row["ten"]) == ("12.50", "AP8=", "Nguyễn")


def test_a_check_of_a_good_view_is_all_good(made: Made) -> None:
    assert [(check.what, check.ok) for check in made().check()] == [("view", True), ("rows", True)]


def test_rows_that_paging_cannot_reach_are_told(made: Made, db: Database) -> None:
    source = made()
    with db.transaction() as connection:
        connection.execute("INSERT INTO nganh.ho_so (ma) VALUES (-1)")
    last = list(source.check())[-1]
    assert (last.ok, last.detail) == (False, "rows without luc or ma cannot be read")


@pytest.mark.parametrize(
    ("changed", "error", "why"),
    [
        ({"view": "nganh.khac"}, BadAnswer, "there is no view nganh.khac"),
        ({"moment": "khac"}, BadAnswer, "no column 'khac'"),
        ({"key": "khac"}, BadAnswer, "no column 'khac'"),
        ({"user": "nobody", "secret": "secret-word"}, SourceRefused, "check address, account"),
        ({"url": "postgresql://127.0.0.1:9/x"}, SourceUnavailable, "cannot be reached"),
    ],
    ids=["no view", "no moment", "no key", "no account", "no server"],
)
def test_what_is_wrong_is_told_by_what_to_do(made: Made, db: Database, changed: dict[str, str], error: type[Exception], why: str) -> None:
    own = {name: changed.pop(name) for name in ("view", "moment", "key") if name in changed}
    endpoint = Endpoint("nganh", changed.get("url", db.url), changed.get("user", ""), changed.get("secret", ""))
    source = made(endpoint=endpoint, **own)
    with pytest.raises(error, match=why) as caught:
        list(source.pages(SINCE, UNTIL))
    assert "secret-word" not in str(caught.value)
    assert not list(source.check())[-1].ok


def test_a_view_without_grant_is_refused(made: Made, db: Database) -> None:
    with db.transaction() as connection:
        connection.execute("DO $$ BEGIN CREATE ROLE hub_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    source = made(endpoint=Endpoint("nganh", db.url, "hub_reader"))
    with pytest.raises((SourceRefused, BadAnswer)):
        list(source.pages(SINCE, UNTIL))


def test_the_source_cannot_write(made: Made) -> None:
    import sqlalchemy

    source = made()
    with pytest.raises(sqlalchemy.exc.SQLAlchemyError, match="read-only"), source._engine.begin() as connection:
        connection.execute(sqlalchemy.text("DELETE FROM nganh.ho_so"))
