"""What ``./hub up`` starts beside Airflow answers, and is gone after its end."""

from pathlib import Path

import psutil
import pytest
import requests

from include.services import Services, start_site_and_sharing
from include.store.database import Database

pytestmark = pytest.mark.postgres


def test_the_site_and_the_sharing_service_start_answer_and_end(db: Database, tmp_path: Path) -> None:
    services = Services(tmp_path / "logs")
    try:
        urls = start_site_and_sharing(services, {"HUB_HOME": str(tmp_path), "HUB_DATABASE_URL": db.url})
        assert requests.get(urls["site"], timeout=20).url.startswith(f"{urls['site']}/login")
        assert requests.get(f"{urls['sharing']}/docs", timeout=20).status_code == 200
        started = [psutil.Process(each.pid) for each in services.processes.values()]
        started += [child for each in started for child in each.children(recursive=True)]
        assert len(started) >= 5, "the site; the service, its two workers and its chores"
    finally:
        services.stop()
    _, alive = psutil.wait_procs(started, timeout=10)
    assert not alive
