"""The service index over random dossiers: everything anew, one day's change, each page; and every figure against brute force on 100,000.

``ROWS`` is the number of dossiers; the figures' names speak of a million.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any

from starlette.testclient import TestClient

from bench.scratch import scratch
from include.hub import Hub
from include.indicators.card import card
from include.indicators.facts import refresh
from include.indicators.figures import period
from include.settings import Settings
from include.site.accounts import Role, add
from include.site.app import create
from include.store import embedded
from include.store.database import Database
from include.store.embedded import plain
from include.store.migrating import migrate
from include.store.objects import Objects
from tests.include.indicators import brute
from tests.include.indicators.chance import NOW, One, catalogues, dossier, dossiers, tickets, write

CHECKED, DAY, CHUNK, SETTLED = 100_000, 4000, 50_000, 0.9
"""Of the dossiers beyond those checked, one in a hundred and more has no end yet, as in a province that keeps its promises."""
PAGES = ("/indicators", "/indicators?by=procedure", "/indicators/2.1", "/indicators/4.2?level=commune", "/indicators/P5")


def run(rows: int) -> list[dict[str, Any]]:
    """Seconds, the slowest page, and how many figures differ from brute force."""
    with scratch() as folder:
        url = plain(embedded.start(folder / "pgdata"))
        settings = Settings({"HUB_HOME": str(folder), "HUB_DATABASE_URL": url})
        hub = Hub(Database(url), Objects(settings.objects_url), settings, lambda: NOW)
        migrate(hub.db)
        return measured(hub, rows)


def measured(hub: Hub, rows: int) -> list[dict[str, Any]]:
    """Fills the hub, first with what is checked."""
    random = Random(766)
    checked = list(dossiers(random, min(CHECKED, rows)))
    many = dossiers(random, rows - len(checked), SETTLED, first=len(checked))
    with hub.db.transaction() as connection:
        catalogues(connection)
        write(connection, checked)
        tickets(connection, random, 50_000)
    refresh(hub)
    wrong = differing(hub, checked)
    while part := list(islice(many, CHUNK)):
        with hub.db.transaction() as connection:
            write(connection, part)
    with hub.db.session() as connection:
        connection.execute("ANALYZE golden.dossier")
        connection.execute("ANALYZE hub.receipt")
    whole = refresh(hub, whole=True)
    again = [replace(dossier(random, n), id=one.id, code=one.code) for n, one in enumerate(checked[:DAY])]
    with hub.db.transaction() as connection:
        write(connection, again, version=2)
    day = refresh(hub)
    return [
        {"name": "dossiers", "value": rows, "unit": "rows"},
        {"name": "figures_differing_100k", "value": wrong, "unit": "figures", "target": "0"},
        {"name": "full_recompute_s_1m", "value": whole.seconds, "unit": "s", "target": "60"},
        {"name": "one_day_s_1m", "value": day.seconds, "unit": "s", "target": "2", "dossiers": day.dossiers},
        {"name": "slowest_page_ms", "value": slowest(hub), "unit": "ms", "target": "300"},
    ]


def differing(hub: Hub, many: list[One]) -> int:
    """Figures of four periods that are not those of the brute-force computation."""
    wrong = 0
    for name in ("2025", "2026", "2026-Q2", "2026-11"):
        scope = period(name)
        inside = [one for one in many if (month := brute.month_of(one)) and scope.first <= month <= scope.last]
        wanted = brute.figures(inside, brute.until_of(scope.last))
        found = {line.code: (line.figure.part, line.figure.whole) for line in card(hub, scope)}
        wrong += sum(abs(found[code][0] - part) > 1e-6 or found[code][1] != whole for code, (part, whole) in wanted.items())
    return wrong


def slowest(hub: Hub) -> float:
    """The slowest page in milliseconds, each the best of three: the first opening of a page reads its tables into memory."""
    password = add(hub.settings, "bench", Role.AUDITOR)
    with TestClient(create(hub), base_url="http://127.0.0.1") as client:
        form = client.get("/login").text.partition('name="csrf" value="')[2].partition('"')[0]
        client.post("/login", data={"name": "bench", "password": password, "csrf": form})
        return max(min(spent(lambda page=page: client.get(page)) for _ in range(3)) for page in PAGES) * 1000


def spent(work: Callable[[], Any]) -> float:
    """Seconds; the page must be there."""
    started = time.perf_counter()
    answer = work()
    assert answer.status_code == 200, answer.status_code
    return time.perf_counter() - started
