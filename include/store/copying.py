"""COPY by column: whole columns become text at once, and only those that need it are escaped."""

from collections.abc import Sequence
from typing import Any

from psycopg import Cursor, adapters
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.rows import TupleRow

CHUNK = 5000
"""Rows sent at a time."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL = "\\N"


def copy_columns(cursor: Cursor[TupleRow], table: str, columns: dict[str, Sequence[Any]]) -> None:
    """Appends the rows that ``columns`` make to ``table``. Values are text, numbers, flags, bytes or None, one type to a column."""
    texts = [as_text(column) for column in columns.values()]
    size = len(texts[0])
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for first in range(0, size, CHUNK):
            rows = zip(*(text[first : first + CHUNK] for text in texts), strict=True)
            copy.write(("\n".join(map("\t".join, rows)) + "\n").encode())


def as_text(column: Sequence[Any]) -> Sequence[str]:
    """A column in the text format of COPY."""
    kinds = set(map(type, column))
    nulls = type(None) in kinds
    kinds.discard(type(None))
    if not kinds:
        return [_NULL] * len(column)
    if kinds == {str}:
        return _of_text(column, nulls=nulls)
    if kinds == {bytes}:
        return [_NULL if value is None else "\\\\x" + value.hex() for value in column]
    if kinds == {bool}:
        return [_NULL if value is None else "t" if value else "f" for value in column]
    if kinds == {int}:
        return [_NULL if value is None else str(value) for value in column]
    raise TypeError(f"a column of {', '.join(sorted(kind.__name__ for kind in kinds))}")


def _of_text(column: Sequence[str | None], *, nulls: bool) -> Sequence[str]:
    everything = "".join(filter(None, column))
    if any(sign in everything for sign in "\\\t\n\r"):
        return [_NULL if value is None else value.translate(_ESCAPES) for value in column]
    if nulls:
        return [_NULL if value is None else value for value in column]
    return column  # type: ignore[return-value]


class Digests(list[bytes]):
    """Hashes of one length, as one parameter of type ``bytea[]``."""


class _DigestsDumper(Dumper):
    format = Format.BINARY
    oid = 1001

    def dump(self, obj: Digests) -> Buffer:
        """PostgreSQL's binary array: one dimension, no null, element type bytea, then each element with its length."""
        if not obj:
            return bytes(4) + bytes(4) + (17).to_bytes(4, "big")
        head = (1).to_bytes(4, "big") + bytes(4) + (17).to_bytes(4, "big") + len(obj).to_bytes(4, "big") + (1).to_bytes(4, "big")
        length = len(obj[0]).to_bytes(4, "big")
        return head + length + length.join(obj)


adapters.register_dumper(Digests, _DigestsDumper)
