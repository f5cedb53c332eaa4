"""The lean row path: rule results tell the rows they speak of, one verdict a step and run, no index on staging, aliases beside the record.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ALIASES = (("person", "old_id_number"), ("person", "insurance_number"), ("land_certificate", "certificate_code"))
STAGING = (
    "administrative_unit agency civil_event dossier enterprise insurance_participation land_certificate paper person procedure social_beneficiary"
)


IDENTIFIERS = {
    "person": ("personal_number", "old_id_number", "insurance_number"),
    "enterprise": ("tax_code",),
    "land_certificate": ("serial", "certificate_code"),
    "dossier": ("code",),
    "paper": ("code",),
    "procedure": ("code",),
    "agency": ("code",),
    "administrative_unit": ("unit_key",),
    "civil_event": ("code",),
    "insurance_participation": ("code",),
    "social_beneficiary": ("file_number",),
}
_CARRIED = [
    f"SELECT '{entity}', '{name}', {name}, id FROM golden.{entity} WHERE {name} IS NOT NULL"
    for entity, names in IDENTIFIERS.items()
    for name in names
]
_PARTS = " UNION ALL ".join([*_CARRIED, "SELECT entity, kind, value, entity_id FROM hub.alias"])
IDENTIFIER_VIEW = f"CREATE VIEW hub.identifier (entity, kind, value, entity_id) AS {_PARTS}"


def upgrade() -> None:
    """Forwards."""
    op.add_column(
        "rule_result", sa.Column("rows", sa.Integer(), nullable=True, comment="rows the rule speaks of, with or without a value"), schema="hub"
    )
    op.execute("UPDATE hub.rule_result SET rows = evaluated")
    op.alter_column("rule_result", "rows", nullable=False, schema="hub")
    op.execute("DELETE FROM hub.validation v USING hub.validation w WHERE (v.flow, v.run, v.step) = (w.flow, w.run, w.step) AND v.first > w.first")
    op.drop_constraint("pk_validation", "validation", schema="hub", type_="primary")
    op.drop_column("validation", "first", schema="hub")
    op.create_primary_key("pk_validation", "validation", ["flow", "run", "step"], schema="hub")
    for entity in STAGING.split():
        op.drop_index(f"ix_staging_{entity}_run", table_name=entity, schema="staging")
    for entity, names in IDENTIFIERS.items():
        for name in names:
            same = f"a.entity = '{entity}' AND a.kind = '{name}' AND g.id = a.entity_id AND g.{name} = a.value"
            op.execute(f"DELETE FROM hub.alias a USING golden.{entity} g WHERE {same}")
    op.execute(IDENTIFIER_VIEW)
    op.execute("COMMENT ON VIEW hub.identifier IS 'Every identifier of every record: those it carries, and hub.alias'")
    for entity, name in ALIASES:
        op.create_index(f"ix_{entity}_{name}", entity, [name], schema="golden", postgresql_where=sa.text(f"{name} IS NOT NULL"))
    op.create_table_comment(
        "alias",
        "Identifiers that point to a record beside those it carries: older ones, and those of less trusted sources; 1:n",
        existing_comment="Every identifier ever seen of an entity, 1:n",
        schema="hub",
    )


def downgrade() -> None:
    """Backwards."""
    op.create_table_comment(
        "alias",
        "Every identifier ever seen of an entity, 1:n",
        existing_comment="Identifiers that point to a record beside those it carries: older ones, and those of less trusted sources; 1:n",
        schema="hub",
    )
    op.execute("DROP VIEW hub.identifier")
    for entity, name in reversed(ALIASES):
        op.drop_index(f"ix_{entity}_{name}", table_name=entity, schema="golden")
    for entity in STAGING.split():
        op.create_index(f"ix_staging_{entity}_run", entity, ["flow", "run", "n", "idx"], schema="staging")
    op.drop_constraint("pk_validation", "validation", schema="hub", type_="primary")
    op.add_column("validation", sa.Column("first", sa.Integer(), nullable=False, server_default="0"), schema="hub")
    op.create_primary_key("pk_validation", "validation", ["flow", "run", "step", "first"], schema="hub")
    op.drop_column("rule_result", "rows", schema="hub")
