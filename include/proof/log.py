"""Append-only logs in PostgreSQL: entries live in tables of their own, a log holds their leaf hashes in order.

::

    with hub.db.transaction() as connection:
        connection.execute("INSERT INTO hub.report …")
        append(connection, "runs", "SELECT seq::text, convert_to(document::text, 'UTF8') FROM hub.report WHERE seq = %s", [seq], hub.clock())
    seal(hub, "runs")  # signs the head; a log that is written all the time is sealed now and then

Appending is one statement however many entries come. Inner nodes are kept once per 256 leaves: they cost a 256th of the log, and a proof
reads a few hundred hashes of millions. ``include.proof.logs`` lists the logs, ``include.proof.audit`` checks them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from include.hub import Hub
from include.proof.keys import Head, signing_key
from include.proof.merkle import Subtree, consistency_ranges, inclusion_ranges, range_hash, root
from include.settings import Settings
from include.store.database import Connection

HEIGHT = 8
"""Levels between the inner nodes that are kept."""

APPEND = """
INSERT INTO hub.log_leaf (log, seq, ref, hash, at)
SELECT %s, (SELECT coalesce(max(seq) + 1, 0) FROM hub.log_leaf WHERE log = %s) + row_number() OVER () - 1, ref, sha256('\\x00'::bytea || data), %s
FROM ({query}) AS entry (ref, data)
"""


def append(connection: Connection, log: str, query: str, parameters: Sequence[Any], at: datetime) -> range:
    """Appends the entries ``query`` gives, ``(ref text, data bytea)`` in order, inside the caller's transaction. Returns their places.

    ``ref`` names an entry in its own table, once. Appenders of one log wait for each other until they commit.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 717))", [f"log:{log}"])
    appended = connection.execute(APPEND.format(query=query), [log, log, at, *parameters]).rowcount
    size = size_of(connection, log)
    keep_nodes(connection, log, size - appended, size)
    return range(size - appended, size)


def append_bytes(connection: Connection, log: str, entries: Sequence[tuple[str, bytes]], at: datetime) -> range:
    """The same for entries at hand, as (ref, data)."""
    query = "SELECT ref, data FROM unnest(%s::text[], %s::bytea[]) WITH ORDINALITY AS given (ref, data, place) ORDER BY place"
    return append(connection, log, query, [[ref for ref, _ in entries], [data for _, data in entries]], at)


def size_of(connection: Connection, log: str) -> int:
    """How many entries the log has."""
    row = connection.execute("SELECT coalesce(max(seq) + 1, 0) FROM hub.log_leaf WHERE log = %s", [log]).fetchone()
    return int(row[0]) if row else 0


def keep_nodes(connection: Connection, log: str, old: int, new: int) -> None:
    """Keeps the inner nodes that the leaves from ``old`` to ``new`` completed."""
    level = 0
    while (first := old >> level + HEIGHT) < (last := new >> level + HEIGHT):
        with connection.cursor() as writer, connection.cursor(f"level{level}") as reader:
            reader.execute(*hashes(log, level, first << HEIGHT, last << HEIGHT))
            made = []
            while block := reader.fetchmany(1 << HEIGHT):
                made.append(root([row[0] for row in block]))
            level += HEIGHT
            with writer.copy("COPY hub.log_node (log, level, index, hash) FROM STDIN") as copy:
                for index, node in enumerate(made, first):
                    copy.write_row((log, level, index, node))


def hashes(log: str, level: int, lo: int, hi: int) -> tuple[str, list[Any]]:
    """The query for the kept hashes of a level, in order."""
    if level == 0:
        return "SELECT hash FROM hub.log_leaf WHERE log = %s AND seq >= %s AND seq < %s ORDER BY seq", [log, lo, hi]
    return "SELECT hash FROM hub.log_node WHERE log = %s AND level = %s AND index >= %s AND index < %s ORDER BY index", [log, level, lo, hi]


@dataclass(frozen=True, slots=True)
class Tree:
    """A log's Merkle tree as stored."""

    connection: Connection
    log: str

    def subtree(self, which: Subtree) -> bytes:
        """The hash of a perfect subtree, from the kept level below it. LookupError when leaves are missing."""
        level, index = which
        kept = level - level % HEIGHT
        width = 1 << level - kept
        found = self.connection.execute(*hashes(self.log, kept, index * width, (index + 1) * width)).fetchall()
        if len(found) != width:
            raise LookupError(f"log {self.log} lacks entries between {index << level} and {index + 1 << level}: ./hub audit verify")
        return root([row[0] for row in found])

    def root(self, size: int) -> bytes:
        """The head over the first ``size`` entries."""
        return range_hash((0, size), self.subtree)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Proof that entry ``index`` is among the first ``size``."""
        return [range_hash(span, self.subtree) for span in inclusion_ranges(index, size)]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Proof that the log of ``old`` entries is the beginning of that of ``new``."""
        return [range_hash(span, self.subtree) for span in consistency_ranges(old, new)]


def seal(hub: Hub, log: str) -> Head:
    """Signs the head of what is committed, keeps it, and writes it beside the database, where altering the database does not reach: first there,
    so that no head stands in the database alone, whenever the process ends.
    """
    key = signing_key(hub.settings)
    with hub.db.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 717))", [f"log:{log}"])
        size = size_of(connection, log)
        head = Head(log, size, Tree(connection, log).root(size), hub.clock())
        kept = connection.execute(
            "INSERT INTO hub.log_head (log, size, at, note) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", [log, size, head.at, head.signed(key)]
        ).rowcount
        if kept:
            path = heads_file(hub, log)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(head.signed(key) + "\n")
    return head


def heads_file(hub: Hub, log: str) -> Path:
    """Where the signed heads of a log are kept outside the database. Copy it elsewhere: it is what a rewritten database is found out by."""
    return heads_folder(hub.settings) / f"{log}.txt"


def heads_folder(settings: Settings) -> Path:
    """Where the files of heads are."""
    return settings.home / "heads"


def set_heads_aside(settings: Settings, at: datetime) -> Path | None:
    """Keeps the heads of a database that is emptied on purpose under the name of the moment, so that its logs begin anew; where they are then."""
    folder = heads_folder(settings)
    if not folder.exists():
        return None
    return folder.rename(folder.with_name(f"{folder.name}-until-{at:%Y%m%dT%H%M%S%f}"))
