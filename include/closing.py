"""After a run's report: its day is summed, and what looks odd is written down."""

from include import findings, rulebook, schema, scores
from include.flows import Flow
from include.hub import Hub
from include.runs import Run


def after_run(hub: Hub, flow: Flow, run: Run) -> None:
    """The schema its source had, scores of the day the run began, and findings. A trial leaves neither."""
    if run.dry:
        return
    with hub.db.transaction() as connection:
        row = connection.execute("SELECT started_at FROM hub.run WHERE flow = %s AND run = %s", [run.flow, run.run]).fetchone()
        schema.record(connection, hub, run)
        rulebook.keep(connection, run, flow.dataset.entity.name, hub.clock())
        scores.add_day(connection, flow, row[0].date() if row else hub.today)
    findings.search(hub, flow, run)
