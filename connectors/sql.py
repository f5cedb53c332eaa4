"""A sector database read directly, where the agency grants a read-only view: keyset paging over (moment, key), never an offset.

``id > last`` and ``updated_at > last`` alone lose rows that share a moment; the pair does not. What commits late is caught by the flow's overlap.
A moment without time zone is local time in Việt Nam, whatever the session's own zone is.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy
from sqlalchemy.exc import DBAPIError, NoSuchTableError, OperationalError, SQLAlchemyError

from connectors.errors import BadAnswer, ConnectorError, SourceRefused, SourceUnavailable
from connectors.moments import HANOI
from connectors.page import Check, Cursor, Endpoint, Page

_PASSING = ("starting up", "shutting down", "too many", "connection slots", "in recovery")
"""What a server says that turns us away now and will not later."""


class SqlSource:
    """The rows of ``view`` whose ``moment`` lies in the window, ``size`` a page, ordered by (moment, key). ``endpoint.url`` is an SQLAlchemy URL.

    Rows without a moment or a key cannot be read this way; ``check`` tells of them.
    """

    def __init__(self, endpoint: Endpoint, view: str, moment: str, key: str, size: int = 5000) -> None:
        self.endpoint = endpoint
        self.view, self.moment, self.key, self.size = view, moment, key, size

    @cached_property
    def _engine(self) -> sqlalchemy.Engine:
        url = sqlalchemy.make_url(self.endpoint.url)
        if self.endpoint.user:
            url = url.set(username=self.endpoint.user, password=self.endpoint.secret)
        engine = sqlalchemy.create_engine(url, pool_pre_ping=True, hide_parameters=True)
        return engine.execution_options(postgresql_readonly=True) if engine.dialect.name == "postgresql" else engine

    @cached_property
    def _table(self) -> sqlalchemy.Table:
        schema, _, name = self.view.rpartition(".")
        return sqlalchemy.Table(name, sqlalchemy.MetaData(), schema=schema or None, autoload_with=self._engine)

    def pages(self, cursor: Cursor, until: datetime) -> Iterator[Page]:
        """Every page of the window. The rows travel as JSON, columns by name."""
        until = datetime.fromisoformat(cursor.get("until", until.isoformat()))
        while True:
            rows = self._page(cursor, until)
            finished = len(rows) < self.size
            if not finished:
                last = rows[-1]
                cursor = {"since": cursor["since"], "until": until.isoformat(), "moment": _text(last[self.moment]), "key": _text(last[self.key])}
            after = {"since": until.isoformat()} if finished else cursor
            yield Page(msgspec.json.encode(rows, enc_hook=_plain), "application/json", len(rows), after, finished=finished)
            if finished:
                return

    def _page(self, cursor: Cursor, until: datetime) -> list[dict[str, Any]]:
        moment, key = self._columns()
        where = [moment < self._bound(moment, until)]
        if "moment" in cursor:
            place = sqlalchemy.tuple_(
                self._bound(moment, datetime.fromisoformat(cursor["moment"])), sqlalchemy.literal(_back(cursor["key"], key.type))
            )
            where.append(sqlalchemy.tuple_(moment, key) > place)
        else:
            where.append(moment >= self._bound(moment, datetime.fromisoformat(cursor["since"])))
        return self._read(sqlalchemy.select(self._table).where(*where).order_by(moment, key).limit(self.size))

    def _columns(self) -> tuple["sqlalchemy.ColumnElement[Any]", "sqlalchemy.ColumnElement[Any]"]:
        """Moment and key of the view. Raises BadAnswer when there is no such view or column."""
        try:
            return self._table.c[self.moment], self._table.c[self.key]
        except KeyError as error:
            raise BadAnswer(f"{self.view} has no column {error}") from None
        except NoSuchTableError:
            raise BadAnswer(f"there is no view {self.view}") from None
        except SQLAlchemyError as error:
            raise self._told(error) from None

    @staticmethod
    def _bound(column: "sqlalchemy.ColumnElement[Any]", moment: datetime) -> "sqlalchemy.ColumnElement[Any]":
        """A moment as the column's type has it: with zone, local without one, or a day."""
        if isinstance(column.type, sqlalchemy.DateTime) and column.type.timezone:
            return sqlalchemy.literal(moment, column.type)
        local = moment.astimezone(HANOI).replace(tzinfo=None) if moment.tzinfo else moment
        return sqlalchemy.literal(local.date() if isinstance(column.type, sqlalchemy.Date) else local, column.type)

    def _read(self, query: "sqlalchemy.Select[Any]") -> list[dict[str, Any]]:
        try:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(query).mappings()]
        except SQLAlchemyError as error:
            raise self._told(error) from None

    def _told(self, error: SQLAlchemyError) -> ConnectorError:
        """What an error of the driver means; its own words may hold values, so only its kind is told."""
        kind = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
        told = str(error.orig) if isinstance(error, DBAPIError) else ""
        if isinstance(error, OperationalError) and ("FATAL" not in told or any(sign in told for sign in _PASSING)):
            return SourceUnavailable(f"{self.endpoint.system}: {kind}: the database cannot be reached or is busy")
        return SourceRefused(f"{self.endpoint.system}: {kind}: check address, account and the grant on {self.view}")

    def rows(self, body: bytes) -> Sequence[bytes]:
        """The raw JSON of each row."""
        try:
            return [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
        except msgspec.DecodeError:
            raise BadAnswer("a page is not a JSON array") from None

    def decode(self, raw: bytes) -> dict[str, Any]:
        """The row by column name."""
        record: dict[str, Any] = msgspec.json.decode(raw)
        return record

    def check(self) -> Iterator[Check]:
        """Opens the view, then looks for rows that paging could not reach."""
        try:
            moment, key = self._columns()
            names = list(self._table.c.keys())
            yield Check("view", True, f"{len(names)} columns, fingerprint {hashlib.sha256(','.join(names).encode()).hexdigest()[:12]}")
            lost = self._read(sqlalchemy.select(moment).where(sqlalchemy.or_(moment.is_(None), key.is_(None))).limit(1))
        except ConnectorError as error:
            yield Check("view", False, str(error), "ours or the agreement: address, account or grant")
            return
        told = f"rows without {self.moment} or {self.key} cannot be read" if lost else f"every row has {self.moment} and {self.key}"
        yield Check("rows", not lost, told, "theirs: the view must give both" if lost else "")

    def close(self) -> None:
        """Closes pooled connections."""
        if "_engine" in self.__dict__:
            self._engine.dispose()


def _text(value: Any) -> Any:
    """A value as a cursor keeps it."""
    if isinstance(value, str | int) or value is None:
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _back(value: Any, kind: Any) -> Any:
    """A key out of a cursor, in its column's own type."""
    known: type = kind.python_type
    if known is UUID:
        return UUID(value)
    if known is Decimal:
        return Decimal(value)
    if issubclass(known, date):
        return known.fromisoformat(value)
    return value


def _plain(value: Any) -> Any:
    """What JSON does not know: bytes behind a view of memory, and the database's own types as text."""
    return bytes(value) if isinstance(value, memoryview) else str(value)
