"""Transactions are numbered on when a dump is restored on another cluster; refusals of a caller are found without reading everybody's
answers; who is paused is paused in every worker; what
a replay plays again is kept, so that it can be gone on with."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

HERE = "pg_current_xact_id()::text::bigint"
REPLACE = """DO $$ DECLARE one record; BEGIN
FOR one IN SELECT p.oid FROM pg_proc p WHERE pronamespace = 'hub'::regnamespace AND prorettype = 'trigger'::regtype
AND strpos(prosrc, '{old}') > 0 LOOP
EXECUTE replace(pg_get_functiondef(one.oid), '{old}', '{new}'); END LOOP; END $$"""


def upgrade() -> None:
    """Forwards."""
    op.execute("CREATE FUNCTION hub.transactions_before() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT 0::bigint'")
    for name, number in (("this", "pg_current_xact_id()"), ("oldest", "pg_snapshot_xmin(pg_current_snapshot())")):
        op.execute(
            f"CREATE FUNCTION hub.{name}_transaction() RETURNS bigint LANGUAGE sql STABLE"
            f" AS 'SELECT {number}::text::bigint + hub.transactions_before()'"
        )
    op.execute("ALTER TABLE hub.access ALTER xid SET DEFAULT hub.this_transaction()")
    op.execute(REPLACE.format(old=HERE, new="hub.this_transaction()"))
    op.execute("CREATE INDEX ix_access_refused ON hub.access (client, at) WHERE outcome >= 400")
    op.execute("CREATE TABLE hub.pause (agreement text CONSTRAINT pk_pause PRIMARY KEY, until timestamptz NOT NULL)")
    op.execute(
        "CREATE TABLE hub.replayed (flow text NOT NULL, run text NOT NULL, n int NOT NULL, idx int NOT NULL, origin text NOT NULL,"
        " CONSTRAINT pk_replayed PRIMARY KEY (flow, run, n, idx))"
    )
    some, every = "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE, DELETE"
    for role, rights, table in (("hub_writer", every, "pause"), ("hub_writer", every, "replayed"), ("hub_sharing", some, "pause")):
        exists = f"EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')"
        op.execute(f"DO $$ BEGIN IF {exists} THEN GRANT {rights} ON hub.{table} TO {role}; END IF; END $$")


def downgrade() -> None:
    """Backwards."""
    op.execute("DROP TABLE hub.pause, hub.replayed")
    op.execute("DROP INDEX hub.ix_access_refused")
    op.execute(REPLACE.format(old="hub.this_transaction()", new=HERE))
    op.execute(f"ALTER TABLE hub.access ALTER xid SET DEFAULT {HERE}")
    op.execute("DROP FUNCTION hub.this_transaction(), hub.oldest_transaction(), hub.transactions_before()")
