"""A Great Expectations execution engine that evaluates each rule once, on the columns it needs, and tells every failing row.

Stock GX copies the whole frame for each rule, hashes it first, and loops in Python for the row numbers. This engine takes GX's own hook
(``Datasource.execution_engine_override``), answers the condition metrics of the rules we use from boolean masks, and leaves all else to stock GX.
Suites, validation definitions, checkpoints and results above it are GX's own. It never hands GX a value of a row: evidence carries none.

A frame made by ``counted`` carries no rows but what was counted of them, batch by batch, as the run went (``quality.masks``): one checkpoint then
gives the verdict of a run of any size, for the cost of one.

Import this module inside functions only: importing Great Expectations costs seconds.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from great_expectations.core.batch import BatchMarkers  # noqa: TID253  this module is itself imported lazily
from great_expectations.core.batch_spec import RuntimeDataBatchSpec  # noqa: TID253
from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource  # noqa: TID253
from great_expectations.exceptions.exceptions import MetricResolutionError  # noqa: TID253
from great_expectations.execution_engine.pandas_batch_data import PandasBatchData  # noqa: TID253
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine  # noqa: TID253
from great_expectations.expectations.row_conditions import Condition, deserialize_row_condition  # noqa: TID253

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[Any]

_CONDITION = ".condition"
_SUMMARIES = (
    ".unexpected_count",
    ".unexpected_values",
    ".unexpected_index_list",
    ".unexpected_index_query",
    ".unexpected_rows",
    ".filtered_row_count",
)


class Verdict(NamedTuple):
    """What a condition metric resolves to: the failing rows, and the rows the rule speaks of (None: all)."""

    bad: Mask
    kept: Mask | None


def _matches(values: Values, pattern: str) -> Mask:
    search = re.compile(pattern).search
    return np.fromiter((search(value) is not None for value in values), dtype=bool, count=len(values))


def _members(values: Values, members: Iterable[Any]) -> Mask:
    known = frozenset(members)
    return np.fromiter((value in known for value in values), dtype=bool, count=len(values))


COLUMN: dict[str, Callable[[Values, dict[str, Any]], Mask]] = {
    "column_values.unique": lambda values, _: pd.Series(values, dtype=object).duplicated(keep=False).to_numpy(),
    "column_values.in_set": lambda values, args: ~_members(values, args["value_set"]),
    "column_values.match_regex": lambda values, args: ~_matches(values, args["regex"]),
    "column_values.not_match_regex": lambda values, args: _matches(values, args["regex"]),
}
"""Condition metric to failing values; missing values are taken out before."""

PAIR: dict[str, Callable[[Values, Values, dict[str, Any]], Mask]] = {
    "column_pair_values.a_greater_than_b": lambda a, b, args: ~(a >= b if args.get("or_equal") else a > b).astype(bool),
    "column_pair_values.equal": lambda a, b, _: ~(a == b).astype(bool),
}
NONNULL = "column_values.nonnull"
NULL = "column_values.null"
KNOWN = frozenset({NONNULL, NULL, *COLUMN, *PAIR})


class Count(NamedTuple):
    """What was counted for one condition metric: the failing rows, and the rows it speaks of; ``error`` when it could not be evaluated."""

    bad: int
    rows: int
    error: str | None = None


CountKey = tuple[str, tuple[str, ...], str, str]
"""Condition metric, columns, row condition, arguments."""
COUNTS = "hub.counts"
_ARGUMENTS = ("regex", "value_set", "or_equal")


def count_key(name: str, domain: dict[str, Any], args: dict[str, Any], clause: str) -> CountKey:
    """What tells one condition metric from another."""
    columns = tuple(domain[each] for each in ("column", "column_A", "column_B") if each in domain)
    return name, columns, clause, json.dumps({each: args[each] for each in _ARGUMENTS if args.get(each) is not None})


def counted(columns: Iterable[str], counts: dict[CountKey, Count]) -> pd.DataFrame:
    """A frame of no rows with the counts of many."""
    frame = pd.DataFrame(columns=list(columns), dtype=object)
    frame.attrs[COUNTS] = counts
    return frame


class MaskPandasEngine(PandasExecutionEngine):
    """The engine of one data frame at a time."""

    def get_batch_data_and_markers(self, batch_spec: Any) -> tuple[PandasBatchData, BatchMarkers]:
        """Take the frame as it is: no copy, no hash of it."""
        if not (isinstance(batch_spec, RuntimeDataBatchSpec) and isinstance(batch_spec.batch_data, pd.DataFrame)):
            return super().get_batch_data_and_markers(batch_spec)
        self.frame = batch_spec.batch_data
        self._missing: dict[str, Mask] = {}
        self._verdicts: dict[Any, Verdict] = {}
        batch_spec.batch_data = "PandasDataFrame"
        markers = BatchMarkers({"ge_load_time": datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")})
        return PandasBatchData(execution_engine=self, dataframe=self.frame), markers

    def resolve_metrics(self, metrics_to_resolve: Any, metrics: Any = None, runtime_configuration: Any = None) -> dict[Any, Any]:
        """Ours from masks, the rest by stock GX."""
        resolved: dict[Any, Any] = {}
        others = []
        for metric in metrics_to_resolve:
            if metric.metric_name == "table.row_count" and COUNTS in self.frame.attrs:
                resolved[metric.id] = self._counts()["table", (), self._clause(metric.metric_domain_kwargs), "{}"].rows
            elif metric.metric_name.removesuffix(_CONDITION) in KNOWN and metric.metric_name.endswith(_CONDITION):
                resolved[metric.id] = self._counted(metric) if COUNTS in self.frame.attrs else self._verdict(metric)
            elif isinstance(verdict := _dependency(metric, metrics or {}), Verdict | Count):
                resolved[metric.id] = self._summary(metric, verdict)
            else:
                others.append(metric)
        if others:
            resolved.update(super().resolve_metrics(others, metrics, runtime_configuration))
        return resolved

    def missing(self, column: str) -> Mask:
        """The rows without a value in ``column``."""
        if column not in self._missing:
            self._missing[column] = self.frame[column].isna().to_numpy(dtype=bool)
        return self._missing[column]

    def _counts(self) -> dict[CountKey, Count]:
        counts: dict[CountKey, Count] = self.frame.attrs[COUNTS]
        return counts

    def _counted(self, metric: Any) -> Count:
        domain = metric.metric_domain_kwargs
        key = count_key(metric.metric_name.removesuffix(_CONDITION), domain, metric.metric_value_kwargs or {}, self._clause(domain))
        found = self._counts()[key]
        if found.error:
            raise MetricResolutionError(found.error, failed_metrics=(metric,))
        return found

    def _verdict(self, metric: Any) -> Verdict:
        if metric.id not in self._verdicts:
            try:
                self._verdicts[metric.id] = self._evaluate(
                    metric.metric_name.removesuffix(_CONDITION), metric.metric_domain_kwargs, metric.metric_value_kwargs
                )
            except Exception as error:  # GX records which rule could not run, and runs the others
                raise MetricResolutionError(f"{type(error).__name__}: {error}", failed_metrics=(metric,)) from error
        return self._verdicts[metric.id]

    def _evaluate(self, name: str, domain: dict[str, Any], args: dict[str, Any]) -> Verdict:
        kept = self._kept(domain.get("row_condition"))
        if name in {NONNULL, NULL}:
            missing = self.missing(domain["column"]) ^ (name == NULL)
            return Verdict(missing if kept is None else missing & kept, kept)
        if name in COLUMN:
            column = domain["column"]
            looked_at = ~self.missing(column) if kept is None else kept & ~self.missing(column)
            return Verdict(self._spread(looked_at, COLUMN[name](self._values(column, looked_at), args)), kept)
        a, b = domain["column_A"], domain["column_B"]
        present = self._present(a, b, domain.get("ignore_row_if", "both_values_are_missing"))
        looked_at = present if kept is None else kept & present
        bad = PAIR[name](self._values(a, looked_at), self._values(b, looked_at), args)
        halves = (self.missing(a) | self.missing(b))[looked_at]  # what is missing equals nothing, not even another missing value
        return Verdict(self._spread(looked_at, bad | halves), looked_at)

    def _present(self, a: str, b: str, ignore_row_if: str) -> Mask:
        if ignore_row_if == "either_value_is_missing":
            return ~(self.missing(a) | self.missing(b))
        if ignore_row_if == "both_values_are_missing":
            return ~(self.missing(a) & self.missing(b))
        return np.ones(len(self.frame), dtype=bool)

    def _kept(self, row_condition: Any) -> Mask | None:
        if not row_condition:
            return None
        kept: Mask = pd.Series(self.frame.eval(self._clause({"row_condition": row_condition}))).to_numpy(dtype=bool)
        return kept

    def _clause(self, domain: Any) -> str:
        """The row condition of a domain as pandas reads it; empty when there is none."""
        return clause_of(domain.get("row_condition"))

    def _values(self, column: str, rows: Mask) -> Values:
        return self.frame[column].to_numpy()[rows]

    def _spread(self, looked_at: Mask, bad: Mask) -> Mask:
        mask = np.zeros(len(self.frame), dtype=bool)
        mask[looked_at] = bad
        return mask

    def _summary(self, metric: Any, verdict: Verdict | Count) -> Any:
        kind = metric.metric_name.rpartition(".")[2]
        if kind == "unexpected_count":
            return verdict.bad if isinstance(verdict, Count) else int(np.count_nonzero(verdict.bad))
        if kind == "filtered_row_count":
            return verdict.rows if isinstance(verdict, Count) else len(self.frame) if verdict.kept is None else int(np.count_nonzero(verdict.kept))
        if kind == "unexpected_index_list":
            return [] if isinstance(verdict, Count) else np.flatnonzero(verdict.bad).tolist()
        if kind == "unexpected_rows":
            return self.frame.iloc[:0]
        return [] if kind == "unexpected_values" else None


def _dependency(metric: Any, metrics: dict[Any, Any]) -> Any:
    if not metric.metric_name.endswith(_SUMMARIES):
        return None
    condition = metric.metric_dependencies.get("unexpected_condition")
    return metrics.get(condition.id) if condition is not None else None


def clause_of(row_condition: Any) -> str:
    """A row condition as pandas reads it; empty when there is none."""
    if not row_condition:
        return ""
    condition = deserialize_row_condition(row_condition) if isinstance(row_condition, dict) else row_condition
    return str(_PLAIN.condition_to_filter_clause(condition) if isinstance(condition, Condition) else condition)


_PLAIN = PandasExecutionEngine()


class HubPandasDatasource(PandasDatasource):
    """``context.data_sources.add_hub_pandas(name)``: the stock pandas datasource on the mask engine."""

    type: Literal["hub_pandas"] = "hub_pandas"  # type: ignore[assignment]
    execution_engine_override: ClassVar[Any] = MaskPandasEngine
