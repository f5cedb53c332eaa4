"""Each working morning the owners of sources are told what of theirs waits in quarantine, by e-mail or webhook."""

import os
from datetime import datetime, timedelta

from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.sdk import DAG, get_current_context, task

from include.clock import HANOI

SCHEDULED = os.environ.get("HUB_SCHEDULES") != "off"

with DAG(
    "notify",
    dag_display_name="Nhắc cơ quan sửa dữ liệu",
    description="Tells owners what waits in quarantine",
    doc_md="# Nhắc cơ quan sửa dữ liệu · Notices to owners\n\nRows put aside, by reason and deadline (five working days to verify, five to fix:"
    " CV 4856/BCA-TTDLQG). Addresses: `HUB_NOTICE_<OWNER>`; e-mail goes through the Airflow connection `hub_smtp`. Never any personal data.",
    schedule="30 7 * * 1-5" if SCHEDULED else None,
    start_date=datetime(2026, 1, 1, tzinfo=HANOI),
    catchup=False,
    max_active_runs=1,
    tags=["quality", "quarantine"],
    default_args={"owner": "hub", "retries": 2, "retry_delay": timedelta(minutes=10), "execution_timeout": timedelta(minutes=20)},
) as notify:

    @task(task_display_name="nhắc · tell")
    def tell() -> dict[str, int]:
        """How many owners were told, and how many could not be."""
        from include import airflow_steps

        context = get_current_context()

        def mail(to: str, subject: str, html: str) -> None:
            SmtpNotifier(to=to, subject=subject, html_content=html, smtp_conn_id="hub_smtp").notify(context)

        return airflow_steps.notify(mail)

    tell()
