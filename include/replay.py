"""Replay: rows put aside go through refine and merge again, from the very bytes they came in, with today's mapping and rules.

Use it after mending the hub's side (a code list, a mapping, a rule). A row mended at its source comes again by itself with the next sync
and closes its old quarantine line.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from include import landing
from include.counts import Counts
from include.flows import Flow
from include.hub import Hub
from include.runs import A_REPLAY, Wish, get
from include.steps import run_flow
from include.store.database import Connection


@dataclass(frozen=True, slots=True)
class Choice:
    """Which open rows to replay: of one run, of one reason, or by number."""

    run: str = ""
    code: str = ""
    ids: tuple[int, ...] = ()


def replay(hub: Hub, flow: Flow, choice: Choice) -> list[tuple[str, Counts]]:
    """Replays the rows chosen, one new run for each run they came in, after replays that were killed. Returns (run, counts). A line is closed with
    the merge of its row: whatever ends a replay before, the row is still there to be replayed.
    """
    with hub.only_one(f"replay:{flow.id}"):
        done = [(run, run_flow(hub, flow, run)) for run in killed(hub, flow)]
        rows = hub.db.rows(
            "SELECT run, n, idx FROM hub.quarantine WHERE flow = %s AND closed_at IS NULL AND (%s = '' OR run = %s)"
            " AND (%s = '' OR %s = ANY(codes)) AND (%s OR id = ANY(%s)) ORDER BY run, n, idx",
            flow.id, choice.run, choice.run, choice.code, choice.code, not choice.ids, list(choice.ids),
        )  # fmt: skip
        chosen: dict[str, list[tuple[int, int]]] = {}
        for run, n, idx in rows:
            chosen.setdefault(run, []).append((n, idx))
        return [*done, *(replay_run(hub, flow, run, places) for run, places in chosen.items())]


def killed(hub: Hub, flow: Flow) -> list[str]:
    """Replays that did not come to an end of any kind."""
    rows = hub.db.rows(f"SELECT run FROM hub.run WHERE flow = %s AND {A_REPLAY.format('')} AND state = 'running' ORDER BY started_at", flow.id)
    return [run for (run,) in rows]


def replay_run(hub: Hub, flow: Flow, origin: str, places: Sequence[tuple[int, int]]) -> tuple[str, Counts]:
    """Replays rows of one run under a name that says so."""
    name = next_name(hub, flow, origin)
    with hub.db.transaction() as connection:
        connection.execute("DELETE FROM hub.replayed WHERE flow = %s AND run = %s", [flow.id, name])
        connection.execute(
            "INSERT INTO hub.replayed (flow, run, origin, n, idx) SELECT %s, %s, %s, * FROM unnest(%s::int[], %s::int[])",
            [flow.id, name, origin, [n for n, _ in places], [idx for _, idx in places]],
        )
        copy_pages(connection, flow, name, origin)
    return name, run_flow(hub, flow, name, Wish(since=get(hub, flow.id, origin).until))


def next_name(hub: Hub, flow: Flow, origin: str) -> str:
    """``origin`` with the number of this replay of it."""
    base = origin.split("~")[0]
    rows = hub.db.rows("SELECT count(*) FROM hub.run WHERE flow = %s AND run LIKE %s", flow.id, f"{base}~%")
    return f"{base}~{rows[0][0] + 1}"


def copy_pages(connection: Connection, flow: Flow, name: str, origin: str) -> None:
    """Gives the replay the pages it reads, so that its rows point to their bytes; the cursor stays where it is."""
    connection.execute(
        f"INSERT INTO hub.landed_page ({landing.COLUMNS})"
        " SELECT flow, %s, n, sha256, bytes, rows, promised, media_type, after, false, received_at"
        " FROM hub.landed_page WHERE flow = %s AND run = %s AND n IN (SELECT n FROM hub.replayed r WHERE r.flow = landed_page.flow AND r.run = %s)"
        " ON CONFLICT DO NOTHING",
        [name, flow.id, origin, name],
    )
