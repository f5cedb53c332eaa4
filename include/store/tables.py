"""The tables of records: golden, history and staging tables derive from the canonical entities. Each ``*_tables`` module beside this one adds
those of its subject to ``metadata``, and alembic compares the database with all of them.

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
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
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
