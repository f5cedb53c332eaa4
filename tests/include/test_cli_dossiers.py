"""``./hub conflicts``, ``desk`` and ``vanished``: what is there is told, and what cannot be done is said in a sentence."""

from uuid import uuid4

import pytest
from typer.testing import CliRunner

from include import cli
from include.errors import HubError
from include.hub import Hub

pytestmark = pytest.mark.postgres


@pytest.fixture
def run(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(cli, "connect", lambda: hub)
    return CliRunner()


def test_a_conflict_of_values_without_a_moment_is_listed(run: CliRunner, hub: Hub) -> None:
    with hub.db.transaction() as connection:
        connection.execute(
            "INSERT INTO hub.conflict (dossier, code, field, kept_flow, kept_run, kept_n, kept_idx, other_flow, other_run, other_n, other_idx,"
            " version, rule, at) VALUES (%s, 'H05.16-261123-0001', 'due_at', 'dossiers', 'r', 1, 0, 'portal_filed', 'r', 1, 0, 1, 'owner_holds', %s)",
            [uuid4(), hub.clock()],
        )
    done = run.invoke(cli.app, ["conflicts"])
    assert done.exit_code == 0, done.output
    assert "H05.16-261123-0001" in done.output


def test_an_empty_list_is_a_sentence(run: CliRunner) -> None:
    assert run.invoke(cli.app, ["conflicts"]).output == "Xung đột · Conflicts: không có gì · nothing\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["conflicts", "--take-other"], "--settle NUMBER"),
        (["desk", "H05.999"], "no agency 'H05.999'"),
        (["vanished", "--confirm"], "missing: nguồn · flow"),
        (["vanished", "births", "--confirm"], "missing: người xác nhận · --who"),
    ],
)
def test_what_cannot_be_done_is_said(run: CliRunner, arguments: list[str], told: str) -> None:
    error = run.invoke(cli.app, arguments).exception
    assert isinstance(error, HubError | LookupError)
    assert told in str(error)
