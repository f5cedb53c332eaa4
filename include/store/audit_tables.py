"""The tables auditors read: acts of people, findings, daily scores, profiles of runs."""

from sqlalchemy import JSON, BigInteger, Column, Date, Double, Identity, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from include.store.tables import MOMENT, metadata

act = Table(
    "act",
    metadata,
    Column("seq", BigInteger, Identity(), primary_key=True),
    Column("at", MOMENT, nullable=False),
    Column("who", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="assign, waive, reopen, reveal, search, triage, sign, export"),
    Column("subject", Text, nullable=False, comment="what it is about: quarantine/17, run/births/r1, finding/5, month/2026-11"),
    Column("document", JSON, nullable=False, comment="all of it, canonical JSON, kept to the letter"),
    schema="hub",
    comment="Append-only: what people decided and looked at",
)
Index("ix_act_subject", act.c.subject, act.c.seq)
finding = Table(
    "finding",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("flow", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="fabrication, drift, reception, gate"),
    Column("code", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("value", Double, nullable=False, comment="what was measured"),
    Column("expected", Double, comment="what would have been usual"),
    Column("detail", JSONB, nullable=False, comment="never a personal value"),
    Column("state", Text, nullable=False, server_default=text("'new'"), comment="new, seen, normal, incident"),
    Column("at", MOMENT, nullable=False),
    UniqueConstraint("flow", "run", "code", "field", "agency"),
    schema="hub",
)
Index("ix_finding_new", text("(state = 'new')"), finding.c.id)
score_day = Table(
    "score_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("flow", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("field", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("criterion", Text, nullable=False),
    Column("evaluated", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    schema="hub",
    comment="What each rule evaluated and failed, summed by day; pages and scores read nothing finer",
)
Index("ix_score_day_flow", score_day.c.flow, score_day.c.day)
profile = Table(
    "profile",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column(
        "document", JSONB, nullable=False, comment="of a sample of the batch: per field and agency the share of the commonest value, and the like"
    ),
    schema="hub",
)
APPEND_ONLY = ("act",)
