"""The dossiers of a day, and those nobody has begun to handle, are found without reading all; misdirected ones are findings."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE, NOW = "fabrication, drift", "fabrication, drift, reception"


def upgrade() -> None:
    """Forwards."""
    op.create_index("ix_dossier_filed", "dossier", [sa.text("coalesce(submitted_at, received_at)")], unique=False, schema="golden")
    op.create_index("ix_dossier_unhandled", "dossier", ["id"], unique=False, schema="golden", postgresql_where=sa.text("status IN ('1', '2')"))
    op.alter_column("finding", "kind", existing_type=sa.Text(), existing_nullable=False, comment=NOW, existing_comment=BEFORE, schema="hub")


def downgrade() -> None:
    """Backwards."""
    op.alter_column("finding", "kind", existing_type=sa.Text(), existing_nullable=False, comment=BEFORE, existing_comment=NOW, schema="hub")
    op.drop_index("ix_dossier_unhandled", table_name="dossier", schema="golden")
    op.drop_index("ix_dossier_filed", table_name="dossier", schema="golden")
