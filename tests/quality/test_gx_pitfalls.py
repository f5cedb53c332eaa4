"""The sixteen pitfalls of Great Expectations 1.24, each with the claim that our use of it steps around. The number leads to the test.

==  ==============================================================================================  =============================================
 #  what Great Expectations does                                                                    what we do
==  ==============================================================================================  =============================================
 1  names 200 failing values and no more, at COMPLETE too                                           masks name every row
 2  compares datetime64[us] and Arrow columns value by value in Python                              canonical text, compared as text
 3  parses a bound given as text to a date, then cannot compare it                                  bounds are columns, never parsed
 4  tells a rule that raised as one that failed                                                     status ``error``; no row is blamed
 5  takes pairs with a missing side for failures, or raises on NA                                   pairs with both sides alone
 6  names rows by index label                                                                       rows are positions
 7  lets empty batches and columns pass every rule                                                  ``not_null`` for what must be there; the gate
 8  lets ``\\d`` and ``$`` take full-width digits and a line end                                     ``[0-9]`` and ``\\A…\\Z``
 9  tells two normal forms of one text apart                                                        mapping writes NFC, a rule asks for it
10  stays silent on ``critical`` when told to notify on ``warning``                                 no action of GX; owners hear of quarantined rows
11  shows values of rows, and hides severity and rule in its pages                                  documents of our own without a value
12  keeps results in files, and builds an index query of every failing row                          PostgreSQL; no query, no values
13  judges types by how pandas keeps a column                                                       no rule asks for a type
14  binds an expectation to one suite and re-orders results                                         expectations per suite, results by rule id
15  knows a datasource by its ``type`` only, and waits for ever for a metric nobody resolves        ``hub_pandas``; what is not ours goes to stock
16  runs a custom SQL expectation twice                                                             none; rules across records are our own SQL
==  ==============================================================================================  =============================================
"""

import json
from datetime import date
from typing import Any

import pandas as pd
import pytest

from mappings.apply import apply
from mappings.canonical import DOSSIER, ENTITIES, PERSON, Entity
from mappings.catalogue import MAPPINGS
from mappings.text import text
from quality import gate, suites
from quality.rules import STEPS, rules, rules_at
from quality.suites import validate
from tests.quality.gx import batches, expect

TODAY = date(2026, 11, 23)
DATASETS = {mapping.entity: mapping for mapping in MAPPINGS.values()}
SUITES = pytest.mark.parametrize(
    ("entity", "step"), [(entity, step) for entity in ENTITIES for step in STEPS], ids=lambda each: str(getattr(each, "name", each))
)
BOTH = pytest.mark.parametrize("kind", ["pandas", "hub_pandas"])


def columns(entity: Entity, rows: int = 1, **changes: Any) -> dict[str, list[Any]]:
    """The dataset's sample so many times, some fields set."""
    good = apply(DATASETS[entity], [dict(DATASETS[entity].sample)]).columns
    return {name: [changes.get(name, values[0])] * rows for name, values in good.items()} | {"source_key": [f"k{at}" for at in range(rows)]}


def expectations(entity: Entity, step: str) -> list[Any]:
    return [suites._expectation(rule) for rule in rules_at(entity.name, step)]


def frame(**given: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(given, dtype=object)


def test_01_every_failing_row_is_named_where_gx_stops_at_200():
    bad = frame(a=["bad"] * 450)
    assert len(expect(bad, "ExpectColumnValuesToMatchRegex", kind="pandas", column="a", regex="^x$").result["unexpected_list"]) == 200
    assert len(expect(bad, "ExpectColumnValuesToMatchRegex", column="a", regex="^x$").result["unexpected_index_list"]) == 450
    assert len(validate(PERSON, "mapped", columns(PERSON, 450, ethnicity="99"), today=TODAY).issues) == 450


@SUITES
def test_02_no_column_reaches_gx_as_a_datetime_and_no_rule_asks_between(entity: Entity, step: str):
    given = suites._frame(rules_at(entity.name, step), columns(entity), TODAY)
    assert set(given.dtypes) <= {pd.Series([], dtype=object).dtype}
    assert all("between" not in one.expectation_type for one in expectations(entity, step))


def test_03_a_bound_given_as_text_is_compared_as_text_never_parsed():
    moments = pd.DataFrame({"a": pd.to_datetime(["2018-01-01", "2020-01-01"]).astype("datetime64[us]")})
    stock = expect(moments, "ExpectColumnValuesToBeBetween", kind="pandas", column="a", min_value="2019-01-01")
    assert not stock.success
    assert any(one["raised_exception"] for one in stock.exception_info.values())
    settings = {"column_A": "b", "column_B": "a", "or_equal": True, "ignore_row_if": "either_value_is_missing"}
    given = frame(a=["2026-11-24", "2026", "9999"], b=["2026-11-23T23:59:59+07:00"] * 3)
    assert expect(given, "ExpectColumnPairValuesAToBeGreaterThanB", **settings).result["unexpected_index_list"] == [0, 2]


def test_04_a_rule_that_raised_is_in_error_and_blames_no_row():
    failed = expect(frame(a=["x", 1]), "ExpectColumnValuesToMatchRegex", column="a", regex="x")
    assert not failed.success
    assert "unexpected_count" not in failed.result
    assert expect(frame(a=["x", 1]), "ExpectColumnValuesToBeInSet", column="a", value_set=["x", 1]).success
    verdict = validate(PERSON, "mapped", columns(PERSON, birth_date=1990, personal_number=None), today=TODAY)
    assert {result.rule_id for result in verdict.errors} == {"PER-030", "PER-031"}
    assert verdict.issues == []


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA], ids=repr)
def test_05_a_pair_with_a_missing_side_is_not_compared(missing: Any):
    settings = {"column_A": "a", "column_B": "b", "or_equal": True, "ignore_row_if": "either_value_is_missing"}
    found = expect(frame(a=["1", missing, "3"], b=["2", "2", missing]), "ExpectColumnPairValuesAToBeGreaterThanB", **settings)
    assert found.result["unexpected_index_list"] == [0]
    pairs = [one for entity in ENTITIES for step in STEPS for one in expectations(entity, step) if "pair" in one.expectation_type]
    assert {one.ignore_row_if for one in pairs} == {"either_value_is_missing"}


def test_06_rows_are_positions_whatever_the_index():
    given = pd.DataFrame({"a": ["x", "bad", "bad"]}, index=[7, 7, 7], dtype=object)
    assert expect(given, "ExpectColumnValuesToMatchRegex", column="a", regex="^x$").result["unexpected_index_list"] == [1, 2]


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_07_what_is_empty_does_not_pass(entity: Entity):
    assert expect(frame(a=[None, None]), "ExpectColumnValuesToMatchRegex", column="a", regex="x").success
    nothing = {name: [None] * 100 for name in columns(entity)}
    failed = {result.code for result in validate(entity, "mapped", nothing, today=TODAY).results if result.failed}
    assert "required_missing" in failed
    was = gate.RunCounts(100, 0, full=True)
    assert not gate.decide(gate.RunCounts(100, 0, {"": gate.Filled(100, {})}, full=True), {"": gate.Filled(100, {"name": 100})}, was).open
    assert not gate.decide(gate.RunCounts(0, 0, full=True), gate.NOTHING, was).open


def test_08_full_width_digits_and_a_line_end_are_no_part_of_a_number():
    numbers = frame(a=["１２３４５６７８９０１２", "024085000126\n", "024085000126"])
    assert expect(numbers, "ExpectColumnValuesToMatchRegex", kind="pandas", column="a", regex=r"^\d{12}$").success
    assert expect(numbers, "ExpectColumnValuesToMatchRegex", column="a", regex=r"\A[0-9]{12}\Z").result["unexpected_index_list"] == [0, 1]
    patterns = [(rule.check, rule.args["pattern"]) for entity in ENTITIES for rule in rules(entity.name) if "pattern" in rule.args]
    assert [pattern for _, pattern in patterns if r"\d" in pattern.replace(r"[^\W\d_]", "") or r"\s" in pattern or "$" in pattern] == []
    assert [pattern for check, pattern in patterns if check == "regex" and not (pattern.startswith(r"\A") and pattern.endswith(r"\Z"))] == []


def test_09_text_is_written_in_one_normal_form_and_a_rule_asks_for_it():
    assert (
        expect(frame(a=["Nguyễn", "Nguye\u0302\u0303n"]), "ExpectColumnValuesToBeInSet", column="a", value_set=["Nguyễn"]).result["unexpected_count"]
        == 1
    )
    assert text("Nguye\u0302\u0303n") == "Nguyễn"
    issues = validate(PERSON, "mapped", columns(PERSON, full_name="Nguye\u0302\u0303n An"), today=TODAY).issues
    assert [issue.code for issue in issues] == ["text_stray_mark"]


@SUITES
def test_10_no_notice_hangs_on_the_actions_of_gx(entity: Entity, step: str):
    assert suites._Checkpoint.of(entity.name, step)._checkpoint.actions == []


@pytest.mark.parametrize("engine", ["mask", "stock"])
def test_11_the_document_tells_severity_and_rule_and_no_value(engine: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HUB_GX_ENGINE", engine)
    verdict = validate(PERSON, "mapped", columns(PERSON, full_name="Bí?Mật", phone="+84512009999"), today=TODAY)
    assert any(result.failed for result in verdict.results)
    assert "Mật" not in verdict.document.decode()
    assert "2009999" not in verdict.document.decode()
    for one in json.loads(verdict.document)["results"]:
        assert one["expectation"]["severity"] in {"critical", "warning"}
        assert one["expectation"]["meta"].keys() == {"rule_id", "code", "fingerprint"}


@pytest.mark.parametrize("engine", ["mask", "stock"])
def test_12_gx_builds_no_query_of_failing_rows_and_keeps_no_result(engine: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HUB_GX_ENGINE", engine)
    checkpoint = suites._Checkpoint.of("person", "mapped")
    found = checkpoint.run(suites._frame(rules_at("person", "mapped"), columns(PERSON, 300, ethnicity="99"), TODAY))
    assert not found["success"]
    assert all(one["result"].get("unexpected_index_query") is None for one in found["results"])
    assert all(not one["result"].get("partial_unexpected_list") for one in found["results"])
    assert checkpoint._context.validation_results_store.list_keys() == []


@SUITES
def test_13_no_rule_asks_for_a_type_or_the_set_of_values_of_a_column(entity: Entity, step: str):
    asked = {one.expectation_type for one in expectations(entity, step)}
    assert asked <= {
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_unique",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_not_match_regex",
        "expect_column_values_to_be_in_set",
        "expect_column_pair_values_to_be_equal",
        "expect_column_pair_values_a_to_be_greater_than_b",
    }


@pytest.mark.parametrize("dtype", ["object", "str", "string[python]", "category"])
def test_13_masks_do_not_depend_on_how_pandas_keeps_text(dtype: str):
    given = pd.DataFrame({"a": pd.Series(["x", None, "bad", "bad"], dtype=object).astype(dtype)})
    assert expect(given, "ExpectColumnValuesToMatchRegex", column="a", regex=r"\Ax\Z").result["unexpected_index_list"] == [2, 3]
    assert expect(given, "ExpectColumnValuesToNotMatchRegex", column="a", regex="bad").result["unexpected_index_list"] == [2, 3]
    assert expect(given, "ExpectColumnValuesToBeInSet", column="a", value_set=["x"]).result["unexpected_index_list"] == [2, 3]
    assert expect(given, "ExpectColumnValuesToBeUnique", column="a").result["unexpected_index_list"] == [2, 3]
    assert expect(given, "ExpectColumnValuesToNotBeNull", column="a").result["unexpected_index_list"] == [1]


def test_14_results_are_told_apart_by_rule_whatever_order_gx_took():
    given = columns(DOSSIER, status="0")
    found = suites._Checkpoint.of("dossier", "mapped").run(suites._counts(rules_at("dossier", "mapped"), {}, 1))
    taken = [one["expectation_config"]["meta"]["rule_id"] for one in found["results"]]
    own = [rule.id for rule in rules_at("dossier", "mapped")]
    assert taken != own
    assert sorted(taken) == sorted(own)
    assert [result.rule_id for result in validate(DOSSIER, "mapped", given, today=TODAY).results] == own


def test_14_no_two_suites_share_an_expectation():
    once, again = (suites._Checkpoint(name, expectations(PERSON, "mapped"), "mask") for name in ("one", "two"))
    empty = suites._counts(rules_at("person", "mapped"), {}, 0)
    assert len(once.run(empty)["results"]) == len(again.run(empty)["results"])


@BOTH
def test_15_expectations_the_masks_do_not_know_are_resolved_by_stock(kind: str):
    assert batches(kind).data_asset.datasource.type == kind
    given = frame(a=["x", "yy"])
    assert expect(given, "ExpectColumnValueLengthsToEqual", kind=kind, column="a", value=1).result["unexpected_count"] == 1
    assert expect(given, "ExpectTableRowCountToEqual", kind=kind, value=2).success


@SUITES
def test_16_no_suite_runs_sql_and_every_result_counts_its_rows(entity: Entity, step: str):
    assert all("query" not in one.expectation_type and "rows" not in one.expectation_type for one in expectations(entity, step))
    found = json.loads(validate(entity, step, columns(entity, 3), today=TODAY).document)["results"]
    assert all("element_count" in one["result"] for one in found if not one["error"])
