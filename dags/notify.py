"""Each working morning the owners of sources are told what of theirs waits in quarantine, by e-mail or webhook."""

from airflow.exceptions import AirflowException
from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.sdk import get_current_context, task

from dags.house import dag

ABOUT = """Rows put aside, by reason and deadline (five working days to verify, five to fix: CV 4856/BCA-TTDLQG). Addresses:
`HUB_NOTICE_<OWNER>`; e-mail goes through the Airflow connection `hub_smtp`. Never any personal data."""

with dag("notify", "Nhắc cơ quan sửa dữ liệu", "Notices to owners", ABOUT, "30 7 * * 1-5", "hub", "quality", "quarantine") as notify:

    @task(task_display_name="nhắc · tell")
    def tell() -> dict[str, int]:
        """How many owners were told, and how many could not be."""
        from include import airflow_steps

        context = get_current_context()

        def mail(to: str, subject: str, html: str) -> None:
            try:
                SmtpNotifier(to=to, subject=subject, html_content=html, smtp_conn_id="hub_smtp").notify(context)
            except AirflowException as error:  # no such connection, for instance: the others are told all the same
                raise OSError(f"Airflow connection hub_smtp: {error}") from error

        return airflow_steps.notify(mail)

    tell()
