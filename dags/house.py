"""What every DAG of the hub has in common."""

import os
from datetime import datetime, timedelta

from airflow.sdk import DAG

from include.clock import HANOI

SCHEDULED = os.environ.get("HUB_SCHEDULES") != "off"


def dag(name: str, vi: str, en: str, about: str, schedule: str, owner: str, *tags: str) -> DAG:
    """A DAG of the hub's own work, beside the syncs: no catching up, one run at a time, tried again when something was away."""
    return DAG(
        name,
        dag_display_name=vi,
        description=en,
        doc_md=f"# {vi} · {en}\n\n{about}",
        schedule=schedule if SCHEDULED else None,
        start_date=datetime(2026, 1, 1, tzinfo=HANOI),
        catchup=False,
        max_active_runs=1,
        tags=list(tags),
        default_args={"owner": owner, "retries": 3, "retry_delay": timedelta(minutes=1), "execution_timeout": timedelta(hours=2)},
    )
