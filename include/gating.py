"""The gate before the merge: counts of the run against the last good one. What closes it is a finding, and a person may say that it is so."""

from psycopg.types.json import Jsonb

from include import schema
from include.counts import Counts
from include.errors import GateClosed
from include.flows import Flow
from include.hub import Hub
from include.runs import FIELDS, Run
from quality import gate

NO_WORSE = 0.01
"""So much more than was accepted is still the same."""
ACCEPTED = """
SELECT DISTINCT ON (f.code, f.field) f.code, f.field, f.state, f.value FROM hub.finding f JOIN hub.run r USING (flow, run)
WHERE f.flow = %s AND f.kind = 'gate' AND NOT EXISTS (
    SELECT FROM hub.run d WHERE d.flow = f.flow AND d.whole = r.whole AND d.state = 'done' AND NOT d.dry AND d.run NOT LIKE '%%~%%'
    AND d.finished_at > f.at)
ORDER BY f.code, f.field, f.at DESC, f.id DESC
"""
"""What was found since the last good run of the same breadth: its being published is what the acceptance was for. Incremental runs go on while a
full one is held, and use nothing up."""
TELL = """
INSERT INTO hub.finding (flow, run, kind, code, field, agency, value, expected, detail, at) VALUES (%s, %s, 'gate', %s, %s, '', %s, %s, %s, %s)
ON CONFLICT (flow, run, code, field, agency) DO UPDATE SET value = excluded.value, state = 'new', at = excluded.at
WHERE hub.finding.value <> excluded.value
"""


def ask_gate(hub: Hub, flow: Flow, run: Run, counts: Counts, filled_in: dict[str, int]) -> None:
    """Raises GateClosed when the run looks wrong as a whole, unless a person accepted what is wrong with it (``findings.triage``: normal).

    A run with hardly a new row cannot tell whether a column was emptied.
    """
    now = gate.RunCounts(counts.received, counts.quarantined, filled_in, run.full)
    earlier = earlier_run(hub, run, full=False) if counts.staged >= gate.MINIMUM else None
    verdict = gate.decide(now, earlier, earlier_run(hub, run, full=True), limit=flow.max_bad, gone=schema.gone(hub, flow))
    known = {} if verdict.open else accepted(hub, flow)
    closing = [reason for reason in verdict.reasons if reason.value > known.get((reason.code, reason.field), -1.0) + NO_WORSE]
    if closing:
        told = [f"{reason.vi} ({reason.en})" for reason in closing]
        if not run.dry:  # a trial tells its caller alone
            tell(hub, run, closing)
            told.append(f"nếu đúng vậy, xếp là bình thường rồi chạy lại (if it is so, call it normal and run again): ./hub findings {flow.id}")
        raise GateClosed(told)


def accepted(hub: Hub, flow: Flow) -> dict[tuple[str, str], float]:
    """By (code, field): how bad it was when a person accepted it."""
    rows = hub.db.rows(ACCEPTED, flow.id)
    return {(code, field): value for code, field, state, value in rows if state == "normal"}


def tell(hub: Hub, run: Run, reasons: list[gate.Reason]) -> None:
    """Writes down why the gate is closed."""
    with hub.db.transaction() as connection:
        for reason in reasons:
            why = Jsonb({"vi": reason.vi, "en": reason.en})
            known = [run.flow, run.run, reason.code, reason.field, reason.value, reason.expected, why, hub.clock()]
            connection.execute(TELL, known)


def earlier_run(hub: Hub, run: Run, *, full: bool) -> gate.RunCounts | None:
    """The counts of the flow's last good run, or of its last good full run."""
    rows = hub.db.rows(
        f"SELECT {FIELDS} FROM hub.run WHERE flow = %s AND run <> %s AND state = 'done' AND NOT dry AND (whole OR NOT %s)"
        " ORDER BY started_at DESC LIMIT 1",
        run.flow,
        run.run,
        full,
    )
    if not rows:
        return None
    counts, filled_in = totals(hub, Run(*rows[0]))
    return gate.RunCounts(counts.received, counts.quarantined, filled_in, full)


def totals(hub: Hub, run: Run) -> tuple[Counts, dict[str, int]]:
    """The sum of the run's batches, and how many staged rows have a value in each field."""
    counts, filled_sum = Counts(), dict[str, int]()
    for document, filled_in in hub.db.rows("SELECT counts, filled FROM hub.refined_batch WHERE flow = %s AND run = %s", run.flow, run.run):
        counts += Counts.of(document)
        for name, number in filled_in.items():
            filled_sum[name] = filled_sum.get(name, 0) + number
    return counts, filled_sum
