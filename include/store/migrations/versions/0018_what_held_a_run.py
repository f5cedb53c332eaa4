"""What closed the gate is a finding too."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE, NOW = "fabrication, drift, reception", "fabrication, drift, reception, gate"


def upgrade() -> None:
    """Forwards."""
    op.alter_column("finding", "kind", existing_type=sa.Text(), existing_nullable=False, comment=NOW, existing_comment=BEFORE, schema="hub")


def downgrade() -> None:
    """Backwards."""
    op.alter_column("finding", "kind", existing_type=sa.Text(), existing_nullable=False, comment=BEFORE, existing_comment=NOW, schema="hub")
