"""What a run had filled is counted by the stage its rows have come to: a dossier just filed has no day of return yet."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

COMMENT = "COMMENT ON COLUMN hub.refined_batch.filled IS"


def upgrade() -> None:
    """Forwards. Stages of the runs so far are not known: those of one entity without stages count on, the others are compared from the next run."""
    op.execute("UPDATE hub.refined_batch SET filled = jsonb_build_object('', jsonb_build_array(coalesce((counts ->> 'staged')::int, 0), filled))")
    op.execute(f"{COMMENT} 'by stage: rows, and rows with a value per field'")


def downgrade() -> None:
    """Backwards."""
    op.execute(
        "UPDATE hub.refined_batch b SET filled = (SELECT coalesce(jsonb_object_agg(key, n), '{}') FROM (SELECT field.key, sum(field.value::int) AS n"
        " FROM jsonb_each(b.filled) AS stage, jsonb_each(stage.value -> 1) AS field GROUP BY 1) AS one)"
    )
    op.execute(f"{COMMENT} 'rows with a value, per field'")
