"""Audit rows are found by transaction and data subjects by audit row through B-trees.

The block ranges before them were summarised only by VACUUM: until then, sealing the log read every row written since, again for each batch.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INDEXES = (("ix_access_xid", "access", "xid"), ("ix_access_subject_access", "access_subject", "access"))


def made(method: str) -> None:
    """Both indexes anew."""
    for name, table, column in INDEXES:
        op.execute(f"DROP INDEX hub.{name}")
        op.execute(f"CREATE INDEX {name} ON hub.{table} USING {method} ({column})")


def upgrade() -> None:
    """Forwards."""
    made("btree")


def downgrade() -> None:
    """Backwards."""
    made("brin")
