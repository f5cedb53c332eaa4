"""What was swept from the change feed, by entity: a reader of enterprises misses nothing when changes of persons go. Exports keep how their asker
proved itself and for whom it asked, for the audit.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forwards. What was swept before counts for every entity."""
    op.execute("CREATE TABLE hub.change_swept (entity text CONSTRAINT pk_change_swept PRIMARY KEY, xid bigint NOT NULL, id bigint NOT NULL)")
    op.execute(
        "INSERT INTO hub.change_swept SELECT DISTINCT a.dataset, h.xid, 0 FROM hub.agreement a CROSS JOIN hub.change_horizon h WHERE h.xid > 0"
    )
    op.execute("ALTER TABLE hub.export_job ADD via text NOT NULL DEFAULT 'token', ADD represented text NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE hub.export_job ALTER via DROP DEFAULT, ALTER represented DROP DEFAULT")
    for role, rights in (("hub_writer", "SELECT, INSERT, UPDATE, DELETE"), ("hub_sharing", "SELECT")):
        exists = f"EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')"
        op.execute(f"DO $$ BEGIN IF {exists} THEN GRANT {rights} ON hub.change_swept TO {role}; END IF; END $$")


def downgrade() -> None:
    """Backwards."""
    op.execute("ALTER TABLE hub.export_job DROP via, DROP represented")
    op.execute("DROP TABLE hub.change_swept")
