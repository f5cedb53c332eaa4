"""The command line of once-only: no personal number in an argument, none in an output that did not ask for it."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from include.cli import app
from include.hub import Hub
from tests.include.once.conftest import ALONE, Put, person
from tests.include.once.test_never_again import dossier

pytestmark = pytest.mark.postgres
ASK = ["resolve", "1.000894", "--agency", "H05.201", "--who", "can-bo-1"]


@pytest.fixture
def run(hub: Hub, put: Put, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A hub that knows one person, and a command line that finds it."""
    put("person", **person())
    for name in ("HUB_HOME", "HUB_DATABASE_URL"):
        monkeypatch.setenv(name, hub.settings.environment[name])
    return CliRunner()


def test_a_question_is_answered_without_telling_who_was_meant(run: CliRunner) -> None:
    done = run.invoke(app, [*ASK, "--json"], input=f"{ALONE}\n")
    assert done.exit_code == 0, done.output
    assert ALONE not in done.output
    assert "Nguyễn" not in done.output
    assert {one["component"]: one["outcome"] for one in json.loads(done.stdout)}["TP.000894.02"] == "fact"


def test_the_form_is_shown_when_asked_for(run: CliRunner) -> None:
    assert "Nguyễn Văn Mẫu" in run.invoke(app, [*ASK, "--form", "--json"], input=f"{ALONE}\n").stdout


def test_nobody_who_matches_is_told_in_a_sentence(run: CliRunner) -> None:
    assert "nobody matches" in str(run.invoke(app, ASK, input="024094000777\n").exception)


def test_the_weekly_list_names_dossiers_and_no_people(run: CliRunner, hub: Hub) -> None:
    dossier(hub, code="H05.201-261110-0001")
    done = run.invoke(app, ["never-again", "--week", "2026-W46", "--csv"])
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert [row[:4] for row in rows[1:]] == [["H05.201-261110-0001", "1.000894", "TP.000894.02", "H05.16"]]
    assert ALONE not in done.output
    assert list(csv.reader(io.StringIO(run.invoke(app, ["never-again", "--week", "2026-W45", "--csv"]).stdout)))[1:] == []


def test_the_catalogue_is_compared_with_the_portals(run: CliRunner, put: Put) -> None:
    assert run.invoke(app, ["requirements"]).exit_code == 0
    put("procedure", code="9.999999", name="Thủ tục mới", active=True, components=[{"code": "TP.999999.01"}])
    done = run.invoke(app, ["requirements"])
    assert done.exit_code == 1
    assert "9.999999: neither covered nor declared uncovered" in done.output
