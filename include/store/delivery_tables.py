"""What goes out: changes that wait, calls made, answers, and the last word of each target on each record."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from include.store.tables import MOMENT, metadata

outbox = Table(
    "outbox",
    metadata,
    Column("target", Text, primary_key=True),
    Column("entity_id", UUID(), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("queued_run", Text, nullable=False),
    Column("queued_at", MOMENT, nullable=False),
    schema="hub",
)
delivery = Table(
    "delivery",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("target", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("entity_id", UUID(), nullable=False),
    Column("reference", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("at", MOMENT, nullable=False, comment="the intent: written before the call"),
    schema="hub",
)
Index("ix_delivery_target_run", delivery.c.target, delivery.c.run)
delivery_result = Table(
    "delivery_result",
    metadata,
    Column("id", BigInteger, ForeignKey("hub.delivery.id"), primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)
receipt = Table(
    "receipt",
    metadata,
    Column("target", Text, primary_key=True),
    Column("entity_id", UUID(), primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
    comment="The last word of each target on each record",
)
