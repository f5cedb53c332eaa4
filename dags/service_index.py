"""The service index, hourly: what changed is measured, and the portal is asked once a day for its own count of the last two months."""

import os
from datetime import datetime, timedelta

from airflow.sdk import DAG, task

from include.clock import HANOI

SCHEDULED = os.environ.get("HUB_SCHEDULES") != "off"


def dag(name: str, vi: str, en: str, schedule: str) -> DAG:
    """What both have in common."""
    return DAG(
        name,
        dag_display_name=vi,
        description=en,
        doc_md=f"# {vi} · {en}\n\nQĐ 766/QĐ-TTg and 717/QĐ-UBND. What came of it: `./hub indicators show`, and the site's page of that name.",
        schedule=schedule if SCHEDULED else None,
        start_date=datetime(2026, 1, 1, tzinfo=HANOI),
        catchup=False,
        max_active_runs=1,
        tags=["indicators", "dossier"],
        default_args={"owner": "vp-ubnd", "retries": 3, "retry_delay": timedelta(minutes=1), "execution_timeout": timedelta(hours=1)},
    )


with dag("service_index", "Chỉ số phục vụ", "Service index", "45 * * * *") as service_index:

    @task(task_display_name="tính chỉ số · measure")
    def measure() -> dict[str, int]:
        """How many dossiers were measured anew."""
        from include import airflow_steps

        return airflow_steps.measure()

    measure()

with dag("portal_count", "Đối soát với Cổng", "Reconciliation with the portal", "15 6 * * *") as portal_count:

    @task(task_display_name="hỏi Cổng · ask the portal")
    def ask() -> dict[str, int]:
        """How many dossiers the portal counts, by month."""
        from include import airflow_steps

        return airflow_steps.portal_count()

    ask()
