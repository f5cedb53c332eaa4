"""The gate before the merge: counts of the run against the last good one. What closes it is a finding, and a person may say that it is so."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from psycopg.types.json import Jsonb

from include import schema
from include.counts import Counts
from include.errors import GateClosed
from include.flows import Flow
from include.hub import Hub
from include.runs import A_REPLAY, FIELDS, Run
from quality import gate

NO_WORSE = 0.01
"""So much more than was accepted is still the same."""
ACCEPTED = f"""
SELECT DISTINCT ON (f.code, f.field) f.code, f.field, f.state, f.value FROM hub.finding f JOIN hub.run r USING (flow, run)
WHERE f.flow = %s AND f.kind = 'gate' AND NOT EXISTS (
    SELECT FROM hub.run d WHERE d.flow = f.flow AND d.whole = r.whole AND d.state = 'done' AND NOT d.dry AND NOT {A_REPLAY.format("d.")}
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

BEFORE = f"""
WITH told AS (
    SELECT r.flow, r.run, r.started_at, stage.key AS stage, sum((stage.value -> 0)::int) AS rows
    FROM hub.run r JOIN hub.refined_batch b USING (flow, run), jsonb_each(b.filled) AS stage
    WHERE r.flow = %s AND r.run <> %s AND r.state = 'done' AND NOT r.dry AND NOT {A_REPLAY.format("r.")} GROUP BY 1, 2, 3, 4
), latest AS (SELECT DISTINCT ON (stage) flow, run, stage FROM told WHERE rows >= %s ORDER BY stage, started_at DESC)
SELECT stage, (filled -> stage -> 0)::int, filled -> stage -> 1 FROM latest JOIN hub.refined_batch USING (flow, run) WHERE filled ? stage
"""


def ask_gate(hub: Hub, flow: Flow, run: Run, counts: Counts, filled: gate.Stages) -> None:
    """Raises GateClosed when the run looks wrong as a whole, unless a person accepted what is wrong with it (``findings.triage``: normal).

    A run with hardly a new row cannot tell whether a column was emptied.
    """
    now = gate.RunCounts(counts.received, counts.quarantined, filled, run.full)
    earlier = filled_before(hub, run) if counts.staged >= gate.MINIMUM else gate.NOTHING
    verdict = gate.decide(now, earlier, last_full_run(hub, run), limit=flow.max_bad, gone=schema.gone(hub, flow))
    known = {} if verdict.open else accepted(hub, flow)
    closing = [reason for reason in verdict.reasons if reason.value > known.get((reason.code, reason.field), -1.0) + NO_WORSE]
    if closing:
        told = [f"{reason.vi} ({reason.en})" for reason in closing]
        if changed := schema.changed(hub, run):
            told.append(f"nguồn đổi cấu trúc (the source sends another schema): {', '.join(changed)}")
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


def last_full_run(hub: Hub, run: Run) -> gate.RunCounts | None:
    """The counts of the flow's last good full run."""
    query = f"SELECT {FIELDS} FROM hub.run WHERE flow = %s AND run <> %s AND state = 'done' AND whole AND NOT dry ORDER BY started_at DESC LIMIT 1"
    rows = hub.db.rows(query, run.flow, run.run)
    if not rows:
        return None
    counts, filled = totals(hub, Run(*rows[0]))
    return gate.RunCounts(counts.received, counts.quarantined, filled, full=True)


def filled_before(hub: Hub, run: Run) -> dict[str, gate.Filled]:
    """What was filled by stage, in the flow's last good run that had rows enough of the stage to tell."""
    return added(hub.db.rows(BEFORE, run.flow, run.run, gate.MINIMUM))


def totals(hub: Hub, run: Run) -> tuple[Counts, dict[str, gate.Filled]]:
    """The sum of the run's batches, and how many staged rows have a value in each field, by stage."""
    rows = hub.db.rows("SELECT counts, filled FROM hub.refined_batch WHERE flow = %s AND run = %s", run.flow, run.run)
    counts = sum((Counts.of(document) for document, _ in rows), Counts())
    return counts, added((stage, *found) for _, stages in rows for stage, found in stages.items())


def added(parts: Iterable[tuple[str, int, dict[str, int]]]) -> dict[str, gate.Filled]:
    """By stage, the sum of (stage, rows, rows with a value by field)."""
    rows, fields = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for stage, number, filled in parts:
        rows[stage] += number
        fields[stage].update(filled)
    return {stage: gate.Filled(number, fields[stage]) for stage, number in rows.items()}
