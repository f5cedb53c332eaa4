"""What the auditors' site adds: every version of every rule that ever judged a row, and what the owners of sources were told."""

from sqlalchemy import BigInteger, Column, Date, Identity, Index, Integer, Table, Text

from include.store.check_tables import quarantine
from include.store.run_tables import run
from include.store.tables import MOMENT, metadata

rule_version = Table(
    "rule_version",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True, comment="SHA-256 of what the rule does"),
    Column("entity", Text, nullable=False),
    Column("document", Text, nullable=False, comment="what it does, canonical JSON"),
    Column("flow", Text, nullable=False),
    Column("run", Text, nullable=False, comment="the run that used it first"),
    Column("at", MOMENT, nullable=False),
    schema="hub",
    comment="Append-only",
)
notice = Table(
    "notice",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("day", Date, nullable=False),
    Column("owner", Text, nullable=False, comment="of the flows spoken of"),
    Column("channel", Text, nullable=False, comment="email, webhook"),
    Column("rows", Integer, nullable=False, comment="open rows told of"),
    Column("overdue", Integer, nullable=False),
    Column("outcome", Text, nullable=False, comment="sent, failed"),
    Column("message", Text, nullable=False, comment="why it failed"),
    Column("at", MOMENT, nullable=False),
    schema="hub",
    comment="Append-only: which owner was told when of how many rows",
)
Index("ix_notice_owner_day", notice.c.owner, notice.c.day)
Index("ix_quarantine_codes", quarantine.c.codes, postgresql_using="gin")
Index("ix_run_started", run.c.started_at)
APPEND_ONLY = ("rule_version", "notice")
