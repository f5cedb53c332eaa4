"""The ledger of runs: what was asked for, how far it came, what came of each step."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from connectors.page import Cursor
from include.counts import Counts
from include.flows import Flow
from include.hub import Hub
from include.store.database import Connection
from include.store.transactions import count_on
from mappings.refusal import both


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one flow."""

    flow: str
    run: str
    full: bool
    cursor: Cursor
    until: datetime
    state: str
    dry: bool = False

    @property
    def replay(self) -> bool:
        """Whether it only plays rows of another run again."""
        return "~" in self.run


FIELDS = "flow, run, whole, cursor, until, state, dry"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run is asked for: everything or what changed; a window of its own; a trial that keeps nothing."""

    full: bool = False
    since: datetime | None = None
    until: datetime | None = None
    dry: bool = False


NORMAL = Wish()
A_REPLAY = "strpos({}run, '~') > 0"
"""SQL: whether a run (``{}``: of which table) only plays rows of another one again."""
KINDS = {
    (False, False): ("là lần đọc phần thay đổi", "is a read of what changed"),
    (False, True): ("là lần đọc toàn bộ", "is a read of everything"),
    (True, False): ("là lần chạy thử phần thay đổi", "is a trial of what changed"),
    (True, True): ("là lần chạy thử toàn bộ", "is a trial of everything"),
}
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def begin(hub: Hub, flow: Flow, run: str, wish: Wish = NORMAL) -> Run:
    """The run called ``run``, begun now unless it was before. It starts where the last finished one ended, less the overlap. It ends
    now at the latest: the next one begins where it ended, and must not begin later. LookupError when it was begun as another kind (a trial publishes
    nothing, and what publishes is no trial), or would end before it begins.
    """
    at = hub.clock()
    until = min(wish.until or at, at)
    if wish.since and wish.since > until:
        raise LookupError(both(f"{flow.id}: khoảng thời gian bắt đầu sau khi kết thúc", "the window begins after its end"))
    with hub.db.transaction() as connection:
        count_on(connection)
        full = wish.full or (wish == NORMAL and due(connection, flow, at))
        cursor = {"since": wish.since.isoformat()} if wish.since else start(connection, flow, full)
        connection.execute(
            f"INSERT INTO hub.run ({FIELDS}, started_at) VALUES (%s, %s, %s, %s, %s, 'running', %s, %s) ON CONFLICT DO NOTHING",
            [flow.id, run, full, Jsonb(cursor), until, wish.dry, at],
        )
        [(dry, whole)] = connection.execute("SELECT dry, whole FROM hub.run WHERE flow = %s AND run = %s", [flow.id, run]).fetchall()
        if dry != wish.dry or (wish.full and not whole):
            vi, en = KINDS[dry, whole]
            raise LookupError(both(f"{flow.id}: {run} {vi}, hãy đặt tên khác cho lần chạy mới", f"{run} {en}: give the new run another name"))
        connection.execute("UPDATE hub.run SET state = 'running', note = NULL WHERE flow = %s AND run = %s AND state <> 'done'", [flow.id, run])
    return get(hub, flow.id, run)


def due(connection: Connection, flow: Flow, at: datetime) -> bool:
    """Whether it is time to read everything again, to see what is no longer there: a week after the first run, or the last full one; a day after,
    when that one missed something.
    """
    row = connection.execute(
        "SELECT greatest(min(started_at), max(started_at) FILTER (WHERE whole AND state = 'done')),"
        " EXISTS (SELECT FROM hub.missing WHERE flow = %(flow)s AND NOT held) FROM hub.run WHERE flow = %(flow)s AND NOT dry",
        {"flow": flow.id},
    ).fetchone()
    return bool(flow.max_gone and row and row[0] and at - row[0] >= (DAY if row[1] else WEEK))


def start(connection: Connection, flow: Flow, full: bool) -> Cursor:
    """Where a new run begins."""
    row = connection.execute("SELECT cursor FROM hub.flow_state WHERE flow = %s", [flow.id]).fetchone()
    if full or row is None:
        return {"since": flow.start.isoformat()}
    since = datetime.fromisoformat(row[0]["since"]) - flow.overlap
    return {"since": max(since, flow.start).isoformat()}


def get(hub: Hub, flow: str, run: str) -> Run:
    """The run, which must exist."""
    rows = hub.db.rows(f"SELECT {FIELDS} FROM hub.run WHERE flow = %s AND run = %s", flow, run)
    if not rows:
        raise LookupError(f"flow {flow} has no run {run}; ./hub status {flow} lists them")
    return Run(*rows[0])


def unfinished(hub: Hub, flow: str) -> str | None:
    """The latest run of the flow when it did not come to its end. Trials and replays are nothing to go on with."""
    query = f"SELECT run, state FROM hub.run WHERE flow = %s AND NOT dry AND NOT {A_REPLAY.format('')} ORDER BY started_at DESC, run DESC LIMIT 1"
    rows = hub.db.rows(query, flow)
    return rows[0][0] if rows and rows[0][1] in {"running", "failed"} else None


def close(hub: Hub, run: Run, state: str, note: Any = None) -> None:
    """The run's final state."""
    with hub.db.transaction() as connection:
        connection.execute(
            "UPDATE hub.run SET state = %s, note = %s, finished_at = %s WHERE flow = %s AND run = %s",
            [state, Jsonb(note) if note is not None else None, hub.clock(), run.flow, run.run],
        )


def write_step(connection: Connection, run: Run, step: str, counts: Counts, seconds: dict[str, float], at: datetime) -> None:
    """What a step came to; the same step again replaces it."""
    connection.execute(
        "INSERT INTO hub.step (flow, run, step, counts, seconds, at) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (flow, run, step) DO UPDATE SET counts = excluded.counts, seconds = excluded.seconds, at = excluded.at",
        [run.flow, run.run, step, Jsonb(counts.document()), Jsonb({k: round(v, 3) for k, v in seconds.items()}), at],
    )


def steps(hub: Hub, flow: str, run: str) -> dict[str, tuple[Counts, dict[str, float]]]:
    """Counts and seconds of each step done."""
    rows = hub.db.rows("SELECT step, counts, seconds FROM hub.step WHERE flow = %s AND run = %s", flow, run)
    return {step: (Counts.of(counts), seconds) for step, counts, seconds in rows}


def books(done: dict[str, tuple[Counts, dict[str, float]]]) -> Counts:
    """The run's sum: what was received at landing, what became of it at refining and merging, what was delivered."""
    land, refine, merge, publish = (done.get(step, (Counts(), {}))[0] for step in ("land", "refine", "merge", "publish"))
    return Counts(
        pages=land.pages,
        received=land.received,
        new=merge.new,
        changed=merge.changed,
        unchanged=refine.unchanged + merge.unchanged,
        quarantined=refine.quarantined + merge.quarantined,
        held=refine.held,
        gone=merge.gone,
        warned=refine.warned + merge.warned,
        published=publish.published,
        refused=publish.refused,
        pending=publish.pending,
    )
