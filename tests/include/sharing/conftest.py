"""A real service on a real PostgreSQL: one database, one uvicorn per module; agencies that sign with keys of their own."""

import asyncio
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import psycopg
import pytest
import requests
import uvicorn

from include.clock import now
from include.hub import Hub
from include.settings import Settings
from include.sharing import seed
from include.sharing.app import application
from include.sharing.auth.assertions import TYPE
from include.sharing.server import listen, prepare
from include.sharing.service import Service
from include.store.database import Database
from include.store.objects import Objects
from tests.conftest import fresh_database

PURPOSE, DOSSIER = "1.001193", "H05.16-261101-0001"
PEOPLE = 200
FIELDS = ["full_name", "birth_date", "phone"]


@pytest.fixture(scope="session")
def server(durable_server: str) -> str:
    """The service refuses a server that may forget what it acknowledged."""
    return durable_server


def number(place: int) -> str:
    """A personal number far from its neighbours, so that asking for several is no enumeration."""
    return f"024085{place * 37 % 1_000_000:06d}"


def people(connection: Any, count: int = PEOPLE) -> None:
    connection.execute(
        "INSERT INTO hub.source (id, flow, system, entity) VALUES (1, 'births', 'hotich', 'person'), (2, 'insurance', 'bhxh', 'person')"
    )
    connection.execute("INSERT INTO hub.flow_state (flow, cursor, run, at) VALUES ('births', '{}', 'r', now()), ('insurance', '{}', 'r', now())")
    rows = [
        (str(uuid.UUID(int=place + 1)), number(place), f"Nguyễn Văn {chr(65 + place % 26)}", f"19{50 + place % 50}-03-{place % 28 + 1:02d}",
         "07210" if place % 2 else "09169", f"+8491{place:07d}")
        for place in range(count)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO golden.person (id, personal_number, full_name, birth_date, commune_code, phone, sex, name_key, given_key, provenance,"
            " version, updated_at, updated_run) SELECT a.id::uuid, a.number, a.name, a.born, a.place, a.phone, 'male', lower(a.name),"
            " lower(right(a.name, 1)),"
            " ARRAY[1,0,0,1,1,1,0,0,2,0,2,0,0,0,0,0]::smallint[], 1, timestamptz '2026-01-01', 'r'"
            " FROM (SELECT %s id, %s number, %s name, %s born, %s place, %s phone) a",
            rows,
        )
    connection.execute(
        "INSERT INTO hub.alias (entity, kind, value, entity_id, run) SELECT 'person', 'old_id_number', '123456789', id, 'r' FROM golden.person"
        " WHERE personal_number IN (%s, %s)",
        [number(1), number(2)],
    )
    connection.execute(
        "INSERT INTO hub.alias (entity, kind, value, entity_id, run) SELECT 'person', 'old_id_number', '987654321', id, 'r' FROM golden.person"
        " WHERE personal_number = %s",
        [number(3)],
    )
    one = "INSERT INTO golden.{0} (id, {1}, provenance, version, updated_at, updated_run) VALUES (gen_random_uuid(), {2}, '{{}}', 1, now(), 'r')"
    connection.execute(
        one.format(
            "dossier",
            "code, procedure_code, applicant_name, applicant_number, status, steps",
            "%s, %s, 'Nguyễn Văn B', %s, '4', '[{\"status\": \"2\"}]'",
        ),
        [DOSSIER, PURPOSE, number(1)],
    )
    for serial, co_owner in (("AB100001", number(2)), ("AB100002", None)):
        connection.execute(
            one.format(
                "land_certificate", "serial, owner_name, owner_number, co_owner_number, commune_code, status", "%s, 'B', %s, %s, '07210', 'valid'"
            ),
            [serial, number(1), co_owner],
        )
    connection.execute(
        one.format("paper", "code, paper_type, title, owner_number, kind, status", "'GT-1', 'KQ.1', 'Giấy khai sinh', %s, 'result', 'approved'"),
        [number(1)],
    )
    connection.execute(one.format("agency", "code, name, level", "'H05.201', 'UBND phường A', 'commune'"))
    connection.execute(one.format("enterprise", "tax_code, name, legal_status, commune_code", "'2300123454', 'Công ty A', '1', '07210'"))
    connection.execute(
        one.format(
            "insurance_participation",
            "code, insurance_number, personal_number, full_name, unit_name",
            "'x|y|2020-01-01', '0123456789', %s, 'B', 'Đơn vị'",
        ),
        [number(1)],
    )


@dataclass
class Agency:
    """A client of the service."""

    url: str
    hub: Hub
    client: str = "motcua"
    session: requests.Session = field(default_factory=requests.Session)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Any:
        return seed.signing_key(seed.key_file(self.hub, self.client))

    def assertion(self, **claims: Any) -> str:
        at = int(time.time())
        body = {"iss": self.client, "sub": self.client, "aud": self.url, "iat": at, "exp": at + 60, "jti": uuid.uuid4().hex} | claims
        return jwt.encode(body, self.key, "ES256", {"kid": seed.KID})

    def ask_token(self, assertion: str = "", **form: str) -> requests.Response:
        form = {"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": assertion or self.assertion()} | form
        return self.session.post(f"{self.url}/oauth2/token", data=form, timeout=20)

    @property
    def token(self) -> str:
        if "" not in self.tokens:
            answer = self.ask_token()
            assert answer.status_code == 200, answer.text
            self.tokens[""] = answer.json()["access_token"]
        return self.tokens[""]

    def headers(self, **changes: str | None) -> dict[str, str]:
        given = {"Authorization": f"Bearer {self.token}", "Purpose-Of-Use": PURPOSE, "Dossier-Id": DOSSIER, "Officer-Id": "CB.0001"}
        given |= {name.replace("_", "-"): value for name, value in changes.items()}
        return {name: value for name, value in given.items() if value is not None}

    def post(self, path: str, body: Any, **headers: str | None) -> requests.Response:
        return self.session.post(f"{self.url}{path}", json=body, headers=self.headers(**headers), timeout=20)

    def get(self, path: str, **headers: str | None) -> requests.Response:
        return self.session.get(f"{self.url}{path}", headers=self.headers(**headers), timeout=20)

    def person(self, place: int = 1, fields: Any = FIELDS, **headers: str | None) -> requests.Response:
        return self.post("/v1/persons/lookup", {"type": "personal_number", "value": number(place), "fields": list(fields)}, **headers)


@dataclass
class World:
    """The service, its hub, and agencies."""

    hub: Hub
    url: str
    service: Service
    loop: asyncio.AbstractEventLoop

    def agency(self, client: str = "motcua") -> Agency:
        return Agency(self.url, self.hub, client)

    def audit(self, request_id: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.hub.db.url, row_factory=psycopg.rows.dict_row) as connection:
            return connection.execute("SELECT * FROM hub.access WHERE request_id = %s", [request_id]).fetchall()

    def settle(self) -> None:
        """Until the service has read the agreements as they are."""
        wanted = self.hub.db.rows("SELECT n FROM hub.sharing_epoch")[0][0]
        end = time.monotonic() + 3
        while self.service.registry.snapshot.epoch != wanted and time.monotonic() < end:
            time.sleep(0.01)
        assert self.service.registry.snapshot.epoch == wanted


@contextmanager
def serving(hub: Hub, *also: socket.socket, **environment: str) -> Iterator[World]:
    """A uvicorn around the service, in a thread; it listens at ``also`` too."""
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings({**hub.settings.environment, **environment})
    prepare(hub)
    service = Service(settings, hub.db.url, url)
    running = uvicorn.Server(uvicorn.Config(application(service), loop="uvloop", http="httptools", ws="none", log_config=None, access_log=False))
    loops: list[asyncio.AbstractEventLoop] = []

    def run() -> None:
        with asyncio.Runner(loop_factory=__import__("uvloop").new_event_loop) as runner:
            loops.append(runner.get_loop())
            runner.run(running.serve([listener, *also]))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not running.started:
        assert thread.is_alive(), "the service did not start"
        assert time.monotonic() < end, "the service did not start"
        time.sleep(0.01)
    yield World(hub, url, service, loops[0])
    running.should_exit = True
    thread.join(10)


def made_hub(db: Database, folder: Path) -> Hub:
    settings = Settings({"HUB_HOME": str(folder), "HUB_DATABASE_URL": db.url})
    return Hub(db, Objects(settings.objects_url), settings, now)


@pytest.fixture(scope="module")
def world(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with fresh_database(server) as db:
        made = made_hub(db, tmp_path_factory.mktemp("sharing"))
        with db.transaction() as connection:
            people(connection)
        seed.seed(made)
        with serving(made, HUB_SHARING_PROXY="s3cret") as running:
            yield running


@pytest.fixture
def agency(world: World) -> Agency:
    return world.agency()


def soon(seconds: float) -> datetime:
    return now() + timedelta(seconds=seconds)
