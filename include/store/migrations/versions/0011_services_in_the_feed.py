"""Queue tickets and survey answers join the change feed, so that indicators follow them too. One function serves every table without a commune."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

RECORD = """
CREATE FUNCTION hub.record_{what}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hub.change (xid, entity, record, version, gone, at)
    SELECT pg_current_xact_id()::text::bigint, TG_TABLE_NAME, {row}.id, {row}.version, {gone}, now() FROM {source};
    RETURN NULL;
END $$
"""
KINDS = (
    ("insert", "NEW TABLE AS fresh", "fresh", "fresh", "false"),
    ("update", "NEW TABLE AS fresh OLD TABLE AS stale", "fresh", "fresh JOIN stale USING (id) WHERE fresh.version <> stale.version", "false"),
    ("delete", "OLD TABLE AS stale", "stale", "stale", "true"),
)
ENTITIES = ("queue_ticket", "survey_answer")


def upgrade() -> None:
    """Forwards."""
    for what, tables, row, source, gone in KINDS:
        op.execute(RECORD.format(what=what, row=row, source=source, gone=gone))
        for name in ENTITIES:
            op.execute(
                f"CREATE TRIGGER change_{what} AFTER {what.upper()} ON golden.{name} REFERENCING {tables}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION hub.record_{what}()"
            )
    op.create_index("ix_survey_answer_dossier_code", "survey_answer", ["dossier_code"], unique=False, schema="golden")
    op.create_index("ix_queue_ticket_taken_at", "queue_ticket", ["taken_at"], unique=False, schema="golden")
    op.create_index("ix_survey_answer_answered_at", "survey_answer", ["answered_at"], unique=False, schema="golden")


def downgrade() -> None:
    """Backwards."""
    op.drop_index("ix_survey_answer_answered_at", table_name="survey_answer", schema="golden")
    op.drop_index("ix_queue_ticket_taken_at", table_name="queue_ticket", schema="golden")
    op.drop_index("ix_survey_answer_dossier_code", table_name="survey_answer", schema="golden")
    for what, *_ in KINDS:
        for name in ENTITIES:
            op.execute(f"DROP TRIGGER change_{what} ON golden.{name}")
        op.execute(f"DROP FUNCTION hub.record_{what}()")
