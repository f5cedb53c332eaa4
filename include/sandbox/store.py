"""One SQLite file per system: source rows as ready fragments in the order of their pages, and whatever was written to the system.

SQLite is opened without threads in mind: each server is one process with one event loop, and a page takes a few milliseconds.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from include.sandbox.moments import HANOI_OFFSET
from include.sandbox.province import Row
from include.sandbox.wire import DATASETS

AWAY = "removed:"
"""Before the name of the dataset a removed row was of."""

_TABLES = """
CREATE TABLE IF NOT EXISTS source (id INTEGER PRIMARY KEY, dataset TEXT, moment TEXT, key TEXT, fragment TEXT);
CREATE TABLE IF NOT EXISTS written (kind TEXT, key TEXT, body TEXT, PRIMARY KEY (kind, key));
CREATE TABLE IF NOT EXISTS request (id TEXT PRIMARY KEY, answer TEXT);
CREATE TABLE IF NOT EXISTS before (id INTEGER PRIMARY KEY, moment TEXT, key TEXT, fragment TEXT);
"""
_INDEXES = """
CREATE INDEX IF NOT EXISTS source_order ON source (dataset, moment, key, id);
CREATE INDEX IF NOT EXISTS source_key ON source (dataset, key);
"""
_FORGET = """
UPDATE source SET moment = b.moment, key = b.key, fragment = b.fragment FROM before b WHERE b.id = source.id AND b.fragment IS NOT NULL;
DELETE FROM source WHERE id IN (SELECT id FROM before WHERE fragment IS NULL);
UPDATE source SET dataset = substr(dataset, length('{away}') + 1) WHERE dataset LIKE '{away}%';
DELETE FROM before; DELETE FROM written; DELETE FROM request;
"""
_WINDOW = "dataset = ? AND moment >= ? AND moment < ?"


def file_of(state: Path, system: str) -> Path:
    """Where a system keeps its state."""
    return state / f"{system}.sqlite"


class Loader:
    """Makes a system's file. Rows are laid down in page order, so that a page is one stretch of the file."""

    def __init__(self, path: Path) -> None:
        self._sql = sqlite3.connect(path, isolation_level=None)
        self._sql.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _TABLES)
        self._sql.execute("CREATE TEMP TABLE incoming (dataset TEXT, moment TEXT, key TEXT, fragment TEXT)")
        self._sql.execute("BEGIN")
        self._waiting: list[Row] = []

    def add(self, row: Row) -> None:
        """One more row."""
        self._waiting.append(row)
        if len(self._waiting) >= 2000:
            self._flush()

    def _flush(self) -> None:
        self._sql.executemany("INSERT INTO incoming VALUES (?, ?, ?, ?)", self._waiting)
        self._waiting.clear()

    def finish(self) -> None:
        """Puts the rows in order and closes the file."""
        self._flush()
        columns = "dataset, moment, key, fragment"
        self._sql.execute(f"INSERT INTO source ({columns}) SELECT {columns} FROM incoming ORDER BY dataset, moment, key, rowid")
        self._sql.execute("COMMIT")
        self._sql.executescript(_INDEXES)
        self._sql.close()


class Place(NamedTuple):
    """Where a row stands in the order of its dataset."""

    moment: str
    key: str
    id: int


class Store:
    """One system's state."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._sql = sqlite3.connect(path, isolation_level=None)
        self._sql.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;" + _TABLES + _INDEXES)
        self._counts: dict[tuple[str, str, str], int] = {}
        self._ends: dict[tuple[str, str, str, int], Place] = {}
        self.standing_at: datetime | None = None

    def now(self) -> datetime:
        """The moment of a change made now, naive, in Hanoi; where the clock was stopped, if it was."""
        return self.standing_at or datetime.now(HANOI_OFFSET).replace(tzinfo=None, microsecond=0)

    def close(self) -> None:
        """Closes the file."""
        self._sql.close()

    def count(self, dataset: str, first: str, end: str) -> int:
        """Rows with a moment in [first, end)."""
        window = (dataset, first, end)
        if window not in self._counts:
            if len(self._counts) > 1000:
                self._counts.clear()
            self._counts[window] = self._sql.execute(f"SELECT count(*) FROM source WHERE {_WINDOW}", window).fetchone()[0]
        return self._counts[window]

    def page(self, dataset: str, first: str, end: str, offset: int, limit: int) -> list[str]:
        """Fragments of rows with a moment in [first, end), ordered by (moment, key).

        Whoever reads page after page is served from where the last page ended; SQLite would walk all the rows before the offset again.
        """
        place = self._ends.get((dataset, first, end, offset))
        query = "SELECT moment, key, id, fragment FROM source WHERE dataset = ? AND moment < ? AND (moment, key, id) > (?, ?, ?)"
        query += " ORDER BY moment, key, id LIMIT ? OFFSET ?"
        known = (place, 0) if place else (Place(first, "", 0), offset)
        rows = self._sql.execute(query, (dataset, end, *known[0], limit, known[1])).fetchall()
        if rows:
            self._remember((dataset, first, end, offset + len(rows)), Place(*rows[-1][:3]))
        return [row[3] for row in rows]

    def _remember(self, end: tuple[str, str, str, int], place: Place) -> None:
        if len(self._ends) > 1000:
            self._ends.clear()
        self._ends[end] = place

    def after(self, dataset: str, place: Place, limit: int) -> list[tuple[Place, str]]:
        """Rows behind ``place``."""
        query = "SELECT moment, key, id, fragment FROM source WHERE dataset = ? AND (moment, key, id) > (?, ?, ?) ORDER BY moment, key, id LIMIT ?"
        return [(Place(*row[:3]), row[3]) for row in self._sql.execute(query, (dataset, *place, limit))]

    def before(self, dataset: str, place: Place, back: int) -> Place | None:
        """The place ``back`` rows before ``place``."""
        query = "SELECT moment, key, id FROM source WHERE dataset = ? AND (moment, key, id) <= (?, ?, ?) ORDER BY moment DESC, key DESC, id DESC"
        row = self._sql.execute(query + " LIMIT 1 OFFSET ?", (dataset, *place, back)).fetchone()
        return Place(*row) if row else None

    def fragments(self, dataset: str, key: str) -> list[tuple[int, str]]:
        """(id, fragment) of the rows with a source key."""
        return list(self._sql.execute("SELECT id, fragment FROM source WHERE dataset = ? AND key = ? ORDER BY id", (dataset, key)))

    def replace(self, dataset: str, number: int, row: dict[str, Any]) -> None:
        """Writes a changed source row over the old one, in its new place; ``forget`` brings back what was overwritten."""
        kind = DATASETS[dataset]
        self._sql.execute("INSERT OR IGNORE INTO before SELECT id, moment, key, fragment FROM source WHERE id = ?", (number,))
        values = (kind.moment_of(row), kind.key_of(row), kind.render(row), number)
        self._sql.execute("UPDATE source SET moment = ?, key = ?, fragment = ? WHERE id = ?", values)
        self._counts.clear()
        self._ends.clear()

    def add(self, dataset: str, row: dict[str, Any]) -> None:
        """Writes a new source row; ``forget`` removes it."""
        kind = DATASETS[dataset]
        values = (dataset, kind.moment_of(row), kind.key_of(row), kind.render(row))
        number = self._sql.execute("INSERT INTO source (dataset, moment, key, fragment) VALUES (?, ?, ?, ?)", values).lastrowid
        self._sql.execute("INSERT INTO before (id) VALUES (?)", (number,))
        self._counts.clear()
        self._ends.clear()

    def remove(self, dataset: str, key: str) -> int:
        """Takes the source rows with a key away; ``forget`` brings them back."""
        taken = self._sql.execute("UPDATE source SET dataset = ? WHERE dataset = ? AND key = ?", (AWAY + dataset, dataset, key)).rowcount
        self._counts.clear()
        self._ends.clear()
        return taken

    def written(self, kind: str, key: str) -> dict[str, Any] | None:
        """What was written under a key."""
        row = self._sql.execute("SELECT body FROM written WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return json.loads(row[0]) if row else None

    def records(self, kind: str, offset: int, limit: int) -> tuple[int, list[dict[str, Any]]]:
        """How many records of a kind were written, and some of them in the order of their keys."""
        total = self._sql.execute("SELECT count(*) FROM written WHERE kind = ?", (kind,)).fetchone()[0]
        found = self._sql.execute("SELECT body FROM written WHERE kind = ? ORDER BY key LIMIT ? OFFSET ?", (kind, limit, offset))
        return total, [json.loads(row[0]) for row in found]

    def write(self, records: Iterable[tuple[str, str, dict[str, Any]]], request: tuple[str, Any] | None = None) -> None:
        """Writes (kind, key, body) records, and a request's answer, all or nothing."""
        bodies: Iterator[tuple[str, str, str]] = ((kind, key, json.dumps(body, ensure_ascii=False)) for kind, key, body in records)
        self._sql.execute("BEGIN")
        try:
            self._sql.executemany("INSERT OR REPLACE INTO written VALUES (?, ?, ?)", bodies)
            if request:
                self._sql.execute("INSERT INTO request VALUES (?, ?)", (request[0], json.dumps(request[1], ensure_ascii=False)))
        except BaseException:
            self._sql.execute("ROLLBACK")
            raise
        self._sql.execute("COMMIT")

    def answer(self, request: str) -> Any:
        """What a request was answered; None when it never came."""
        row = self._sql.execute("SELECT answer FROM request WHERE id = ?", (request,)).fetchone()
        return json.loads(row[0]) if row else None

    def forget(self) -> None:
        """Forgets what was written, and what became of source rows by it."""
        self._sql.executescript(_FORGET.format(away=AWAY))
        self._counts.clear()
        self._ends.clear()
