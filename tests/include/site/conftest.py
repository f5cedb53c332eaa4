"""The site on a hub with a little history, and somebody at its door."""

import re
from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from include.hub import Hub
from include.site import login
from include.site.accounts import Role, add
from include.site.app import create
from tests.include.site.history import write

Visitor = Callable[..., TestClient]


@pytest.fixture
def history(hub: Hub) -> Hub:
    """Thirty days of two sources, a quarantine, findings."""
    write(hub, days=30)
    return hub


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
