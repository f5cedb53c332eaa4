"""The tables derive from the canonical entities, migrations lead to them, and landed bytes cannot change unseen."""

import traceback
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from include.settings import ROOT
from include.store.database import Database, migrate
from include.store.objects import Altered, Objects


@pytest.mark.postgres
def test_migrations_lead_to_just_the_tables_the_code_describes(db: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "include" / "store" / "migrations"))
    config.attributes["url"] = db.sqlalchemy_url
    command.check(config)


@pytest.mark.postgres
def test_migrating_twice_changes_nothing(db: Database) -> None:
    migrate(db)


def test_bytes_come_back_as_they_were_stored(tmp_path: Path) -> None:
    objects = Objects(tmp_path.as_uri())
    assert objects.get(objects.put("Bắc Ninh".encode())) == "Bắc Ninh".encode()


def test_the_same_page_is_stored_once(tmp_path: Path) -> None:
    objects = Objects(tmp_path.as_uri())
    assert objects.put(b"page") == objects.put(b"page")
    assert len(list(tmp_path.rglob("*.zst"))) == 1


def test_altered_bytes_are_noticed(tmp_path: Path) -> None:
    objects = Objects(tmp_path.as_uri())
    one, other = objects.put(b"one"), objects.put(b"other")
    Path(objects.path(one)).write_bytes(Path(objects.path(other)).read_bytes())
    with pytest.raises(Altered):
        objects.get(one)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO hub.source (id, flow, system, entity) VALUES (7, %(number)s, 'x', 'person'), (8, %(number)s, 'x', 'person')",
        "INSERT INTO hub.source (id, flow, system, entity) VALUES (7, %(number)s, NULL, 'person')",
        "SELECT %(number)s::text::date",
        "SELECT (%(number)s::text || '9999')::int",
    ],
)
def test_what_postgresql_says_of_an_error_quotes_no_row(db: Database, statement: str) -> None:
    number = "024085000037"
    with pytest.raises(psycopg.Error) as raised, db.transaction() as connection:
        connection.execute(statement, {"number": number})
    assert number not in "".join(traceback.format_exception(raised.value))
    assert raised.value.sqlstate in str(raised.value)


@pytest.mark.postgres
def test_a_row_copied_in_is_not_quoted_either(db: Database) -> None:
    with pytest.raises(psycopg.Error) as raised, db.session() as connection, connection.cursor().copy("COPY hub.source (id) FROM STDIN") as copy:
        copy.write(b"024085000037\n")
    assert "024085000037" not in "".join(traceback.format_exception(raised.value))
