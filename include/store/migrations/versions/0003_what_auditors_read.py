"""What auditors read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RIGHTS = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_writer') THEN
        GRANT SELECT, INSERT ON hub.act TO hub_writer;
        GRANT SELECT, INSERT, UPDATE, DELETE ON hub.finding, hub.profile, hub.score_day TO hub_writer;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub TO hub_writer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_auditor') THEN
        GRANT SELECT ON hub.act, hub.finding, hub.score_day TO hub_auditor;
    END IF;
END $$
"""


def upgrade() -> None:
    """Forwards."""
    op.create_table(
        "act",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="assign, waive, reopen, reveal, search, triage, sign, export"),
        sa.Column("subject", sa.Text(), nullable=False, comment="what it is about: quarantine/17, run/births/r1, finding/5, month/2026-11"),
        sa.Column("document", sa.JSON(), nullable=False, comment="all of it, canonical JSON, kept to the letter"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_act")),
        schema="hub",
        comment="Append-only: what people decided and looked at",
    )
    op.create_index("ix_act_subject", "act", ["subject", "seq"], unique=False, schema="hub")
    op.create_table(
        "finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="fabrication, drift"),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False, comment="what was measured"),
        sa.Column("expected", sa.Double(), nullable=True, comment="what would have been usual"),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="never a personal value"),
        sa.Column("state", sa.Text(), server_default=sa.text("'new'"), nullable=False, comment="new, seen, normal, incident"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("flow", "run", "code", "field", "agency", name=op.f("uq_finding_flow_run_code_field_agency")),
        schema="hub",
    )
    op.create_table(
        "profile",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column(
            "document",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="of a sample of the batch: per field and agency the share of the commonest value, and the like",
        ),
        sa.PrimaryKeyConstraint("flow", "run", "first", name=op.f("pk_profile")),
        schema="hub",
    )
    op.create_table(
        "score_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("evaluated", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "flow", "step", "rule", name=op.f("pk_score_day")),
        schema="hub",
        comment="What each rule evaluated and failed, summed by day; pages and scores read nothing finer",
    )
    op.create_index("ix_score_day_flow", "score_day", ["flow", "day"], unique=False, schema="hub")
    op.add_column("quarantine", sa.Column("verify_by", sa.Date(), nullable=True, comment="five working days"), schema="hub")
    op.add_column("quarantine", sa.Column("fix_by", sa.Date(), nullable=True, comment="five more"), schema="hub")
    op.add_column("quarantine", sa.Column("assignee", sa.Text(), nullable=True), schema="hub")
    op.add_column("quarantine", sa.Column("waived_until", sa.Date(), nullable=True), schema="hub")
    op.alter_column(
        "quarantine",
        "state",
        existing_type=sa.TEXT(),
        comment="open, assigned, waived; closed: fixed, superseded, replayed",
        existing_comment="open, replayed, superseded",
        existing_nullable=False,
        existing_server_default=sa.text("'open'::text"),
        schema="hub",
    )
    for name, column in (("hash", "row_hash"), ("key", "source_key")):
        op.drop_index(f"ix_quarantine_open_{name}", "quarantine", schema="hub")
        op.create_index(f"ix_quarantine_open_{name}", "quarantine", ["flow", column], schema="hub", postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index("ix_quarantine_key", "quarantine", ["source_key"], unique=False, schema="hub")
    op.create_index(
        "ix_quarantine_open_due", "quarantine", ["flow", "fix_by"], unique=False, schema="hub", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.execute("CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.act FOR EACH STATEMENT EXECUTE FUNCTION hub.append_only()")
    op.execute(RIGHTS)


def downgrade() -> None:
    """Backwards."""
    op.drop_index("ix_quarantine_open_due", table_name="quarantine", schema="hub", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_index("ix_quarantine_key", table_name="quarantine", schema="hub")
    op.alter_column(
        "quarantine",
        "state",
        existing_type=sa.TEXT(),
        comment="open, replayed, superseded",
        existing_comment="open, assigned, waived; closed: fixed, superseded, replayed",
        existing_nullable=False,
        existing_server_default=sa.text("'open'::text"),
        schema="hub",
    )
    op.drop_column("quarantine", "waived_until", schema="hub")
    op.drop_column("quarantine", "assignee", schema="hub")
    op.drop_column("quarantine", "fix_by", schema="hub")
    op.drop_column("quarantine", "verify_by", schema="hub")
    op.drop_index("ix_score_day_flow", table_name="score_day", schema="hub")
    op.drop_table("score_day", schema="hub")
    op.drop_table("profile", schema="hub")
    op.drop_table("finding", schema="hub")
    op.drop_index("ix_act_subject", table_name="act", schema="hub")
    op.drop_table("act", schema="hub")
