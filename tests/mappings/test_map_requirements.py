"""The catalogue of requirements holds together, speaks of every procedure, and says clearly what is wrong with it."""

import copy
from datetime import date
from typing import Any

import pytest
import yaml

from include.sandbox.tables import procedures
from mappings.requirements import Catalogue, CatalogueFault, catalogue, missing, parse
from mappings.requirements.reading import FOLDER

KNOWN = {one["code"]: frozenset(f"TP.{one['code'][2:]}.{i:02d}" for i, _ in enumerate(one["components"], 1)) for one in procedures()}


@pytest.fixture
def documents() -> dict[str, Any]:
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.yaml")}


def faults(documents: dict[str, Any]) -> str:
    with pytest.raises(CatalogueFault) as caught:
        parse(documents)
    return str(caught.value)


def first(documents: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = documents["civil_status"][0]
    return found


def test_every_procedure_of_the_portal_is_covered_or_declared_uncovered() -> None:
    assert missing(catalogue(), KNOWN) == []


def test_at_least_twelve_procedures_of_six_sectors_are_covered() -> None:
    sectors = {path.stem for path in FOLDER.glob("*.yaml")}
    assert {"civil_status", "land", "enterprise", "insurance", "residence", "social"} <= sectors
    assert len(catalogue().requirements) >= 12


def test_a_procedure_the_portal_does_not_know_is_named() -> None:
    assert missing(catalogue(), KNOWN.keys() - {"1.001193"} and {k: v for k, v in KNOWN.items() if k != "1.001193"}) == [
        "1.001193: no such procedure"
    ]


def test_a_new_component_of_the_portal_is_named_until_it_is_declared() -> None:
    known = KNOWN | {"1.001193": KNOWN["1.001193"] | {"TP.001193.09"}, "9.999999": frozenset({"TP.999999.01"})}
    assert missing(catalogue(), known) == ["1.001193: component TP.001193.09 is not declared", "9.999999: neither covered nor declared uncovered"]


def test_a_requirement_is_that_of_the_day() -> None:
    assert catalogue().of("1.001193.000.00.00.H05", date(2026, 1, 1)).procedure == "1.001193"
    with pytest.raises(LookupError, match="not in force on 2025-06-30"):
        catalogue().of("1.001193", date(2025, 6, 30))
    with pytest.raises(LookupError, match="declared uncovered"):
        catalogue().of("2.002481", date(2026, 1, 1))
    with pytest.raises(LookupError, match="not in the catalogue"):
        catalogue().of("9.000000", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"any": [["fact:horoscope"]]}, "TP.001193.01: no fact 'horoscope'"),
        ({"any": [["fact:enterprise"]]}, "is a fact of a enterprise, the procedure is for a person"),
        ({"any": [["KQ.G15.001193"]]}, "is neither fact:… nor paper:…"),
        ({"any": [[]]}, "an empty list would be satisfied by nothing"),
        ({"any": []}, "nothing can satisfy it, but why"),
        ({"none": "conditional"}, "conditional, but on what"),
        ({"none": "guess"}, "'guess' is not a valid NoMatch"),
    ],
)
def test_a_fault_of_a_component_is_told_with_its_place(documents: dict[str, Any], change: dict[str, Any], told: str) -> None:
    first(documents)["components"]["TP.001193.01"] |= change
    assert told in faults(documents)


def test_what_follows_when_nothing_matches_must_be_declared(documents: dict[str, Any]) -> None:
    del first(documents)["components"]["TP.001193.01"]["none"]
    assert "must be declared" in faults(documents)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"entity": "horse"}, "no entity 'horse'"),
        ({"owners": ["owner"]}, "person has no field 'owner'"),
        ({"since": "full_name"}, "'full_name' is not a day"),
        ({"subject": "dog"}, "neither person nor enterprise"),
        ({"fills": []}, "is not among the fills of identity"),
    ],
)
def test_a_fault_of_a_fact_is_told_with_its_place(documents: dict[str, Any], change: dict[str, Any], told: str) -> None:
    documents["facts"]["identity"] |= change
    assert told in faults(documents)


def test_two_versions_in_force_together_are_refused(documents: dict[str, Any]) -> None:
    documents["civil_status"].append(copy.deepcopy(first(documents)) | {"valid_from": date(2026, 7, 1)})
    assert "are in force together" in faults(documents)


def test_the_fingerprint_follows_what_the_catalogue_says(documents: dict[str, Any]) -> None:
    same: Catalogue = parse(documents)
    assert same.fingerprint == parse(dict(reversed(documents.items()))).fingerprint
    first(documents)["components"]["TP.001193.01"]["none"] = "confirm"
    assert parse(documents).fingerprint != same.fingerprint


def test_a_reason_for_leaving_a_procedure_out_is_told_in_both_languages(documents: dict[str, Any]) -> None:
    documents["uncovered"]["9.999999"] = "không có"
    assert "'Vietnamese · English'" in faults(documents)
