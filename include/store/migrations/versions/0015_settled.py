"""A conflict may be settled for the other side's value."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

LANDED = "A field of a dossier changed on two sides; values stand in the landed pages, not here"
DECIDED = "A field of a dossier changed on two sides; values stand in the landed pages, here only those a person decided between"


def upgrade() -> None:
    """Forwards."""
    taken = "the other side's value, when a person settled for it"
    overruled = "the value that stood until then: repeated by its side, it is not taken again"
    op.add_column("conflict", sa.Column("taken", sa.Text(), nullable=True, comment=taken), schema="hub")
    op.add_column("conflict", sa.Column("overruled", sa.Text(), nullable=True, comment=overruled), schema="hub")
    op.create_table_comment("conflict", DECIDED, existing_comment=LANDED, schema="hub")


def downgrade() -> None:
    """Backwards."""
    op.create_table_comment("conflict", LANDED, existing_comment=DECIDED, schema="hub")
    op.drop_column("conflict", "overruled", schema="hub")
    op.drop_column("conflict", "taken", schema="hub")
