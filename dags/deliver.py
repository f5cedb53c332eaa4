"""One DAG per target: sends what a sync's own publish step could not, because the target was away."""

from airflow.sdk import DAG, get_current_context, task

from dags.house import dag
from include.flows import TARGETS, Target

ABOUT = "Resolves deliveries whose outcome is unknown, then sends what waits in the outbox."


def deliver(target: Target) -> DAG:
    """The DAG of one target."""
    with dag(target.id, target.vi, target.en, ABOUT, "*/15 * * * *", "hub", target.system, target.entity, "deliver") as made:

        @task(task_display_name="gửi đi · publish")
        def publish() -> dict[str, int]:
            from include import airflow_steps

            return airflow_steps.deliver(target.id, get_current_context()["dag_run"].run_id)

        publish()
    return made


for each in sorted(TARGETS, key=lambda target: target.id):
    globals()[each.id] = deliver(each)
