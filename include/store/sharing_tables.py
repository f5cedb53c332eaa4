"""The tables of the sharing service: who may ask for what, what was asked, and what waits to be sent.

``access`` is the audit log: one row per data subject seen, refusals too. It is partitioned by month; a request that shows many subjects at
once (export, search, change feed) has one row, and one narrow ``access_subject`` row for each of them. The subject is kept twice, both under
the month's key of ``access_key``: keyed hash (16 bytes of HMAC-SHA256) to search by, AES-GCM to read. Erasing the key makes both meaningless;
the leaf of the log stays.
"""

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, ForeignKey, Identity, Index, Integer, LargeBinary, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from include.store.tables import MOMENT, metadata


def table(name: str, *columns: Column[Any], **options: Any) -> Table:
    """A table of the ledger."""
    return Table(name, metadata, *columns, schema="hub", **options)


def text_of(name: str, **options: Any) -> Column[Any]:
    """A text that is always there."""
    return Column(name, Text, nullable=False, **options)


def moment(name: str) -> Column[Any]:
    """A moment that is always there."""
    return Column(name, MOMENT, nullable=False)


client = table(
    "client",
    text_of("id", primary_key=True),
    text_of("agency"),
    text_of("name"),
    text_of("contact"),
    Column("sandbox", Boolean, nullable=False),
    moment("created_at"),
    Column("suspended_at", MOMENT),
)
client_key = table(
    "client_key",
    Column("client", Text, ForeignKey("hub.client.id"), primary_key=True),
    text_of("kid", primary_key=True),
    Column("jwk", JSONB, nullable=False),
    Column("not_after", MOMENT),
    Column("revoked_at", MOMENT),
)
client_certificate = table(
    "client_certificate",
    text_of("thumbprint", primary_key=True),
    Column("client", Text, ForeignKey("hub.client.id"), nullable=False),
    text_of("subject"),
    moment("not_after"),
    Column("revoked_at", MOMENT),
)
client_issuer = table(
    "client_issuer",
    text_of("issuer", primary_key=True),
    text_of("subject", primary_key=True),
    Column("client", Text, ForeignKey("hub.client.id"), nullable=False),
    Column("revoked_at", MOMENT),
)
agreement = table(
    "agreement",
    text_of("id", primary_key=True),
    Column("client", Text, ForeignKey("hub.client.id"), nullable=False),
    text_of("dataset"),
)
Index("ix_agreement_client", agreement.c.client)
agreement_version = table(
    "agreement_version",
    Column("agreement", Text, ForeignKey("hub.agreement.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    text_of("state"),
    Column("terms", JSONB, nullable=False),
    moment("requested_at"),
    Column("due_on", Date, nullable=False),
    Column("decided_at", MOMENT),
    Column("reason", Text),
    Column("signed_at", MOMENT),
    Column("active_at", MOMENT),
    Column("ended_at", MOMENT),
)
sharing_epoch = table("sharing_epoch", Column("one", Boolean, primary_key=True), Column("n", BigInteger, nullable=False))

access = table(
    "access",
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", MOMENT, primary_key=True),
    Column("xid", BigInteger, nullable=False),
    Column("key", Integer, nullable=False),
    text_of("client"),
    text_of("agreement"),
    Column("version", Integer, nullable=False),
    text_of("operation"),
    text_of("dataset"),
    text_of("purpose"),
    text_of("dossier"),
    text_of("officer"),
    text_of("represented"),
    Column("subject_key", LargeBinary),
    Column("subject", LargeBinary),
    Column("many", Boolean, nullable=False),
    Column("fields", BigInteger, nullable=False),
    Column("outcome", SmallInteger, nullable=False),
    text_of("request_id"),
    text_of("via"),
    moment("visible_at"),
    postgresql_partition_by="RANGE (at)",
    comment="Append-only",
)
Index("ix_access_subject_key", access.c.subject_key)
Index("ix_access_xid", access.c.xid)
Index("ix_access_refused", access.c.client, access.c.at, postgresql_where=text("outcome >= 400"))
access_subject = table(
    "access_subject",
    Column("access", BigInteger, nullable=False),
    Column("key", Integer, nullable=False),
    Column("subject_key", LargeBinary, nullable=False),
    comment="Append-only",
)
Index("ix_access_subject_access", access_subject.c.access)
Index("ix_access_subject_subject_key", access_subject.c.subject_key)
access_key = table(
    "access_key",
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary),
    moment("made_at"),
    Column("erased_at", MOMENT),
)
access_cursor = table(
    "access_cursor", Column("one", Boolean, primary_key=True), Column("xid", BigInteger, nullable=False), Column("id", BigInteger, nullable=False)
)

nonce = table(
    "nonce", text_of("kind", primary_key=True), text_of("client", primary_key=True), text_of("value", primary_key=True), moment("expires_at")
)
idempotency = table(
    "idempotency",
    text_of("client", primary_key=True),
    text_of("key", primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("answer", JSONB, nullable=False),
    moment("at"),
)
correction = table(
    "correction",
    Column("id", BigInteger, Identity(), primary_key=True),
    moment("at"),
    text_of("agreement"),
    text_of("entity"),
    Column("record", UUID(), nullable=False),
    text_of("field"),
    text_of("proposed"),
    text_of("reason"),
    text_of("state"),
)
export_job = table(
    "export_job",
    Column("id", UUID(), primary_key=True),
    text_of("client"),
    text_of("agreement"),
    Column("version", Integer, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    text_of("purpose"),
    text_of("dossier"),
    text_of("officer"),
    text_of("request_id"),
    text_of("state"),
    Column("since", MOMENT),
    moment("requested_at"),
    Column("finished_at", MOMENT),
    Column("manifest", JSONB),
    Column("error", Text),
    text_of("via"),
    text_of("represented"),
)
change = table(
    "change",
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("xid", BigInteger, nullable=False),
    text_of("entity"),
    Column("record", UUID(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("commune_before", Text),
    moment("at"),
)
Index("ix_change_entity", change.c.entity, change.c.xid, change.c.id)
change_horizon = table("change_horizon", Column("one", Boolean, primary_key=True), Column("xid", BigInteger, nullable=False))
change_swept = table(
    "change_swept",
    Column("entity", Text, primary_key=True),
    Column("xid", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
)
feed_position = table(
    "feed_position",
    Column("agreement", Text, ForeignKey("hub.agreement.id"), primary_key=True),
    Column("xid", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    moment("at"),
)
webhook = table(
    "webhook",
    Column("id", UUID(), primary_key=True),
    Column("agreement", Text, ForeignKey("hub.agreement.id"), nullable=False),
    text_of("url"),
    Column("secret", LargeBinary, nullable=False),
    text_of("state"),
    Column("xid", BigInteger, nullable=False),
    Column("message", Text),
    Column("attempt", Integer, nullable=False),
    moment("next_at"),
    Column("last_status", Text),
    moment("created_at"),
)
pause = table("pause", text_of("agreement", primary_key=True), moment("until"))
usage_hour = table(
    "usage_hour",
    text_of("agreement", primary_key=True),
    Column("hour", MOMENT, primary_key=True),
    Column("answered", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
)
alert = table(
    "alert",
    Column("id", BigInteger, Identity(), primary_key=True),
    moment("at"),
    text_of("kind"),
    text_of("agreement"),
    Column("detail", JSONB, nullable=False),
    text_of("state"),
)
APPEND_ONLY = ("access", "access_subject")
