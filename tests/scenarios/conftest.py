"""The whole hub against the sandbox: four real servers, started once, forgotten between tests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests

from include.hub import Hub
from include.local import sandbox_environment
from include.sandbox.run import Running, start
from include.settings import Settings


@dataclass
class Province:
    """The sandbox, its truth, and its back door."""

    running: Running
    truth: dict[str, Any]

    def door(self, system: str, path: str, method: str = "GET", **arguments: Any) -> Any:
        answer = requests.request(method, f"{self.running.root(system)}/_sandbox/{path}", timeout=30, **arguments)
        answer.raise_for_status()
        return answer.json()

    def written(self, system: str, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.door(system, f"records/{kind}", params={"limit": "10000"})["records"]
        return found

    def forget(self) -> None:
        for system in ("lgsp", "bhxh", "motcua", "dvcqg"):
            self.door(system, "faults", "DELETE")
            self.door(system, "reset", "POST")
        self.stand_at("2026-11-23T08:30:00+07:00")

    def stand_at(self, moment: str) -> None:
        """Whatever is written to the one-stop system and the portal happens then, half an hour before the hub's clock at first."""
        for system in ("motcua", "dvcqg"):
            self.door(system, "clock", "POST", json={"now": moment})


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    folder: Path = tmp_path_factory.mktemp("sandbox")
    with start(folder, 600, 120, 150) as running:
        yield Province(running, json.loads((folder / "truth.json").read_text()))


@pytest.fixture
def province(sandbox: Province) -> Province:
    sandbox.forget()
    return sandbox


@pytest.fixture
def world(hub: Hub, province: Province) -> Hub:
    """A fresh hub pointed at the sandbox, with small batches so that there are several."""
    return pointed_at(province, hub)


def pointed_at(province: Province, hub: Hub) -> Hub:
    """The hub, with the sandbox's addresses."""
    environment = {**hub.settings.environment, **sandbox_environment(province.running.addresses), "HUB_BATCH_ROWS": "50"}
    return replace(hub, settings=Settings(environment))
