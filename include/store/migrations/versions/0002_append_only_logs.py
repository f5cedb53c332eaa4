"""Append-only logs: leaves, nodes, signed heads; reports join one; roles and triggers that refuse changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("report", "log_leaf", "log_node", "log_head")

GUARD = """
CREATE FUNCTION hub.append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: nothing in it is changed or deleted', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""

ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_writer') THEN CREATE ROLE hub_writer NOLOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_auditor') THEN CREATE ROLE hub_auditor NOLOGIN; END IF;
EXCEPTION
    WHEN insufficient_privilege THEN RAISE NOTICE 'roles hub_writer and hub_auditor not made: the migrating user may not create roles';
    WHEN unique_violation OR duplicate_object THEN NULL;
END $$
"""

GRANTS = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_writer') THEN
        GRANT USAGE ON SCHEMA hub, golden, staging TO hub_writer;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hub, golden, staging TO hub_writer;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub, golden, staging TO hub_writer;
        REVOKE UPDATE, DELETE, TRUNCATE ON {tables} FROM hub_writer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_auditor') THEN
        GRANT USAGE ON SCHEMA hub TO hub_auditor;
        GRANT SELECT ON {tables} TO hub_auditor;
    END IF;
END $$
"""


def upgrade() -> None:
    """Forwards."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "log_leaf",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="from 0, without a gap"),
        sa.Column("ref", sa.Text(), nullable=False, comment="which entry of the log's own table"),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="RFC 6962 leaf hash of the entry"),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("log", "seq", name=op.f("pk_log_leaf")),
        schema="hub",
        comment="Append-only",
    )
    op.create_index("uq_log_leaf_ref", "log_leaf", ["log", "ref"], unique=True, schema="hub")
    op.create_table(
        "log_node",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False, comment="8, 16, 24: the hash over 256, 65536, … leaves"),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", "level", "index", name=op.f("pk_log_node")),
        schema="hub",
        comment="Append-only",
    )
    op.create_table(
        "log_head",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="the signed tree head (C2SP tlog-checkpoint)"),
        sa.PrimaryKeyConstraint("log", "size", name=op.f("pk_log_head")),
        schema="hub",
        comment="Append-only",
    )
    op.drop_column("report", "chained", schema="hub")
    op.alter_column(
        "report",
        "document",
        type_=postgresql.JSON(),
        existing_type=postgresql.JSONB(),
        postgresql_using="document::json",
        comment="canonical JSON, kept to the letter",
        schema="hub",
    )
    guard(TABLES)


def guard(tables: tuple[str, ...]) -> None:
    """Refuses changes of the tables by trigger and by right."""
    op.execute(GUARD)
    for table in tables:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.{table} FOR EACH STATEMENT EXECUTE FUNCTION hub.append_only()"
        )
    op.execute(ROLES)
    op.execute(GRANTS.format(tables=", ".join(f"hub.{table}" for table in tables)))


def downgrade() -> None:
    """Backwards."""
    op.add_column("report", sa.Column("chained", sa.Text(), nullable=False, server_default=""), schema="hub")
    op.alter_column("report", "document", type_=postgresql.JSONB(), postgresql_using="document::jsonb", schema="hub")
    op.execute("DROP TRIGGER append_only ON hub.report")
    for table in ("log_head", "log_node", "log_leaf"):
        op.drop_table(table, schema="hub")
    op.execute("DROP FUNCTION hub.append_only()")
