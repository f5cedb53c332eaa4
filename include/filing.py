"""Filing: what refine found of a batch goes into its tables, whole, inside one transaction."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import zstandard
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from include.counts import Counts
from include.deadlines import deadlines
from include.failpoints import reached
from include.flows import Flow
from include.hub import Hub
from include.landing import Landed
from include.registry.keys import matching_keys
from include.runs import Run
from include.store.database import Connection
from include.store.tables import KEYS
from mappings.apply import Issue
from mappings.canonical import Entity, Type
from quality import suites
from quality.issues import CATALOGUE
from quality.profile import profile

WARN = "warn"


@dataclass(slots=True)
class Row:
    """One record on its way: where it stands, its bytes and their hash."""

    n: int
    idx: int
    raw: bytes
    digest: bytes


@dataclass(slots=True)
class Batch:
    """Rows refined together, and what was found of them."""

    rows: list[Row]
    columns: dict[str, list[Any]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    unchanged: int = 0
    held: int = 0
    contract: suites.Verdict | None = None
    verdict: suites.Verdict | None = None
    seconds: dict[str, float] = field(default_factory=dict)


def write(connection: Connection, hub: Hub, flow: Flow, run: Run, batch: Batch, pages: list[Landed], received: int) -> None:
    """Staged rows, quarantined rows, warnings, results and the batch's own line."""
    started = time.perf_counter()
    bad: dict[int, list[Issue]] = {}
    warnings: list[Issue] = []
    for issue in batch.issues:
        if CATALOGUE[issue.code].severity == WARN:
            warnings.append(issue)
        else:
            bad.setdefault(issue.row, []).append(issue)
    good = [index for index in range(len(batch.rows)) if index not in bad]
    with connection.cursor() as cursor:
        stage(cursor, flow.dataset.entity, run, batch, good)
        reached("refine.copied")
        quarantine(cursor, hub, run, batch, bad)
        warn(cursor, run, batch, warnings)
        for step, verdict in (("contract", batch.contract), ("mapped", batch.verdict)):
            if verdict:
                write_verdict(cursor, run, step, pages[0].n, verdict)
        write_profile(cursor, flow, run, pages[0].n, batch, good)
    counts = Counts(
        received=received,
        staged=len(good),
        unchanged=batch.unchanged,
        held=batch.held,
        quarantined=len(bad),
        warned=len({w.row for w in warnings}),
    )
    batch.seconds["write"] = time.perf_counter() - started
    connection.execute(
        "INSERT INTO hub.refined_batch (flow, run, first, last, counts, filled, seconds) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [run.flow, run.run, pages[0].n, pages[-1].n, Jsonb(counts.document()), Jsonb(filled(batch, good)), Jsonb(batch.seconds)],
    )


def filled(batch: Batch, good: Sequence[int]) -> dict[str, int]:
    """Rows with a value, per field, among those that pass."""
    return {name: sum(column[index] is not None for index in good) for name, column in batch.columns.items()}


def stage(cursor: Cursor[TupleRow], entity: Entity, run: Run, batch: Batch, good: Sequence[int]) -> None:
    """COPYs the rows that pass into the staging table of the entity."""
    names = [*entity.names, *KEYS.get(entity.name, ())]
    columns = batch.columns | matching_keys(entity, batch.columns)
    for listed in (f.name for f in entity.fields if f.type is Type.LIST):
        columns[listed] = [None if value is None else msgspec.json.encode(value).decode() for value in columns[listed]]
    values = [columns[name] for name in names]
    head = "flow, run, n, idx, source_key, moment, row_hash"
    with cursor.copy(f"COPY staging.{entity.name} ({head}, {', '.join(names)}) FROM STDIN") as copy:
        for index in good:
            row = batch.rows[index]
            key, moment = columns["source_key"][index], columns["source_moment"][index]
            copy.write_row((run.flow, run.run, row.n, row.idx, key, moment, row.digest, *[column[index] for column in values]))


def quarantine(cursor: Cursor[TupleRow], hub: Hub, run: Run, batch: Batch, bad: dict[int, list[Issue]]) -> None:
    """Puts rows aside, each with all its reasons and a pointer to its bytes. An older row of the same record is superseded."""
    at = hub.clock()
    verify_by, fix_by = deadlines(at.date())
    head = "flow, run, n, idx, source_key, row_hash, codes, issues, at, verify_by, fix_by"
    with cursor.copy(f"COPY hub.quarantine ({head}) FROM STDIN") as copy:
        for index, issues in bad.items():
            row = batch.rows[index]
            codes = list(dict.fromkeys(issue.code for issue in issues))
            told = [{"code": i.code, "field": i.field, "why": i.why} | ({"proposal": i.proposal} if i.proposal else {}) for i in issues]
            key = batch.columns["source_key"][index]
            copy.write_row((run.flow, run.run, row.n, row.idx, key, row.digest, codes, Jsonb(told), at, verify_by, fix_by))
    if not run.dry:
        supersede(cursor, run, [batch.columns["source_key"][index] for index in bad], at)


def supersede(cursor: Cursor[TupleRow], run: Run, keys: Sequence[str | None], at: Any) -> None:
    """Closes open rows of earlier runs whose record has come again."""
    cursor.execute(
        "UPDATE hub.quarantine SET state = 'superseded', closed_at = %s, closed_run = %s"
        " WHERE flow = %s AND run <> %s AND closed_at IS NULL AND source_key = ANY(%s)",
        [at, run.run, run.flow, run.run, [key for key in keys if key]],
    )


def warn(cursor: Cursor[TupleRow], run: Run, batch: Batch, warnings: Sequence[Issue]) -> None:
    """Keeps the warnings of rows."""
    if not warnings:
        return
    with cursor.copy("COPY hub.warning (flow, run, n, idx, code, field, why) FROM STDIN") as copy:
        for issue in warnings:
            row = batch.rows[issue.row]
            copy.write_row((run.flow, run.run, row.n, row.idx, issue.code, issue.field, issue.why))


def write_profile(cursor: Cursor[TupleRow], flow: Flow, run: Run, first: int, batch: Batch, good: Sequence[int]) -> None:
    """What a sample of the rows that pass looks like, for the search for what is made up or has drifted."""
    found = profile(flow.dataset.entity, batch.columns, good, flow.dataset.agency)
    cursor.execute(
        "INSERT INTO hub.profile (flow, run, first, document) VALUES (%s, %s, %s, %s)",
        [run.flow, run.run, first, Jsonb(found)],
    )


def write_verdict(cursor: Cursor[TupleRow], run: Run, step: str, first: int, verdict: suites.Verdict) -> None:
    """The rows of ``hub.rule_result`` and ``hub.validation`` of one verdict."""
    cursor.executemany(
        "INSERT INTO hub.rule_result (flow, run, step, first, rule, code, severity, evaluated, failed, status, exception)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [(run.flow, run.run, step, first, r.rule_id, r.code, r.severity, r.evaluated, r.failed, r.status, r.exception) for r in verdict.results],
    )
    cursor.execute(
        "INSERT INTO hub.validation (flow, run, step, first, sha256, document) VALUES (%s, %s, %s, %s, %s, %s)",
        [run.flow, run.run, step, first, hashlib.sha256(verdict.document).hexdigest(), zstandard.compress(verdict.document, 3)],
    )
