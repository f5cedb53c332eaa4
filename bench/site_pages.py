"""How long the site's pages take when the hub has a past: CPU time of the site and of PostgreSQL for each, which is its server time on a machine
that does nothing else. ``wall_ms`` is the middle of the wall times, and longer when the machine is busy.

A real sync of every flow against the sandbox comes first. Its runs, steps, rule results, scores and quarantined rows are then copied inside
PostgreSQL over a year back, until the quarantine holds ``ROWS`` rows; one in ten of them is still open.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from statistics import median
from typing import Any

import psycopg
from starlette.testclient import TestClient

from bench.row_path import cpu_of
from bench.scratch import scratch
from include.clock import HANOI
from include.flows import FLOWS
from include.hub import Hub
from include.indicators.facts import refresh
from include.local import sandbox_environment
from include.once.never_again import recompute
from include.runs import Wish
from include.sandbox.run import start
from include.settings import Settings
from include.site.accounts import Role, add
from include.site.app import create
from include.site.menu import pages
from include.steps import run_flow
from include.store.migrating import migrate

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=HANOI)
DAYS = 365
TIMES = 5


def run(rows: int) -> list[dict[str, Any]]:
    """A figure per page, and the slowest."""
    with lived(rows) as hub, TestClient(create(hub), base_url="http://127.0.0.1") as client:
        log_in(hub, client)
        figures = [measured(hub, client, path) for path in addresses(hub)]
        held = hub.db.rows("SELECT count(*) FROM hub.quarantine")[0][0]
    slowest = max(figures, key=lambda figure: figure["value"])
    return [{**slowest, "name": "slowest_page", "page": slowest["name"]}, *figures, {"name": "rows_in_quarantine", "value": held, "unit": "rows"}]


@contextmanager
def lived(rows: int) -> Iterator[Hub]:
    """A hub with a year behind it."""
    with scratch() as folder:
        (folder / "sandbox").mkdir()
        with start(folder / "sandbox", 600, 120, 150) as running:
            environment = {**os.environ, **sandbox_environment(running.addresses), "HUB_HOME": str(folder)}
            hub = replace(Hub.connect(Settings(environment)), clock=lambda: NOW)
            migrate(hub.db)
            for flow in FLOWS:
                run_flow(hub, flow, "r1", Wish(full=True))
            recompute(hub)
            refresh(hub)
        remember(hub, rows)
        yield hub


def remember(hub: Hub, rows: int) -> None:
    """A past made of the one run there was."""
    with hub.db.transaction() as connection:
        count = connection.execute("SELECT count(*) FROM hub.quarantine").fetchone()
        copies = max(1, round(rows / DAYS / (count[0] if count else 1)))
        for statement in PAST:
            connection.execute(statement, {"days": DAYS, "copies": copies})
    with psycopg.connect(hub.db.url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


PAST = (
    """INSERT INTO hub.run (flow, run, whole, dry, cursor, until, state, started_at, finished_at)
    SELECT flow, 'd' || day, false, false, cursor, until - day * interval '1 day', state, started_at - day * interval '1 day',
           finished_at - day * interval '1 day' FROM hub.run, generate_series(1, %(days)s) AS day WHERE run = 'r1'""",
    """INSERT INTO hub.step (flow, run, step, counts, seconds, at)
    SELECT flow, 'd' || day, step, counts, seconds, at - day * interval '1 day'
    FROM hub.step, generate_series(1, %(days)s) AS day WHERE run = 'r1'""",
    """INSERT INTO hub.rule_result (flow, run, step, first, rule, code, severity, rows, evaluated, failed, status)
    SELECT flow, 'd' || day, step, first, rule, code, severity, rows, evaluated, failed, status
    FROM hub.rule_result, generate_series(1, %(days)s) AS day WHERE run = 'r1'""",
    """INSERT INTO hub.score_day (day, flow, step, rule, field, code, criterion, evaluated, failed)
    SELECT s.day - back, flow, step, rule, field, code, criterion, evaluated, failed FROM hub.score_day s, generate_series(1, %(days)s) AS back""",
    """INSERT INTO hub.finding (flow, run, kind, code, field, agency, value, expected, detail, at)
    SELECT flow, run, 'drift', 'drift_rows', '', '', 100, 50, '{}', started_at FROM hub.run""",
    """INSERT INTO hub.quarantine (flow, run, n, idx, source_key, row_hash, codes, issues, at, verify_by, fix_by, state, closed_at, closed_run)
    SELECT flow, 'd' || day, n, idx + 100000 * copy, source_key || '-' || day || '-' || copy, row_hash, codes, issues, at - day * interval '1 day',
           verify_by - day, fix_by - day, CASE WHEN closed THEN 'fixed' ELSE 'open' END,
           CASE WHEN closed THEN at - (day - 1) * interval '1 day' END, CASE WHEN closed THEN 'd' || day - 1 END
    FROM hub.quarantine, generate_series(1, %(days)s) AS day, generate_series(1, %(copies)s) AS copy,
         LATERAL (SELECT (id + day + copy) %% 10 > 0 AS closed) AS c WHERE run = 'r1'""",
)


def addresses(hub: Hub) -> list[str]:
    """Every page that is read, on what the hub holds; the lists also as people narrow them."""
    row, finding = (hub.db.rows(f"SELECT max(id) FROM hub.{table} WHERE flow = 'births'")[0][0] for table in ("quarantine", "finding"))
    code = hub.db.rows("SELECT code FROM hub.handed ORDER BY code LIMIT 1")[0][0]
    places = {"flow": "births", "field": "full_name", "rule": "PER-010", "run": "r1", "month": "2026-10", "indicator": "2.1", "code": code}
    places |= {"procedure": "1.001193", "desk": "H05.16"}
    found = []
    for page in pages():
        if not page.posts:
            numbered = places | {"number": str(finding if page.path.startswith("/findings") else row)}
            found.append(re.sub(r"\{(\w+)(?::path)?\}", lambda match, numbered=numbered: numbered[match[1]], page.path))  # type: ignore[misc]
    more = [
        "/quarantine?state=overdue",
        "/quarantine?state=closed",
        "/quarantine?flow=births&code=date_invalid",
        "/runs?flow=births",
        "/findings?flow=births",
    ]
    return [*found, *more]


def log_in(hub: Hub, client: TestClient) -> None:
    """As an auditor."""
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text)
    password = add(hub.settings, "bench", Role.AUDITOR, "")
    client.post("/login", data={"name": "bench", "password": password, "csrf": token[1] if token else "", "next": "/"})


def measured(hub: Hub, client: TestClient, path: str) -> dict[str, Any]:
    """A page's milliseconds, the first request left out."""
    walls: list[float] = []

    def ask() -> None:
        started = time.perf_counter()
        answer = client.get(path)
        walls.append(1000 * (time.perf_counter() - started))
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")

    ask()
    spent = cpu_of(hub.settings.home, lambda: [ask() for _ in range(TIMES)])
    return {"name": path, "value": 1000 * spent / TIMES, "unit": "ms of CPU", "target": "< 300", "wall_ms": round(median(walls), 1)}
