"""The site on a hub with a little history, and somebody at its door."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict
from starlette.testclient import TestClient

from include.hub import Hub
from include.site import login
from include.site.accounts import Role, add
from include.site.app import create
from tests.conftest import fresh_database, hub_on
from tests.include.site.history import write

Visitor = Callable[..., TestClient]


@pytest.fixture(scope="session")
def past(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hub, Path]]:
    """Thirty days of two sources, a quarantine, findings: written once, copied for each test."""
    folder = tmp_path_factory.mktemp("past")
    with fresh_database(server) as db:
        hub = hub_on(db, folder)
        write(hub, days=30)
        yield hub, folder


@pytest.fixture
def history(server: str, past: tuple[Hub, Path], tmp_path: Path) -> Iterator[Hub]:
    """A hub with that past, and files of its own."""
    hub, folder = past
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with fresh_database(server, str(conninfo_to_dict(hub.db.url)["dbname"])) as db:
        yield hub_on(db, tmp_path)


@pytest.fixture
def visit(history: Hub) -> Iterator[Visitor]:
    """``visit(role, agency)`` is a browser that has logged in."""
    login._wrong.clear()
    opened = []

    def enter(role: Role = Role.AUDITOR, agency: str = "") -> TestClient:
        client = TestClient(create(history), base_url="http://127.0.0.1", follow_redirects=True)
        opened.append(client)
        client.__enter__()
        password = add(history.settings, f"{role}{agency}", role, agency)
        answer = client.post("/login", data={"name": f"{role}{agency}", "password": password, "csrf": csrf(client, "/login"), "next": "/"})
        assert answer.status_code == 200, answer.text
        return client

    yield enter
    for client in opened:
        client.__exit__(None, None, None)


def csrf(client: TestClient, path: str) -> str:
    """The token of the forms on a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def send(client: TestClient, page: str, action: str, **form: str) -> str:
    """Fills in a form of ``page`` and sends it; the text of the page that follows."""
    answer = client.post(action, data={"csrf": csrf(client, page), **form})
    return f"{answer.status_code} {answer.text}"
