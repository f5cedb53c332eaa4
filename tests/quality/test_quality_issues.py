import re
import unicodedata
from pathlib import Path

import pytest

from mappings.apply import Issue
from mappings.canonical import ENTITIES
from quality.consistency import cross_rules
from quality.issues import CATALOGUE, Severity, distinct, held, severity
from quality.rules import rules

ROOT = Path(__file__).parents[2]
RAISED = re.compile(r"""(?:Refusal\(|_issue\(\s*at,|Issue\(\s*[^,"]+,)\s*"([a-z_]+)\"""")


def sources(*packages: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for package in packages for path in sorted((ROOT / package).rglob("*.py")))


def raised() -> set[str]:
    by_rules = {rule.code for entity in ENTITIES for rule in rules(entity.name)} | {rule.code for rule in cross_rules()}
    decoders = set(re.findall(r'_decoder\(.*"([a-z]+_[a-z]+)"\)', sources("mappings")))
    return set(RAISED.findall(sources("mappings", "quality"))) | by_rules | decoders


def planted() -> set[str]:
    """Codes of the faults the sandbox plants, which the hub must answer."""
    damage = sources("include/sandbox")
    named = dict(re.findall(r'^([A-Z]+) = "([a-z]+_[a-z_]+)"$', damage, re.MULTILINE))
    return set(re.findall(r'(?:fixed|changed|Damage)\(\s*"([a-z_]+)"', damage)) | {named["DUPLICATE"], named["CONFLICT"]}


def decided() -> set[str]:
    """Codes the merge gives, in SQL and in its list of reasons."""
    registry = sources("include/registry")
    reasons = re.findall(r"^REASONS = \((.*?)\)$", registry, re.MULTILINE)
    return set(re.findall(r'"([a-z_]+)"', " ".join(reasons)))


def test_search_of_the_source_finds_what_it_looks_for():
    assert {"date_invalid", "unit_ambiguous", "unknown_field", "wrong_type", "status_unknown", "name_mojibake"} <= raised()
    assert {"phone_invalid", "tax_code_invalid", "duplicate_key", "identity_conflict"} <= planted()
    assert decided() == {"duplicate_key", "identity_conflict", "identity_ambiguous"}


@pytest.mark.parametrize("search", [raised, planted, decided])
def test_every_code_raised_or_planted_is_in_the_catalogue(search):
    assert search() - set(CATALOGUE) == set()


def test_every_issue_made_in_include_has_a_code_of_the_catalogue():
    assert set(RAISED.findall(sources("include"))) - set(CATALOGUE) == set()


NOT_RAISED_YET = {"portal_refused", "onestop_refused"}
"""Agreed with the steps that will raise them; an entry goes when its step does."""


def test_every_code_of_the_catalogue_is_raised_somewhere():
    elsewhere = sources("include", "connectors", "quality")
    silent = {code for code in CATALOGUE if code not in raised() | decided() and f'"{code}"' not in elsewhere}
    assert silent == NOT_RAISED_YET


def test_no_code_is_described_twice():
    """YAML lets a later entry silently replace an earlier one."""
    written = re.findall(r"^([a-z_]+):$", (ROOT / "quality" / "issues.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert written == list(CATALOGUE)


def test_titles_tell_the_codes_apart():
    for language in ("vi", "en"):
        titles = [getattr(kind, language) for kind in CATALOGUE.values()]
        assert len(titles) == len(set(titles))


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=list(CATALOGUE))
def test_kind_is_told_in_both_languages_with_cause_and_remedy(kind):
    texts = (kind.vi, kind.en, kind.cause_vi, kind.cause_en, kind.remedy_vi, kind.remedy_en)
    assert all(texts)
    assert kind.vi != kind.en
    assert kind.cause_vi != kind.cause_en
    assert kind.remedy_vi != kind.remedy_en
    assert all(ord(letter) < 0x250 for letter in kind.en)
    assert all(unicodedata.is_normalized("NFC", one) and one == one.strip() for one in texts)


WARNINGS = {
    "unknown_field",
    "personal_number_unknown_province",
    "phone_invalid",
    "email_invalid",
    "text_stray_mark",
    "status_backward",
    "main_activity_not_one",
    "owner_unknown",
    "run_incomplete",
    "placeholder_number",
    "constant_value",
    "zero_processing",
    "round_times",
    "result_is_input",
    "success_unconfirmed",
    "drift_rows",
    "drift_nulls",
    "drift_mix",
    "drift_vanished",
    "source_stale",
    "field_dropped",
    "type_changed",
    "plate_invalid",
    "certificate_serial_odd",
    *(rule.code for rule in cross_rules()),
}


def test_severities_are_as_agreed():
    assert {code for code in CATALOGUE if severity(code) is Severity.WARN} == WARNINGS
    closing = {
        "page_unreadable",
        "column_emptied",
        "too_few_rows",
        "too_many_quarantined",
    }
    assert {code for code in CATALOGUE if severity(code) is Severity.STOP} == closing


def test_a_warning_holds_no_row_back():
    issues = [Issue(0, "phone_invalid", "phone", "w"), Issue(2, "date_order", "x", "w"), Issue(2, "phone_invalid", "phone", "w")]
    assert held(issues) == {2}


def test_the_same_fault_seen_twice_is_told_once():
    first, again = Issue(1, "required_missing", "name", "first"), Issue(1, "required_missing", "name", "again")
    other = Issue(0, "required_missing", "name", "other")
    assert distinct([first], [again, other]) == [other, first]
