"""Which record of which source makes which golden record, and the identifiers that point to it."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from include.store.tables import MOMENT, metadata

source_record = Table(
    "source_record",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("source_key", Text, primary_key=True),
    Column("row_hash", LargeBinary, nullable=False),
    Column("moment", MOMENT),
    Column("entity_id", UUID(), nullable=False),
    Column("rule", Text, nullable=False, comment="how it was matched"),
    Column("run", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("idx", Integer, nullable=False),
    schema="hub",
    comment="The crosswalk: which record of which source makes which golden record, and in which landed page it stands",
)
Index("ix_source_record_hash", source_record.c.flow, source_record.c.row_hash)
Index("ix_source_record_entity", source_record.c.entity_id)
alias = Table(
    "alias",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("entity_id", UUID(), primary_key=True),
    Column("run", Text, nullable=False),
    schema="hub",
    comment="Identifiers that point to a record beside those it carries: older ones, and those of less trusted sources; 1:n",
)
Index("ix_alias_entity_id", alias.c.entity_id)
