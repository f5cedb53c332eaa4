"""The schema of each source in the hub's tables: what was recorded, what changed, what people accepted. The modes are told in ``quality.schema``."""

from collections.abc import Sequence
from typing import Any

from psycopg.types.json import Jsonb

from include.errors import SchemaFrozen
from include.filing import Batch
from include.flows import Flow
from include.hub import Hub
from include.runs import Run
from include.store.database import Connection
from mappings.records import Records
from quality import schema
from quality.schema import Change, Mode, Seen


def recorded(hub: Hub, flow: str) -> dict[str, Seen]:
    """The schema of a source as it was when its last run ended, with what people accepted since."""
    rows = hub.db.rows("SELECT field, records, present, types FROM hub.source_field WHERE flow = %s", flow)
    return {field: Seen(records, present, frozenset(types)) for field, records, present, types in rows}


def follow(hub: Hub, flow: Flow, run: Run, batch: Batch, wire: Records) -> None:
    """Compares a batch with the schema recorded, and does what the source's mode says. Raises SchemaFrozen, with the changes noted as findings."""
    found, mode = schema.compare(flow.dataset, wire, recorded(hub, flow.id)), schema.mode(flow.dataset.id)
    batch.fields = found.seen if mode is Mode.EVOLVE else found.unchanged()
    batch.changes = found.changes
    if mode is Mode.QUARANTINE:
        batch.issues = batch.issues + found.issues()
    elif mode is Mode.FREEZE and found.changes:
        with hub.db.transaction() as connection:
            note(connection, hub, run, batch, FROZEN)
        raise SchemaFrozen([sentence(flow, change, page_of(batch, change)) for change in found.changes])


def page_of(batch: Batch, change: Change) -> int:
    """The first landed page that shows a change."""
    return batch.rows.n[min(change.rows)]


def sentence(flow: Flow, change: Change, page: int) -> str:
    """A change with its source and page, for whoever calls the agency."""
    vi = f"{flow.dataset.vi} ({flow.id}), trang {page}: {change.vi}; chấp nhận phát hiện là bình thường rồi chạy lại"
    return f"{vi} · {flow.dataset.en}, page {page}: {change.en}; triage the finding as normal, then run again"


ADDED = "ON CONFLICT (flow, run, code, field, agency) DO UPDATE SET value = finding.value + excluded.value"
FROZEN = "ON CONFLICT DO NOTHING"
"""A batch that froze its run comes again with the run, and is not counted twice."""


def note(connection: Connection, hub: Hub, run: Run, batch: Batch, again: str = ADDED) -> None:
    """Findings of the changes, each once per run: ``value`` is the number of rows of the run that carry it, batch by batch."""
    if run.dry:
        return
    ordered = sorted(batch.changes, key=lambda change: (change.code, change.field))  # batches written side by side wait for each other in turn
    findings = [(c.code, c.field, len(c.rows), Jsonb(detail(c, page_of(batch, c)))) for c in ordered]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hub.finding (flow, run, kind, code, field, agency, value, detail, at)"
            f" VALUES (%s, %s, 'drift', %s, %s, '', %s, %s, %s) {again}",
            [(run.flow, run.run, *finding, hub.clock()) for finding in findings],
        )


def recount(connection: Connection, run: Run) -> None:
    """Before a run is refined anew: its rows are counted from nothing, while the findings and what people said of them stay."""
    query = "UPDATE hub.finding SET value = 0 WHERE flow = %s AND run = %s AND code = ANY(%s)"
    connection.execute(query, [run.flow, run.run, list(schema.FINDINGS)])


def detail(change: Change, page: int) -> dict[str, Any]:
    """Where, and from which types to which."""
    return {"page": page, "was": sorted(change.was), "now": sorted(change.now)}


def record(connection: Connection, hub: Hub, run: Run) -> None:
    """Adds what a run saw to the schema of its source. A field that none of the run had counts from nothing again; the same run adds once."""
    connection.execute(RECORD, {"flow": run.flow, "run": run.run, "at": hub.clock()})


UNION = "ARRAY(SELECT DISTINCT unnest(source_field.types || excluded.types) ORDER BY 1)"
RECORD = f"""
WITH batch AS MATERIALIZED (
    SELECT field.key AS field, (field.value->>0)::bigint AS records, (field.value->>1)::bigint AS present, field.value->2 AS types
    FROM hub.refined_batch, jsonb_each(fields) AS field WHERE flow = %(flow)s AND run = %(run)s
), typed AS (
    SELECT field, array_agg(DISTINCT type ORDER BY type) AS types FROM batch, jsonb_array_elements_text(types) AS type GROUP BY field
)
INSERT INTO hub.source_field (flow, field, records, present, types, since, run)
SELECT %(flow)s, field, sum(records), sum(present), coalesce(min(typed.types), '{{}}'), %(at)s, %(run)s
FROM batch LEFT JOIN typed USING (field) GROUP BY field
ON CONFLICT (flow, field) DO UPDATE SET
    records = CASE WHEN excluded.records > 0 AND excluded.present = 0 THEN 0 ELSE source_field.records + excluded.records END,
    present = CASE WHEN excluded.records > 0 AND excluded.present = 0 THEN 0 ELSE source_field.present + excluded.present END,
    types = {UNION}, run = excluded.run
WHERE source_field.run <> excluded.run
"""


def accept(connection: Connection, hub: Hub, number: int) -> None:
    """A change somebody called normal belongs to the schema from now on. Other findings are left alone."""
    connection.execute(ACCEPT, {"number": number, "codes": list(schema.FINDINGS), "at": hub.clock()})


ACCEPT = f"""
INSERT INTO hub.source_field (flow, field, records, present, types, since, run)
SELECT flow, field, 0, 0, ARRAY(SELECT jsonb_array_elements_text(detail->'now')), %(at)s, ''
FROM hub.finding WHERE id = %(number)s AND code = ANY(%(codes)s)
ON CONFLICT (flow, field) DO UPDATE SET
    records = CASE WHEN excluded.types = '{{}}' THEN 0 ELSE source_field.records END,
    present = CASE WHEN excluded.types = '{{}}' THEN 0 ELSE source_field.present END,
    types = {UNION}
"""
"""Accepting a dropped field brings no types: the field counts from nothing again."""


def changed(hub: Hub, run: Run) -> list[str]:
    """What the rows of a run carry that is not agreed, the commonest first: where to look when the gate has closed."""
    rows = hub.db.rows(
        "SELECT field, code FROM hub.finding WHERE flow = %s AND run = %s AND code = ANY(%s) AND state <> 'normal' AND value > 0"
        " ORDER BY value DESC, code, field LIMIT 5",
        run.flow,
        run.run,
        list(schema.FINDINGS),
    )
    return [f"{field} ({code})" for field, code in rows]


def gone(hub: Hub, flow: Flow) -> frozenset[str]:
    """The canonical fields whose source dropped a field they are taken from, as somebody accepted the last time it did."""
    rows = hub.db.rows(
        "SELECT field FROM (SELECT DISTINCT ON (field) field, state FROM hub.finding WHERE flow = %s AND code = 'field_dropped'"
        " ORDER BY field, id DESC) AS latest WHERE state = 'normal'",
        flow.id,
    )
    dropped = {field for (field,) in rows}
    return frozenset(
        one.field for one in flow.dataset.fields if any(wire == path or wire.startswith(f"{path}.") for wire in one.wires for path in dropped)
    )


def changes(hub: Hub, flow: str, run: str = "") -> list[dict[str, Any]]:
    """The changes found in a run, or in all of them, the latest first."""
    names = ("id", "run", "code", "field", "value", "detail", "state", "at")
    rows: Sequence[tuple[Any, ...]] = hub.db.rows(
        f"SELECT {', '.join(names)} FROM hub.finding WHERE flow = %s AND (%s = '' OR run = %s) AND code = ANY(%s) ORDER BY id DESC LIMIT 200",
        flow, run, run, list(schema.FINDINGS),
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in rows]
