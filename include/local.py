"""Everything on one machine: the sandbox and Airflow as left running by ``up``, found again by other commands, ended by ``down``."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from include.console import out
from include.hub import Hub
from include.sandbox import accounts
from include.sandbox.run import generate_if_missing, start
from include.services import (
    Services,
    admin_password,
    airflow_environment,
    end_groups,
    free_port,
    migrate_airflow,
    start_airflow,
    start_site_and_sharing,
)
from include.settings import ROOT, Settings
from include.store import embedded
from include.store.database import SCHEMAS, database, migrate


def state_file(settings: Settings) -> Path:
    """Where the processes left running are noted: pids, addresses, Airflow's port."""
    return settings.home / "running.json"


def running(settings: Settings) -> dict[str, object]:
    """What was left running; empty when nothing was."""
    path = state_file(settings)
    noted: dict[str, object] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return noted


def with_local_endpoints(settings: Settings) -> Settings:
    """The settings, with the sandbox's addresses for systems that are not configured."""
    endpoints = running(settings).get("endpoints")
    if not isinstance(endpoints, dict):
        return settings
    return replace(settings, environment={**sandbox_environment(endpoints), **settings.environment})


def sandbox_environment(endpoints: Mapping[str, str]) -> dict[str, str]:
    """The environment that points the hub at sandbox systems."""
    made = {}
    for system, url in endpoints.items():
        for name, value in ({"url": url} | accounts.ACCOUNTS[system]).items():
            made[f"HUB_{system.upper()}_{name.upper()}"] = value
    if "btxh" in endpoints:
        made["HUB_BTXH_WAIT"] = "0"  # its files are whole before anybody is told of the folder
    return made


def start_sandbox(settings: Settings, citizens: int, enterprises: int, dossiers: int) -> dict[str, str]:
    """Starts the sandbox in the background and notes it."""
    make_province(settings, citizens, enterprises, dossiers)
    systems = start(settings.home / "sandbox", detached=True)
    note(settings, systems.pids, endpoints=systems.addresses)
    endpoints: dict[str, str] = systems.addresses
    return endpoints


def make_province(settings: Settings, citizens: int, enterprises: int, dossiers: int) -> None:
    """Makes the synthetic province unless it is there. A new one has forgotten what it was sent, so the hub starts anew too: the embedded
    database is emptied. One of your own never is: LookupError asks for another.
    """
    db = database(settings)
    if not generate_if_missing(settings.home / "sandbox", citizens, enterprises, dossiers):
        return
    if settings.database_url and db.rows("SELECT to_regclass('hub.run')")[0][0]:
        raise LookupError("HUB_DATABASE_URL names a database already in use; a new sandbox needs an empty one")
    with db.transaction() as connection:
        for schema in SCHEMAS:
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def note(settings: Settings, pids: list[int], **facts: object) -> None:
    """Adds to what is noted as running."""
    noted = running(settings)
    before = noted.get("pids")
    noted |= {"pids": [*(before if isinstance(before, list) else []), *pids], **facts}
    path = state_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(noted), encoding="utf-8")


def up(citizens: int, enterprises: int, dossiers: int) -> None:
    """Starts everything in the background and tells where it is."""
    settings = Settings.read()
    if running(settings):
        raise LookupError("something is running already: ./hub down ends it")
    endpoints = start_sandbox(settings, citizens, enterprises, dossiers)
    settings = with_local_endpoints(settings)
    migrate(Hub.connect(settings).db)
    environment = airflow_environment(settings, free_port()) | sandbox_environment(endpoints) | {"HUB_HOME": str(settings.home)}
    migrate_airflow(environment)
    services = Services(settings.home / "logs")
    try:
        pages = start_site_and_sharing(services, environment | {"HUB_SITE_EMBED_IN": environment["AIRFLOW__API__BASE_URL"]})
        start_airflow(services, environment | {"HUB_SITE_URL": pages["site"]})
    except BaseException:
        services.stop()
        down()
        raise
    note(settings, [process.pid for process in services.processes.values()], airflow=environment["AIRFLOW__API__BASE_URL"])
    for system, url in endpoints.items():
        out.print(f"{system:8s} {url}")
    out.print(f"airflow  {environment['AIRFLOW__API__BASE_URL']}  admin / {admin_password(settings)}")
    out.print(f"site     {pages['site']}  ./hub site account NAME makes an account")
    out.print(f"sharing  {pages['sharing']}/docs  ./hub share sandbox makes clients and keys to try it with", soft_wrap=True)


def down() -> None:
    """Ends what was left running, and the embedded PostgreSQL."""
    settings = Settings.read()
    pids = running(settings).get("pids")
    end_groups([pid for pid in pids if ours(pid)] if isinstance(pids, list) else [])
    state_file(settings).unlink(missing_ok=True)
    embedded.stop(settings.home / "pgdata")


def ours(pid: int) -> bool:
    """Whether the process is one of this checkout: numbers are used again."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == ROOT
    except OSError:
        return False
