"""The command line: what does not exist is a mistake, not an empty answer; numbers that name things are written as they are typed."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import requests

from include.hub import Hub
from include.settings import ROOT
from include.site import serve
from include.site.accounts import Role
from quality.issues import CATALOGUE
from tests.commands import in_a_line, said

pytestmark = pytest.mark.postgres


def aside(hub: Hub, run: str = "r1") -> int:
    """A row put aside in a run, which was a trial."""
    with hub.db.transaction() as connection:
        connection.execute(
            "INSERT INTO hub.run (flow, run, whole, dry, cursor, until, state, started_at) VALUES ('births', %s, true, true, '{}', %s, 'done', %s)",
            [run, hub.clock(), hub.clock()],
        )
        found = connection.execute(
            "INSERT INTO hub.quarantine (id, flow, run, n, idx, source_key, row_hash, codes, issues, at) OVERRIDING SYSTEM VALUE"
            " VALUES (2446, 'births', %s, 1234, 1000, 'K', '', '{date_invalid}', '[]', %s) RETURNING id",
            [run, hub.clock()],
        ).fetchone()
    assert found
    return int(found[0])


@pytest.mark.parametrize(
    ("arguments", "there"),
    [
        (["status", "nosuch"], "births"),
        (["findings", "nosuch"], "births"),
        (["vanished", "nosuch"], "births"),
        (["run", "nosuch"], "births"),
        (["quarantine", "--flow", "nosuch"], "births"),
        (["quarantine", "--code", "nosuch"], sorted(CATALOGUE)[0]),
        (["replay", "births", "--code", "nosuch"], sorted(CATALOGUE)[0]),
        (["replay", "births", "--run", "nosuch"], "r1"),
        (["replay", "births", "--id", "999"], "./hub quarantine --flow births"),
        (["requirements", "9.999999"], "1.000894"),
    ],
)
def test_a_name_that_does_not_exist_is_a_mistake_and_those_that_do_are_told(hub: Hub, arguments: list[str], there: str) -> None:
    aside(hub)
    code, told = in_a_line(hub, *arguments)
    assert (code, "there is no" in told, there in told) == (2, True, True), told


@pytest.mark.parametrize("arguments", [["status", "births"], ["findings", "births"], ["quarantine", "--flow", "births", "--code", "date_invalid"]])
def test_a_name_that_exists_may_have_an_empty_answer(hub: Hub, arguments: list[str]) -> None:
    assert said(hub, *arguments)[0] == 0


@pytest.mark.parametrize(
    "command", [["status"], ["quarantine"], ["findings"], ["conflicts"], ["desk", "H05.201"], ["indicators", "behind", "2.1"]], ids=lambda one: one[0]
)
@pytest.mark.parametrize("limit", ["-1", "0"])
def test_a_limit_below_one_is_a_usage_error(hub: Hub, command: list[str], limit: str) -> None:
    assert said(hub, *command, "--limit", limit)[0] == 2


def test_a_role_that_does_not_exist_is_a_usage_error(hub: Hub) -> None:
    code, told = in_a_line(hub, "site", "account", "x", "--role", "bogus")
    assert (code, "auditor" in told) == (2, True)
    assert set(get_args(get_args(get_type_hints(serve.account, include_extras=True)["role"])[0])) == set(Role)


@pytest.mark.parametrize("command", ["site", "serve"])
@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_does_not_exist_is_a_usage_error(hub: Hub, command: str, port: str) -> None:
    assert said(hub, command, "--port", port)[0] == 2


def test_the_site_names_no_address_that_it_does_not_hold(hub: Hub, tmp_path: Path) -> None:
    environment = {**os.environ, "HUB_HOME": str(tmp_path), "HUB_DATABASE_URL": hub.db.url, "COLUMNS": "300"}
    command = [sys.executable, "-m", "include.cli", "site", "--port"]
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = str(other.getsockname()[1])
        done = subprocess.run([*command, taken], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, "--port 0" in done.stderr) == (1, "", True)
    with subprocess.Popen([*command, "0"], cwd=ROOT, env={**environment, "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert requests.get(process.stdout.readline().strip() + "/health", timeout=20).status_code == 200
        finally:
            process.terminate()


@pytest.mark.parametrize("arguments", [["--triage", "normal"], ["--id", "5"]])
def test_a_finding_is_triaged_by_its_number(hub: Hub, arguments: list[str]) -> None:
    code, told = in_a_line(hub, "findings", *arguments, "--who", "an", "--comment", "x")
    assert (code, "go together" in told) == (2, True)


def test_a_pack_that_is_not_there_is_said_so(hub: Hub) -> None:
    code, told = in_a_line(hub, "proof", "verify", "/nonexistent")
    assert (code, "does not exist" in told) == (2, True)


def test_the_verifier_of_one_file_says_so_too() -> None:
    command = [sys.executable, "include/proof/verify.py", "/nonexistent"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "Traceback" in done.stderr, "/nonexistent" in done.stderr) == (2, False, True)


def test_numbers_that_name_a_row_are_written_as_they_are_typed(hub: Hub) -> None:
    aside(hub)
    told = in_a_line(hub, "quarantine")[1]
    assert ("2446" in told, "1234" in told, "1000" in told, "," in told) == (True, True, True, False)


def test_the_status_says_that_a_run_was_a_trial(hub: Hub) -> None:
    aside(hub)
    assert "thử · trial" in in_a_line(hub, "status")[1]
