"""What the pages count of the quarantine, they count from indexes alone: what is open and due, what came and what went in a month; the
findings nobody looked at are found without sorting all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")
CLOSED = sa.text("closed_at IS NOT NULL")


def upgrade() -> None:
    """Forwards."""
    op.drop_index("ix_quarantine_open_due", table_name="quarantine", schema="hub")
    op.create_index(
        "ix_quarantine_open_due",
        "quarantine",
        ["flow", "fix_by"],
        schema="hub",
        postgresql_where=OPEN,
        postgresql_include=["waived_until", "codes"],
    )
    op.create_index("ix_finding_new", "finding", [sa.text("(state = 'new')"), "id"], schema="hub")
    op.create_index("ix_quarantine_came", "quarantine", ["at"], schema="hub", postgresql_include=["flow", "codes"])
    op.create_index("ix_quarantine_went", "quarantine", ["closed_at"], schema="hub", postgresql_where=CLOSED, postgresql_include=["flow"])


def downgrade() -> None:
    """Backwards."""
    op.drop_index("ix_finding_new", table_name="finding", schema="hub")
    for name in ("went", "came", "open_due"):
        op.drop_index(f"ix_quarantine_{name}", table_name="quarantine", schema="hub")
    op.create_index("ix_quarantine_open_due", "quarantine", ["flow", "fix_by"], schema="hub", postgresql_where=OPEN)
