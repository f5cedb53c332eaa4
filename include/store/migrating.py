"""The tables follow the code: migrations are run, and the next one is written.

Alembic is imported when it is needed: most commands are not about migrations.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.settings import ROOT
from include.store.database import Database
from include.store.transactions import count_on

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = ROOT / "include" / "store" / "migrations"


def migrate(target: Database) -> None:
    """Brings the schema up to date; of a dump restored on another cluster, also the numbers of its transactions."""
    from alembic import command

    command.upgrade(migrations(target), "head")
    with target.transaction() as connection:
        count_on(connection)


def migrations(target: Database, folder: Path = MIGRATIONS) -> "Config":
    """What alembic wants to know."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(folder / "versions"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = target.sqlalchemy_url
    return config


RIGHTS = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub_writer') THEN GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO hub_writer; END IF;
END $$
"""
TRIGGER = "CREATE TRIGGER change_{what} AFTER {when} ON golden.{table} REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION hub.record_{what}()"
KINDS = {"insert": "NEW TABLE AS fresh", "update": "NEW TABLE AS fresh OLD TABLE AS stale", "delete": "OLD TABLE AS stale"}


def revise(target: Database, about: str, folder: Path = MIGRATIONS) -> Path | None:
    """Writes a revision that leads from the tables of ``target``, which must be up to date, to those the code describes; None when they are the
    same. New tables get what the machine cannot see in the code: the writer's rights, and the change feed for golden records.
    """
    from alembic import command
    from alembic.operations.ops import CreateTableOp, ExecuteSQLOp, MigrationScript
    from alembic.script import Script, ScriptDirectory

    config = migrations(target, folder)
    last = ScriptDirectory.from_config(config).get_current_head() or "0000"

    def completed(_context: Any, _revision: Any, found: list[MigrationScript]) -> None:
        upgrade = found[0].upgrade_ops
        if upgrade is None or upgrade.is_empty():
            found.clear()
            return
        made = [(each.schema, each.table_name) for each in upgrade.ops if isinstance(each, CreateTableOp)]
        if made:
            upgrade.ops.append(ExecuteSQLOp(RIGHTS.format(tables=", ".join(f"{schema}.{name}" for schema, name in made))))
        for schema, name in made:
            if schema == "golden" and not name.endswith("_history"):
                upgrade.ops += [ExecuteSQLOp(TRIGGER.format(what=what, when=what.upper(), table=name, rows=rows)) for what, rows in KINDS.items()]

    written = command.revision(config, about, autogenerate=True, rev_id=f"{int(last) + 1:04d}", process_revision_directives=completed)
    return Path(written.path) if isinstance(written, Script) else None
