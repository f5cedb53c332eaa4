"""A demonstration that is told to end, ends what it started."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from include import demo
from include.services import Services


def test_sigterm_stops_what_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    stopped: list[str] = []

    @contextmanager
    def systems(folder: Path) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(addresses={})
        stopped.append("sandbox")

    def told_to_end(services: Services, environment: Mapping[str, str]) -> None:
        services.start("sleep", ["sleep", "60"], {})
        started.append(services.processes["sleep"].pid)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    monkeypatch.setattr(demo, "prepare", lambda *_: None)
    monkeypatch.setattr(demo, "start", systems)
    monkeypatch.setattr(demo, "Hub", SimpleNamespace(connect=lambda _: None))
    monkeypatch.setattr(demo, "airflow_environment", lambda *_: {})
    monkeypatch.setattr(demo, "start_airflow", told_to_end)
    monkeypatch.setattr(demo, "stop_database", lambda _: stopped.append("database"))
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert demo.demo(1, 1, 1, keep=True) == 130
    finally:
        signal.signal(signal.SIGTERM, before)
    assert stopped == ["database", "sandbox"]
    assert not psutil.pid_exists(started[0])
