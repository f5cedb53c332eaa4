"""The tables derive from the canonical entities, migrations lead to them, and landed bytes cannot change unseen."""

from pathlib import Path

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
