"""The mask engine against the stock engine of Great Expectations. The pitfalls of the latter: ``test_gx_pitfalls``."""

import json
from datetime import date
from typing import Any

import pandas as pd
import pytest

from bench.parity import damaged
from mappings.canonical import ENTITIES, Entity
from quality.suites import validate
from tests.quality.gx import expect

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_mask_engine_gives_what_the_stock_engine_gives(entity: Entity, seed: int, monkeypatch: pytest.MonkeyPatch):
    given = damaged(entity, 60, seed)
    for step in ("mapped", "merged"):
        ours = validate(entity, step, given, today=TODAY)
        monkeypatch.setenv("HUB_GX_ENGINE", "stock")
        stock = validate(entity, step, given, today=TODAY)
        monkeypatch.delenv("HUB_GX_ENGINE")
        assert ours.results == stock.results
        assert sorted(map(repr, ours.issues)) == sorted(map(repr, stock.issues))
        assert json.loads(ours.document) == json.loads(stock.document)
        assert ours.issues


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


def test_the_frame_is_taken_as_it_is_and_left_as_it_was():
    frame = pd.DataFrame({"a": ["x", None]}, index=[5, 5], dtype=object)
    before = frame.copy()
    expect(frame, "ExpectColumnValuesToMatchRegex", column="a", regex="y")
    pd.testing.assert_frame_equal(frame, before)
