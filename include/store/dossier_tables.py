"""What the two-way sync of dossiers adds: what each side was told and said, where they contradict each other, who handed over to whom."""

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from include.store.tables import MOMENT, metadata

told = Table(
    "told",
    metadata,
    Column("target", Text, primary_key=True),
    Column("entity_id", UUID(), primary_key=True),
    Column("record", JSONB, nullable=False, comment="the last accepted payload, as the target's own mapping reads it back"),
    Column("at", MOMENT, nullable=False),
    schema="hub",
    comment="What targets that are sources too were told: its repetition is not their own word",
)
said = Table(
    "said",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("entity_id", UUID(), primary_key=True),
    Column("record", JSONB, nullable=False, comment="its own words, in canonical form, echoes left out"),
    Column("moment", MOMENT, nullable=False),
    schema="hub",
    comment="The newest row of a source that is not the most trusted one, so that the newest rows alone make the golden record",
)
conflict = Table(
    "conflict",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("dossier", UUID(), nullable=False),
    Column("code", Text, nullable=False, comment="dossier code"),
    Column("field", Text, nullable=False),
    Column("kept_flow", Text, nullable=False, comment="whose value stands"),
    Column("kept_run", Text, nullable=False),
    Column("kept_n", Integer, nullable=False, comment="the landed page that holds it"),
    Column("kept_idx", Integer, nullable=False),
    Column("kept_moment", MOMENT),
    Column("other_flow", Text, nullable=False, comment="whose value does not"),
    Column("other_run", Text, nullable=False),
    Column("other_n", Integer, nullable=False),
    Column("other_idx", Integer, nullable=False),
    Column("other_moment", MOMENT),
    Column("version", Integer, nullable=False, comment="of the golden dossier that the rule was applied to"),
    Column("rule", Text, nullable=False, comment="the rule applied, by its name in include/dossiers/conflicts.py"),
    Column("state", Text, nullable=False, server_default=text("'open'"), comment="open or settled"),
    Column("at", MOMENT, nullable=False),
    Column("settled_at", MOMENT),
    Column("settled_by", Text),
    Column("reason", Text),
    Column("taken", Text, comment="the other side's value, when a person settled for it"),
    Column("overruled", Text, comment="the value that stood until then: repeated by its side, it is not taken again"),
    UniqueConstraint("dossier", "field", "kept_flow", "other_flow", "other_run", "other_n", "other_idx", name="uq_conflict_said"),
    schema="hub",
    comment="A field of a dossier changed on two sides; values stand in the landed pages, here only those a person decided between",
)
Index("ix_conflict_open", conflict.c.at, postgresql_where=text("state = 'open'"))
Index("ix_conflict_code", conflict.c.code)
handover = Table(
    "handover",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("dossier", UUID(), nullable=False),
    Column("code", Text, nullable=False, comment="dossier code"),
    Column("event", Text, nullable=False, comment="sent, accepted or returned"),
    Column("from_agency", Text, nullable=False),
    Column("to_agency", Text, nullable=False),
    Column("moment", MOMENT, nullable=False, comment="at the source"),
    Column("version", Integer, nullable=False, comment="of the golden dossier that shows it"),
    Column("noted_at", MOMENT, nullable=False),
    UniqueConstraint("dossier", "event", "from_agency", "to_agency", "moment", name="uq_handover_event"),
    schema="hub",
    comment="Append-only: dossiers handed from one agency to another",
)
Index("ix_handover_from", handover.c.from_agency, handover.c.moment)
Index("ix_handover_to", handover.c.to_agency, handover.c.moment)
APPEND_ONLY = ("handover",)
