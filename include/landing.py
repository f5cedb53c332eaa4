"""Land: the pages of a source, kept exactly as received, with the cursor behind each. Evidence, and the means of replay."""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from connectors.page import Cursor, Page, Source
from include.counts import Counts
from include.failpoints import reached
from include.hub import Hub
from include.runs import Run

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
        for page in source.pages(cursor, run.until):
            reached("land.fetched")
            n += 1
            keep(hub, run, n, page)
            reached("land.page")
    pages, rows = hub.db.rows("SELECT count(*), coalesce(sum(rows), 0) FROM hub.landed_page WHERE flow = %s AND run = %s", run.flow, run.run)[0]
    return Counts(pages=pages, received=int(rows))


def progress(hub: Hub, run: Run) -> tuple[int, Cursor, bool]:
    """The number of the last page landed, the cursor behind it, and whether it was the last of the window."""
    rows = hub.db.rows("SELECT n, after, finished FROM hub.landed_page WHERE flow = %s AND run = %s ORDER BY n DESC LIMIT 1", run.flow, run.run)
    return rows[0] if rows else (0, run.cursor, False)


def keep(hub: Hub, run: Run, n: int, page: Page) -> None:
    """Stores the bytes, then the fact that they were landed."""
    sha256 = hub.objects.put(page.body)
    reached("land.stored")
    with hub.db.transaction() as connection:
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


def landed(hub: Hub, run: Run) -> list[Landed]:
    """The pages of a run, in order."""
    rows = hub.db.rows("SELECT n, sha256, rows FROM hub.landed_page WHERE flow = %s AND run = %s ORDER BY n", run.flow, run.run)
    return [Landed(*row) for row in rows]


def records(hub: Hub, source: Source, pages: list[Landed]) -> Iterator[tuple[int, int, bytes]]:
    """(page, index, raw bytes) of every record of the pages."""
    for page in pages:
        for index, raw in enumerate(source.rows(hub.objects.get(page.sha256))):
            yield page.n, index, raw
