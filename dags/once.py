"""Once-only, each night after the registers were read: files of papers are fetched, and the never-again indicator follows what changed."""

import os
from datetime import datetime, timedelta

from airflow.sdk import DAG, task

from include.clock import HANOI

SCHEDULED = os.environ.get("HUB_SCHEDULES") != "off"

with DAG(
    "once_only",
    dag_display_name="Chỉ nộp một lần",
    description="Once only: files of papers, and what was handed in although the state held it",
    doc_md="# Chỉ nộp một lần · Once only\n\nFetches files of digitised papers that are due (NĐ 118/2025/NĐ-CP), then recomputes `hub.handed` for the"
    " dossiers that changed and those of owners of whom something changed. What came of it: `./hub never-again`, and the site's page of that name.",
    schedule="30 5 * * *" if SCHEDULED else None,
    start_date=datetime(2026, 1, 1, tzinfo=HANOI),
    catchup=False,
    max_active_runs=1,
    tags=["once-only", "dossier", "paper"],
    default_args={"owner": "vp-ubnd", "retries": 3, "retry_delay": timedelta(minutes=1), "execution_timeout": timedelta(hours=2)},
) as once_only:

    @task(task_display_name="lấy tệp giấy tờ · fetch papers")
    def fetch_papers() -> dict[str, int]:
        """How many files came to what."""
        from include import airflow_steps

        return airflow_steps.fetch_papers()

    @task(task_display_name="tính chỉ số · never again")
    def never_again() -> dict[str, int]:
        """What was recomputed."""
        from include import airflow_steps

        return airflow_steps.never_again()

    fetch_papers() >> never_again()
