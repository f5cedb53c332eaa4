"""Connections to the hub's PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from include.settings import Settings
from include.store.embedded import plain

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
