"""Subjects of other issuers' access tokens, and whose they are."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.client_issuer ( issuer TEXT NOT NULL, subject TEXT NOT NULL, client TEXT NOT NULL, revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_client_issuer PRIMARY KEY (issuer, subject),
    CONSTRAINT fk_client_issuer_client_client FOREIGN KEY(client) REFERENCES hub.client (id) );
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON hub.client_issuer FOR EACH STATEMENT EXECUTE FUNCTION hub.sharing_changed();
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_sharing') THEN GRANT SELECT ON hub.client_issuer TO hub_sharing; END IF;
END $$
"""


def upgrade() -> None:
    """Forwards."""
    op.execute(TABLES)


def downgrade() -> None:
    """Backwards."""
    op.execute("DROP TABLE hub.client_issuer")
