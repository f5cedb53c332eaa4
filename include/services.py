"""Processes the hub starts: Airflow's three, the sandbox; and their end."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests

from include.errors import NotStarted
from include.private_files import made_once
from include.settings import ROOT, Settings
from include.store import embedded
from include.store.embedded import plain

PRELOADED = ("airflow", "airflow.executors.local_executor", "airflow.sdk.execution_time.task_runner", "include.airflow_steps", "quality.engine")
"""What workers are born with: a task then starts in a blink instead of importing Great Expectations for seconds."""
AIRFLOW = ("scheduler", "dag-processor", "api-server")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Services:
    """Started processes, by name."""

    logs: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        """Starts a process in a group of its own, its words in ``logs/NAME.log``."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def wait_for(self, what: str, ready: Callable[[], bool], seconds: float = 180) -> None:
        """Waits until ``ready``; raises NotStarted when time is up or a process ended."""
        end = time.monotonic() + seconds
        while not ready():
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise NotStarted(f"{name} ended with {process.returncode}: see {self.logs / name}.log")
            if time.monotonic() > end:
                raise NotStarted(f"{what} did not answer within {seconds:.0f} s: see the logs in {self.logs}")
            time.sleep(0.2)

    def stop(self) -> None:
        """Ends every process: politely, then not."""
        end_groups([process.pid for process in self.processes.values()])
        for process in self.processes.values():
            process.wait()
        self.processes.clear()


def end_groups(pids: list[int], seconds: float = 10) -> None:
    """SIGTERM to each process group, SIGKILL to what is left after ``seconds``."""
    for pid in pids:
        signal_group(pid, signal.SIGTERM)
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(alive(pid) for pid in pids):
        time.sleep(0.1)
    for pid in pids:
        signal_group(pid, signal.SIGKILL)


def signal_group(pid: int, number: int) -> None:
    """Sends a signal to a group that may be gone."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def airflow_environment(settings: Settings, port: int) -> dict[str, str]:
    """Airflow's configuration for a hub on one machine: LocalExecutor, metadata beside the hub's database, secrets kept in HUB_HOME."""
    home = settings.home / "airflow"
    home.mkdir(parents=True, exist_ok=True)
    keys = secret_keys(home / "keys.json")
    password_file = home / "passwords.json"
    made_once(password_file, lambda: json.dumps({"admin": secrets.token_urlsafe(12)}).encode())
    return {
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "dags" / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__MP_START_METHOD": "forkserver",
        "AIRFLOW__CORE__MP_FORKSERVER_PRELOAD": ",".join(PRELOADED),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet"],
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__SECRET_KEY": keys["api"],
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt"],
        "AIRFLOW__EXECUTION_API__JWT_EXPIRATION_TIME": "3600",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow_database(settings),
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__OPENLINEAGE__DISABLED": "True",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "GX_ANALYTICS_ENABLED": "false",
    }


def airflow_database(settings: Settings) -> str:
    """The second database of the same server, made when it is not there."""
    url = plain(settings.database_url) if settings.database_url else embedded.start(settings.home / "pgdata")
    embedded.ensure_database(url, "airflow")
    head, _, query = url.partition("?")
    base = head.rsplit("/", 1)[0] + "/airflow" + (f"?{query}" if query else "")
    return base.replace("postgresql://", "postgresql+psycopg2://", 1)


def secret_keys(path: Path) -> dict[str, str]:
    """The keys all components share: made once, kept where only the owner reads."""
    from cryptography.fernet import Fernet

    def fresh() -> bytes:
        return json.dumps({"fernet": Fernet.generate_key().decode(), "jwt": secrets.token_hex(64), "api": secrets.token_hex(32)}).encode()

    keys: dict[str, str] = json.loads(made_once(path, fresh))
    return keys


def admin_password(settings: Settings) -> str:
    """The generated password of Airflow's ``admin``."""
    passwords: dict[str, str] = json.loads((settings.home / "airflow" / "passwords.json").read_text(encoding="utf-8"))
    return passwords["admin"]


def migrate_airflow(environment: Mapping[str, str]) -> None:
    """``airflow db migrate``."""
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    done = subprocess.run(command, env={**os.environ, **environment}, cwd=ROOT, capture_output=True, check=False)
    if done.returncode != 0:
        raise NotStarted("airflow db migrate failed:\n" + done.stderr.decode(errors="replace")[-2000:])


def start_airflow(services: Services, environment: Mapping[str, str]) -> None:
    """Scheduler with its workers, DAG processor, API server; waits until all three say they are well."""
    for name in AIRFLOW:
        services.start(f"airflow-{name}", [sys.executable, "-m", "airflow", name], environment)
    services.wait_for("Airflow", lambda: healthy(environment["AIRFLOW__API__BASE_URL"]))


SITE, SHARING = 8600, 8480
"""Where the site and the sharing service listen, unless somebody else does."""


def start_site_and_sharing(services: Services, environment: Mapping[str, str]) -> dict[str, str]:
    """The auditors' site and the sharing service with two workers; waits until both answer, and returns their addresses."""
    ports = {"site": open_port(SITE), "sharing": open_port(SHARING)}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    own = [sys.executable, "-m", "include.cli"]
    services.start("site", [*own, "site", "--port", str(ports["site"])], environment)
    services.start("sharing", [*own, "serve", "--port", str(ports["sharing"]), "--workers", "2"], environment)
    services.wait_for("the site", lambda: answers(urls["site"] + "/health"))
    services.wait_for("the sharing service", lambda: answers(urls["sharing"] + "/v1/health"))
    return urls


def open_port(wanted: int) -> int:
    """``wanted``, or a free port when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return free_port()
    return wanted


def answers(url: str) -> bool:
    """Whether a service says it is well."""
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def healthy(base_url: str) -> bool:
    """Whether Airflow's components report health."""
    try:
        health = requests.get(f"{base_url}/api/v2/monitor/health", timeout=5).json()
    except (requests.RequestException, ValueError):
        return False
    return all((health.get(name) or {}).get("status") == "healthy" for name in ("metadatabase", "scheduler", "dag_processor"))
