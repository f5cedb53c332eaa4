from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.apply import Each, Map, Mapping, apply
from mappings.canonical import ENTERPRISE, PERSON
from mappings.dates import iso_moment, vn_date
from mappings.identifiers import personal_number
from mappings.refusal import Refusal
from mappings.text import text


def mapping(*fields: Map, entity=PERSON, key: tuple[str, ...] = ("id",)) -> Mapping:
    return Mapping("t", entity, "s", "d", "vi", "en", "G00", "law", key, "changed", iso_moment, fields)


def row(**values: Any) -> dict[str, Any]:
    return {"id": "1", "changed": "2026-01-01T00:00:00+07:00", **values}


def test_columns_are_the_entitys_fields_then_key_and_moment():
    columns = apply(mapping(Map("full_name", "a.b")), [row(a={"b": " An "})]).columns
    assert tuple(columns) == (*PERSON.names, "source_key", "source_moment")
    assert columns["full_name"] == ["An"]
    assert columns["sex"] == [None]
    assert columns["source_key"] == ["1"]
    assert columns["source_moment"] == ["2026-01-01T00:00:00+07:00"]


def test_each_converter_runs_once_per_unique_value():
    seen: list[str] = []

    def convert(value: str) -> str:
        seen.append(value)
        return value

    out = apply(mapping(Map("address", "a", convert)), [row(a=value) for value in "xyxyxx"])
    assert sorted(seen) == ["x", "y"]
    assert out.columns["address"] == list("xyxyxx")


def test_empty_values_reach_no_converter_of_one_value():
    def convert(value: str) -> str:
        raise AssertionError(value)

    assert apply(mapping(Map("address", "a", convert)), [row(a=""), row(), row(a=None)]).issues == []


def test_converter_of_several_wires_gets_them_in_order():
    out = apply(mapping(Map("address", ("a", "b.c"), lambda a, c: f"{a}/{c}")), [row(a="1", b={"c": "2"}), row(a="1")])
    assert out.columns["address"] == ["1/2", "1/None"]


def test_refused_value_is_none_with_an_issue_on_each_of_its_rows():
    out = apply(mapping(Map("birth_date", "d", vn_date)), [row(d="31/02/1990"), row(d="01/02/1990"), row(d="31/02/1990")])
    assert out.columns["birth_date"] == [None, "1990-02-01", None]
    assert [(issue.row, issue.code, issue.field) for issue in out.issues] == [(0, "date_invalid", "birth_date"), (2, "date_invalid", "birth_date")]


def test_why_quotes_the_value_only_when_the_field_is_not_personal():
    birth = apply(mapping(Map("birth_date", "d", vn_date)), [row(d="31/02/1990")]).issues[0]
    founded = apply(mapping(Map("founded_on", "d", vn_date), entity=ENTERPRISE), [row(d="31/02/1990")]).issues[0]
    assert birth.why == "##/##/#### không phải là ngày · ##/##/#### is not a date"
    assert founded.why == "31/02/1990 không phải là ngày · 31/02/1990 is not a date"


def test_proposal_is_offered_and_not_applied():
    out = apply(mapping(Map("personal_number", "n", personal_number)), [row(n="24085000001")])
    assert out.columns["personal_number"] == [None]
    assert out.issues[0].proposal == "024085000001"


def test_missing_required_value_is_told_once_and_a_refused_one_is_not_missing():
    out = apply(mapping(Map("full_name", "a", vn_date, required=True)), [row(), row(a="x"), row(a={}), row(a="01/02/1990")])
    assert [(issue.row, issue.code) for issue in out.issues] == [(0, "required_missing"), (1, "date_invalid"), (2, "wrong_type")]


def test_whole_numbers_of_json_are_read_as_their_text():
    assert apply(mapping(Map("address", "a")), [row(a=3), row(a="x")]).columns["address"] == ["3", "x"]


@pytest.mark.parametrize("value", [{}, [], {"a": 1}, ["x"], 1.5, True, False])
def test_structure_where_text_belongs_is_a_wrong_type(value: Any):
    out = apply(mapping(Map("address", "a")), [row(a=value), row(a="x")])
    assert out.columns["address"] == [None, "x"]
    assert [issue.code for issue in out.issues] == ["wrong_type"]


def test_true_is_not_one():
    assert apply(mapping(Map("address", "a")), [row(a=1), row(a=True)]).columns["address"] == ["1", None]


def test_source_key_of_several_wires_is_joined():
    out = apply(mapping(key=("p", "q")), [row(p="a", q="b"), row(p="a")])
    assert out.columns["source_key"] == ["a|b", None]
    assert [(issue.row, issue.code, issue.field) for issue in out.issues] == [(1, "required_missing", "source_key")]


EACH = mapping(Map("activities", "l", Each((Map("code", "c", text, required=True), Map("day", "d", vn_date)))), entity=ENTERPRISE)


def test_sub_records_keep_their_order_and_their_rows():
    out = apply(EACH, [row(l=[{"c": "1"}, {"c": "2", "d": "01/02/2026"}]), row(l=[]), row(), row(l={"c": "3"}), row(l="")])
    assert out.columns["activities"] == [
        [{"code": "1", "day": None}, {"code": "2", "day": "2026-02-01"}],
        [],
        [],
        [{"code": "3", "day": None}],
        [],
    ]


def test_a_bad_sub_record_is_an_issue_of_its_row_and_stays_in_place():
    out = apply(EACH, [row(), row(l=[{"c": "1", "d": "x"}, {"d": "01/02/2026"}, "text"])])
    assert out.columns["activities"][1] == [{"code": "1", "day": None}, {"code": None, "day": "2026-02-01"}, {"code": None, "day": None}]
    assert {(issue.row, issue.code, issue.field) for issue in out.issues} == {
        (1, "date_invalid", "activities.day"),
        (1, "required_missing", "activities.code"),
        (1, "wrong_type", "activities"),
    }


def test_an_element_that_is_text_is_its_own_record():
    one = mapping(Map("activities", "l", Each((Map("code", ".", text),))), entity=ENTERPRISE)
    assert apply(one, [row(l=["1", "2"]), row(l="3")]).columns["activities"] == [[{"code": "1"}, {"code": "2"}], [{"code": "3"}]]


def test_no_rows_give_empty_columns():
    out = apply(EACH, [])
    assert set(map(len, out.columns.values())) == {0}
    assert out.issues == []


def test_an_error_that_is_no_refusal_is_a_bug_and_surfaces():
    def broken(_: str) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        apply(mapping(Map("address", "a", broken)), [row(a="x")])


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("cdlx"), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.fixed_dictionaries({}, optional={"id": json, "changed": json, "l": json, "x": json}), max_size=4))
def test_any_json_is_mapped_or_told_never_a_crash(rows: list[dict[str, Any]]):
    out = apply(EACH, rows)
    assert set(map(len, out.columns.values())) == {len(rows)}
    assert all(0 <= issue.row < len(rows) for issue in out.issues)


def test_refusal_masks_what_it_quotes():
    assert Refusal("c", "{} sai", "{} is bad", value="ab1").masked == "xx# sai · xx# is bad"
    assert Refusal("c", "sai cả", "all is bad").masked == "sai cả · all is bad"
    assert Refusal("c", "a {} sai", "a {} is bad", value="a").masked == "a x sai · a x is bad"
    assert str(Refusal("c", "{} sai", "{} is bad", value="{0}")) == "{0} sai · {0} is bad"
