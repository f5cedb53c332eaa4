"""What once-only adds: proofs that something need not be asked, what was handed in all the same, and the files of papers."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, Index, Integer, LargeBinary, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from include.store.tables import MOMENT, metadata

requirement_version = Table(
    "requirement_version",
    metadata,
    Column("fingerprint", Text, primary_key=True, comment="SHA-256 of what the catalogue of requirements says"),
    Column("document", JSONB, nullable=False, comment="the catalogue, whole"),
    Column("at", MOMENT, nullable=False, comment="when it was used first"),
    schema="hub",
    comment="Append-only",
)
evidence = Table(
    "evidence",
    metadata,
    Column("id", UUID(), primary_key=True),
    Column("request", UUID(), nullable=False, comment="the question it is part of the answer to"),
    Column("at", MOMENT, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("component", Text, nullable=False),
    Column("outcome", Text, nullable=False, comment="paper, fact, confirm, ask"),
    Column("what", ARRAY(Text), nullable=False, comment="the list of items that was whole; empty when none was"),
    Column("records", JSONB, nullable=False, comment="entity, id, version, source, as_of of each item; never a personal value"),
    Column("asker", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("dossier", Text),
    Column("key", Integer, nullable=False, comment="the month of hub.access_key"),
    Column("subject", LargeBinary, nullable=False, comment="keyed hash of the subject's number"),
    Column("catalogue", Text, nullable=False),
    schema="hub",
    comment="Append-only: what need not be asked, and why",
)
Index("ix_evidence_dossier", evidence.c.dossier, evidence.c.at)
Index("ix_evidence_subject", evidence.c.subject)
handed = Table(
    "handed",
    metadata,
    Column("dossier", UUID(), primary_key=True),
    Column("n", SmallInteger, primary_key=True, comment="the component in the dossier, from 1"),
    Column("code", Text, nullable=False, comment="dossier code"),
    Column("procedure", Text, nullable=False),
    Column("component", Text, nullable=False),
    Column("agency", Text, nullable=False, comment="in charge"),
    Column("desk", Text, nullable=False, comment="received it"),
    Column("filed_at", MOMENT, nullable=False),
    Column("provided", Text, nullable=False, comment="new, reused, or unsaid"),
    Column("identified", Boolean, nullable=False, comment="whether the owner's number is one that records are held under"),
    Column("what", ARRAY(Text), comment="what the state held at that moment; null when nothing"),
    Column("records", ARRAY(UUID()), comment="the golden records of it"),
    Column("since", MOMENT, comment="since when"),
    schema="hub",
    comment="Every component handed in with a dossier, and the valid equivalent the state held at that moment",
)
AGAIN = text("provided = 'new' AND what IS NOT NULL")
Index("ix_handed_filed_at", handed.c.filed_at)
Index("ix_handed_again", handed.c.filed_at, postgresql_where=AGAIN)
Index("ix_handed_code", handed.c.code)
reuse_day = Table(
    "reuse_day",
    metadata,
    Column("day", Date, primary_key=True, comment="of filing"),
    Column("agency", Text, primary_key=True),
    Column("desk", Text, primary_key=True),
    Column("procedure", Text, primary_key=True),
    Column("handed", Integer, nullable=False, comment="components"),
    Column("equivalent", Integer, nullable=False, comment="of which the state held a valid equivalent"),
    Column("again", Integer, nullable=False, comment="of which were handed in all the same"),
    Column("reused", Integer, nullable=False, comment="said to be reused"),
    Column("unbacked", Integer, nullable=False, comment="said to be reused, and nothing the state held shows it"),
    Column("unidentified", Integer, nullable=False, comment="the owner's number is missing or old"),
    schema="hub",
    comment="hub.handed by day of filing, agency, desk and procedure",
)
once_state = Table(
    "once_state",
    metadata,
    Column("one", Boolean, primary_key=True),
    Column("xid", BigInteger, nullable=False, comment="changes before it are in hub.handed"),
    Column("catalogue", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)
paper_file = Table(
    "paper_file",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("bytes", Integer, nullable=False),
    Column("media_type", Text, nullable=False, comment="by content"),
    Column("signatures", Integer, nullable=False, comment="signature fields that are filled"),
    Column("stored_at", MOMENT, nullable=False),
    schema="hub",
    comment="Files of papers in object storage, each once",
)
paper_fetch = Table(
    "paper_fetch",
    metadata,
    Column("paper", UUID(), primary_key=True),
    Column("version", Integer, nullable=False, comment="of the golden paper when it was fetched"),
    Column("outcome", Text, nullable=False, comment="stored, or why not: altered, type_refused, too_large, absent"),
    Column("sha256", Text),
    Column("at", MOMENT, nullable=False),
    schema="hub",
    comment="What came of fetching each paper's file",
)
APPEND_ONLY = ("requirement_version", "evidence")
