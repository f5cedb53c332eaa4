"""Indexes built at the end of a first load: the same table, and nobody is told what is not so."""

from collections.abc import Iterator
from threading import Timer

import psycopg
import pytest

from include.store import bulk
from include.store.database import Database

pytestmark = pytest.mark.postgres
INDEXES = "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid FROM pg_index WHERE indrelid = %s::regclass ORDER BY 1"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MANY", 2)
    monkeypatch.setattr(bulk, "PATIENCE", "100ms")


@pytest.fixture
def connection(db: Database) -> Iterator[psycopg.Connection]:
    with db.session() as session:
        session.execute("CREATE TABLE golden.bulk (id int PRIMARY KEY, key text, word text)")
        session.execute("CREATE UNIQUE INDEX uq_bulk ON golden.bulk (key)")
        session.execute("CREATE INDEX ix_bulk ON golden.bulk (word) WHERE word IS NOT NULL")
    with db.transaction() as inside:
        yield inside


def names(connection: psycopg.Connection) -> list[tuple[str, str, bool]]:
    return connection.execute(INDEXES, ["golden.bulk"]).fetchall()


def fill(connection: psycopg.Connection, *rows: tuple[int, str]) -> int:
    """Fills in bulk; how many indexes there were meanwhile."""
    with bulk.filled_at_once(connection, "golden.bulk", len(rows)):
        meanwhile = len(names(connection))
        for number, key in rows:
            connection.execute("INSERT INTO golden.bulk VALUES (%s, %s, %s)", [number, key, key])
    return meanwhile


def test_a_first_load_ends_with_the_indexes_it_began_with(connection: psycopg.Connection) -> None:
    before = names(connection)
    assert fill(connection, (1, "a"), (2, "b")) == 1  # the primary key
    assert names(connection) == before


def test_a_table_with_rows_or_a_small_load_keeps_its_indexes(connection: psycopg.Connection) -> None:
    assert fill(connection, (1, "a")) == 3
    assert fill(connection, (2, "b"), (3, "c")) == 3


def test_a_repeated_key_is_refused_as_ever(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation), connection.transaction():
        fill(connection, (1, "a"), (2, "a"))
    assert [name for name, _, _ in names(connection)] == ["golden.bulk_pkey", "golden.ix_bulk", "golden.uq_bulk"]


def test_who_is_reading_is_not_pushed_aside(connection: psycopg.Connection, db: Database) -> None:
    with db.transaction() as reader:
        reader.execute("SELECT FROM golden.bulk")
        assert fill(connection, (1, "a"), (2, "b")) == 3


def test_what_others_filled_while_we_waited_is_seen(connection: psycopg.Connection, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PATIENCE", "30s")
    with db.transaction() as other:
        other.execute("INSERT INTO golden.bulk VALUES (9, 'z', 'z')")  # not to be seen before it is committed
        ending = Timer(0.3, other.commit)
        ending.start()
        assert fill(connection, (1, "a"), (2, "b")) == 3
        ending.join()


def test_a_role_that_does_not_own_the_table_fills_it_in_the_usual_way(connection: psycopg.Connection) -> None:
    connection.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON golden.bulk TO hub_writer")
    connection.execute("SET LOCAL ROLE hub_writer")
    assert fill(connection, (1, "a"), (2, "b")) == 3
