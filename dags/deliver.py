"""One DAG per target: sends what a sync's own publish step could not, because the target was away."""

import os
from datetime import datetime, timedelta

from airflow.sdk import DAG, get_current_context, task

from include.clock import HANOI
from include.flows import TARGETS, Target

SCHEDULED = os.environ.get("HUB_SCHEDULES") != "off"


def deliver(target: Target) -> DAG:
    """The DAG of one target."""
    with DAG(
        target.id,
        dag_display_name=target.vi,
        description=target.en,
        doc_md=f"# {target.vi}\n\n{target.en}. Resolves deliveries whose outcome is unknown, then sends what waits in the outbox.",
        schedule="*/15 * * * *" if SCHEDULED else None,
        start_date=datetime(2026, 1, 1, tzinfo=HANOI),
        catchup=False,
        max_active_runs=1,
        tags=[target.system, target.entity, "deliver"],
        default_args={"owner": "hub", "retries": 3, "retry_delay": timedelta(minutes=1), "execution_timeout": timedelta(hours=2)},
    ) as dag:

        @task(task_display_name="gửi đi · publish")
        def publish() -> dict[str, int]:
            from include import airflow_steps

            return airflow_steps.deliver(target.id, get_current_context()["dag_run"].run_id)

        publish()
    return dag


for each in sorted(TARGETS, key=lambda target: target.id):
    globals()[each.id] = deliver(each)
