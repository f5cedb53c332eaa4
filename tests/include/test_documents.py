"""Documents are outputs: a stale one fails here."""

import subprocess
import sys

import pytest

from include.cli import app
from include.documents import flow_page, with_flows
from include.flows import FLOWS, Flow
from include.settings import ROOT


def test_the_readmes_table_of_flows_is_fresh() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_flows(readme) == readme, "run ./hub docs"


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.id)
def test_a_flows_page_lists_every_field_it_fills(flow: Flow) -> None:
    page = flow_page(flow)
    assert all(f"| `{one.field}` |" in page for one in flow.dataset.fields)


@pytest.mark.parametrize("command", sorted(command.name or command.callback.__name__ for command in app.registered_commands))  # type: ignore[union-attr]
def test_every_command_has_help_and_stands_in_the_readme(command: str) -> None:
    done = subprocess.run([sys.executable, "-m", "include.cli", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(done.stdout) > 100
    assert f"hub {command}" in (ROOT / "README.md").read_text(encoding="utf-8") + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
