"""A sandbox made anew empties the hub only when that was asked for, and nothing that was recorded is lost by a slip."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from include import acts
from include.cli import app
from include.hub import Hub
from include.local import make_province, note, the_only_one
from include.proof.audit import verify
from include.proof.log import seal
from include.sandbox.run import there
from include.settings import Settings
from include.store import embedded
from include.store.database import Database
from include.store.migrating import migrate

pytestmark = pytest.mark.postgres

SMALL, OTHER = (20, 5, 5), (30, 5, 5)


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    """An embedded hub of its own, its schemas made."""
    home = Path(tempfile.mkdtemp(prefix="hublocal"))
    home.chmod(0o755)  # run as root, PostgreSQL is another user
    yield Settings({"HUB_HOME": str(home)})
    embedded.stop(home / "pgdata")
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def recorded(settings: Settings) -> Hub:
    """That hub after its first sandbox, with something in its log."""
    make_province(settings, SMALL, anew=True)
    hub = Hub.connect(settings)
    migrate(hub.db)
    with hub.db.transaction() as connection:
        acts.record(connection, hub, "an", "assign", "quarantine/1")
    seal(hub, "acts")
    return hub


def test_another_province_is_refused_once_something_is_recorded(recorded: Hub) -> None:
    with pytest.raises(LookupError, match="--anew"):
        make_province(recorded.settings, OTHER)
    assert recorded.db.rows("SELECT who FROM hub.act") == [("an",)]
    assert there(recorded.settings.home / "sandbox")["citizens"] == 20


def test_the_same_province_is_gone_on_with(recorded: Hub) -> None:
    make_province(recorded.settings, SMALL)
    assert recorded.db.rows("SELECT who FROM hub.act") == [("an",)]


def test_a_province_over_records_of_other_systems_is_refused_too(recorded: Hub) -> None:
    shutil.rmtree(recorded.settings.home / "sandbox")
    with pytest.raises(LookupError, match="not there: --anew"):
        make_province(recorded.settings, SMALL)


def test_made_anew_the_log_begins_anew_and_the_heads_of_before_are_kept(recorded: Hub) -> None:
    before = (recorded.settings.home / "heads" / "acts.txt").read_text(encoding="utf-8")
    make_province(recorded.settings, OTHER, anew=True)
    migrate(recorded.db)
    assert verify(recorded, "acts") == (0, [])
    assert before in [path.read_text(encoding="utf-8") for path in recorded.settings.home.glob("heads-until-*/acts.txt")]


def test_a_database_at_work_is_not_emptied(recorded: Hub) -> None:
    with recorded.only_one("flow:births"), pytest.raises(LookupError, match="a run is at work"):
        make_province(recorded.settings, OTHER, anew=True)
    assert recorded.db.rows("SELECT who FROM hub.act") == [("an",)]


def test_a_database_of_ones_own_is_never_emptied_not_even_at_the_second_try(db: Database, tmp_path: Path) -> None:
    own = Settings({"HUB_HOME": str(tmp_path), "HUB_DATABASE_URL": db.url})
    for _ in range(2):
        with pytest.raises(LookupError, match="never emptied"):
            make_province(own, SMALL, anew=True)


def test_nothing_is_made_while_something_runs(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = Settings({"HUB_HOME": str(tmp_path)})
    with the_only_one(here), pytest.raises(LookupError, match="another one is at work"), the_only_one(here):
        pass
    note(here, [])
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    for command in (["sandbox", "start"], ["up"], ["demo"]):
        done = CliRunner().invoke(app, command)
        assert "./hub down" in str(done.exception), command


@pytest.mark.parametrize("command", [["sandbox", "start"], ["up"], ["demo"]])
@pytest.mark.parametrize("size", ["--citizens", "--enterprises", "--dossiers"])
def test_a_size_below_one_is_refused(command: list[str], size: str) -> None:
    assert CliRunner().invoke(app, [*command, size, "-5"]).exit_code == 2
