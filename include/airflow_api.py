"""Airflow's public REST API, as much of it as the demonstration needs."""

from typing import Any

import requests


class AirflowApi:
    """A logged-in client of one Airflow."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        self.base_url = base_url
        self.password = password
        self._session = requests.Session()
        token = self._session.post(f"{base_url}/auth/token", json={"username": user, "password": password}, timeout=30)
        token.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

    def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        answer = self._session.request(method, f"{self.base_url}/api/v2/{path}", timeout=60, **arguments)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def known(self, dag: str) -> bool:
        """Whether Airflow has read the DAG's file."""
        return self._session.get(f"{self.base_url}/api/v2/dags/{dag}", timeout=60).status_code == 200

    def trigger(self, dag: str, conf: dict[str, Any]) -> str:
        """Starts a run and returns its id."""
        return str(self._call("POST", f"dags/{dag}/dagRuns", json={"logical_date": None, "conf": conf})["dag_run_id"])

    def state(self, dag: str, run: str) -> str:
        """queued, running, success or failed."""
        return str(self._call("GET", f"dags/{dag}/dagRuns/{run}")["state"])
