"""One DAG per flow, all from the one list in ``include.flows``: land → refine → merge → publish → report.

A large run is refined in parts, by as many mapped tasks as ``refining.spans`` finds worth while; a small one has none, and ``refine`` does it all.
Tasks pass only counts and page numbers; rows travel through tables keyed by (flow, run), so clearing or retrying any task is safe.
"""

from datetime import datetime, timedelta

from airflow.sdk import DAG, Asset, ExceptionRetryPolicy, Param, RetryAction, RetryRule, get_current_context, task

from dags.house import SCHEDULED
from include.clock import HANOI
from include.documents import flow_page
from include.flows import FLOWS, Flow

WAIT = ("connectors.errors.SourceUnavailable", "include.errors.Busy", "psycopg.OperationalError")
RETRIES = ExceptionRetryPolicy(
    rules=[
        *[RetryRule(exception=name, action=RetryAction.RETRY, reason="wait") for name in WAIT],
        RetryRule(exception="builtins.Exception", action=RetryAction.FAIL, reason="somebody has to look first"),
    ]
)
"""What passes by itself is tried again; everything else needs a person, and trying again would only hide it for a while."""
GOLDEN = {flow.id: Asset(name=f"{flow.id}_golden", uri=f"hub://bacninh/{flow.dataset.entity.name}/{flow.id}", group="golden") for flow in FLOWS}


def step(name: str, flow_id: str) -> dict[str, int]:
    """Runs one step of a flow for the current DAG run, and returns its counts."""
    from include import airflow_steps

    return airflow_steps.run(name, flow_id, get_current_context()["dag_run"].run_id)


def sync(flow: Flow) -> DAG:
    """The DAG of one flow."""
    with DAG(
        flow.id,
        dag_display_name=flow.dataset.vi,
        description=flow.dataset.en,
        doc_md=flow_page(flow),
        schedule=flow.schedule if SCHEDULED else None,
        start_date=datetime(2026, 1, 1, tzinfo=HANOI),
        catchup=False,
        max_active_runs=1,
        tags=[flow.system, flow.dataset.entity.name, "sync"],
        default_args={
            "owner": flow.owner,
            "retries": 3,
            "retry_delay": timedelta(seconds=30),
            "retry_exponential_backoff": True,
            "retry_policy": RETRIES,
            "execution_timeout": timedelta(hours=2),
        },
        params={
            "full": Param(False, type="boolean", title="Đọc toàn bộ · Read everything"),
            "since": Param(None, type=["null", "string"], format="date-time", title="Thay đổi từ · Changed since"),
            "until": Param(None, type=["null", "string"], format="date-time", title="đến trước · and before"),
            "dry_run": Param(False, type="boolean", title="Chạy thử, không ghi · Keep nothing but the report"),
        },
    ) as dag:

        @task(task_display_name="nhận · land", inlets=[GOLDEN[other] for other in flow.after])
        def land() -> list[tuple[int, int]]:
            from include import airflow_steps

            context = get_current_context()
            return airflow_steps.land(flow.id, context["dag_run"].run_id, dict(context["params"]))

        @task(task_display_name="làm sạch từng phần · refine in parts", map_index_template="{{ task.op_kwargs['pages'] | join('–') }}")
        def refine_part(pages: tuple[int, int]) -> dict[str, int]:
            from include import airflow_steps

            return airflow_steps.refine_span(flow.id, get_current_context()["dag_run"].run_id, *pages)

        @task(task_display_name="làm sạch, kiểm tra · refine", trigger_rule="none_failed")
        def refine() -> dict[str, int]:
            return step("refine", flow.id)

        @task(task_display_name="hợp nhất · merge", outlets=[GOLDEN[flow.id]])
        def merge() -> dict[str, int]:
            return step("merge", flow.id)

        @task(task_display_name="gửi đi · publish")
        def publish() -> dict[str, int]:
            return step("publish", flow.id)

        @task(task_display_name="báo cáo · report")
        def report() -> dict[str, int]:
            return step("report", flow.id)

        refine_part.expand(pages=land()) >> refine() >> merge() >> publish() >> report()
    return dag


for each in sorted(FLOWS, key=lambda flow: flow.id):
    globals()[each.id] = sync(each)
