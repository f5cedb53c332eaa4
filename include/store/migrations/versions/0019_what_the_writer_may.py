"""The role ``hub_writer`` may write the tables that came after it was made; what is append-only stays so."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

GRANTS = """
DO $$ DECLARE kept regclass; BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_writer') THEN RETURN; END IF;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hub, golden, staging TO hub_writer;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub, golden, staging TO hub_writer;
    FOR kept IN SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'append_only' LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM hub_writer', kept);
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Forwards."""
    op.execute(GRANTS)


def downgrade() -> None:
    """Backwards: the rights stay, nothing before this revision forbade them."""
