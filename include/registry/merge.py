"""Merge: the staged rows of a run become golden records, in one transaction with the cursor, the crosswalk, the outbox and the books.

Nothing is readable before the merged records passed their suite: it runs inside the same transaction, and a failure undoes everything.
"""

import secrets
import time
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from include import schema
from include.counts import Counts
from include.deadlines import deadlines
from include.delivery import echoes
from include.dossiers import conflicts
from include.errors import GateClosed, Lost
from include.failpoints import reached
from include.filing import results_of, write_document, write_results
from include.flows import TARGETS, Flow
from include.gating import totals
from include.hub import Hub
from include.landing import progress
from include.reception import authority, handover
from include.registry import consistency, sql, vanishing
from include.registry.rules import SAME_PERSON
from include.runs import Run, write_step
from include.store.bulk import empty, filled_at_once
from include.store.database import Connection
from include.store.tables import KEYS
from mappings.canonical import DOSSIER, Entity, Type
from mappings.refusal import both
from quality import suites
from quality.issues import CATALOGUE

STRUCTURAL = {"duplicate_key", "required_missing"}
"""Failures of the merged suite that undo the merge: two records with one key, or one without. Others are told in the report."""

PATIENCE = 600.0
"""Seconds a merge waits for another one into the same entity."""
REASONS = ("duplicate_key", "identity_conflict", "identity_ambiguous")


def merge(hub: Hub, flow: Flow, run: Run) -> Counts:
    """Merges the run and moves the flow's cursor. Run again after it has committed, it changes nothing and returns the same counts."""
    started = time.perf_counter()
    with hub.only_one(f"merge:{flow.dataset.entity.name}", wait=PATIENCE), hub.db.transaction() as connection:
        done = connection.execute("SELECT counts FROM hub.step WHERE flow = %s AND run = %s AND step = 'merge'", [flow.id, run.run]).fetchone()
        if done is not None:
            return Counts.of(done[0])
        nothing_lost(connection, hub, flow, run)
        counts = merge_rows(connection, hub, flow, run)
        reached("merge.applied")
        verify(connection, hub, flow, run)
        if run.dry:
            connection.rollback()
        else:
            connection.execute(sql.CLOSE_REPLAYED, {"flow": flow.id, "run": run.run, "at": hub.clock()})
            counts += Counts(gone=vanishing.look(connection, hub, flow, run))
            move_cursor(connection, hub, flow, run)
        write_step(connection, run, "merge", counts, {"merge": time.perf_counter() - started}, hub.clock())
        reached("merge.before_commit")
    reached("merge.committed")
    with hub.db.session() as session:
        session.execute(f"DELETE FROM staging.{flow.dataset.entity.name} WHERE flow = %s AND run = %s", [flow.id, run.run])
    return counts


def nothing_lost(connection: Connection, hub: Hub, flow: Flow, run: Run) -> None:
    """Raises Lost unless as many rows lie in staging as refine put there; refine's own record of them is then forgotten."""
    expected = totals(hub, run)[0].staged
    query = f"SELECT count(*) FROM staging.{flow.dataset.entity.name} WHERE flow = %s AND run = %s"
    row = connection.execute(query, [flow.id, run.run]).fetchone()
    if row is not None and row[0] != expected:
        forget_refinement(hub, flow, run)
        raise Lost(f"{flow.id}: {expected} rows were staged and {row[0]} are there; refine the run again")


def forget_refinement(hub: Hub, flow: Flow, run: Run) -> None:
    """Takes back what refine wrote of a run, so that it can be done again from the landed pages."""
    with hub.db.transaction() as connection:
        for table in (
            f"staging.{flow.dataset.entity.name}",
            "hub.refined_batch",
            "hub.rule_result",
            "hub.validation",
            "hub.warning",
            "hub.profile",
            "hub.quarantine",
        ):
            connection.execute(f"DELETE FROM {table} WHERE flow = %s AND run = %s", [run.flow, run.run])
        schema.recount(connection, run)


def merge_rows(connection: Connection, hub: Hub, flow: Flow, run: Run) -> Counts:
    """Links, creates, applies, remembers, enqueues."""
    entity = flow.dataset.entity
    known = parameters(connection, hub, flow, run)
    connection.execute(f"ANALYZE staging.{entity.name} (flow, run, n, idx, source_key)")
    connection.execute("SET LOCAL enable_mergejoin = off")
    connection.execute(sql.LINK)
    link(connection, entity, known)
    if known["own"]:
        conflicts.find(connection, entity, known)
    last = connection.execute(sql.LAST_TURN).fetchone()
    for turn in range(1, (last[0] if last else 0) + 1):
        connection.execute(sql.apply_turn(entity, echoing=bool(known["own"])), known | {"turn": turn})
    if known["own"] and known["rank"] > 0:
        connection.execute(sql.remember_said(entity), known)
    for statement in (sql.KNOWN, sql.MET, sql.PUT_ASIDE, sql.SUPERSEDE, sql.ENQUEUE_NEW, sql.ENQUEUE_CHANGED.format(entity=entity.name)):
        connection.execute(statement, known)
    if known["own"]:
        connection.execute(sql.OWN_WORD, known)
        connection.execute(sql.known_there(entity), known)
        conflicts.tell(connection, entity, known)
    if entity is DOSSIER:
        handover.follow(connection, hub)
    row = connection.execute(sql.TALLY).fetchone()
    new, changed, unchanged, quarantined, staged = row or (0, 0, 0, 0, 0)
    warned = consistency.warn(connection, entity, run)
    if entity is DOSSIER:
        authority.note(connection, hub, run)
    return Counts(staged=staged, new=new, changed=changed, unchanged=unchanged, quarantined=quarantined, warned=warned)


def link(connection: Connection, entity: Entity, known: dict[str, Any]) -> None:
    """Decides which golden record each row belongs to, and creates the new ones. Persons with a number come first; those without may join them."""
    lines = connection.execute(sql.fill_link(entity), known).rowcount
    connection.execute("CREATE INDEX ON link (at)")  # however far the planner is off, after a killed merge say, no join walks all of it per row
    connection.execute("ANALYZE link")
    met = () if empty(connection, f"golden.{entity.name}") else (sql.find(entity), sql.conflict(entity), sql.CROWDED, sql.DIVIDED)
    for statement in (sql.REPEATS, *met, sql.contradict(entity), sql.elect(entity, "l.key IS NOT NULL", "l.key")):
        connection.execute(statement, known)
    with filled_at_once(connection, f"golden.{entity.name}", lines):
        created = connection.execute(sql.create(entity, "l.key IS NOT NULL"), known).rowcount
    refresh(connection, entity, created)
    nameless = "l.key IS NULL"
    if entity.name == "person":
        connection.execute(sql.find(entity, nameless), known)
        connection.execute(sql.elect(entity, nameless, SAME_PERSON), known)
    created += connection.execute(sql.create(entity, nameless), known).rowcount
    connection.execute(sql.TURNS, known)
    if created < lines:
        connection.execute("ANALYZE link")


def refresh(connection: Connection, entity: Entity, created: int) -> None:
    """Tells the planner of a table that has just grown by more than a tenth; without it the next statements take ten times as long."""
    row = connection.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [f"golden.{entity.name}"]).fetchone()
    if created > 1000 and row is not None and created > row[0] / 10:
        names = ["id", entity.key, *KEYS.get(entity.name, ()), *(name for name in entity.aliases if name != entity.key)]
        connection.execute(f"ANALYZE golden.{entity.name} ({', '.join(names)})")


def parameters(connection: Connection, hub: Hub, flow: Flow, run: Run) -> dict[str, Any]:
    """What the statements need to know: whose data this is, and how far each source is trusted."""
    entity = flow.dataset.entity
    source = register(hub, flow)
    rows = connection.execute("SELECT id, system FROM hub.source ORDER BY id").fetchall()
    trust = {number: rank(entity, system) for number, system in rows}
    verify_by, fix_by = deadlines(hub.today)
    return {
        "flow": flow.id,
        "run": run.run,
        "at": hub.clock(),
        "verify_by": verify_by,
        "fix_by": fix_by,
        "source": source,
        "names": list(entity.names),
        "ids": new_ids(),
        "rank": trust[source],
        "ranks": [trust.get(number, 1000) for number in range(1, max(trust) + 1)],
        "targets": [target.id for target in TARGETS if target.entity == entity.name and target.system != flow.system],
        "own": echoes.own_targets(flow),
        "above": [system for system in entity.trust if rank(entity, system) <= trust[source]],
        "why": msgspec.json.encode({code: both(CATALOGUE[code].vi, CATALOGUE[code].en) for code in REASONS}).decode(),
    }


def new_ids() -> str:
    """The first 20 hexadecimal digits of a run's UUIDv7s (RFC 9562 §5.7): the moment, then 26 random bits; a counter follows."""
    return f"{time.time_ns() // 1_000_000:012x}7{secrets.randbits(12):03x}{8 + secrets.randbits(2):x}{secrets.randbits(12):03x}"


def register(hub: Hub, flow: Flow) -> int:
    """The small number that stands for the flow in provenance. Committed by itself: merges of two flows may run side by side."""
    with hub.db.transaction() as connection:
        connection.execute("LOCK TABLE hub.source IN SHARE ROW EXCLUSIVE MODE")
        connection.execute(
            "INSERT INTO hub.source (id, flow, system, entity) SELECT coalesce(max(id), 0) + 1, %s, %s, %s FROM hub.source"
            " ON CONFLICT (flow) DO NOTHING",
            [flow.id, flow.dataset.system, flow.dataset.entity.name],
        )
        row = connection.execute("SELECT id FROM hub.source WHERE flow = %s", [flow.id]).fetchone()
    return int(row[0]) if row else 0


def rank(entity: Entity, system: str) -> int:
    """The place of a system in the entity's order of trust; unknown ones come last."""
    return entity.trust.index(system) if system in entity.trust else len(entity.trust)


def verify(connection: Connection, hub: Hub, flow: Flow, run: Run) -> None:
    """Runs the merged suite on the records several rows made. Raises GateClosed when a rule that stops fails.

    A record that one row made is that row, which has passed the same rules as it was refined; that its key is the only one, the unique
    index of the golden table sees to.
    """
    entity = flow.dataset.entity
    names = [f.name for f in entity.fields if f.type is not Type.LIST]
    select = ", ".join(as_text(entity, name) for name in names)
    changed = "SELECT DISTINCT entity_id FROM link WHERE outcome = 'changed'"
    query = f"SELECT g.id::text, {select} FROM ({changed}) l JOIN golden.{entity.name} g ON g.id = l.entity_id"
    checked = 0
    connection.execute("SET LOCAL cursor_tuple_fraction = 1")  # all of it is read: without this the cursor is planned for its first rows
    with connection.cursor("merged") as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(hub.settings.batch_rows):
            columns = dict(zip(["id", *names], (list(column) for column in zip(*rows, strict=True)), strict=True))
            results = suites.check(entity, "merged", columns, today=hub.today).results
            with connection.cursor() as writer:
                write_results(writer, run, "merged", checked, results)
            broken = [result for result in results if result.status == "failed" and result.code in STRUCTURAL]
            if broken:
                raise GateClosed([f"merged, {result.rule_id} ({result.code}): {result.failed}" for result in broken])
            checked += len(rows)
    if checked:
        write_document(connection, run, "merged", suites.conclude(entity, "merged", results_of(connection, run, "merged"), checked))


def as_text(entity: Entity, name: str) -> str:
    """SQL giving a golden column in its canonical form."""
    kind = entity.field(name).type
    if kind is Type.MOMENT:
        return f'to_char(g.{name}, \'YYYY-MM-DD"T"HH24:MI:SS"+07:00"\') AS {name}'
    return f"g.{name}::text" if kind is Type.DATE else f"g.{name}"


def move_cursor(connection: Connection, hub: Hub, flow: Flow, run: Run) -> None:
    """The flow's cursor moves with the rows: where the landed pages end. A replay moves nothing, and neither does a window that begins
    ahead of the cursor: what lies between would never be read.
    """
    _, after, finished = progress(hub, run)
    if finished:
        connection.execute(
            "INSERT INTO hub.flow_state (flow, cursor, run, at) SELECT %(flow)s, %(after)s, %(run)s, %(at)s"
            " WHERE %(begun)s::timestamptz <= greatest(%(start)s, (SELECT (cursor->>'since')::timestamptz FROM hub.flow_state WHERE flow = %(flow)s))"
            " ON CONFLICT (flow) DO UPDATE SET cursor = excluded.cursor, run = excluded.run, at = excluded.at"
            " WHERE (excluded.cursor->>'since')::timestamptz >= (hub.flow_state.cursor->>'since')::timestamptz",
            {"flow": flow.id, "after": Jsonb(after), "run": run.run, "at": hub.clock(), "begun": run.cursor["since"], "start": flow.start},
        )
