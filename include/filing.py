"""Filing: what refine found of a batch goes into its tables, whole, inside one transaction."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
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
from include.store.copying import copy_columns
from include.store.database import Connection
from include.store.tables import KEYS
from mappings.apply import Issue
from mappings.canonical import Entity, Type
from quality import suites
from quality.gate import Filled
from quality.issues import CATALOGUE, Severity
from quality.profile import profile
from quality.schema import Change, Seen

WARN = "warn"


@dataclass(slots=True)
class Rows:
    """Records on their way, by column: the landed page and the place in it, the bytes as received, their hash."""

    n: list[int] = field(default_factory=list)
    idx: list[int] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    digest: list[bytes] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.n)

    def at(self, positions: Sequence[int]) -> "Rows":
        """Some of them, in the order asked for."""
        n, idx = ([column[i] for i in positions] for column in (self.n, self.idx))
        raw, digest = ([column[i] for i in positions] for column in (self.raw, self.digest))
        return Rows(n, idx, raw, digest)


@dataclass(slots=True)
class Batch:
    """Rows refined together, and what was found of them."""

    rows: Rows
    columns: dict[str, list[Any]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    unchanged: int = 0
    held: int = 0
    published: Collection[bytes] = ()
    """Hashes of rows that came as they were published."""
    contract: list[suites.RuleResult] = field(default_factory=list)
    mapped: list[suites.RuleResult] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    fields: dict[str, Seen] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    """What the source changed in its schema, and the schema to record."""


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
    good: Sequence[int] = [index for index in range(len(batch.rows)) if index not in bad] if bad else range(len(batch.rows))
    with connection.cursor() as cursor:
        stage(cursor, flow.dataset.entity, run, batch, good)
        reached("refine.copied")
        quarantine(cursor, hub, run, batch, bad)
        warn(cursor, run, batch, warnings)
        for step, results in (("contract", batch.contract), ("mapped", batch.mapped)):
            write_results(cursor, run, step, pages[0].n, results)
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
    found = [counts.document(), filled(flow.dataset.entity.stage, batch, good), batch.seconds]
    connection.execute(
        "INSERT INTO hub.refined_batch (flow, run, first, last, counts, filled, seconds, fields) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [run.flow, run.run, pages[0].n, pages[-1].n, *map(Jsonb, found), wire_schema(batch)],
    )


def wire_schema(batch: Batch) -> Jsonb:
    """``{field on the wire: [records, present, types]}``."""
    return Jsonb({name: [seen.records, seen.present, sorted(seen.types)] for name, seen in batch.fields.items()})


def filled(stage: str, batch: Batch, good: Sequence[int]) -> dict[str, Filled]:
    """Of the rows that pass, by the stage they have come to, how many have a value in each field."""
    stages = by_value(batch.columns[stage], good) if stage else {"": good}
    columns = batch.columns.items()
    return {each: Filled(len(rows), {name: having(column, rows) for name, column in columns}) for each, rows in stages.items()}


def by_value(column: Sequence[str | None], rows: Sequence[int]) -> Mapping[str, Sequence[int]]:
    """The rows by what they have in the column."""
    found = defaultdict[str, list[int]](list)
    for row in rows:
        found[column[row] or ""].append(row)
    return found


def having(column: list[Any], rows: Sequence[int]) -> int:
    """How many of the rows have a value."""
    values = column if len(rows) == len(column) else list(map(column.__getitem__, rows))
    return len(values) - values.count(None)


def stage(cursor: Cursor[TupleRow], entity: Entity, run: Run, batch: Batch, good: Sequence[int]) -> None:
    """COPYs the rows that pass into the staging table of the entity."""
    if not good:
        return
    names = [*entity.names, *KEYS.get(entity.name, ())]
    columns: dict[str, list[Any]] = batch.columns | matching_keys(entity, batch.columns)
    for listed in (f.name for f in entity.fields if f.type is Type.LIST):
        columns[listed] = [None if value is None else msgspec.json.encode(value).decode() for value in columns[listed]]
    everything: dict[str, Sequence[Any]] = {
        "n": batch.rows.n,
        "idx": batch.rows.idx,
        "source_key": columns["source_key"],
        "moment": columns["source_moment"],
        "row_hash": batch.rows.digest,
        **{name: columns[name] for name in names},
    }
    if len(good) < len(batch.rows):
        everything = {name: [column[index] for index in good] for name, column in everything.items()}
    copy_columns(cursor, f"staging.{entity.name}", {"flow": [run.flow] * len(good), "run": [run.run] * len(good), **everything})


def quarantine(cursor: Cursor[TupleRow], hub: Hub, run: Run, batch: Batch, bad: dict[int, list[Issue]]) -> None:
    """Puts rows aside, each with all its reasons and a pointer to its bytes. An older row of the same record is superseded."""
    if not bad:
        return
    at = hub.clock()
    verify_by, fix_by = deadlines(at.date())
    rows, keys = batch.rows, batch.columns["source_key"]
    head = "flow, run, n, idx, source_key, row_hash, codes, issues, at, verify_by, fix_by"
    with cursor.copy(f"COPY hub.quarantine ({head}) FROM STDIN") as copy:
        for index, issues in bad.items():
            codes = list(dict.fromkeys(issue.code for issue in issues))
            told = [{"code": i.code, "field": i.field, "why": i.why} | ({"proposal": i.proposal} if i.proposal else {}) for i in issues]
            place = (run.flow, run.run, rows.n[index], rows.idx[index], keys[index], rows.digest[index])
            copy.write_row((*place, codes, Jsonb(told), at, verify_by, fix_by))
    if not run.dry:
        supersede(cursor, run, [keys[index] for index in bad], at)


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
    rows = batch.rows
    with cursor.copy("COPY hub.warning (flow, run, n, idx, code, field, why) FROM STDIN") as copy:
        for issue in warnings:
            copy.write_row((run.flow, run.run, rows.n[issue.row], rows.idx[issue.row], issue.code, issue.field, issue.why))


def write_profile(cursor: Cursor[TupleRow], flow: Flow, run: Run, first: int, batch: Batch, good: Sequence[int]) -> None:
    """What a sample of the rows that pass looks like, for the search for what is made up or has drifted."""
    found = profile(flow.dataset.entity, batch.columns, good, flow.dataset.agency)
    cursor.execute(
        "INSERT INTO hub.profile (flow, run, first, document) VALUES (%s, %s, %s, %s)",
        [run.flow, run.run, first, Jsonb(found)],
    )


def write_results(cursor: Cursor[TupleRow], run: Run, step: str, first: int, results: Sequence[suites.RuleResult]) -> None:
    """What each rule counted in one batch."""
    cursor.executemany(
        "INSERT INTO hub.rule_result (flow, run, step, first, rule, code, severity, rows, evaluated, failed, status, exception)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [(run.flow, run.run, step, first, r.rule_id, r.code, r.severity, r.rows, r.evaluated, r.failed, r.status, r.exception) for r in results],
    )


def write_document(connection: Connection, run: Run, step: str, document: bytes) -> None:
    """Great Expectations' verdict on a step of a run, once."""
    connection.execute(
        "INSERT INTO hub.validation (flow, run, step, sha256, document) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [run.flow, run.run, step, hashlib.sha256(document).hexdigest(), zstandard.compress(document, 3)],
    )


def results_of(connection: Connection, run: Run, step: str) -> list[suites.RuleResult]:
    """What the rules counted at a step, summed over the batches of a run."""
    rows = connection.execute(
        "SELECT rule, min(code), min(severity), sum(rows), sum(evaluated), sum(failed),"
        " CASE WHEN bool_or(status = 'error') THEN 'error' WHEN bool_or(status = 'failed') THEN 'failed' ELSE 'passed' END, min(exception)"
        " FROM hub.rule_result WHERE flow = %s AND run = %s AND step = %s GROUP BY rule",
        [run.flow, run.run, step],
    )
    return [suites.RuleResult(rule, code, Severity(grave), int(a), int(b), int(c), status, why) for rule, code, grave, a, b, c, status, why in rows]
