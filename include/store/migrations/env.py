"""Alembic's entry: compares `include.store.tables` with the database and runs revisions."""

import re

from alembic import context
from sqlalchemy import create_engine, text

from include.store import (  # noqa: F401  their tables join
    audit_tables,
    check_tables,
    delivery_tables,
    dossier_tables,
    indicator_tables,
    log_tables,
    once_tables,
    registry_tables,
    run_tables,
    sharing_tables,
    site_tables,
    vanishing_tables,
)
from include.store.database import SCHEMAS
from include.store.tables import metadata

LOCK = 7_172_021
MONTH = re.compile(r"access_\d{6}")


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Alembic looks only at the hub's schemas; the audit log's months are made as they come."""
    return name in SCHEMAS if kind == "schema" else not (kind == "table" and MONTH.fullmatch(name or ""))


engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
    for schema in SCHEMAS:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_schemas=True,
        include_name=ours,
        version_table_schema="hub",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
    connection.commit()
engine.dispose()
