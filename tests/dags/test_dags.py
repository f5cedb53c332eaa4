"""DAGs are what the list of flows says, cost nothing to import, and run through Airflow itself."""

import email
import email.policy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from include.flows import FLOWS, TARGETS
from include.local import sandbox_environment
from include.sandbox.run import start
from include.services import free_port
from include.settings import ROOT
from tests.conftest import fresh_database

pytestmark = pytest.mark.airflow

LOOK = """
import json, sys, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, "dags")
import sync, deliver, notify, once, service_index
from airflow.sdk import DAG
dags = {d.dag_id: d for m in (sync, deliver, notify, once, service_index) for d in vars(m).values() if isinstance(d, DAG)}
print(json.dumps({
    "heavy": sorted({"pandas", "great_expectations", "zeep", "signxml", "lxml.objectify"} & set(sys.modules)),
    "dags": {i: {"tasks": list(d.task_dict), "owner": d.owner, "doc": d.doc_md or "", "tags": sorted(d.tags), "catchup": d.catchup,
        "active": d.max_active_runs, "retries": [t.retries for t in d.tasks], "schedule": str(d.schedule)} for i, d in dags.items()},
}))
"""

RUN = """
import sys, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, "dags")
import sync
run = sync.enterprises.test(run_conf={"full": True})
print("STATE", run.state)
print("PARTS", sum(one.task_id == "refine_part" and one.state == "success" for one in run.get_task_instances()))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Airflow on a SQLite of its own: no scheduler is needed here."""
    home = tmp_path_factory.mktemp("airflow")
    names = (
        "CORE__LOAD_EXAMPLES",
        "CORE__DAGS_FOLDER",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION",
        "USAGE_DATA_COLLECTION__ENABLED",
        "OPENLINEAGE__DISABLED",
    )
    wanted = {f"AIRFLOW__{name}": value for name, value in zip(names, ("False", str(ROOT / "dags"), "False", "False", "True"), strict=True)}
    return {**os.environ, **wanted, "AIRFLOW_HOME": str(home / "airflow"), "PYTHONPATH": str(ROOT), "HUB_HOME": str(home)}


@pytest.fixture(scope="module")
def migrated(environment: dict[str, str]) -> dict[str, str]:
    """The same, with Airflow's tables made."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], env=environment, cwd=ROOT, check=True, capture_output=True)
    return environment


@pytest.fixture(scope="module")
def parsed(environment: dict[str, str]) -> dict[str, dict[str, object]]:
    done = subprocess.run([sys.executable, "-c", LOOK], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, dict[str, object]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_there_is_one_dag_for_each_flow_and_each_target(parsed: dict[str, dict[str, object]]) -> None:
    assert set(parsed["dags"]) == {flow.id for flow in FLOWS} | {target.id for target in TARGETS} | {
        "once_only",
        "service_index",
        "portal_count",
        "notify",
    }


def test_parsing_imports_nothing_heavy(parsed: dict[str, object]) -> None:
    assert parsed["heavy"] == []


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.id)
def test_a_dag_keeps_the_house_rules(parsed: dict[str, dict[str, dict[str, object]]], flow: object) -> None:
    dag = parsed["dags"][flow.id]  # type: ignore[attr-defined]
    assert dag["tasks"] == ["land", "refine_part", "refine", "merge", "publish", "report"]
    assert (dag["owner"], dag["catchup"], dag["active"]) == (flow.owner, False, 1)  # type: ignore[attr-defined]
    assert all(retries >= 2 for retries in dag["retries"])  # type: ignore[attr-defined]
    assert flow.dataset.legal_basis in str(dag["doc"])  # type: ignore[attr-defined]
    assert flow.system in dag["tags"]  # type: ignore[attr-defined, operator]


@pytest.mark.scenario
def test_a_flow_runs_through_airflow(migrated: dict[str, str], server: str, tmp_path: Path) -> None:
    """`dag.test()`: Airflow's own task runner, against the sandbox and a real database."""
    with start(tmp_path / "sandbox", 100, 40, 20) as systems, fresh_database(server) as db:
        env = {**migrated, **sandbox_environment(systems.endpoints), "HUB_DATABASE_URL": db.url, "HUB_HOME": str(tmp_path)}
        env |= {"HUB_BATCH_ROWS": "10", "HUB_SPAN_ROWS": "15"}
        done = subprocess.run([sys.executable, "-c", RUN], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
        assert "STATE success" in done.stdout, done.stderr[-3000:]
        assert "PARTS 2" in done.stdout, "refined side by side by mapped tasks"
        assert db.rows("SELECT state FROM hub.run") == [("done",)]
        assert db.rows("SELECT count(*) FROM golden.enterprise")[0][0] > 30


NOTIFY = """
import sys, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, "dags")
import notify
print("STATE", notify.notify.test().state)
"""


class Mailbox:
    """What a real mail server took."""

    def __init__(self) -> None:
        self.letters: list[str] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default).get_body().get_content())
        return "250 OK"


@pytest.mark.scenario
def test_owners_are_told_by_mail_through_airflow(migrated: dict[str, str], server: str, tmp_path: Path) -> None:
    """Airflow's own notifier and connection, to a real mail server."""
    mailbox = Mailbox()
    port = free_port()
    post = Controller(mailbox, hostname="127.0.0.1", port=port)
    post.start()
    try:
        with fresh_database(server) as db:
            with db.transaction() as connection:
                connection.execute(
                    "INSERT INTO hub.quarantine (flow, run, n, idx, source_key, row_hash, codes, issues, at, verify_by, fix_by)"
                    " VALUES ('births', 'r1', 1, 1, 'k', '', '{required_missing}', '[]', now(), current_date, current_date + 5)"
                )
            mail = json.dumps(
                {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": {"disable_tls": True, "disable_ssl": True, "from_email": "hub@x"}}
            )
            env = {**migrated, "HUB_DATABASE_URL": db.url, "HUB_HOME": str(tmp_path), "AIRFLOW_CONN_HUB_SMTP": mail}
            env["HUB_NOTICE_SO_TU_PHAP"] = "mailto:hotich@example.com"
            for given in ({name: value for name, value in env.items() if name != "AIRFLOW_CONN_HUB_SMTP"}, env):
                done = subprocess.run([sys.executable, "-c", NOTIFY], env=given, cwd=ROOT, capture_output=True, text=True, check=False)
                assert "STATE success" in done.stdout, done.stderr[-3000:]
            without, told = db.rows("SELECT owner, channel, outcome, message FROM hub.notice ORDER BY id")
            assert told == ("so-tu-phap", "email", "sent", "")
            assert without[:3] == ("so-tu-phap", "email", "failed")
            assert "hub_smtp" in without[3]
    finally:
        post.stop()
    assert len(mailbox.letters) == 1
    assert "Thiếu dữ liệu bắt buộc" in mailbox.letters[0]


PLUGIN = """
import json
from airflow import plugins_manager
print(json.dumps([view for plugin in plugins_manager._get_plugins()[0] for view in plugin.external_views or []]))
"""


@pytest.mark.parametrize(("address", "views"), [("http://127.0.0.1:8600", ["http://127.0.0.1:8600/"]), ("", [])])
def test_the_auditors_site_stands_in_the_navigation_when_it_is_known_where(environment: dict[str, str], address: str, views: list[str]) -> None:
    env = {**environment, "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "dags" / "plugins"), "HUB_SITE_URL": address}
    done = subprocess.run([sys.executable, "-c", PLUGIN], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [view["href"] for view in json.loads(done.stdout.splitlines()[-1])] == views
