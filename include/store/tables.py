"""Every table of the hub. Golden, history and staging tables derive from the canonical entities; alembic compares the database with this.

Schemas: ``hub`` is the ledger (runs, pages, quarantine, deliveries), ``staging`` holds rows between refine and merge (unlogged: a crash
empties it and refine fills it again), ``golden`` holds the records.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB, UUID
from sqlalchemy.types import TypeEngine

from mappings.canonical import ENTITIES, Entity, Type

CONVENTION = {"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
metadata = MetaData(naming_convention=CONVENTION)

MOMENT = DateTime(timezone=True)
SQL_TYPES: dict[Type, TypeEngine[Any]] = {
    Type.TEXT: Text(),
    Type.DATE: Date(),
    Type.PARTIAL_DATE: Text(),
    Type.MOMENT: MOMENT,
    Type.INTEGER: BigInteger(),
    Type.FLAG: Boolean(),
    Type.LIST: JSONB(),
}
KEYS: dict[str, tuple[str, ...]] = {"person": ("name_key", "given_key")}
"""Computed columns that matching needs beside the canonical fields; ``registry.keys`` fills them."""


def values(entity: Entity) -> list[Column[Any]]:
    """One column per canonical field, then the matching keys."""
    columns = [Column(field.name, SQL_TYPES[field.type], comment=field.vi) for field in entity.fields]
    return columns + [Column(key, Text()) for key in KEYS.get(entity.name, ())]


def golden(entity: Entity) -> Table:
    """The golden record: the values, which source each came from, and the version."""
    table = Table(
        entity.name,
        metadata,
        Column("id", UUID(), primary_key=True),
        *values(entity),
        Column("provenance", ARRAY(SmallInteger), nullable=False, comment="hub.source of each field, in entity order; 0 when empty"),
        Column("latest_moment", MOMENT, comment="source moment of the fields that follow the latest source"),
        Column("version", Integer, nullable=False),
        Column("updated_at", MOMENT, nullable=False),
        Column("updated_run", Text, nullable=False),
        schema="golden",
        comment=entity.vi,
    )
    Index(f"uq_{entity.name}_{entity.key}", table.c[entity.key], unique=True)
    for name in entity.aliases:
        if name != entity.key:
            Index(f"ix_{entity.name}_{name}", table.c[name], postgresql_where=table.c[name].isnot(None))
    return table


def history(entity: Entity) -> Table:
    """Superseded versions; the current one is the golden row."""
    return Table(
        f"{entity.name}_history",
        metadata,
        Column("id", UUID(), primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("record", JSONB, nullable=False),
        Column("provenance", ARRAY(SmallInteger), nullable=False),
        Column("valid_from", MOMENT, nullable=False),
        Column("valid_to", MOMENT, nullable=False),
        Column("run", Text, nullable=False, comment="the run that superseded it"),
        schema="golden",
    )


def staging(entity: Entity) -> Table:
    """Mapped and checked rows of a run, waiting for the merge."""
    return Table(
        entity.name,
        metadata,
        Column("flow", Text, nullable=False),
        Column("run", Text, nullable=False),
        Column("n", Integer, nullable=False),
        Column("idx", Integer, nullable=False),
        Column("source_key", Text, nullable=False),
        Column("moment", MOMENT),
        Column("row_hash", LargeBinary, nullable=False),
        *values(entity),
        schema="staging",
        prefixes=["UNLOGGED"],
    )


GOLDEN = {entity.name: golden(entity) for entity in ENTITIES}
HISTORY = {entity.name: history(entity) for entity in ENTITIES}
STAGING = {entity.name: staging(entity) for entity in ENTITIES}

person = GOLDEN["person"]
Index("ix_person_name_birth", person.c.name_key, person.c.birth_date)
Index("ix_person_phone", person.c.phone, postgresql_where=person.c.phone.isnot(None))
Index("ix_dossier_applicant", GOLDEN["dossier"].c.applicant_number)
Index("ix_dossier_filed", func.coalesce(GOLDEN["dossier"].c.submitted_at, GOLDEN["dossier"].c.received_at))
Index("ix_dossier_unhandled", GOLDEN["dossier"].c.id, postgresql_where=text("status IN ('1', '2')"))
Index("ix_land_certificate_parcels", GOLDEN["land_certificate"].c.parcels, postgresql_using="gin", postgresql_ops={"parcels": "jsonb_path_ops"})
Index("ix_enterprise_representative", GOLDEN["enterprise"].c.representative_number)
for _owned, _number in (
    ("civil_event", "person_number"),
    ("civil_event", "other_number"),
    ("insurance_participation", "personal_number"),
    ("social_beneficiary", "personal_number"),
    ("land_certificate", "owner_number"),
    ("land_certificate", "co_owner_number"),
    ("paper", "owner_number"),
    ("paper", "dossier_code"),
):
    Index(f"ix_{_owned}_{_number}", GOLDEN[_owned].c[_number])


source = Table(
    "source",
    metadata,
    Column("id", SmallInteger, primary_key=True),
    Column("flow", Text, nullable=False, unique=True),
    Column("system", Text, nullable=False),
    Column("entity", Text, nullable=False),
    schema="hub",
    comment="What provenance numbers mean",
)
flow_state = Table(
    "flow_state",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("cursor", JSONB, nullable=False, comment="where the next run starts; moves with the rows, in one transaction"),
    Column("run", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)
run = Table(
    "run",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("whole", Boolean, nullable=False),
    Column("dry", Boolean, nullable=False, comment="tried out: nothing was kept but the report"),
    Column("cursor", JSONB, nullable=False, comment="where the run started"),
    Column("until", MOMENT, nullable=False),
    Column("state", Text, nullable=False, comment="running, held, failed, done"),
    Column("started_at", MOMENT, nullable=False),
    Column("finished_at", MOMENT),
    Column("note", JSONB, comment="why it is held or failed"),
    schema="hub",
)
step = Table(
    "step",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("counts", JSONB, nullable=False),
    Column("seconds", JSONB, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)
landed_page = Table(
    "landed_page",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("sha256", Text, nullable=False, comment="of the bytes as received"),
    Column("bytes", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("promised", Integer),
    Column("media_type", Text, nullable=False),
    Column("after", JSONB, nullable=False, comment="the cursor behind this page"),
    Column("finished", Boolean, nullable=False),
    Column("received_at", MOMENT, nullable=False),
    schema="hub",
)
refined_batch = Table(
    "refined_batch",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("filled", JSONB, nullable=False, comment="rows with a value, per field"),
    Column("seconds", JSONB, nullable=False),
    schema="hub",
)
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
Index("ix_quarantine_open_due", quarantine.c.flow, quarantine.c.fix_by, postgresql_where=quarantine.c.closed_at.is_(None))
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
report = Table(
    "report",
    metadata,
    Column("seq", BigInteger, Identity(), primary_key=True),
    Column("flow", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("document", JSON, nullable=False, comment="canonical JSON, kept to the letter"),
    Column("sha256", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)
