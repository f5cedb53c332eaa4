"""Starting and ending: nothing is left behind, what was written survives, nothing is made twice."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import requests

from include.errors import NotStarted
from include.sandbox.run import ROOT, SYSTEMS, Running, generate_if_missing, size, start
from tests.include.sandbox.conftest import Client
from tests.include.sandbox.test_sandbox_dvcqg import DOSSIER, held, push

ORPHANS = """
import os, sys
from pathlib import Path
from include.sandbox.run import start
running = start(Path(sys.argv[1]))
print(*running.pids, flush=True)
os._exit(1)
"""


def test_endpoints_are_written_down(running: Running) -> None:
    assert json.loads((running.state / "endpoints.json").read_text(encoding="utf-8")) == running.addresses
    assert set(running.endpoints) == set(SYSTEMS)
    assert set(running.addresses) - set(SYSTEMS) == {"btxh"}
    assert running.endpoints["bhxh"].endswith("/bhxh")


def test_a_province_of_the_same_size_and_seed_is_kept(tmp_path: Path) -> None:
    assert generate_if_missing(tmp_path, 20, 5, 5)
    before = (tmp_path / "truth.json").stat().st_mtime_ns
    assert not generate_if_missing(tmp_path, 20, 5, 5)
    assert (tmp_path / "truth.json").stat().st_mtime_ns == before
    assert generate_if_missing(tmp_path, 20, 5, 5, seed=1)
    assert generate_if_missing(tmp_path, 21, 5, 5, seed=1)


def test_what_was_written_survives_a_restart(tmp_path: Path) -> None:
    for round_ in range(2):
        with start(tmp_path, 10, 2, 2) as running:
            client = Client(running)
            if not round_:
                push(client, DOSSIER)
            assert held(client) == 1
            client.http.close()


def test_stop_ends_every_process(tmp_path: Path) -> None:
    running = start(tmp_path)
    pids = running.pids
    running.stop()
    assert len(pids) == len(SYSTEMS)
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_the_systems_die_with_their_parent(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", ORPHANS, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == len(SYSTEMS)
    processes = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    _, alive = psutil.wait_procs([one for one in processes if one.status() != psutil.STATUS_ZOMBIE], timeout=5)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []


def test_a_port_in_use_is_told(running: Running, tmp_path: Path) -> None:
    taken = int(running.endpoints["lgsp"].rsplit(":", 1)[1])
    with pytest.raises(NotStarted, match="lgsp did not start"):
        start(tmp_path, ports={"lgsp": taken})


def test_logs_hold_no_personal_data(client: Client) -> None:
    client.births()
    requests.post(client.running.endpoints["dvcqg"] + "/XrdAdapter/RestService/forward/mapi/p", data=b"\xff\xfe", timeout=10)
    assert [log.read_bytes() for log in client.running.state.glob("*.log")] == [b""] * len(SYSTEMS)


def test_detached_systems_outlive_their_parent_until_they_are_told_to_end(tmp_path: Path) -> None:
    script = ORPHANS.replace("start(Path(sys.argv[1]))", "start(Path(sys.argv[1]), detached=True)")
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    processes = [psutil.Process(int(pid)) for pid in done.stdout.split()]
    endpoints = json.loads((tmp_path / "endpoints.json").read_text(encoding="utf-8"))
    try:
        assert requests.get(endpoints["lgsp"] + "/_sandbox/health", timeout=10).json()["ok"]
        assert len(processes) == len(SYSTEMS)
    finally:
        for process in processes:
            process.terminate()
        _, alive = psutil.wait_procs(processes, timeout=5)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []


def test_who_names_no_size_gets_the_province_that_is_there(tmp_path: Path) -> None:
    assert size(tmp_path, None, None, None) == (20_000, 2_000, 5_000)
    generate_if_missing(tmp_path, 20, 5, 6)
    assert size(tmp_path, None, None, None) == (20, 5, 6)
    assert size(tmp_path, 800, None, None) == (800, 80, 200)
    assert size(tmp_path, 800, 0, None) == (800, 0, 200)
