"""A real PostgreSQL for every test that asks: the embedded server once per session, a database of its own per test, copied from a template.

It does not wait for the disk, which no test can see and which is most of what making and dropping databases costs; ``durable_server`` does.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from include.clock import HANOI
from include.garbage import settle
from include.hub import Hub
from include.settings import Settings
from include.store import embedded
from include.store.database import Database
from include.store.embedded import plain
from include.store.migrating import migrate
from include.store.objects import Objects

settings.register_profile("hub", deadline=None)  # a busy machine fails no test
settings.load_profile("hub")

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=HANOI)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of few long tests first, so that no worker is left with one of them while the others are done."""
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in ("scenario", "airflow", "browser")))


def pytest_collection_finish() -> None:
    """What is imported by now stays, so the collector need not walk it again and again: that is a tenth of the suite."""
    settle()


@contextmanager
def postgresql(fsync: str) -> Iterator[str]:
    """The URL of a PostgreSQL whose database ``template_hub`` is migrated."""
    folder = Path(tempfile.mkdtemp(prefix="hubpg"))
    folder.chmod(0o755)
    url = plain(embedded.start(folder / "pgdata", "template_hub"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET fsync = {fsync}")  # type: ignore[arg-type]
        connection.execute("SELECT pg_reload_conf()")
    migrate(Database(url))
    yield url
    embedded.stop(folder / "pgdata")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The server of nearly all tests."""
    with postgresql("off") as url:
        yield url


@pytest.fixture(scope="session")
def durable_server() -> Iterator[str]:
    """One that keeps what it acknowledges: the sharing service works on no other."""
    with postgresql("on") as url:
        yield url


@contextmanager
def fresh_database(server: str, template: str = "template_hub") -> Iterator[Database]:
    """An empty, migrated database, or a copy of another one; gone afterwards."""
    name = f"t{uuid.uuid4().hex[:12]}"
    admin = server.replace("/template_hub?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")  # type: ignore[arg-type]
    yield Database(server.replace("/template_hub?", f"/{name}?"))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.fixture
def db(server: str) -> Iterator[Database]:
    """An empty, migrated database."""
    with fresh_database(server) as made:
        yield made


@pytest.fixture
def hub(db: Database, tmp_path: Path) -> Hub:
    """A hub on that database, with files of its own and the clock at 9 in the morning of 23 November 2026."""
    return hub_on(db, tmp_path)


def hub_on(db: Database, folder: Path) -> Hub:
    """A hub on ``db`` whose systems are nowhere."""
    nowhere = {f"HUB_{system}_URL": "http://127.0.0.1:9" for system in ("LGSP", "BHXH", "MOTCUA", "DVCQG")}
    settings = Settings({"HUB_HOME": str(folder), "HUB_DATABASE_URL": db.url, **nowhere})
    return Hub(db, Objects(settings.objects_url), settings, lambda: NOW)
