"""SOAP servers not written here: what npm ``soap`` and PHP's SoapServer say is read, and their Faults are understood."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import CONTRACTS, contract
from connectors.errors import SourceRefused
from connectors.page import Endpoint
from connectors.paging import PageNumber
from connectors.soap import SoapSource, username_token
from connectors.transport import Transport
from include.sources import BHXH_FAULTS
from tests.connectors.conftest import QUICK
from tests.connectors.test_soap_versions import seen

HERE = Path(__file__).parent / "peers"
WSDL = CONTRACTS / "bhxh.wsdl"
SINCE, UNTIL = {"since": "2026-11-01T00:00:00+07:00"}, datetime.fromisoformat("2026-11-23T00:00:00+07:00")


@contextmanager
def running(command: list[str], environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **environment}, start_new_session=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


def node_modules() -> str:
    """Where npm keeps ``soap``; empty when it is not installed."""
    if not shutil.which("node") or not shutil.which("npm"):
        return ""
    root = os.environ.get("NODE_PATH") or subprocess.run(["npm", "root", "-g"], capture_output=True, text=True, check=False).stdout.strip()
    return root if (Path(root) / "soap").is_dir() else ""


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    """The address of the npm ``soap`` server."""
    modules = node_modules()
    if not modules:
        pytest.skip("npm's soap is not installed: npm install -g soap")
    with running(["node", str(HERE / "soapsrv.js"), str(WSDL)], {"NODE_PATH": modules}) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/bhxh"


@pytest.fixture(scope="module")
def php() -> Iterator[str]:
    """The address of the PHP SoapServer."""
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=False).stdout if shutil.which("php") else ""
    if "soap" not in modules.split():
        pytest.skip("PHP with SOAP is not installed: apt-get install php-cli php-soap")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running(["php", "-S", f"127.0.0.1:{port}", str(HERE / "bhxh.php")], {"HUB_WSDL": str(WSDL)}):
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture(params=["node", "php"])
def peer(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def source_at(url: str, size: int) -> Any:
    wsdl, endpoint = contract("bhxh.wsdl"), Endpoint("bhxh", url, "user", "secret")

    def arguments(cursor: Mapping[str, Any]) -> dict[str, Any]:
        return {"tuThoiDiem": UNTIL, "denThoiDiem": UNTIL, "trang": cursor["page"], "soLuong": size}

    transport = Transport(wsdl.verdict(BHXH_FAULTS), patience=QUICK)
    token = lambda: username_token(endpoint)  # noqa: E731 one per message
    return SoapSource(endpoint, wsdl, "DanhSachNguoiThamGia", "nguoiThamGia", arguments, seen, PageNumber(size), transport, token)


def test_a_stranger_s_pages_are_read_to_the_end(peer: str) -> None:
    source = source_at(peer, 10)
    pages = list(source.pages(SINCE, UNTIL))
    rows = [source.decode(row) for page in pages for row in source.rows(page.body)]
    source.close()
    assert [page.rows for page in pages] == [10, 10, 5]
    assert [row["soDinhDanh"] for row in rows] == [f"027099000{100 + n}" for n in range(25)]
    assert {row["hoTen"] for row in rows} == {"Nguyễn Văn Mẫu & <con>"}


def test_a_stranger_s_fault_is_understood(peer: str) -> None:
    source = source_at(peer, 2000)
    with pytest.raises(SourceRefused, match="SOAP Fault Client THAMSO"):
        list(source.pages(SINCE, UNTIL))
    source.close()


def test_a_stranger_s_pages_go_on_from_each_cursor(peer: str) -> None:
    source = source_at(peer, 10)
    pages = list(source.pages(SINCE, UNTIL))
    for at in range(len(pages) - 1):
        assert [page.rows for page in source.pages(pages[at].after, UNTIL)] == [page.rows for page in pages[at + 1 :]]
    source.close()
