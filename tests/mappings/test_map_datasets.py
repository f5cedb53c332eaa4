import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.apply import Each, Mapping, Whole, apply
from mappings.canonical import Privacy, Type
from mappings.catalogue import MAPPINGS

FIXTURES = Path(__file__).parent / "fixtures"
ALL = pytest.mark.parametrize("mapping", MAPPINGS.values(), ids=list(MAPPINGS))


def fixture(mapping: Mapping, name: str) -> tuple[list[dict[str, Any]], list[tuple[int, str, str]]]:
    read = json.loads((FIXTURES / f"{mapping.id}.{name}.json").read_text(encoding="utf-8"))
    return read["rows"], [tuple(one) for one in read["issues"]]


def found(mapping: Mapping, rows: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    return [(issue.row, issue.code, issue.field) for issue in apply(mapping, rows).issues]


@pytest.mark.parametrize("name", ["complete", "missing_fields", "empty", "hostile"])
@ALL
def test_fixture_gives_its_issues(mapping: Mapping, name: str):
    rows, expected = fixture(mapping, name)
    assert found(mapping, rows) == expected


@ALL
def test_complete_records_have_no_issue_and_every_required_field(mapping: Mapping):
    rows, expected = fixture(mapping, "complete")
    columns = apply(mapping, rows).columns
    assert expected == []
    assert all(None not in columns[field.name] for field in mapping.entity.fields if field.required)


@ALL
def test_records_with_missing_fields_only_miss_fields(mapping: Mapping):
    assert {code for _, code, _ in fixture(mapping, "missing_fields")[1]} == {"required_missing"}


@ALL
def test_every_hostile_record_is_noticed(mapping: Mapping):
    rows, expected = fixture(mapping, "hostile")
    told = {row for row, _, _ in expected}
    unnoticed = [at for at in range(len(rows)) if at not in told]
    assert unnoticed == []


@ALL
def test_sample_is_taken_without_issue(mapping: Mapping):
    assert found(mapping, [dict(mapping.sample)]) == []


@ALL
def test_mapping_names_fields_of_its_entity_once_and_all_required_ones(mapping: Mapping):
    names = [one.field for one in mapping.fields]
    assert len(names) == len(set(names))
    assert set(names) <= set(mapping.entity.names)
    assert {field.name for field in mapping.entity.fields if field.required} <= {one.field for one in mapping.fields if one.required}


@ALL
def test_lists_are_mapped_as_lists_and_only_they(mapping: Mapping):
    for one in mapping.fields:
        listed = mapping.entity.field(one.field).type is Type.LIST
        assert isinstance(one.convert, Each | Whole) if listed else not isinstance(one.convert, Each)


PYTHON = {Type.TEXT: str, Type.DATE: str, Type.PARTIAL_DATE: str, Type.MOMENT: str, Type.INTEGER: int, Type.FLAG: bool, Type.LIST: list}


@ALL
def test_values_have_the_type_of_their_field(mapping: Mapping):
    columns = apply(mapping, fixture(mapping, "complete")[0]).columns
    for field in mapping.entity.fields:
        assert all(value is None or type(value) is PYTHON[field.type] for value in columns[field.name])


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves(inner, (*path, name))]
    if isinstance(value, list):
        return [leaf for at, inner in enumerate(value) for leaf in leaves(inner, (*path, at))]
    return [path]


PERSONAL_WIRES = {
    "births": [
        ("soDinhDanh",),
        ("nks", "HoTen"),
        ("nks", "NgaySinh"),
        ("nks", "GioiTinh"),
        ("nks", "DanToc"),
        ("nks", "QuocTich"),
        ("me", "HoTen"),
        ("me", "SoDDCN"),
        ("cha", "HoTen"),
        ("cha", "SoDDCN"),
        ("maGCS",),
    ],
    "insurance": [
        ("maSoBhxh",),
        ("soDinhDanh",),
        ("soCmnd",),
        ("hoTen",),
        ("ngaySinh",),
        ("gioiTinh",),
        ("danToc",),
        ("maXa",),
        ("diaChi",),
        ("dienThoai",),
    ],
    "enterprises": [("MainInformation", "LEGAL_NAMES"), ("MainInformation", "LEGAL_IDS")],
    "dossiers": [("chuHoSo",), ("soDinhDanh",), ("soDienThoai",), ("email",), ("trichYeu",)],
}


@pytest.mark.parametrize(("dataset", "path"), [(dataset, path) for dataset, paths in PERSONAL_WIRES.items() for path in paths])
@given(value=st.from_regex(r"[0-9/?A-Za-zà-ỹ@. ]{9,24}", fullmatch=True))
def test_no_issue_quotes_a_personal_value(dataset: str, path: tuple[str, ...], value: str):
    record = copy.deepcopy(dict(MAPPINGS[dataset].sample))
    inner = record
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    for issue in apply(MAPPINGS[dataset], [record]).issues:
        assert value.strip() not in issue.why


@ALL
def test_any_leaf_may_be_anything(mapping: Mapping):
    for path in leaves(dict(mapping.sample)):
        for value in ("", None, "?", "\x00", {}, [], [{}], 7, 1.5, True, "９", "x" * 5000):
            record = copy.deepcopy(dict(mapping.sample))
            inner: Any = record
            for name in path[:-1]:
                inner = inner[name]
            inner[path[-1]] = value
            apply(mapping, [record])


@ALL
def test_every_personal_field_of_the_mapping_is_marked(mapping: Mapping):
    personal = {
        "full_name",
        "personal_number",
        "birth_date",
        "applicant_name",
        "applicant_number",
        "representative_name",
        "representative_number",
        "phone",
    }
    for one in mapping.fields:
        if one.field in personal and mapping.entity.name != "enterprise":
            assert mapping.entity.field(one.field).privacy is not Privacy.NONE
