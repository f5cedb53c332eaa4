"""Replay: rows put aside go through refine and merge again, from the very bytes they came in, with today's mapping and rules.

Use it after mending the hub's side (a code list, a mapping, a rule). A row mended at its source comes again by itself with the next sync
and closes its old quarantine line.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.page import Source
from include import gating, landing, refining
from include.counts import Counts
from include.flows import Flow
from include.hub import Hub
from include.runs import Run, Wish, begin, get, write_step
from include.steps import merge, publish, report, with_source


@dataclass(frozen=True, slots=True)
class Choice:
    """Which open rows to replay: of one run, of one reason, or by number."""

    run: str = ""
    code: str = ""
    ids: tuple[int, ...] = ()


def replay(hub: Hub, flow: Flow, choice: Choice) -> list[tuple[str, Counts]]:
    """Replays the rows chosen, one new run for each run they came in. Returns (run, counts)."""
    rows = hub.db.rows(
        "SELECT run, n, idx FROM hub.quarantine WHERE flow = %s AND closed_at IS NULL AND (%s = '' OR run = %s)"
        " AND (%s = '' OR %s = ANY(codes)) AND (%s OR id = ANY(%s)) ORDER BY run, n, idx",
        flow.id, choice.run, choice.run, choice.code, choice.code, not choice.ids, list(choice.ids),
    )  # fmt: skip
    chosen: dict[str, set[tuple[int, int]]] = {}
    for run, n, idx in rows:
        chosen.setdefault(run, set()).add((n, idx))
    return [replay_run(hub, flow, run, places) for run, places in chosen.items()]


def replay_run(hub: Hub, flow: Flow, origin: str, places: set[tuple[int, int]]) -> tuple[str, Counts]:
    """Replays rows of one run under a name that says so."""
    name = next_name(hub, flow, origin)
    run = begin(hub, flow, name, Wish(since=get(hub, flow.id, origin).until))
    with hub.only_one(f"flow:{flow.id}"):
        copy_pages(hub, run, origin, sorted({n for n, _ in places}))
        with hub.db.transaction() as connection:
            write_step(connection, run, "land", Counts(received=len(places)), {}, hub.clock())

        def again(source: Source) -> Counts:
            for pages in refining.batches(refining.todo(hub, run), hub.settings.batch_rows):
                refining.refine_pages(hub, flow, run, source, pages, refining.Again(origin, frozenset(places)))
            refining.conclude(hub, flow, run)
            return gating.totals(hub, run)[0]

        refined = with_source(hub, flow, again)
        with hub.db.transaction() as connection:
            write_step(connection, run, "refine", refined, {}, hub.clock())
        merge(hub, flow, name)
        publish(hub, flow, name)
        return name, report(hub, flow, name)


def next_name(hub: Hub, flow: Flow, origin: str) -> str:
    """``origin`` with the number of this replay of it."""
    base = origin.split("~")[0]
    rows = hub.db.rows("SELECT count(*) FROM hub.run WHERE flow = %s AND run LIKE %s", flow.id, f"{base}~%")
    return f"{base}~{rows[0][0] + 1}"


def copy_pages(hub: Hub, run: Run, origin: str, numbers: Sequence[int]) -> None:
    """Gives the replay the pages it reads, so that its rows point to their bytes; the cursor stays where it is."""
    with hub.db.transaction() as connection:
        connection.execute(
            f"INSERT INTO hub.landed_page ({landing.COLUMNS})"
            " SELECT flow, %s, n, sha256, bytes, rows, promised, media_type, after, false, received_at"
            " FROM hub.landed_page WHERE flow = %s AND run = %s AND n = ANY(%s) ON CONFLICT DO NOTHING",
            [run.run, run.flow, origin, list(numbers)],
        )
