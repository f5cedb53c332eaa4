"""What counts as a change of schema, and what each mode is said to do."""

from typing import Any

import pytest

from mappings.catalogue import MAPPINGS
from mappings.records import Records
from quality import schema
from quality.schema import Mode, Seen, compare, mode, words

DOSSIERS = MAPPINGS["dossiers"]
ALL = pytest.mark.parametrize("mapping", MAPPINGS.values(), ids=list(MAPPINGS))


def told(mapping, rows: list[Any], before: dict[str, Seen]) -> list[tuple[str, str, list[int]]]:
    return [(change.code, change.field, list(change.rows)) for change in compare(mapping, Records(rows), before).changes]


def many(seen: dict[str, Seen], times: int = 100) -> dict[str, Seen]:
    """As if so many records like these had come before."""
    return {field: one._replace(records=one.records * times, present=one.present * times) for field, one in seen.items()}


def before(mapping) -> dict[str, Seen]:
    return many(compare(mapping, Records([mapping.sample]), {}).seen)


@ALL
def test_sample_after_many_like_it_has_not_changed(mapping):
    assert told(mapping, [mapping.sample, mapping.sample], before(mapping)) == []


@ALL
def test_what_the_contract_knows_is_no_change_at_first(mapping):
    assert told(mapping, [mapping.sample], {}) == []


@ALL
def test_every_row_with_a_field_the_contract_does_not_know_carries_the_change(mapping):
    odd = {**mapping.sample, "moi": "1"}
    assert told(mapping, [odd, mapping.sample, odd], {}) == [("unknown_field", "moi", [0, 2])]


@ALL
def test_every_field_all_records_had_and_none_has_is_dropped(mapping):
    for name in mapping.sample:
        without = {other: value for other, value in mapping.sample.items() if other != name}
        assert ("field_dropped", name, [0, 1]) in told(mapping, [without, without], before(mapping))
        assert ("field_dropped", name, [0]) not in told(mapping, [without, mapping.sample], before(mapping))


def test_a_field_some_records_lacked_before_is_not_dropped():
    known = before(DOSSIERS)
    known["soDienThoai"] = Seen(100, 90, frozenset({"text"}))
    assert told(DOSSIERS, [{name: value for name, value in DOSSIERS.sample.items() if name != "soDienThoai"}], known) == []


def test_fields_of_repeated_elements_are_told_by_their_path_on_the_wire():
    odd = {**DOSSIERS.sample, "giayTo": [*DOSSIERS.sample["giayTo"], {**DOSSIERS.sample["giayTo"][0], "moi": "1"}]}
    assert told(DOSSIERS, [DOSSIERS.sample, odd], before(DOSSIERS)) == [("unknown_field", "giayTo.moi", [1])]


@pytest.mark.parametrize(("value", "now"), [(1, "number"), (1.5, "number"), (True, "flag"), ({"a": "b"}, "structure"), (["a"], "structure")])
def test_a_value_of_a_type_the_field_never_had_is_a_change(value: Any, now: str):
    odd = {**DOSSIERS.sample, "soDienThoai": value}
    found = compare(DOSSIERS, Records([DOSSIERS.sample, odd]), before(DOSSIERS)).changes
    assert [(one.code, one.field, one.rows, one.was, one.now) for one in found] == [
        ("type_changed", "soDienThoai", [1], frozenset({"text"}), frozenset({now}))
    ]


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_value_is_of_no_other_type(nothing: Any):
    assert told(DOSSIERS, [{**DOSSIERS.sample, "soDienThoai": nothing}], before(DOSSIERS)) == []


def test_a_repeated_element_that_comes_bare_is_no_change():
    assert told(DOSSIERS, [{**DOSSIERS.sample, "giayTo": DOSSIERS.sample["giayTo"][0]}], before(DOSSIERS)) == []


def test_a_record_that_could_not_be_decoded_drops_nothing():
    assert told(DOSSIERS, [{}], before(DOSSIERS)) == []


def test_what_nobody_accepted_is_not_recorded():
    known = before(DOSSIERS)
    odd = {**DOSSIERS.sample, "moi": "1", "soDienThoai": 912}
    del odd["email"]
    kept = compare(DOSSIERS, Records([odd]), known).unchanged()
    assert "moi" not in kept
    assert "email" not in kept
    assert kept["soDienThoai"].types == {"text"}


@ALL
def test_no_sentence_quotes_a_value(mapping):
    hostile = {name: {"024085000126": "024085000126"} if name == "" else ["024085000126"] for name in mapping.sample} | {"moi": "024085000126"}
    found = compare(mapping, Records([hostile]), before(mapping))
    assert found.changes
    assert all("024085000126" not in f"{change.vi} {change.en}" for change in found.changes)


def test_modes_are_data_and_every_dataset_named_there_exists():
    agreed = schema._agreed()
    assert agreed["datasets"].keys() <= MAPPINGS.keys()
    assert {mode(name) for name in MAPPINGS} == set(Mode)
    assert mode("a source of tomorrow") is Mode(agreed["default"])
    assert all(words(each)[0] and words(each)[1] for each in Mode)


def test_an_unknown_mode_is_told_with_its_dataset(monkeypatch: pytest.MonkeyPatch, tmp_path):
    (tmp_path / "schema.yaml").write_text("default: evolve\ndatasets: {births: ignore}\n")
    monkeypatch.setattr(schema, "__file__", str(tmp_path / "schema.py"))
    schema._agreed.cache_clear()
    try:
        with pytest.raises(LookupError, match="births: 'ignore' is no mode; there are evolve, freeze, quarantine"):
            mode("births")
    finally:
        schema._agreed.cache_clear()
