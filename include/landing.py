"""Land: the pages of a source, kept exactly as received, with the cursor behind each. Evidence, and the means of replay."""

from dataclasses import dataclass

from psycopg.types.json import Jsonb

from connectors.page import Cursor, Page, Source
from include.counts import Counts
from include.failpoints import reached
from include.hub import Hub
from include.runs import Run
from include.store.database import Connection

COLUMNS = "flow, run, n, sha256, bytes, rows, promised, media_type, after, finished, received_at"


@dataclass(frozen=True, slots=True)
class Landed:
    """One landed page."""

    n: int
    sha256: str
    rows: int


def land(hub: Hub, run: Run, source: Source) -> Counts:
    """Reads on from the last page landed, until the window of the run is done. A killed run lands no page twice."""
    n, cursor, finished = progress(hub, run)
    if not finished:
        with hub.db.session() as connection:
            for page in source.pages(cursor, run.until):
                reached("land.fetched")
                n += 1
                keep(connection, hub, run, n, page)
                reached("land.page")
    return landed_counts(hub, run)


def progress(hub: Hub, run: Run) -> tuple[int, Cursor, bool]:
    """The number of the last page landed, the cursor behind it, and whether it was the last of the window."""
    rows = hub.db.rows("SELECT n, after, finished FROM hub.landed_page WHERE flow = %s AND run = %s ORDER BY n DESC LIMIT 1", run.flow, run.run)
    return rows[0] if rows else (0, run.cursor, False)


def keep(connection: Connection, hub: Hub, run: Run, n: int, page: Page) -> None:
    """Stores the bytes, then the fact that they were landed."""
    sha256 = hub.objects.put(page.body)
    reached("land.stored")
    with connection.transaction():
        if page.trouble:
            tell(connection, hub, run, n, sha256, page.trouble)
        connection.execute(
            f"INSERT INTO hub.landed_page ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                run.flow,
                run.run,
                n,
                sha256,
                len(page.body),
                page.rows,
                page.promised,
                page.media_type,
                Jsonb(page.after),
                page.finished,
                hub.clock(),
            ],
        )


def tell(connection: Connection, hub: Hub, run: Run, n: int, sha256: str, why: str) -> None:
    """Puts a page that nothing could be read of into quarantine as a whole; it counts as no row."""
    issue = {"code": "page_unreadable", "field": "", "why": why}
    connection.execute(
        "INSERT INTO hub.quarantine (flow, run, n, idx, row_hash, codes, issues, at) VALUES (%s, %s, %s, 0, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [run.flow, run.run, n, bytes.fromhex(sha256), ["page_unreadable"], Jsonb([issue]), hub.clock()],
    )


def borrow(hub: Hub, run: Run, flow: str) -> Counts:
    """Lands the pages another flow landed since this one's cursor: the same bytes, read for another meaning and fetched only once.

    A full run takes the pages of the other flow's last full run that was read to its end, and what came after.
    """
    with hub.db.transaction() as connection:
        connection.execute(
            f"""
            INSERT INTO hub.landed_page ({COLUMNS})
            SELECT %(mine)s, %(run)s, row_number() OVER pages, p.sha256, p.bytes, p.rows, p.promised, p.media_type,
                   jsonb_build_object('since', max(p.received_at) OVER ()), p.received_at = max(p.received_at) OVER (), %(at)s
            FROM hub.landed_page p JOIN hub.run r USING (flow, run)
            WHERE p.flow = %(theirs)s AND NOT r.dry AND p.rows > 0 AND p.received_at > %(since)s
              AND (NOT %(full)s OR (r.started_at, r.run) >= (SELECT w.started_at, w.run FROM hub.run w JOIN hub.landed_page USING (flow, run)
                                                             WHERE w.flow = %(theirs)s AND w.whole AND NOT w.dry AND finished
                                                             ORDER BY w.started_at DESC, w.run DESC LIMIT 1))
            WINDOW pages AS (ORDER BY p.received_at, p.run, p.n)
            ON CONFLICT DO NOTHING
            """,
            {"mine": run.flow, "run": run.run, "theirs": flow, "since": run.cursor["since"], "full": run.full, "at": hub.clock()},
        )
    return landed_counts(hub, run)


def landed_counts(hub: Hub, run: Run) -> Counts:
    """Pages and rows of a run."""
    pages, rows = hub.db.rows("SELECT count(*), coalesce(sum(rows), 0) FROM hub.landed_page WHERE flow = %s AND run = %s", run.flow, run.run)[0]
    return Counts(pages=pages, received=int(rows))


def landed(hub: Hub, run: Run) -> list[Landed]:
    """The pages of a run, in order."""
    rows = hub.db.rows("SELECT n, sha256, rows FROM hub.landed_page WHERE flow = %s AND run = %s ORDER BY n", run.flow, run.run)
    return [Landed(*row) for row in rows]
