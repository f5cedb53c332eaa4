"""The schema of each source, recorded run by run, so that a change of it is seen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

RIGHTS = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_writer') THEN
        GRANT SELECT, INSERT, UPDATE ON hub.source_field TO hub_writer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_auditor') THEN
        GRANT SELECT ON hub.source_field TO hub_auditor;
    END IF;
END $$
"""


def upgrade() -> None:
    """Forwards."""
    op.create_table(
        "source_field",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False, comment="its path on the wire"),
        sa.Column("records", sa.BigInteger(), nullable=False, comment="records it could stand in"),
        sa.Column("present", sa.BigInteger(), nullable=False, comment="those it stood in"),
        sa.Column("types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run", sa.Text(), nullable=False, comment="the last run that had it to look at"),
        sa.PrimaryKeyConstraint("flow", "field", name=op.f("pk_source_field")),
        schema="hub",
        comment="The schema of each source, as its runs recorded it and people accepted it",
    )
    op.add_column(
        "refined_batch",
        sa.Column(
            "fields",
            postgresql.JSONB(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="the schema on the wire: records, present, types, per field",
        ),
        schema="hub",
    )
    op.execute(RIGHTS)


def downgrade() -> None:
    """Backwards."""
    op.drop_column("refined_batch", "fields", schema="hub")
    op.drop_table("source_field", schema="hub")
