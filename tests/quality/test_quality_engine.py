"""The mask engine against the stock engine of Great Expectations, and the pitfalls of the latter."""

import json
import random
from datetime import date
from functools import cache
from typing import Any

import pandas as pd
import pytest

from mappings.apply import apply
from mappings.canonical import ENTITIES, Entity
from mappings.catalogue import MAPPINGS
from quality.suites import validate

TODAY = date(2026, 11, 23)
ODD = [
    None,
    "x",
    "",
    "2026-12-31",
    "1990",
    "024085000126",
    "024185000126",
    "male",
    "9",
    "2",
    "+84912000126",
    "07210",
    "Nguye\u0303\u0302n",
    "１２３４５６７８９０１２",
    "2026-01-01T00:00:00+07:00",
]


def generated(entity: Entity, size: int, seed: int) -> dict[str, list[Any]]:
    dataset = next(mapping for mapping in MAPPINGS.values() if mapping.entity is entity)
    good = {name: values[0] for name, values in apply(dataset, [dict(dataset.sample)]).columns.items()}
    draw = random.Random(seed)
    return {
        name: [draw.choice(ODD) if draw.random() < 0.3 and not isinstance(value, list | int | bool) else value for _ in range(size)]
        for name, value in good.items()
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_mask_engine_gives_what_the_stock_engine_gives(entity: Entity, seed: int, monkeypatch: pytest.MonkeyPatch):
    given = generated(entity, 60, seed)
    for step in ("mapped", "merged"):
        ours = validate(entity, step, given, today=TODAY)
        monkeypatch.setenv("HUB_GX_ENGINE", "stock")
        stock = validate(entity, step, given, today=TODAY)
        monkeypatch.delenv("HUB_GX_ENGINE")
        assert ours.results == stock.results
        assert sorted(map(repr, ours.issues)) == sorted(map(repr, stock.issues))
        assert json.loads(ours.document) == json.loads(stock.document)
        assert ours.issues


@cache
def batches(kind: str) -> Any:
    import great_expectations as gx

    import quality.engine  # noqa: F401

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return getattr(context.data_sources, f"add_{kind}")("s").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")


def expect(frame: pd.DataFrame, name: str, *, kind: str = "hub_pandas", **settings: Any) -> Any:
    import great_expectations.expectations as gxe

    return batches(kind).get_batch({"dataframe": frame}).validate(getattr(gxe, name)(**settings), result_format="COMPLETE")


def test_full_width_digits_are_no_digits():
    frame = pd.DataFrame({"a": ["１２３４５６７８９０１２", "024085000126\n", "024085000126"]}, dtype=object)
    found = expect(frame, "ExpectColumnValuesToMatchRegex", column="a", regex=r"\A[0-9]{12}\Z")
    assert found.result["unexpected_index_list"] == [0, 1]


def test_row_numbers_are_positions_whatever_the_index():
    frame = pd.DataFrame({"a": ["x", "bad", "bad"]}, index=[7, 7, 7], dtype=object)
    assert expect(frame, "ExpectColumnValuesToMatchRegex", column="a", regex="^x$").result["unexpected_index_list"] == [1, 2]


@pytest.mark.parametrize("kind", ["pandas", "hub_pandas"])
def test_expectations_the_masks_do_not_know_are_left_to_stock(kind: str):
    frame = pd.DataFrame({"a": ["x", "yy"]}, dtype=object)
    assert expect(frame, "ExpectColumnValueLengthsToEqual", kind=kind, column="a", value=1).result["unexpected_count"] == 1
    assert expect(frame, "ExpectTableRowCountToEqual", kind=kind, value=2).success


def test_text_in_two_normal_forms_is_two_texts():
    frame = pd.DataFrame({"a": ["Nguyễn", "Nguye\u0302\u0303n"]}, dtype=object)
    assert expect(frame, "ExpectColumnValuesToBeInSet", column="a", value_set=["Nguyễn"]).result["unexpected_count"] == 1


def test_all_null_column_passes_every_rule_but_not_null():
    frame = pd.DataFrame({"a": [None, None]}, dtype=object)
    assert expect(frame, "ExpectColumnValuesToMatchRegex", column="a", regex="x").success
    assert not expect(frame, "ExpectColumnValuesToNotBeNull", column="a").success


def test_pair_with_a_missing_side_is_not_compared():
    frame = pd.DataFrame({"a": ["1", None, "3"], "b": ["2", "2", None]}, dtype=object)
    settings = {"column_A": "a", "column_B": "b", "or_equal": True, "ignore_row_if": "either_value_is_missing"}
    assert expect(frame, "ExpectColumnPairValuesAToBeGreaterThanB", **settings).result["unexpected_index_list"] == [0]


def test_masks_hand_out_no_values():
    frame = pd.DataFrame({"a": ["secret"]}, dtype=object)
    found = expect(frame, "ExpectColumnValuesToMatchRegex", column="a", regex="^x$")
    assert "secret" not in json.dumps(found.to_json_dict()["result"])


@pytest.mark.parametrize("dtype", ["object", "str", "string[python]", "category"])
def test_masks_do_not_depend_on_how_pandas_keeps_text(dtype: str):
    frame = pd.DataFrame({"a": pd.Series(["x", None, "bad", "bad"], dtype=object).astype(dtype)})
    assert expect(frame, "ExpectColumnValuesToMatchRegex", column="a", regex=r"\Ax\Z").result["unexpected_index_list"] == [2, 3]
    assert expect(frame, "ExpectColumnValuesToNotMatchRegex", column="a", regex="bad").result["unexpected_index_list"] == [2, 3]
    assert expect(frame, "ExpectColumnValuesToBeInSet", column="a", value_set=["x"]).result["unexpected_index_list"] == [2, 3]
    assert expect(frame, "ExpectColumnValuesToBeUnique", column="a").result["unexpected_index_list"] == [2, 3]
    assert expect(frame, "ExpectColumnValuesToNotBeNull", column="a").result["unexpected_index_list"] == [1]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT], ids=repr)
@pytest.mark.parametrize("kind", ["pandas", "hub_pandas"])
def test_whatever_stands_for_missing_is_missing(missing: Any, kind: str):
    frame = pd.DataFrame({"a": ["1", missing], "b": [missing, "1"]}, dtype=object)
    settings = {"column_A": "a", "column_B": "b", "ignore_row_if": "either_value_is_missing"}
    assert expect(frame, "ExpectColumnPairValuesToBeEqual", kind=kind, **settings).success
    assert expect(frame, "ExpectColumnValuesToBeUnique", kind=kind, column="a").success
    assert expect(frame, "ExpectColumnValuesToNotBeNull", kind=kind, column="a").result["unexpected_count"] == 1


@pytest.mark.parametrize("ignore", ["either_value_is_missing", "both_values_are_missing", "neither"])
def test_pairs_are_ignored_as_stock_ignores_them(ignore: str):
    frame = pd.DataFrame({"a": ["1", None, "3", None], "b": ["1", "2", None, None]}, dtype=object)
    settings = {"column_A": "a", "column_B": "b", "ignore_row_if": ignore}
    ours, stock = (expect(frame, "ExpectColumnPairValuesToBeEqual", kind=kind, **settings) for kind in ("hub_pandas", "pandas"))
    assert ours.result["unexpected_count"] == stock.result["unexpected_count"]
    assert ours.success == stock.success


def test_anchors_hold_at_the_ends_of_the_text_not_of_a_line():
    frame = pd.DataFrame({"a": ["x\n", "\nx", "y\nx\ny", "x"]}, dtype=object)
    assert expect(frame, "ExpectColumnValuesToMatchRegex", column="a", regex=r"\Ax\Z").result["unexpected_index_list"] == [0, 1, 2]


def test_bounds_are_compared_as_text_never_parsed():
    frame = pd.DataFrame({"a": ["2026-11-24", "2026", "9999"], "b": ["2026-11-23T23:59:59+07:00"] * 3}, dtype=object)
    settings = {"column_A": "b", "column_B": "a", "or_equal": True, "ignore_row_if": "either_value_is_missing"}
    assert expect(frame, "ExpectColumnPairValuesAToBeGreaterThanB", **settings).result["unexpected_index_list"] == [0, 2]


def test_a_rule_that_raises_leaves_the_others_their_verdicts():
    frame = pd.DataFrame({"a": ["x", 1]}, dtype=object)
    failed = expect(frame, "ExpectColumnValuesToMatchRegex", column="a", regex="x")
    assert not failed.success
    assert "unexpected_count" not in failed.result
    assert any(one["raised_exception"] for one in failed.exception_info.values())
    assert expect(frame, "ExpectColumnValuesToBeInSet", column="a", value_set=["x", 1]).success


def test_the_frame_is_taken_as_it_is_and_left_as_it_was():
    frame = pd.DataFrame({"a": ["x", None]}, index=[5, 5], dtype=object)
    before = frame.copy()
    expect(frame, "ExpectColumnValuesToMatchRegex", column="a", regex="y")
    pd.testing.assert_frame_equal(frame, before)
