"""The tables of the append-only logs: leaves, inner nodes, signed heads. See ``include.proof.log``."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger, Table, Text

from include.store.tables import MOMENT, metadata

leaf = Table(
    "log_leaf",
    metadata,
    Column("log", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, comment="from 0, without a gap"),
    Column("ref", Text, nullable=False, comment="which entry of the log's own table"),
    Column("hash", LargeBinary, nullable=False, comment="RFC 6962 leaf hash of the entry"),
    Column("at", MOMENT, nullable=False),
    schema="hub",
    comment="Append-only",
)
Index("uq_log_leaf_ref", leaf.c.log, leaf.c.ref, unique=True)
node = Table(
    "log_node",
    metadata,
    Column("log", Text, primary_key=True),
    Column("level", SmallInteger, primary_key=True, comment="8, 16, 24: the hash over 256, 65536, … leaves"),
    Column("index", BigInteger, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    schema="hub",
    comment="Append-only",
)
head = Table(
    "log_head",
    metadata,
    Column("log", Text, primary_key=True),
    Column("size", BigInteger, primary_key=True),
    Column("at", MOMENT, nullable=False),
    Column("note", Text, nullable=False, comment="the signed tree head (C2SP tlog-checkpoint)"),
    schema="hub",
    comment="Append-only",
)
APPEND_ONLY = ("report", "log_leaf", "log_node", "log_head")
"""Tables of which nothing is ever changed or deleted: a trigger refuses it, the roles have no right to it, and the log shows it."""
