"""What nobody foresaw is told by its place: neither the log of a task nor the ledger of runs quotes a record."""

import os
import subprocess
import sys
import traceback

import pytest

from connectors.errors import SourceUnavailable
from include import airflow_steps, cli
from include.errors import Busy, Unexpected
from include.flows import flow
from include.hub import Hub
from include.runs import begin
from include.settings import ROOT
from include.unexpected import discreet

NUMBER = "024085000037"


@pytest.mark.parametrize("error", [KeyError(NUMBER), ValueError(f"could not convert {NUMBER}"), AssertionError(NUMBER)])
def test_an_unforeseen_error_names_its_kind_and_place_and_nothing_else(error: Exception) -> None:
    with pytest.raises(Unexpected) as raised, discreet():
        raise error
    told = "".join(traceback.format_exception(raised.value))
    assert NUMBER not in told
    assert str(raised.value).startswith(f"{type(error).__name__} at ")


@pytest.mark.parametrize("error", [Busy("another process"), SourceUnavailable("away"), LookupError("no such flow"), ConnectionError("away")])
def test_foreseen_errors_pass_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, discreet():
        raise error
    assert raised.value is error


@pytest.mark.postgres
def test_the_ledger_of_runs_quotes_no_record(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    births = flow("births")
    begin(hub, births, "r1")
    monkeypatch.setattr("include.steps.merge", lambda *_: {}[NUMBER])
    monkeypatch.setattr(Hub, "connect", lambda: hub)
    with pytest.raises(Unexpected):
        airflow_steps.run("merge", "births", "r1")
    note = hub.db.rows("SELECT note FROM hub.run WHERE run = 'r1'")[0][0]
    assert (note["step"], note["error"], NUMBER in str(note)) == ("merge", "Unexpected", False)


def test_the_command_line_quotes_no_record_either(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("include.cli.app", lambda: {}[NUMBER])
    with pytest.raises(SystemExit):
        cli.main()
    told = capfd.readouterr().err
    assert (NUMBER in told, "KeyError" in told) == (False, True)


@pytest.mark.parametrize("command", [["quarantine"], ["db", "migrate"]])
def test_a_database_that_cannot_be_reached_is_told_as_such(command: list[str]) -> None:
    environment = {**os.environ, "HUB_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x", "COLUMNS": "300"}
    done = subprocess.run(
        [sys.executable, "-m", "include.cli", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, "Traceback" in done.stderr, "OperationalError" in done.stderr, "refused" in done.stderr) == (1, False, True, True)
