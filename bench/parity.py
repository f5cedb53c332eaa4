"""The same verdict whichever way a rule is executed: by Great Expectations on the rows, by our row check, by PostgreSQL.

Rows of every entity are damaged at random, and each rule of each step is asked of them three times: stock Great Expectations on its own engine,
the masks a sync uses (``quality.masks``), and a query written from the rule here, which shares no code with either. What is compared is which
rows fail each rule; and, of the masks' counts, Great Expectations' verdict against its verdict on the rows themselves.
"""

import os
import random
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import psycopg

from bench.scratch import scratch
from include.store import embedded
from include.store.copying import copy_columns
from include.store.embedded import plain
from mappings.apply import apply
from mappings.canonical import ENTITIES, Entity
from mappings.catalogue import MAPPINGS
from quality import masks
from quality.derive import TODAY, Helped
from quality.rules import Rule, rules_at
from quality.suites import Verdict, validate

DAY = date(2026, 11, 23)
STEPS = ("mapped", "merged")
ODD = (
    None, "x", "", "2026-12-31", "1990", "024085000126", "024185000126", "male", "9", "2", "+84912000126", "07210", "Nguye\u0303\u0302n",
    "１２３４５６７８９０１２", "024085000126\n", "2026-01-01T00:00:00+07:00", "Nguy?n", "0000000000",
)  # fmt: skip
"""Values that some rule minds, and some that none does."""
LETTER = r"[^\W\d_]"
Failing = dict[str, set[int]]
"""Rule to failing rows."""


def run(rows: int) -> list[dict[str, Any]]:
    """The figures for so many rows of all entities together."""
    with scratch() as folder:
        url = plain(embedded.start(folder / "pgdata", "hub"))
        failures = differences = verdicts = 0
        with psycopg.connect(url) as connection:
            for entity in ENTITIES:
                given = damaged(entity, rows // len(ENTITIES), seed=717)
                for step in STEPS:
                    found = compared(connection, entity, step, given)
                    failures, differences, verdicts = failures + found[0], differences + found[1], verdicts + found[2]
    return [
        {"name": "disagreements", "value": differences, "unit": "verdicts", "target": "0", "rows": rows},
        {"name": "failing_rows_by_rule", "value": failures, "unit": "verdicts", "rows": rows},
        {"name": "verdicts_compared", "value": verdicts, "unit": "verdicts", "rows": rows},
    ]


def damaged(entity: Entity, size: int, seed: int) -> dict[str, list[Any]]:
    """The sample of the entity's first dataset so many times, three fields in ten of it odd."""
    dataset = next(mapping for mapping in MAPPINGS.values() if mapping.entity is entity)
    good = {name: values[0] for name, values in apply(dataset, [dict(dataset.sample)]).columns.items()}
    draw = random.Random(seed)
    return {
        name: [draw.choice(ODD) if draw.random() < 0.3 and not isinstance(value, list | int | bool) else value for _ in range(size)]
        for name, value in good.items()
    }


def compared(connection: psycopg.Connection[Any], entity: Entity, step: str, given: Mapping[str, list[Any]]) -> tuple[int, int, int]:
    """Failing (row, rule) pairs, those the three ways disagree on, and the pairs there are."""
    rules = rules_at(entity.name, step)
    size = len(next(iter(given.values())))
    ours, stock = validate(entity, step, given, today=DAY), by_stock(entity, step, given)
    ways = [by_rows(rules, given), by_sql(connection, rules, given, size), of_verdict(stock), of_verdict(ours)]
    differences = sum(len(set.union(*found) - set.intersection(*found)) for found in ([way[rule.id] for way in ways] for rule in rules))
    differences += sum(one != other for one, other in zip(ours.results, stock.results, strict=True)) + (ours.document != stock.document)
    return sum(map(len, ways[0].values())), differences, size * len(rules)


def by_stock(entity: Entity, step: str, given: Mapping[str, list[Any]]) -> Verdict:
    """Great Expectations on its own engine, on the rows."""
    os.environ["HUB_GX_ENGINE"] = "stock"
    try:
        return validate(entity, step, given, today=DAY)
    finally:
        del os.environ["HUB_GX_ENGINE"]


def of_verdict(verdict: Verdict) -> Failing:
    """The failing rows of each rule of a verdict."""
    found: Failing = {result.rule_id: set() for result in verdict.results}
    for issue in verdict.issues:
        found[issue.why.partition(":")[0]].add(issue.row)
    return found


def by_rows(rules: Sequence[Rule], given: Mapping[str, list[Any]]) -> Failing:
    """The row check of a sync."""
    return {rule.id: set(found.bad) for rule, found in zip(rules, masks.evaluate(rules, given, DAY), strict=True)}


def by_sql(connection: psycopg.Connection[Any], rules: Sequence[Rule], given: Mapping[str, list[Any]], size: int) -> Failing:
    """PostgreSQL, a query per rule. Helper columns are computed before, as a sync does."""
    columns: dict[str, Sequence[Any]] = {"row": range(size)}
    found = Helped(given, size, DAY)
    for name in dict.fromkeys(name for rule in rules for name in rule.columns if name != TODAY):
        columns[name] = found[name] or [None] * size
    kinds = [f"{name} {'bigint' if {*map(type, values)} <= {int, type(None)} else 'text'}" for name, values in columns.items()]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS given")
        cursor.execute(f"CREATE TEMP TABLE given ({', '.join(kinds)})")  # type: ignore[arg-type]  names of our own
        copy_columns(cursor, "given", {name: column_of(values) for name, values in columns.items()})
        return {rule.id: {row for (row,) in cursor.execute(*query(rule))} for rule in rules}


def column_of(values: Sequence[Any]) -> Sequence[Any]:
    """Lists have no rule of their own: that they are there is all that counts."""
    return ["[]" if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else value for value in values]


def query(rule: Rule) -> tuple[Any, list[Any]]:
    """The failing rows of a rule, and the query's parameters."""
    field, when, given = rule.field, "TRUE", list[Any]()
    for name, values in rule.args.get("when", {}).items():
        when, given = f"{when} AND {name}::text = ANY(%s)", [*given, [str(value) for value in values]]
    if rule.check == "unique":
        return (
            f"SELECT row FROM (SELECT row, count(*) OVER (PARTITION BY {field}) AS n FROM given WHERE {when} AND {field} IS NOT NULL) WHERE n > 1",
            given,
        )
    fails, more = failing(rule)
    return f"SELECT row FROM given WHERE {when} AND {fails}", [*given, *more]


def failing(rule: Rule) -> tuple[str, list[Any]]:
    """The condition a failing row meets; a missing value meets none but that of ``not_null``."""
    field, other = rule.field, rule.args.get("other")
    match rule.check:
        case "not_null":
            return f"{field} IS NULL", []
        case "regex":
            return f'NOT {field} COLLATE "pg_c_utf8" ~ %s', [pattern(rule)]
        case "not_regex":
            return f'{field} COLLATE "pg_c_utf8" ~ %s', [pattern(rule)]
        case "in_set":
            return f"NOT {field}::text = ANY(%s)", [[str(value) for value in rule.values]]
        case "equal":
            return f"{field} <> {other}", []
    if other == TODAY:
        return f'{field} COLLATE "C" > %s', [f"{DAY}T23:59:59+07:00"]
    return f'{field} COLLATE "C" > {other}', []


def pattern(rule: Rule) -> str:
    """The rule's expression as PostgreSQL writes it."""
    return str(rule.args["pattern"]).replace(LETTER, "[[:alpha:]]")
