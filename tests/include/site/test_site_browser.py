"""Every page in a real browser: nothing that axe calls serious, nothing that sticks out of a telephone, in both languages."""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
import uvicorn
from psycopg.types.json import Jsonb

from include.hub import Hub
from include.indicators.facts import refresh
from include.services import free_port
from include.site.accounts import Role, add
from include.site.app import create
from tests.include.indicators.chance import catalogues, dossiers, write
from tests.include.site.history import insert
from tests.include.site.test_site_pages import addresses

pytestmark = [pytest.mark.postgres, pytest.mark.browser]
FOLDER = Path(__file__).parent / "browser"
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), "")
BY_AIRFLOW = "manual__2026-11-27T14:00:13.201466+00:00"
"""A run as Airflow calls it: a long name without a blank."""
KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bacninh-hub" / "browser"
"""Where the packages of the browser's driver are kept from one run to the next."""


@pytest.fixture(scope="module")
def driver() -> Path:
    """The script, with its packages."""
    if not CHROMIUM or not shutil.which("npm"):
        pytest.skip("chromium and npm are needed: apt-get install chromium npm")
    shutil.copytree(FOLDER, KEPT, dirs_exist_ok=True)
    if not (KEPT / "node_modules" / "axe-core").exists():
        done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=KEPT, check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"the browser's driver cannot be installed: {done.stderr[-200:]}")
    return KEPT / "look.mjs"


@pytest.fixture
def served(history: Hub) -> Iterator[tuple[str, str]]:
    """The site as a server of its own, with dossiers in it; its address and an auditor's password."""
    with history.db.transaction() as connection:
        catalogues(connection)
        write(connection, dossiers(Random(717), 300))
        values = ("births", BY_AIRFLOW, False, False, Jsonb({}), history.clock(), "done", history.clock(), history.clock(), None)
        insert(connection, "run", [values])
    refresh(history)
    password, port = add(history.settings, "kiem-tra", Role.AUDITOR), free_port()
    server = uvicorn.Server(uvicorn.Config(create(history), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", password
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize(("width", "language"), [(360, "vi"), (1440, "en")])
def test_every_page_can_be_read_by_everybody(driver: Path, served: tuple[str, str], width: int, language: str) -> None:
    url, password = served
    paths = [f"/runs/births/{quote(BY_AIRFLOW)}"]
    paths += [path for path in addresses() if "." not in path.rsplit("/", 1)[-1] or path.startswith("/indicators/")]
    asked = {"url": url, "name": "kiem-tra", "password": password, "paths": paths, "widths": [width], "languages": [language]}
    command = ["node", str(driver), json.dumps(asked | {"folder": "", "chromium": CHROMIUM})]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(found) == len(paths)
    assert [
        (one["path"], one["status"], one["over"], one["serious"]) for one in found if one["status"] != 200 or one["over"] > 0 or one["serious"]
    ] == []
