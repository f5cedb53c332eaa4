"""A sector database read directly, where the agency grants a read-only view: keyset paging over (moment, key), never an offset.

``id > last`` and ``updated_at > last`` alone lose rows that share a moment; the pair does not. What commits late is caught by the flow's overlap.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
import sqlalchemy
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from connectors.errors import BadAnswer, SourceRefused, SourceUnavailable
from connectors.page import Check, Cursor, Endpoint, Page


class SqlSource:
    """The rows of ``view`` whose ``moment`` lies in the window, ``size`` a page, ordered by (moment, key). ``endpoint.url`` is an SQLAlchemy URL."""

    def __init__(self, endpoint: Endpoint, view: str, moment: str, key: str, size: int = 5000) -> None:
        self.endpoint = endpoint
        self.view, self.moment, self.key, self.size = view, moment, key, size

    @cached_property
    def _engine(self) -> sqlalchemy.Engine:
        url = sqlalchemy.make_url(self.endpoint.url)
        if self.endpoint.user:
            url = url.set(username=self.endpoint.user, password=self.endpoint.secret)
        return sqlalchemy.create_engine(url, pool_pre_ping=True, hide_parameters=True)

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
                cursor = {"since": cursor["since"], "until": until.isoformat(), "moment": _json(last[self.moment]), "key": _json(last[self.key])}
            after = {"since": until.isoformat()} if finished else cursor
            yield Page(msgspec.json.encode(rows, enc_hook=str), "application/json", len(rows), after, finished=finished)
            if finished:
                return

    def _page(self, cursor: Cursor, until: datetime) -> list[dict[str, Any]]:
        try:
            moment, key = self._table.c[self.moment], self._table.c[self.key]
            place = sqlalchemy.tuple_(moment, key) > sqlalchemy.tuple_(
                sqlalchemy.bindparam("m", cursor.get("moment"), type_=moment.type), sqlalchemy.bindparam("k", cursor.get("key"), type_=key.type)
            )
            since = sqlalchemy.bindparam("s", datetime.fromisoformat(cursor["since"]), type_=moment.type)
            end = sqlalchemy.bindparam("u", until, type_=moment.type)
            query = sqlalchemy.select(self._table).where(moment < end, place if "moment" in cursor else moment >= since)
            query = query.order_by(moment, key).limit(self.size)
            if "moment" in cursor:
                query = query.params(m=datetime.fromisoformat(cursor["moment"]))
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(query).mappings()]
        except KeyError as error:
            raise BadAnswer(f"{self.view} has no column {error}") from None
        except OperationalError as error:
            raise SourceUnavailable(f"{self.endpoint.system}: {type(error.orig).__name__}") from None
        except sqlalchemy.exc.NoSuchTableError:
            raise BadAnswer(f"there is no view {self.view}") from None
        except (DBAPIError, SQLAlchemyError) as error:
            raise SourceRefused(f"{self.endpoint.system}: {type(error).__name__}") from None

    def rows(self, body: bytes) -> Sequence[bytes]:
        """The raw JSON of each row."""
        return [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]

    def decode(self, raw: bytes) -> dict[str, Any]:
        """The row by column name."""
        record: dict[str, Any] = msgspec.json.decode(raw)
        return record

    def check(self) -> Iterator[Check]:
        """Opens the view and reads nothing of it."""
        try:
            names = list(self._table.c.keys())
        except SQLAlchemyError as error:
            yield Check("view", False, type(error).__name__, "ours or the agreement: address, account or grant")
            return
        yield Check("view", True, f"{len(names)} columns, fingerprint {hashlib.sha256(','.join(names).encode()).hexdigest()[:12]}")

    def close(self) -> None:
        """Closes pooled connections."""
        if "_engine" in self.__dict__:
            self._engine.dispose()


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
