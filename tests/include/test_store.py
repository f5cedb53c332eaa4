"""The tables derive from the canonical entities, migrations lead to them, and landed bytes cannot change unseen."""

import re
import shutil
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from alembic import command

from include.store.database import Database
from include.store.migrating import MIGRATIONS, migrate, migrations, revise
from include.store.objects import Altered, Objects


@pytest.mark.postgres
def test_migrations_lead_to_just_the_tables_the_code_describes(db: Database) -> None:
    command.check(migrations(db))


@pytest.mark.postgres
def test_a_revision_is_written_for_what_the_code_describes_and_the_database_lacks(db: Database, tmp_path: Path) -> None:
    assert revise(db, "nothing") is None
    with db.transaction() as connection:
        connection.execute("DROP TABLE golden.survey_answer, golden.survey_answer_history, staging.survey_answer CASCADE")
    folder = Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))
    written = revise(db, "answers again", folder)
    assert written is not None
    assert re.fullmatch(r"\d{4}_answers_again\.py", written.name)
    command.upgrade(migrations(db, folder), "head")
    command.check(migrations(db, folder))
    assert db.rows("SELECT relpersistence FROM pg_class WHERE oid = 'staging.survey_answer'::regclass") == [("u",)]
    assert db.rows("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'golden.survey_answer'::regclass") == [(3,)]


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


def test_many_writers_of_one_page_all_succeed_and_leave_it_once(tmp_path: Path) -> None:
    for number in range(20):
        body, meet = b"%d" % number * 50_000, Barrier(8)

        def put(body: bytes = body, meet: Barrier = meet) -> str:
            meet.wait()
            return Objects(tmp_path.as_uri()).put(body)

        with ThreadPoolExecutor(8) as pool:
            (name,) = {each.result() for each in [pool.submit(put) for _ in range(8)]}
        assert Objects(tmp_path.as_uri()).get(name) == body
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 20


def test_a_store_that_does_not_rename_onto_a_file_keeps_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Objects("memory://pages"), Objects("memory://pages")
    memory = first._fs

    def never_onto(part: str, path: str) -> None:
        memory.pipe_file(path, memory.cat_file(part))
        raise FileExistsError(path)

    monkeypatch.setattr(type(memory), "mv", lambda _self, part, path: never_onto(part, path))
    assert second.get(first.put(b"page")) == b"page"
    assert [name for name in memory.find("/pages") if name.endswith(".part")] == []


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
