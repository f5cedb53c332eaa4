"""Refine: landed pages become staged rows or quarantined rows, batch by batch, each batch whole in one transaction.

Bytes are hashed first: what came before just so is counted as unchanged and never decoded. The rest goes through the source contract, the
mapping and the quality suite. A row with a fault of severity quarantine or stop is put aside with every reason found; warnings travel
beside the row.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from xxhash import xxh3_128_digest

from connectors.errors import BadAnswer
from connectors.page import Source
from include import schema
from include.counts import Counts
from include.failpoints import reached
from include.filing import Batch, Rows, results_of, write, write_document
from include.flows import Flow
from include.garbage import seldom
from include.gating import ask_gate, totals
from include.hub import Hub
from include.landing import Landed, landed
from include.runs import Run
from include.store.copying import Digests
from include.store.database import Connection
from mappings.apply import Issue, apply
from mappings.records import Records
from mappings.refusal import both
from quality import contracts, suites

MISSING = "required_missing"
LARGEST = 1_000_000
"""Bytes of a record; files come by other ways."""
PARTS = 8
"""Processes that refine one run side by side, at the most."""


@dataclass(frozen=True, slots=True)
class Again:
    """A replay: only these (page, record) places, whose quarantine lines in run ``origin`` then close."""

    origin: str
    places: frozenset[tuple[int, int]]


def refine(hub: Hub, flow: Flow, run: Run, source: Source) -> Counts:
    """Refines the pages not refined yet, then asks the gate. Raises GateClosed, with the rows already staged or put aside kept;
    SchemaFrozen before the batch that shows another schema is written."""
    again = replayed(hub, run)
    for pages in batches(todo(hub, run), hub.settings.batch_rows):
        refine_pages(hub, flow, run, source, pages, again)
    conclude(hub, flow, run)
    counts, filled = totals(hub, run)
    if not again:
        ask_gate(hub, flow, run, counts, filled)
    return counts


def replayed(hub: Hub, run: Run) -> Again | None:
    """What a replay plays again; None for any other run."""
    if not run.replay:
        return None
    rows = hub.db.rows("SELECT origin, n, idx FROM hub.replayed WHERE flow = %s AND run = %s", run.flow, run.run)
    return Again(rows[0][0], frozenset((n, idx) for _, n, idx in rows))


def spans(hub: Hub, run: Run) -> list[tuple[int, int]]:
    """First and last page of the parts that several processes may refine side by side: whole batches each, about as many rows; none when
    one process does as well. Batches are cut the same way however many parts there are, and the merge does not ask which came first.
    """
    groups = list(batches(todo(hub, run), hub.settings.batch_rows))
    parts = min(PARTS, sum(page.rows for pages in groups for page in pages) // hub.settings.span_rows, len(groups))
    if parts < 2:
        return []
    edges = [len(groups) * part // parts for part in range(parts + 1)]
    return [(groups[first][0].n, groups[end - 1][-1].n) for first, end in pairwise(edges)]


def refine_span(hub: Hub, flow: Flow, run: Run, source: Source, first: int, last: int) -> Counts:
    """Refines the pages from ``first`` to ``last`` that are not refined yet; ``refine`` does what is left, and concludes."""
    found = Counts()
    for pages in batches([page for page in todo(hub, run) if first <= page.n <= last], hub.settings.batch_rows):
        refine_pages(hub, flow, run, source, pages)
        found += Counts(pages=len(pages), received=sum(page.rows for page in pages))
    return found


def conclude(hub: Hub, flow: Flow, run: Run) -> None:
    """Great Expectations' verdict on all batches together; a run without a new row needs none."""
    with hub.db.session() as connection:
        for step in ("contract", "mapped"):
            results = results_of(connection, run, step)
            rows = max((result.rows for result in results), default=0)
            if not rows:
                return
            if step == "contract":
                document = suites.conclude_contract(flow.dataset, results, rows)
            else:
                document = suites.conclude(flow.dataset.entity, step, results, rows)
            write_document(connection, run, step, document)


def todo(hub: Hub, run: Run) -> list[Landed]:
    """Landed pages that no batch covers."""
    rows = hub.db.rows("SELECT first, last FROM hub.refined_batch WHERE flow = %s AND run = %s", run.flow, run.run)
    done = {n for first, last in rows for n in range(first, last + 1)}
    return [page for page in landed(hub, run) if page.n not in done]


def batches(pages: Sequence[Landed], size: int) -> Iterator[list[Landed]]:
    """Neighbouring pages in groups of about ``size`` rows. A gap in the numbers starts a new group."""
    group: list[Landed] = []
    for page in pages:
        if group and (sum(p.rows for p in group) + page.rows > size or page.n != group[-1].n + 1):
            yield group
            group = []
        group.append(page)
    if group:
        yield group


@seldom()
def refine_pages(hub: Hub, flow: Flow, run: Run, source: Source, pages: list[Landed], again: Again | None = None) -> None:
    """One batch, from bytes to tables."""
    started = time.perf_counter()
    everything = read(hub, source, pages)
    if again:
        everything = everything.at([i for i, place in enumerate(zip(everything.n, everything.idx, strict=True)) if place in again.places])
    batch = Batch(everything) if again else unseen(hub, flow, everything)
    batch.seconds["recognise"] = time.perf_counter() - started
    schema.follow(hub, flow, run, batch, understand(flow, source, batch))
    batch.issues += twins(hub, flow, batch)
    judge(hub, flow, batch)
    started = time.perf_counter()
    with hub.db.transaction() as connection:
        write(connection, hub, flow, run, batch, pages, len(everything))
        schema.note(connection, hub, run, batch)
        if batch.published and not run.dry:
            close_reverted(connection, hub, run, batch.published)
        reached("refine.written")
    reached("refine.batch")


def read(hub: Hub, source: Source, pages: list[Landed]) -> Rows:
    """The records of the pages, and the hash of each."""
    found = Rows()
    for page in pages:
        raws = source.rows(hub.objects.get(page.sha256)) if page.rows else ()
        found.n += [page.n] * len(raws)
        found.idx += range(len(raws))
        found.raw += raws
    found.digest = [xxh3_128_digest(raw) for raw in found.raw]
    return found


def close_reverted(connection: Connection, hub: Hub, run: Run, published: Collection[bytes]) -> None:
    """Closes lines of records whose source went back to the bytes they were published from: what was put aside is no longer its word."""
    query = """SELECT q.id, r.row_hash FROM hub.quarantine q JOIN hub.source_record r USING (flow, source_key)
               WHERE q.flow = %s AND q.run <> %s AND q.closed_at IS NULL"""
    reverted = [number for number, digest in connection.execute(query, [run.flow, run.run], binary=True) if digest in published]
    if reverted:
        query = "UPDATE hub.quarantine SET state = 'fixed', closed_at = %s, closed_run = %s WHERE id = ANY(%s)"
        connection.execute(query, [hub.clock(), run.run, reverted])


def unseen(hub: Hub, flow: Flow, rows: Rows) -> Batch:
    """The rows whose bytes are new, each once. Bytes known from a published or quarantined record, or repeated in the batch, are not decoded. What
    a trial put aside is not known: nobody will look at it.
    """
    digests = Digests(sorted(set(rows.digest)))
    with hub.db.session() as connection:
        query = """SELECT row_hash FROM hub.source_record WHERE flow = %s AND row_hash = ANY(%s)"""
        published = {found[0] for found in connection.execute(query, [flow.id, digests], binary=True)}
        query = """SELECT row_hash FROM hub.quarantine WHERE flow = %s AND row_hash = ANY(%s) AND closed_at IS NULL
                   AND NOT EXISTS (SELECT FROM hub.run WHERE run.flow = quarantine.flow AND run.run = quarantine.run AND dry)"""
        held = {found[0] for found in connection.execute(query, [flow.id, digests], binary=True)}
    if not published and not held and len(digests) == len(rows):
        return Batch(rows)
    known = published | held
    fresh: dict[bytes, int] = {}
    for at, digest in enumerate(rows.digest):
        if digest not in known:
            fresh.setdefault(digest, at)
    kept = list(fresh.values())
    count = sum(digest in held for digest in rows.digest) if held else 0
    return Batch(rows.at(kept), unchanged=len(rows) - len(kept), held=count, published=published)


def understand(flow: Flow, source: Source, batch: Batch) -> Records:
    """Decodes and maps. Returns the decoded records."""
    started = time.perf_counter()
    decoded: list[dict[str, Any]] = []
    broken: list[Issue] = []
    for index, raw in enumerate(batch.rows.raw):
        try:
            decoded.append(source.decode(sized(raw)))
        except BadAnswer as error:
            decoded.append({})
            broken.append(Issue(index, "wrong_type", "", str(error)))
    batch.seconds["decode"] = time.perf_counter() - started
    started = time.perf_counter()
    wire = Records(decoded)
    mapped = apply(flow.dataset, wire)
    batch.columns = mapped.columns
    batch.issues = broken + contracts.check(flow.dataset, wire) + mapped.issues
    batch.seconds["map"] = time.perf_counter() - started
    return wire


def sized(raw: bytes) -> bytes:
    """The bytes of a record. Raises BadAnswer when they are more than a record has."""
    if len(raw) > LARGEST:
        raise BadAnswer(both(f"bản ghi {len(raw):,} byte, quá {LARGEST:,}", "more than a record has"))
    return raw


def twins(hub: Hub, flow: Flow, batch: Batch) -> list[Issue]:
    """Rows that say otherwise, of the same moment, than a row of their key that came beside them as it was published: one of the two is wrong."""
    keys, moments = batch.columns["source_key"], batch.columns["source_moment"]
    if not batch.published or not keys:
        return []
    query = "SELECT source_key, moment, row_hash FROM hub.source_record WHERE flow = %s AND source_key = ANY(%s)"
    there = {(key, moment) for key, moment, digest in hub.db.rows(query, flow.id, [key for key in keys if key]) if bytes(digest) in batch.published}
    if not there:
        return []
    said = [(key, datetime.fromisoformat(moment) if moment else None) for key, moment in zip(keys, moments, strict=True)]
    why = both(
        "cùng khóa, cùng thời điểm, nội dung khác bản ghi đã công bố đến cùng lúc",
        "same key and moment, but not what the published row beside it says",
    )
    return [Issue(index, "duplicate_key", "source_key", why) for index, one in enumerate(said) if one in there]


def judge(hub: Hub, flow: Flow, batch: Batch) -> None:
    """Counts what the source's contract found so far, and asks the entity's rules of the mapped rows."""
    started = time.perf_counter()
    if batch.rows:
        batch.contract = suites.readable(flow.dataset, batch.issues, len(batch.rows))
        checked = suites.check(flow.dataset.entity, "mapped", batch.columns, today=hub.today)
        batch.mapped = checked.results
        batch.issues = unique(batch.issues + checked.issues)
    batch.seconds["check"] = time.perf_counter() - started


def unique(issues: Sequence[Issue]) -> list[Issue]:
    """Each (row, code, field) once, the first finder first. A value that was refused is not also missing."""
    found: dict[tuple[int, str, str], Issue] = {}
    refused: set[tuple[int, str]] = set()
    for issue in issues:
        if issue.code == MISSING and (issue.row, issue.field) in refused:
            continue
        refused.add((issue.row, issue.field))
        found.setdefault((issue.row, issue.code, issue.field), issue)
    return list(found.values())
