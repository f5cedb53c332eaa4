"""Once-only, each night after the registers were read: files of papers are fetched, and the never-again indicator follows what changed."""

from airflow.sdk import task

from dags.house import dag

ABOUT = """Fetches files of digitised papers that are due (NĐ 118/2025/NĐ-CP), then recomputes `hub.handed` for the dossiers that changed and those of
owners of whom something changed. What came of it: `./hub never-again`, and the site's page of that name."""

with dag("once_only", "Chỉ nộp một lần", "Once only", ABOUT, "30 5 * * *", "vp-ubnd", "once-only", "dossier", "paper") as once_only:

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
