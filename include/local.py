"""Everything on one machine: the sandbox and Airflow as left running by ``up``, found again by other commands, ended by ``down``."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from include.clock import HANOI
from include.console import out
from include.hub import Hub
from include.locks import alone
from include.proof.log import set_heads_aside
from include.sandbox import accounts
from include.sandbox.run import about, generate_if_missing, header_of, start, there
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
from include.store.database import SCHEMAS, Database, database
from include.store.migrating import migrate


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


@contextmanager
def the_only_one(settings: Settings) -> Iterator[None]:
    """Meanwhile nobody else makes, starts or plays the sandbox of this HUB_HOME. Raises LookupError when something runs there already."""
    with ExitStack() as stack:
        try:
            stack.enter_context(alone(settings.home / "sandbox", wait=False))
        except BlockingIOError:
            raise LookupError(
                "demo, up hoặc sandbox start khác đang chạy, hãy đợi hoặc dừng nó · another one is at work: wait, or end it with Ctrl-C"
            ) from None
        if running(settings):
            raise LookupError("trục đang chạy, hãy dừng trước bằng ./hub down · something is running already: ./hub down ends it")
        yield


Sizes = tuple[int, int, int]
"""Citizens, enterprises, dossiers."""


def sandbox(sizes: Sizes, *, anew: bool = False) -> dict[str, str]:
    """The sandbox alone, left running; returns its addresses."""
    settings = Settings.read()
    with the_only_one(settings):
        return start_sandbox(settings, sizes, anew=anew)


def start_sandbox(settings: Settings, sizes: Sizes, *, anew: bool) -> dict[str, str]:
    """Starts the sandbox in the background and notes it."""
    make_province(settings, sizes, anew=anew)
    systems = start(settings.home / "sandbox", detached=True)
    note(settings, systems.pids, endpoints=systems.addresses)
    endpoints: dict[str, str] = systems.addresses
    return endpoints


def make_province(settings: Settings, sizes: Sizes, *, anew: bool = False) -> None:
    """Makes the synthetic province unless it is there, or ``anew``. A new one has forgotten what it was sent, so the hub starts anew too: the
    embedded database is emptied, and the heads of its logs are set aside. LookupError when something was recorded and nobody said ``anew``; a
    database of your own is never emptied.
    """
    db, folder = database(settings), settings.home / "sandbox"
    kept = there(folder)
    if kept == about(*sizes) and not anew:
        return
    if settings.database_url:
        if db.rows("SELECT to_regclass('hub.run')")[0][0]:
            raise LookupError(
                "HUB_DATABASE_URL chỉ cơ sở dữ liệu đã dùng, trục không bao giờ xóa nó; hãy chỉ một cơ sở dữ liệu trống"
                " · HUB_DATABASE_URL names a database already in use, which is never emptied; a new sandbox needs an empty one"
            )
    else:
        empty(settings, db, "" if anew else refusal(kept, sizes))
    generate_if_missing(folder, *sizes)


def refusal(kept: Mapping[str, object], sizes: Sizes) -> str:
    """Why a database that holds something is not emptied, and what to do."""
    same = kept and kept == about(*sizes) | {"version": kept.get("version"), "as_of": kept.get("as_of")}
    vi, en = ("của phiên bản trước", "of an earlier version") if same else ("khác", "another one") if kept else ("chưa có", "not there")
    go_on = ("", "") if same or not kept else ("bỏ các số để dùng tỉnh đang có; ", "name no sizes to go on with the one that is there; ")
    return (
        f"cơ sở dữ liệu đã có dữ liệu, mà tỉnh mô phỏng {vi}: {go_on[0]}--anew xóa hết để làm lại, kể cả nhật ký đã ký; HUB_HOME khác giữ cả hai"
        f" · the hub's database holds records already, and the province asked for is {en}: {go_on[1]}--anew empties it, signed logs included;"
        " another HUB_HOME keeps both"
    )


USED = "SELECT EXISTS (SELECT FROM hub.run) OR EXISTS (SELECT FROM hub.act)"
AT_WORK = "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory' AND datname = current_database())"


def empty(settings: Settings, db: Database, refused: str) -> None:
    """Empties the embedded database; with ``refused`` only one in which nothing was recorded, else that is the LookupError. Heads first: those
    of a log that is gone would be a break for ever, while the log keeps its own.
    """
    with db.transaction() as connection:
        [known] = connection.execute("SELECT to_regclass('hub.run') IS NOT NULL AND to_regclass('hub.act') IS NOT NULL").fetchall()
        if refused and known[0] and connection.execute(USED).fetchall()[0][0]:
            raise LookupError(refused)
        if connection.execute(AT_WORK).fetchall()[0][0]:
            raise LookupError("một lần chạy đang dở, hãy đợi nó xong · a run is at work on this database: wait for its end")
        header_of(settings.home / "sandbox").unlink(missing_ok=True)
        if aside := set_heads_aside(settings, datetime.now(HANOI)):
            out.print(f"các đầu nhật ký đã ký được giữ ở · the signed heads of before are kept in {aside}", soft_wrap=True)
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


def up(sizes: Sizes, *, anew: bool = False) -> None:
    """Starts everything in the background and tells where it is."""
    settings = Settings.read()
    with the_only_one(settings):
        start_all(settings, start_sandbox(settings, sizes, anew=anew))


def start_all(settings: Settings, endpoints: dict[str, str]) -> None:
    """What stands on the sandbox: schemas, Airflow, site, sharing."""
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
