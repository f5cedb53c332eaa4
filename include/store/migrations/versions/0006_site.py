"""What the auditors' site adds."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

RIGHTS = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_writer') THEN
        GRANT SELECT, INSERT ON hub.rule_version, hub.notice TO hub_writer;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub TO hub_writer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_auditor') THEN
        GRANT SELECT ON hub.rule_version, hub.notice TO hub_auditor;
    END IF;
END $$
"""


def upgrade() -> None:
    """Forwards."""
    op.create_table(
        "rule_version",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="SHA-256 of what the rule does"),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False, comment="what it does, canonical JSON"),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False, comment="the run that used it first"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rule", "fingerprint", name=op.f("pk_rule_version")),
        schema="hub",
        comment="Append-only",
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False, comment="of the flows spoken of"),
        sa.Column("channel", sa.Text(), nullable=False, comment="email, webhook"),
        sa.Column("rows", sa.Integer(), nullable=False, comment="open rows told of"),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False, comment="sent, failed"),
        sa.Column("message", sa.Text(), nullable=False, comment="why it failed"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        schema="hub",
        comment="Append-only: which owner was told when of how many rows",
    )
    op.create_index("ix_notice_owner_day", "notice", ["owner", "day"], unique=False, schema="hub")
    op.create_index("ix_quarantine_codes", "quarantine", ["codes"], unique=False, schema="hub", postgresql_using="gin")
    op.create_index("ix_run_started", "run", ["started_at"], unique=False, schema="hub")
    for table in ("rule_version", "notice"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.{table} FOR EACH STATEMENT EXECUTE FUNCTION hub.append_only()"
        )
    op.execute(RIGHTS)


def downgrade() -> None:
    """Backwards."""
    op.drop_index("ix_run_started", table_name="run", schema="hub")
    op.drop_index("ix_quarantine_codes", table_name="quarantine", schema="hub")
    op.drop_table("notice", schema="hub")
    op.drop_table("rule_version", schema="hub")
