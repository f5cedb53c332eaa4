"""The quality suite of an entity at a step, run by Great Expectations: genuine suite, validation definition, checkpoint and result.

The rules come from ``rules/<entity>.yaml``. GX is imported on first use; suite and checkpoint are set up once per process.
"""

import functools
import json
import operator
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from mappings.apply import Issue
from mappings.apply import Mapping as Dataset
from mappings.canonical import Entity
from quality import masks
from quality.derive import Helped
from quality.issues import Severity
from quality.rules import Rule, rules_at

_ONE_AT_A_TIME = threading.Lock()
"""GX keeps its project in a global of the process."""

REFUSED = "value_refused"
ALIKE = 256
"""Verdicts remembered. One takes Great Expectations half a second and follows from the counts alone: small runs find the same again."""
_FORMAT = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
    "partial_unexpected_count": 0,
    "include_unexpected_rows": False,
}


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule found. ``rows`` it speaks of, ``evaluated`` of them have a value.

    ``error`` means the rule could not be evaluated: a fault of the hub, never of the rows.
    """

    rule_id: str
    code: str
    severity: Severity
    rows: int
    evaluated: int
    failed: int
    status: str
    exception: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The results of all rules on one batch, and one issue per failing (row, rule)."""

    results: list[RuleResult]
    issues: list[Issue]


@dataclass(frozen=True, slots=True)
class Verdict(Checked):
    """With GX's result as evidence: canonical JSON without any value of a row."""

    document: bytes

    @property
    def errors(self) -> list[RuleResult]:
        """The rules that could not be evaluated."""
        return [result for result in self.results if result.status == "error"]


def stock() -> bool:
    """Whether Great Expectations runs on its own engine, row by row, instead of on the counts of our masks."""
    return os.environ.get("HUB_GX_ENGINE") == "stock"


def validate(entity: Entity, step: str, columns: Mapping[str, Sequence[Any]], *, today: date) -> Verdict:
    """The verdict of the suite of ``entity`` at ``step`` (``mapped`` or ``merged``) on canonical ``columns``."""
    rules = rules_at(entity.name, step)
    if stock():
        with _ONE_AT_A_TIME:
            found = _Checkpoint.of(entity.name, step).run(_frame(rules, columns, today))
        return Verdict(*_of_stock(rules, found), _document(found))
    checked = check(entity, step, columns, today=today)
    size = len(next(iter(columns.values()), ()))
    return Verdict(checked.results, checked.issues, conclude(entity, step, checked.results, size))


def check(entity: Entity, step: str, columns: Mapping[str, Sequence[Any]], *, today: date) -> Checked:
    """The rules of the suite on one batch of rows. What they count is summed, and ``conclude`` gives the verdict of the run."""
    if stock():
        return validate(entity, step, columns, today=today)
    rules = rules_at(entity.name, step)
    results, issues = [], []
    for rule, found in zip(rules, masks.evaluate(rules, columns, today), strict=True):
        status = "error" if found.exception else "failed" if found.bad else "passed"
        results.append(RuleResult(rule.id, rule.code, rule.severity, found.rows, found.evaluated, len(found.bad), status, found.exception))
        why = rule.why
        issues += [Issue(row, rule.code, rule.shown, why) for row in found.bad]
    return Checked(results, sorted(issues, key=lambda issue: issue.row))


def conclude(entity: Entity, step: str, results: Sequence[RuleResult], rows: int) -> bytes:
    """Great Expectations' verdict on a run of ``rows`` rows of which the rules found ``results``."""
    return _concluded(entity.name, step, tuple(results), rows, stock())


@lru_cache(maxsize=ALIKE)
def _concluded(entity: str, step: str, results: tuple[RuleResult, ...], rows: int, _stock: bool) -> bytes:
    rules = rules_at(entity, step)
    with _ONE_AT_A_TIME:
        return _document(_Checkpoint.of(entity, step).run(_counts(rules, {result.rule_id: result for result in results}, rows)))


def readable(mapping: Dataset, issues: Sequence[Issue], size: int) -> list[RuleResult]:
    """The source's contract on one batch: each mapped field could be read and understood. The issues were found before."""
    refused: dict[str, set[int]] = {}
    for issue in issues:
        refused.setdefault(issue.field.partition(".")[0], set()).add(issue.row)
    found = {each.field: len(refused.get(each.field, ())) for each in mapping.fields}
    return [
        RuleResult(f"SRC-{name}", REFUSED, Severity.QUARANTINE, size, size, failed, "failed" if failed else "passed")
        for name, failed in found.items()
    ]


def conclude_contract(mapping: Dataset, results: Sequence[RuleResult], rows: int) -> bytes:
    """Great Expectations' verdict on the contract of a dataset over a run."""
    failed = {result.rule_id.removeprefix("SRC-"): result.failed for result in results}
    return _read(mapping.id, tuple((each.field, failed.get(each.field, 0)) for each in mapping.fields), rows, stock())


@lru_cache(maxsize=ALIKE)
def _read(dataset: str, refused: tuple[tuple[str, int], ...], rows: int, _stock: bool) -> bytes:
    from quality.engine import Count, count_key, counted

    fields = tuple(name for name, _ in refused)
    counts = {count_key("column_values.null", {"column": name}, {}, ""): Count(failed, rows) for name, failed in refused}
    counts["table", (), "", "{}"] = Count(0, rows)
    with _ONE_AT_A_TIME:
        return _document(_Checkpoint.of(dataset, "contract", fields).run(counted(fields, counts)))


_METRIC = {
    "not_null": "column_values.nonnull",
    "unique": "column_values.unique",
    "regex": "column_values.match_regex",
    "not_regex": "column_values.not_match_regex",
    "in_set": "column_values.in_set",
    "equal": "column_pair_values.equal",
    "at_most": "column_pair_values.a_greater_than_b",
}


def _counts(rules: Sequence[Rule], found: Mapping[str, RuleResult], rows: int) -> pd.DataFrame:
    """The counts of each rule's metrics, as the engine looks them up. A rule not met in the run speaks of no row."""
    from quality.engine import Count, CountKey, clause_of, count_key, counted

    counts: dict[CountKey, Count] = {("table", (), "", "{}"): Count(0, rows)}
    for rule in rules:
        result = found.get(rule.id) or RuleResult(rule.id, rule.code, rule.severity, 0, 0, 0, "passed")
        clause = clause_of(_when(rule))
        counts.setdefault(("table", (), clause, "{}"), Count(0, result.rows))
        if "other" in rule.args:
            pair = (rule.args["other"], rule.field) if rule.check == "at_most" else (rule.field, rule.args["other"])
            domain: dict[str, Any] = {"column_A": pair[0], "column_B": pair[1]}
            speaks = result.evaluated
        else:
            domain, speaks = {"column": rule.field}, result.rows
            counts.setdefault(count_key(_METRIC["not_null"], domain, {}, clause), Count(result.rows - result.evaluated, result.rows))
        args = {"regex": rule.args.get("pattern"), "value_set": rule.values if rule.check == "in_set" else None}
        args["or_equal"] = True if rule.check == "at_most" else None
        counts[count_key(_METRIC[rule.check], domain, args, clause)] = Count(result.failed, speaks, result.exception)
    return counted(dict.fromkeys(name for rule in rules for name in rule.columns), counts)


def _of_stock(rules: Sequence[Rule], found: dict[str, Any]) -> tuple[list[RuleResult], list[Issue]]:
    """Results and issues from a result of the stock engine on the rows themselves."""
    by_rule = {one["expectation_config"]["meta"]["rule_id"]: one for one in found["results"]}
    results = [_result(rule, by_rule[rule.id]) for rule in rules]
    issues = [
        Issue(row, rule.code, rule.shown, rule.why)
        for rule, result in zip(rules, results, strict=True)
        if result.status == "failed"
        for row in by_rule[rule.id]["result"]["unexpected_index_list"]
    ]
    return results, sorted(issues, key=lambda issue: issue.row)


def _frame(rules: Sequence[Rule], columns: Mapping[str, Sequence[Any]], today: date) -> pd.DataFrame:
    """The columns the rules read, as Python objects; one that is not there stays away, and its rules report an error."""
    size = len(next(iter(columns.values()), ()))
    names = dict.fromkeys(name for rule in rules for name in rule.columns)
    found = Helped(columns, size, today)
    series = {name: pd.Series(values, dtype=object) for name in names if (values := found[name]) is not None}
    return pd.DataFrame(series, index=range(size))


def _result(rule: Rule, found: dict[str, Any]) -> RuleResult:
    if exception := _exception(found.get("exception_info") or {}):
        return RuleResult(rule.id, rule.code, rule.severity, 0, 0, 0, "error", exception)
    result = found["result"]
    rows, failed = result["element_count"], result["unexpected_count"]
    return RuleResult(rule.id, rule.code, rule.severity, rows, rows - result.get("missing_count", 0), failed, "failed" if failed else "passed")


def _exception(info: dict[str, Any]) -> str | None:
    """GX writes one exception flat, several by metric."""
    if info.get("raised_exception"):
        return str(info["exception_message"])
    messages = [one["exception_message"] for one in info.values() if isinstance(one, dict) and one.get("raised_exception")]
    return str(messages[0]) if messages else None


_KEPT = ("element_count", "missing_count", "unexpected_count", "unexpected_percent")


def _document(found: dict[str, Any]) -> bytes:
    """Sorted, compact, the same bytes for the same data: run times and GX's random ids are left out, messages of exceptions may quote values."""
    results = [
        {
            "success": one["success"],
            "expectation": {name: one["expectation_config"][name] for name in ("type", "kwargs", "meta", "severity")},
            "result": {name: one["result"][name] for name in _KEPT if name in one["result"]},
            "error": _exception(one.get("exception_info") or {}) is not None,
        }
        for one in found["results"]
    ]
    for one in results:
        one["expectation"]["kwargs"].pop("batch_id", None)
    results.sort(key=lambda one: str(one["expectation"]["meta"]["rule_id"]))
    document = {
        "suite": found["suite_name"],
        "success": found["success"],
        "statistics": found["statistics"],
        "great_expectations_version": found["meta"]["great_expectations_version"],
        "results": results,
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class _Checkpoint:
    """A checkpoint of one suite, ready to run on frame after frame."""

    def __init__(self, name: str, expectations: Sequence[Any], engine: str):
        import great_expectations as gx

        context: Any = gx.get_context(mode="ephemeral")
        self._context = context
        context.variables.progress_bars = {"globally": False}
        if engine == "stock":
            source = self._context.data_sources.add_pandas("frames")
        else:
            import quality.engine  # noqa: F401  importing it registers add_hub_pandas

            source = self._context.data_sources.add_hub_pandas("frames")
        batch = source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")
        suite = gx.ExpectationSuite(name=name, expectations=expectations)
        definition = gx.ValidationDefinition(name=name, data=batch, suite=self._context.suites.add(suite))
        self._context.validation_definitions.add(definition)
        checkpoint = gx.Checkpoint(name=name, validation_definitions=[definition], result_format=_FORMAT)
        self._checkpoint = self._context.checkpoints.add(checkpoint)

    @staticmethod
    def of(name: str, step: str, fields: tuple[str, ...] = ()) -> "_Checkpoint":
        """The one of this process: of an entity's rules at a step, or of the contract of a dataset with these fields."""
        return _made(name, step, fields, os.environ.get("HUB_GX_ENGINE", "mask"))

    def run(self, frame: pd.DataFrame) -> dict[str, Any]:
        """GX's result for ``frame`` as JSON data."""
        outcome = self._checkpoint.run(batch_parameters={"dataframe": frame})
        result: Any
        (result,) = outcome.run_results.values()
        self._forget()
        found: dict[str, Any] = result.to_json_dict()
        return found

    def _forget(self) -> None:
        """GX's in-memory store keeps every result for ever; ours go to the evidence store."""
        store = self._context.validation_results_store
        for key in store.list_keys():
            store.remove_key(key)


@cache
def _made(name: str, step: str, fields: tuple[str, ...], engine: str) -> _Checkpoint:
    expectations = [_readable(field) for field in fields] if step == "contract" else [_expectation(rule) for rule in rules_at(name, step)]
    return _Checkpoint(f"{name}.{step}", expectations, engine)


def _readable(field: str) -> Any:
    import great_expectations.expectations

    gxe: Any = great_expectations.expectations
    meta = {"rule_id": f"SRC-{field}", "code": REFUSED}
    return gxe.ExpectColumnValuesToBeNull(column=field, meta=meta, severity="critical")


def _when(rule: Rule) -> Any:
    """The rule's condition on its rows as Great Expectations writes it; None for all rows."""
    from great_expectations.expectations.row_conditions import Column

    conditions = [Column(field).is_in(values) for field, values in rule.args.get("when", {}).items()]
    return functools.reduce(operator.and_, conditions) if conditions else None


def _expectation(rule: Rule) -> Any:
    import great_expectations.expectations

    gxe: Any = great_expectations.expectations
    common: dict[str, Any] = {
        "meta": {"rule_id": rule.id, "code": rule.code, "fingerprint": rule.fingerprint},
        "severity": "warning" if rule.severity is Severity.WARN else "critical",
    }
    if when := _when(rule):
        common["row_condition"] = when
    match rule.check:
        case "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(column=rule.field, **common)
        case "unique":
            return gxe.ExpectColumnValuesToBeUnique(column=rule.field, **common)
        case "regex":
            return gxe.ExpectColumnValuesToMatchRegex(column=rule.field, regex=rule.args["pattern"], **common)
        case "not_regex":
            return gxe.ExpectColumnValuesToNotMatchRegex(column=rule.field, regex=rule.args["pattern"], **common)
        case "in_set":
            return gxe.ExpectColumnValuesToBeInSet(column=rule.field, value_set=rule.values, **common)
    pair = {**common, "ignore_row_if": "either_value_is_missing"}
    if rule.check == "equal":
        return gxe.ExpectColumnPairValuesToBeEqual(column_A=rule.field, column_B=rule.args["other"], **pair)
    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A=rule.args["other"], column_B=rule.field, or_equal=True, **pair)
