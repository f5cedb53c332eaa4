"""Connections to the hub's PostgreSQL, and its migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import TupleRow

from include.settings import ROOT, Settings
from include.store.embedded import plain
from include.store.transactions import count_on

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = ROOT / "include" / "store" / "migrations"
SCHEMAS = ("hub", "staging", "golden")
Connection = psycopg.Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class Database:
    """Where the hub's tables are. ``url`` is what libpq understands."""

    url: str

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose work commits at the end, or not at all."""
        with unquoted(), psycopg.connect(self.url, options="-c timezone=Asia/Ho_Chi_Minh") as connection:
            yield connection

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """A connection that commits each statement; for advisory locks and several transactions in a row."""
        with unquoted(), psycopg.connect(self.url, autocommit=True, options="-c timezone=Asia/Ho_Chi_Minh") as connection:
            yield connection

    def rows(self, query: str, *parameters: Any) -> list[TupleRow]:
        """The rows of one query. ``query`` is the hub's own text, never input."""
        with self.session() as connection:
            return connection.execute(query, parameters).fetchall()

    @property
    def sqlalchemy_url(self) -> str:
        """The same for SQLAlchemy."""
        return self.url.replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def unquoted() -> Iterator[None]:
    """Takes the rows out of what PostgreSQL says of an error: its details quote them, and errors end in logs."""
    try:
        yield
    except Exception as error:
        each: BaseException | None = error
        while each is not None:
            if isinstance(each, psycopg.Error) and each.sqlstate:
                each.args = (without_values(each),)
            each = each.__cause__ or each.__context__
        raise


def without_values(error: psycopg.Error) -> str:
    """The error without details and context; of a value that is no date or number (class 22) not even the message."""
    said, kind = error.diag, f"{type(error).__name__} ({error.sqlstate})"
    names = [name for name in (said.schema_name, said.table_name, said.column_name, said.constraint_name) if name]
    message = "" if (error.sqlstate or "").startswith("22") else said.message_primary
    return ", ".join([kind, *([message] if message else []), *([".".join(names)] if names else [])])


def database(settings: Settings) -> Database:
    """The configured database; starts the embedded server when none is configured."""
    if settings.database_url:
        return Database(plain(settings.database_url))
    from include.store import embedded

    return Database(plain(embedded.start(settings.home / "pgdata")))


def migrate(target: Database) -> None:
    """Brings the schema up to date; of a dump restored on another cluster, also the numbers of its transactions."""
    from alembic import command

    command.upgrade(migrations(target), "head")
    with target.transaction() as connection:
        count_on(connection)


def migrations(target: Database, folder: Path = MIGRATIONS) -> "Config":
    """What alembic wants to know."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(folder / "versions"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = target.sqlalchemy_url
    return config


RIGHTS = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_writer') THEN GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO hub_writer; END IF;
END $$
"""
TRIGGER = "CREATE TRIGGER change_{what} AFTER {when} ON golden.{table} REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION hub.record_{what}()"
KINDS = {"insert": "NEW TABLE AS fresh", "update": "NEW TABLE AS fresh OLD TABLE AS stale", "delete": "OLD TABLE AS stale"}


def revise(target: Database, about: str, folder: Path = MIGRATIONS) -> Path | None:
    """Writes a revision that leads from the tables of ``target``, which must be up to date, to those the code describes; None when they are the
    same. New tables get what the machine cannot see in the code: the writer's rights, and the change feed for golden records.
    """
    from alembic import command
    from alembic.operations.ops import CreateTableOp, ExecuteSQLOp, MigrationScript
    from alembic.script import Script, ScriptDirectory

    config = migrations(target, folder)
    last = ScriptDirectory.from_config(config).get_current_head() or "0000"

    def completed(_context: Any, _revision: Any, found: list[MigrationScript]) -> None:
        upgrade = found[0].upgrade_ops
        if upgrade is None or upgrade.is_empty():
            found.clear()
            return
        made = [(each.schema, each.table_name) for each in upgrade.ops if isinstance(each, CreateTableOp)]
        if made:
            upgrade.ops.append(ExecuteSQLOp(RIGHTS.format(tables=", ".join(f"{schema}.{name}" for schema, name in made))))
        for schema, name in made:
            if schema == "golden" and not name.endswith("_history"):
                upgrade.ops += [ExecuteSQLOp(TRIGGER.format(what=what, when=what.upper(), table=name, rows=rows)) for what, rows in KINDS.items()]

    written = command.revision(config, about, autogenerate=True, rev_id=f"{int(last) + 1:04d}", process_revision_directives=completed)
    return Path(written.path) if isinstance(written, Script) else None
