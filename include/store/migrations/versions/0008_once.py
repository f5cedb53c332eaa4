"""Once-only: evidence, what was handed in again, files of papers; changes of the two registers the feed did not tell of."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE hub.requirement_version (fingerprint text CONSTRAINT pk_requirement_version PRIMARY KEY, document jsonb NOT NULL,
    at timestamptz NOT NULL);
COMMENT ON TABLE hub.requirement_version IS 'Append-only';
COMMENT ON COLUMN hub.requirement_version.fingerprint IS 'SHA-256 of what the catalogue of requirements says';
COMMENT ON COLUMN hub.requirement_version.document IS 'the catalogue, whole';
COMMENT ON COLUMN hub.requirement_version.at IS 'when it was used first';
CREATE TABLE hub.evidence (id uuid CONSTRAINT pk_evidence PRIMARY KEY, request uuid NOT NULL, at timestamptz NOT NULL, procedure text NOT NULL,
    component text NOT NULL, outcome text NOT NULL, what text[] NOT NULL, records jsonb NOT NULL, asker text NOT NULL, agency text NOT NULL,
    dossier text, key int NOT NULL, subject bytea NOT NULL, catalogue text NOT NULL);
COMMENT ON TABLE hub.evidence IS 'Append-only: what need not be asked, and why';
COMMENT ON COLUMN hub.evidence.request IS 'the question it is part of the answer to';
COMMENT ON COLUMN hub.evidence.outcome IS 'paper, fact, confirm, ask';
COMMENT ON COLUMN hub.evidence.what IS 'the list of items that was whole; empty when none was';
COMMENT ON COLUMN hub.evidence.records IS 'entity, id, version, source, as_of of each item; never a personal value';
COMMENT ON COLUMN hub.evidence.key IS 'the month of hub.access_key';
COMMENT ON COLUMN hub.evidence.subject IS 'keyed hash of the subject''s number';
CREATE INDEX ix_evidence_dossier ON hub.evidence (dossier, at);
CREATE INDEX ix_evidence_subject ON hub.evidence (subject);
CREATE TABLE hub.handed (dossier uuid NOT NULL, n smallint NOT NULL, code text NOT NULL, procedure text NOT NULL, component text NOT NULL,
    agency text NOT NULL, desk text NOT NULL, filed_at timestamptz NOT NULL, provided text NOT NULL, identified boolean NOT NULL, what text[],
    records uuid[], since timestamptz, CONSTRAINT pk_handed PRIMARY KEY (dossier, n));
COMMENT ON TABLE hub.handed IS 'Every component handed in with a dossier, and the valid equivalent the state held at that moment';
COMMENT ON COLUMN hub.handed.n IS 'the component in the dossier, from 1';
COMMENT ON COLUMN hub.handed.code IS 'dossier code';
COMMENT ON COLUMN hub.handed.agency IS 'in charge';
COMMENT ON COLUMN hub.handed.desk IS 'received it';
COMMENT ON COLUMN hub.handed.provided IS 'new, reused, or unsaid';
COMMENT ON COLUMN hub.handed.identified IS 'whether the owner''s number is one that records are held under';
COMMENT ON COLUMN hub.handed.what IS 'what the state held at that moment; null when nothing';
COMMENT ON COLUMN hub.handed.records IS 'the golden records of it';
COMMENT ON COLUMN hub.handed.since IS 'since when';
CREATE INDEX ix_handed_filed_at ON hub.handed (filed_at);
CREATE INDEX ix_handed_again ON hub.handed (filed_at) WHERE provided = 'new' AND what IS NOT NULL;
CREATE INDEX ix_handed_code ON hub.handed (code);
CREATE TABLE hub.reuse_day (day date NOT NULL, agency text NOT NULL, desk text NOT NULL, procedure text NOT NULL, handed int NOT NULL,
    equivalent int NOT NULL, again int NOT NULL, reused int NOT NULL, unbacked int NOT NULL, unidentified int NOT NULL,
    CONSTRAINT pk_reuse_day PRIMARY KEY (day, agency, desk, procedure));
COMMENT ON TABLE hub.reuse_day IS 'hub.handed by day of filing, agency, desk and procedure';
COMMENT ON COLUMN hub.reuse_day.day IS 'of filing';
COMMENT ON COLUMN hub.reuse_day.handed IS 'components';
COMMENT ON COLUMN hub.reuse_day.equivalent IS 'of which the state held a valid equivalent';
COMMENT ON COLUMN hub.reuse_day.again IS 'of which were handed in all the same';
COMMENT ON COLUMN hub.reuse_day.reused IS 'said to be reused';
COMMENT ON COLUMN hub.reuse_day.unbacked IS 'said to be reused, and nothing the state held shows it';
COMMENT ON COLUMN hub.reuse_day.unidentified IS 'the owner''s number is missing or old';
CREATE TABLE hub.once_state (one boolean CONSTRAINT pk_once_state PRIMARY KEY, xid bigint NOT NULL, catalogue text NOT NULL, at timestamptz NOT NULL);
COMMENT ON COLUMN hub.once_state.xid IS 'changes before it are in hub.handed';
CREATE TABLE hub.paper_file (sha256 text CONSTRAINT pk_paper_file PRIMARY KEY, bytes int NOT NULL, media_type text NOT NULL,
    signatures int NOT NULL, stored_at timestamptz NOT NULL);
COMMENT ON TABLE hub.paper_file IS 'Files of papers in object storage, each once';
COMMENT ON COLUMN hub.paper_file.media_type IS 'by content';
COMMENT ON COLUMN hub.paper_file.signatures IS 'signature fields that are filled';
CREATE TABLE hub.paper_fetch (paper uuid CONSTRAINT pk_paper_fetch PRIMARY KEY, version int NOT NULL, outcome text NOT NULL, sha256 text,
    at timestamptz NOT NULL);
COMMENT ON TABLE hub.paper_fetch IS 'What came of fetching each paper''s file';
COMMENT ON COLUMN hub.paper_fetch.version IS 'of the golden paper when it was fetched';
COMMENT ON COLUMN hub.paper_fetch.outcome IS 'stored, or why not: altered, type_refused, too_large, absent';
"""

CHANGES = """
CREATE FUNCTION hub.record_{name}_{what}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hub.change (xid, entity, record, version, gone, commune_before, at)
    SELECT pg_current_xact_id()::text::bigint, '{name}', {alias}.id, {alias}.version, {gone}, NULL, now() FROM {source};
    RETURN NULL;
END $$;
CREATE TRIGGER change_{what} AFTER {event} ON golden.{name} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION hub.record_{name}_{what}()
"""
_CHANGED = "fresh JOIN stale USING (id)"
KINDS = (
    ("insert", "INSERT", "NEW TABLE AS fresh", "fresh", "fresh", "false"),
    (
        "update",
        "UPDATE",
        "NEW TABLE AS fresh OLD TABLE AS stale",
        "fresh JOIN stale USING (id) WHERE fresh.version <> stale.version",
        "fresh",
        "false",
    ),
    ("delete", "DELETE", "OLD TABLE AS stale", "stale", "stale", "true"),
)
ENTITIES = ("civil_event", "social_beneficiary")

RIGHTS = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_writer') THEN
        GRANT SELECT, INSERT ON hub.requirement_version, hub.evidence TO hub_writer;
        GRANT SELECT, INSERT, UPDATE, DELETE ON hub.handed, hub.reuse_day, hub.once_state, hub.paper_file, hub.paper_fetch TO hub_writer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_auditor') THEN
        GRANT SELECT ON hub.requirement_version, hub.evidence, hub.handed, hub.reuse_day, hub.once_state, hub.paper_file, hub.paper_fetch
            TO hub_auditor;
    END IF;
END $$
"""


def upgrade() -> None:
    """Forwards."""
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in ("requirement_version", "evidence"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.{table} FOR EACH STATEMENT EXECUTE FUNCTION hub.append_only()"
        )
    for name in ENTITIES:
        for what, event, tables, source, alias, gone in KINDS:
            op.execute(CHANGES.format(name=name, what=what, event=event, tables=tables, source=source, alias=alias, gone=gone))
    op.execute(RIGHTS)


def downgrade() -> None:
    """Backwards."""
    for name in ENTITIES:
        for what, *_ in KINDS:
            op.execute(f"DROP TRIGGER change_{what} ON golden.{name}")
            op.execute(f"DROP FUNCTION hub.record_{name}_{what}()")
    for table in ("paper_fetch", "paper_file", "once_state", "reuse_day", "handed", "evidence", "requirement_version"):
        op.drop_table(table, schema="hub")
