"""Scores by day: rule results are summed once a day and source, set-based; pages read only the sums.

Beside the suites' rules each run counts as one evaluation of the rule ``RUN``, criterion Sống: did the source come, whole and in time?
Its pass rate is the source's service level; what is left of the allowance is its error budget.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from include.flows import FLOWS, Flow
from include.flows import flow as find
from include.hub import Hub
from include.store.database import Connection
from quality import rules
from quality.dqi import IDENTIFIER_WEIGHT, REQUIRED_WEIGHT, RULE_WEIGHTS, Scores, Tally, roll_up
from quality.issues import CATALOGUE, Criterion

IDENTIFIERS = frozenset(
    {"personal_number", "tax_code", "code", "insurance_number", "old_id_number", "mother_number", "father_number", "representative_number"}
)
"""Fields the index wants at 100 % (Đúng, Đủ, Sạch)."""
TARGET = 0.99
"""The share of runs that must come whole: the rest is the error budget of 30 days."""

ADD = """
INSERT INTO hub.score_day (day, flow, step, rule, field, code, criterion, evaluated, failed)
SELECT %(day)s, %(flow)s, r.step, r.rule, coalesce(known.field, ''), r.code, coalesce(known.criterion, 'Sạch'), sum(r.evaluated), sum(r.failed)
FROM hub.run JOIN hub.rule_result r USING (flow, run)
LEFT JOIN unnest(%(rules)s::text[], %(fields)s::text[], %(criteria)s::text[]) AS known (rule, field, criterion) USING (rule)
WHERE flow = %(flow)s AND NOT dry AND started_at >= %(day)s::date AND started_at < %(day)s::date + 1 AND r.status <> 'error'
GROUP BY r.step, r.rule, r.code, known.field, known.criterion
UNION ALL
SELECT %(day)s, %(flow)s, 'run', 'RUN', '', %(run)s, 'Sống', count(*), count(*) FILTER (WHERE state IN ('held', 'failed'))
FROM hub.run WHERE flow = %(flow)s AND NOT dry AND started_at >= %(day)s::date AND started_at < %(day)s::date + 1
HAVING count(*) > 0
ON CONFLICT (day, flow, step, rule) DO UPDATE SET evaluated = excluded.evaluated, failed = excluded.failed
"""


def add_day(connection: Connection, flow: Flow, day: date) -> None:
    """Sums a day of a flow anew: the same however often it is done."""
    known = described(flow)
    connection.execute(
        ADD,
        {
            "day": day,
            "flow": flow.id,
            "run": "run_incomplete",
            "rules": list(known),
            "fields": [field for field, _ in known.values()],
            "criteria": [criterion for _, criterion in known.values()],
        },
    )


def described(flow: Flow) -> dict[str, tuple[str, str]]:
    """Rule → field and criterion, for the rules of the suites and of the source's contract."""
    entity = flow.dataset.entity
    found = {rule.id: (rule.shown, str(CATALOGUE[rule.code].criterion)) for rule in rules.rules(entity.name)}
    return found | {f"SRC-{each.field}": (each.field, str(Criterion.CLEAN)) for each in flow.dataset.fields}


@dataclass(frozen=True, slots=True)
class Line:
    """One rule of one flow in a period, or on one day of it."""

    flow: str
    step: str
    rule: str
    field: str
    code: str
    criterion: str
    evaluated: int
    failed: int
    day: date | None = None


DAY = "%(until)s::date - (%(until)s::date - day) / %(every)s * %(every)s"
"""The last of so many days, counted back from the end of the period."""


def lines(hub: Hub, since: date, until: date, flows: Iterable[str], *, rule: str = "", field: str = "", every: int = 0) -> list[Line]:
    """The sums of a period, ``until`` included; with ``every``, of each so many days of it, named by their last day."""
    day = DAY if every else "NULL::date"
    with hub.db.session() as connection:
        rows = connection.execute(
            f"SELECT flow, step, rule, field, code, criterion, sum(evaluated)::bigint, sum(failed)::bigint, {day} AS upto FROM hub.score_day"
            " WHERE day BETWEEN %(since)s AND %(until)s AND flow = ANY(%(flows)s)"
            " AND (%(rule)s = '' OR rule = %(rule)s) AND (%(field)s = '' OR field = %(field)s)"
            " GROUP BY flow, step, rule, field, code, criterion, upto ORDER BY upto, flow, step, rule",
            {"since": since, "until": until, "flows": list(flows), "rule": rule, "field": field, "every": every},
        ).fetchall()
    return [Line(*row) for row in rows]


def tally(line: Line) -> Tally:
    """A line as the index weighs it."""
    weight = RULE_WEIGHTS[CATALOGUE[line.code].severity] if line.code in CATALOGUE else 1.0
    return Tally(line.field, line.criterion, line.evaluated, line.failed, weight, field_weight(line.flow, line.field), line.field in IDENTIFIERS)


@cache
def field_weight(flow: str, name: str) -> float:
    """Identifiers weigh three, required fields two, the others one."""
    if name in IDENTIFIERS:
        return IDENTIFIER_WEIGHT
    entity = find(flow).dataset.entity
    return REQUIRED_WEIGHT if any(field.name == name and field.required for field in entity.fields) else 1.0


def by_flow(found: Sequence[Line]) -> dict[str, Scores]:
    """The index of every flow, in the order of the flows; one without checks has no score."""
    tallies: dict[str, list[Tally]] = {flow.id: [] for flow in FLOWS}
    for line in found:
        if line.flow in tallies:
            tallies[line.flow].append(tally(line))
    return {flow: roll_up(each) for flow, each in tallies.items()}


TREND = """
WITH line AS (
    SELECT {day} AS upto, flow, field, criterion, code, 100 * (sum(evaluated) - sum(failed))::float8 / sum(evaluated) AS score
    FROM hub.score_day WHERE day BETWEEN %(since)s AND %(until)s AND flow = ANY(%(flows)s) AND (%(field)s = '' OR field = %(field)s)
    GROUP BY upto, flow, step, rule, field, criterion, code HAVING sum(evaluated) > 0
), cell AS (
    SELECT upto, field, sum(score * coalesce(grave.weight, 1)) / sum(coalesce(grave.weight, 1)) AS score, max(coalesce(weighs.weight, 1)) AS weight
    FROM line LEFT JOIN unnest(%(codes)s::text[], %(grave)s::float8[]) AS grave (code, weight) USING (code)
    LEFT JOIN unnest(%(of)s::text[], %(fields)s::text[], %(weights)s::float8[]) AS weighs (flow, field, weight) USING (flow, field)
    GROUP BY upto, field, criterion
), field AS (SELECT upto, avg(score) AS score, max(weight) AS weight FROM cell GROUP BY upto, field)
SELECT upto, sum(score * weight) / sum(weight) FROM field GROUP BY upto ORDER BY upto
"""
"""``dqi.roll_up`` for each day at once; a test holds the two together."""


def trend(hub: Hub, since: date, until: date, flows: Iterable[str], *, field: str = "", every: int = 1) -> dict[date, float]:
    """The index of each so many days of a period, named by their last day, over all the flows given. Days without checks are left out."""
    chosen = list(flows)
    weighs = [(flow, name, field_weight(flow, name)) for flow in chosen for name in find(flow).dataset.entity.names]
    values = {
        "since": since, "until": until, "flows": chosen, "field": field, "every": every,
        "codes": list(CATALOGUE), "grave": [RULE_WEIGHTS[kind.severity] for kind in CATALOGUE.values()],
        "of": [flow for flow, _, _ in weighs], "fields": [name for _, name, _ in weighs], "weights": [weight for *_, weight in weighs],
    }  # fmt: skip
    with hub.db.session() as connection:
        return dict(connection.execute(TREND.format(day=DAY), values).fetchall())


@dataclass(frozen=True, slots=True)
class Service:
    """How reliably a source came: runs, those that did not come whole, and the share of the error budget that is left (below 0: overspent)."""

    runs: int
    missed: int

    @property
    def level(self) -> float | None:
        """Percent of runs that came whole."""
        return 100 * (self.runs - self.missed) / self.runs if self.runs else None

    @property
    def budget(self) -> float:
        """Percent of the allowance left."""
        return 100 * (1 - self.missed / (self.runs * (1 - TARGET))) if self.runs else 100.0


def service(found: Sequence[Line]) -> Mapping[str, Service]:
    """The service level of each flow."""
    return {line.flow: Service(line.evaluated, line.failed) for line in found if line.rule == "RUN" and line.day is None}
