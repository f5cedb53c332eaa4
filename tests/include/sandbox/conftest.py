"""A small province and the four systems that serve it, started once for the whole folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from include.sandbox.accounts import ACCOUNTS
from include.sandbox.run import Running, start

DVCQG = "/XrdAdapter/RestService/forward/mapi/"


class Client:
    """Plain HTTP to the systems, as far from the hub's own connectors as possible."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.http = requests.Session()
        self.http.trust_env = False

    def door(self, system: str, method: str, what: str, **options: Any) -> Any:
        return self.http.request(method, f"{self.running.root(system)}/_sandbox/{what}", timeout=10, **options).json()

    def fault(self, system: str, *faults: dict[str, Any]) -> None:
        self.door(system, "POST", "faults", json=list(faults))

    def token(self) -> str:
        account = ACCOUNTS["lgsp"]
        data = {"grant_type": "client_credentials"}
        answer = self.http.post(f"{self.running.endpoints['lgsp']}/token", data=data, auth=(account["user"], account["secret"]), timeout=10)
        return str(answer.json()["access_token"])

    def lgsp(self, method: str, path: str, token: str | None = None, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.token()}"} | options.pop("headers", {})
        return self.http.request(method, self.running.endpoints["lgsp"] + path, headers=headers, timeout=10, **options)

    def enterprises(self, **query: str) -> requests.Response:
        return self.lgsp("GET", "/apiCSDLDKDN/1.0/danhSachHoSo", params=query)

    def births(self, **changes: Any) -> requests.Response:
        body = {"maDonVi": 24, "module": "LTKS", "tuNgay": "01/11/2024", "denNgay": "23/11/2026", "trang": 1, "soLuong": 500} | changes
        return self.lgsp("POST", "/apiHoTichTuPhap/1.0/dsHoSoDangKy", json=body)

    def portal(self, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        headers = {"dstcode": ACCOUNTS["dvcqg"]["dstcode"], "Charset": "utf-8"} | headers
        answer = self.http.post(self.running.endpoints["dvcqg"] + DVCQG + path, json=body, headers=headers, timeout=10)
        assert answer.status_code == 200
        return dict(answer.json())

    def login(self) -> str:
        account = ACCOUNTS["dvcqg"]
        return str(self.portal("login", {"username": account["user"], "password": account["secret"]})["session"])

    def service(self, path: str, service: str, session: str | None = None, **arguments: Any) -> dict[str, Any]:
        return self.portal(path, {"session": session or self.login(), "madonvi": "H05", "service": service, **arguments})


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="session")
def running(state: Path) -> Iterator[Running]:
    with start(state, 300, 200, 150) as running:
        yield running


@pytest.fixture
def client(running: Running) -> Iterator[Client]:
    """A client, with every fault off and nothing written yet."""
    client = Client(running)
    for system in running.endpoints:
        client.door(system, "DELETE", "faults")
        client.door(system, "POST", "reset")
    yield client
    client.http.close()
