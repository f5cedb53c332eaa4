"""Records that a source no longer holds: first missed by a full read, then, when the next read does not bring them back, gone (ADR 16)."""

from sqlalchemy import BigInteger, Boolean, Column, Identity, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from include.store.tables import MOMENT, metadata

missing = Table(
    "missing",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("source_key", Text, primary_key=True),
    Column("row_hash", LargeBinary, nullable=False, comment="of the row as it was last seen"),
    Column("run", Text, nullable=False, comment="the full run that did not meet it"),
    Column("until", MOMENT, nullable=False, comment="the end of that run's window; a record changed later is met by the next run"),
    Column("held", Boolean, nullable=False, comment="too many at once: nothing is closed before a person says so"),
    schema="hub",
    comment="Records of a source that its last full read did not hold",
)
tombstone = Table(
    "tombstone",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("flow", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("entity_id", UUID(), nullable=False),
    Column("row_hash", LargeBinary, nullable=False),
    Column("moment", MOMENT),
    Column("run", Text, nullable=False, comment="with n and idx: the landed page in which it was last changed"),
    Column("n", Integer, nullable=False),
    Column("idx", Integer, nullable=False),
    Column("missed_run", Text, nullable=False),
    Column("gone_run", Text, nullable=False),
    Column("closed", Boolean, nullable=False, comment="no other source had the golden record: it is closed too, its last version in the history"),
    Column("at", MOMENT, nullable=False),
    schema="hub",
    comment="Records that are no longer at their source",
)
Index("ix_tombstone_flow_key", tombstone.c.flow, tombstone.c.source_key)
Index("ix_tombstone_entity", tombstone.c.entity_id)
