"""What the checks found: the counts of rules, verdicts, rows put aside, warnings of rows."""

from sqlalchemy import ARRAY, BigInteger, Column, Date, Identity, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from include.store.tables import MOMENT, metadata

rule_result = Table(
    "rule_result",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("rows", Integer, nullable=False, comment="rows the rule speaks of, with or without a value"),
    Column("evaluated", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("status", Text, nullable=False, comment="passed, failed or error; an error is ours, never the agency's"),
    Column("exception", Text),
    schema="hub",
)
validation = Table(
    "validation",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("document", LargeBinary, nullable=False, comment="the Great Expectations result, canonical JSON, zstd"),
    schema="hub",
)
quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("flow", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("n", Integer, nullable=False, comment="the landed page"),
    Column("idx", Integer, nullable=False, comment="the record in it, from 0"),
    Column("source_key", Text),
    Column("row_hash", LargeBinary, nullable=False),
    Column("codes", ARRAY(Text), nullable=False),
    Column("issues", JSONB, nullable=False, comment="code, field, why, proposal; never a personal value"),
    Column("state", Text, nullable=False, server_default=text("'open'"), comment="open, assigned, waived; closed: fixed, superseded, replayed"),
    Column("at", MOMENT, nullable=False),
    Column("verify_by", Date, comment="five working days"),
    Column("fix_by", Date, comment="five more"),
    Column("assignee", Text),
    Column("waived_until", Date),
    Column("closed_at", MOMENT),
    Column("closed_run", Text),
    UniqueConstraint("flow", "run", "n", "idx"),
    schema="hub",
)
Index("ix_quarantine_open_hash", quarantine.c.flow, quarantine.c.row_hash, postgresql_where=quarantine.c.closed_at.is_(None))
Index("ix_quarantine_open_key", quarantine.c.flow, quarantine.c.source_key, postgresql_where=quarantine.c.closed_at.is_(None))
Index(
    "ix_quarantine_open_due",
    quarantine.c.flow,
    quarantine.c.fix_by,
    postgresql_where=quarantine.c.closed_at.is_(None),
    postgresql_include=["waived_until", "codes"],
)
Index("ix_quarantine_came", quarantine.c.at, postgresql_include=["flow", "codes"])
Index("ix_quarantine_went", quarantine.c.closed_at, postgresql_where=quarantine.c.closed_at.isnot(None), postgresql_include=["flow"])
Index("ix_quarantine_key", quarantine.c.source_key)
warning = Table(
    "warning",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("idx", Integer, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("why", Text, nullable=False),
    schema="hub",
)
