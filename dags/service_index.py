"""The service index, hourly: what changed is measured, and the portal is asked once a day for its own count of the last two months."""

from airflow.sdk import task

from dags.house import dag

ABOUT = "QĐ 766/QĐ-TTg and 717/QĐ-UBND. What came of it: `./hub indicators show`, and the site's page of that name."

with dag("service_index", "Chỉ số phục vụ", "Service index", ABOUT, "45 * * * *", "vp-ubnd", "indicators", "dossier") as service_index:

    @task(task_display_name="tính chỉ số · measure")
    def measure() -> dict[str, int]:
        """How many dossiers were measured anew."""
        from include import airflow_steps

        return airflow_steps.measure()

    measure()

with dag(
    "portal_count", "Đối soát với Cổng", "Reconciliation with the portal", ABOUT, "15 6 * * *", "vp-ubnd", "indicators", "dossier"
) as portal_count:

    @task(task_display_name="hỏi Cổng · ask the portal")
    def ask() -> dict[str, int]:
        """How many dossiers the portal counts, by month."""
        from include import airflow_steps

        return airflow_steps.portal_count()

    ask()
