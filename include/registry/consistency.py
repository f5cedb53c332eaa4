"""Asks the rules across records of what a run made or changed, set-based, inside the transaction of the merge."""

from include.runs import Run
from include.store.database import Connection
from mappings.canonical import Entity
from quality.consistency import CrossRule, cross_rules


def question(rule: CrossRule) -> str:
    """Warns at the row, in its landed page, of each record at fault that the run wrote."""
    return f"""
INSERT INTO hub.warning (flow, run, n, idx, code, field, why)
SELECT %(flow)s, %(run)s, l.n, l.idx, %(code)s, %(field)s, %(why)s
FROM link l JOIN golden.{rule.entity} g ON g.id = l.entity_id
WHERE l.outcome IN ('new', 'changed') AND ({rule.when.replace("%", "%%")})
ON CONFLICT DO NOTHING
"""


def warn(connection: Connection, entity: Entity, run: Run) -> int:
    """Asks every rule of the entity; returns how many warnings were written.

    Each question is about one record and served by an index; the planner, who cannot see into JSON, would rather read the whole register.
    """
    written = 0
    connection.execute("SET LOCAL enable_seqscan = off")
    for rule in cross_rules():
        if rule.entity == entity.name:
            known = {"flow": run.flow, "run": run.run, "code": rule.code, "field": rule.field, "why": rule.why}
            written += connection.execute(question(rule), known).rowcount
    connection.execute("SET LOCAL enable_seqscan = on")
    return written
