import copy
from typing import Any

import pytest

from mappings.apply import apply
from mappings.catalogue import MAPPINGS
from quality.contracts import check

ALL = pytest.mark.parametrize("mapping", MAPPINGS.values(), ids=list(MAPPINGS))


def told(mapping, rows: list[Any]) -> set[tuple[int, str, str]]:
    return {(issue.row, issue.code, issue.field) for issue in check(mapping, rows)}


@ALL
def test_sample_keeps_its_contract(mapping):
    assert check(mapping, [mapping.sample, mapping.sample]) == []


@ALL
def test_unknown_field_is_told_once_at_its_first_row(mapping):
    odd = {**mapping.sample, "moi": "1"}
    assert told(mapping, [mapping.sample, odd, odd]) == {(1, "unknown_field", "moi")}


def test_unknown_field_of_a_nested_record_is_told_by_its_path():
    births, dossiers = MAPPINGS["births"], MAPPINGS["dossiers"]
    birth, dossier = copy.deepcopy(dict(births.sample)), copy.deepcopy(dict(dossiers.sample))
    birth["nks"]["TonGiao"] = "00"
    dossier["giayTo"][0]["moi"] = "1"
    assert told(births, [birth]) == {(0, "unknown_field", "nks.TonGiao")}
    assert told(dossiers, [dossiers.sample, dossier]) == {(1, "unknown_field", "components.moi")}


def test_ignored_fields_are_known():
    assert not told(MAPPINGS["insurance"], [{**MAPPINGS["insurance"].sample, "tenDonVi": "x"}])


def test_structure_where_text_is_expected_is_a_wrong_type():
    births = MAPPINGS["births"]
    assert told(births, [{**births.sample, "soDinhDanh": {"a": "b"}}]) == {(0, "wrong_type", "personal_number")}
    assert (0, "wrong_type", "nks") in told(births, [{**births.sample, "nks": "x"}])


def test_text_where_a_record_is_expected_is_a_wrong_type():
    dossiers = MAPPINGS["dossiers"]
    assert (0, "wrong_type", "steps") in told(dossiers, [{**dossiers.sample, "quaTrinh": ["x"]}])


@pytest.mark.parametrize("value", ["", " ", None])
def test_missing_required_value_is_told(value):
    births = MAPPINGS["births"]
    assert told(births, [{**births.sample, "maGCS": value}]) == {(0, "required_missing", "source_key")}


@ALL
def test_no_rows_break_no_contract(mapping):
    assert check(mapping, []) == []


@ALL
def test_contract_never_quotes_a_value(mapping):
    hostile = {name: {"secret": "024085000126"} for name in mapping.sample}
    assert all("024085000126" not in issue.why for issue in check(mapping, [hostile]))


ODD = ("", None, "?", {}, [], [{}], ["x"], 7, 1.5, True, "x" * 5000, {"a": {"b": []}})


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [path, *(leaf for name, inner in value.items() for leaf in leaves(inner, (*path, name)))]
    if isinstance(value, list):
        return [path, *(leaf for at, inner in enumerate(value) for leaf in leaves(inner, (*path, at)))]
    return [path]


def damaged(mapping) -> list[dict[str, Any]]:
    """The sample with every part of it replaced by every oddity, one at a time."""
    records = []
    for path in leaves(dict(mapping.sample))[1:]:
        for value in ODD:
            record = copy.deepcopy(dict(mapping.sample))
            inner: Any = record
            for name in path[:-1]:
                inner = inner[name]
            inner[path[-1]] = value
            records.append(record)
    return records


@ALL
def test_any_part_may_be_anything(mapping):
    rows = damaged(mapping)
    issues = check(mapping, rows)
    assert {issue.code for issue in issues} <= {"unknown_field", "wrong_type", "required_missing"}
    assert [issue.row for issue in issues] == sorted(issue.row for issue in issues)
    assert all(0 <= issue.row < len(rows) for issue in issues)


@ALL
def test_a_required_value_the_contract_misses_the_mapping_misses_too(mapping):
    rows = damaged(mapping)
    told_by_contract = {(issue.row, issue.field) for issue in check(mapping, rows) if issue.code == "required_missing"}
    told_by_mapping = {(issue.row, issue.field) for issue in apply(mapping, rows).issues if issue.code == "required_missing"}
    assert told_by_contract <= told_by_mapping


@ALL
def test_what_the_mapping_cannot_type_the_contract_cannot_either(mapping):
    rows = damaged(mapping)
    told_by_mapping = {issue.row for issue in apply(mapping, rows).issues if issue.code == "wrong_type" and "text is expected" in issue.why}
    assert told_by_mapping <= {issue.row for issue in check(mapping, rows) if issue.code == "wrong_type"}


@ALL
def test_order_of_fields_is_no_part_of_the_contract(mapping):
    backwards = dict(reversed(list(mapping.sample.items())))
    assert check(mapping, [backwards, mapping.sample]) == []
