import re
from pathlib import Path

import pytest

from mappings.apply import Issue
from quality.issues import CATALOGUE, Severity, distinct, held, severity
from quality.rules import rules

ROOT = Path(__file__).parents[2]
RAISED = re.compile(r"""(?:Refusal\(|_issue\(\s*at,|Issue\(\s*[^,"]+,)\s*"([a-z_]+)\"""")


def sources(*packages: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for package in packages for path in sorted((ROOT / package).rglob("*.py")))


def raised() -> set[str]:
    by_rules = {rule.code for entity in ("person", "enterprise", "dossier") for rule in rules(entity)}
    decoders = set(re.findall(r'_decoder\(.*"([a-z]+_[a-z]+)"\)', sources("mappings")))
    return set(RAISED.findall(sources("mappings", "quality"))) | by_rules | decoders


def test_every_code_raised_is_in_the_catalogue():
    assert raised() - set(CATALOGUE) == set()


NOT_RAISED_YET = {"page_unreadable", "owner_unknown", "portal_refused", "onestop_refused"}
"""Agreed with the steps that will raise them; an entry goes when its step does."""


def test_every_code_of_the_catalogue_is_raised_somewhere():
    elsewhere = sources("include", "connectors")
    silent = {code for code in CATALOGUE if code not in raised() and f'"{code}"' not in elsewhere}
    assert silent <= NOT_RAISED_YET


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=list(CATALOGUE))
def test_kind_is_told_in_both_languages_with_cause_and_remedy(kind):
    texts = (kind.vi, kind.en, kind.cause_vi, kind.cause_en, kind.remedy_vi, kind.remedy_en)
    assert all(texts)
    assert kind.vi != kind.en
    assert all(ord(letter) < 0x250 for letter in kind.en)


WARNINGS = {
    "unknown_field",
    "personal_number_unknown_province",
    "phone_invalid",
    "email_invalid",
    "text_stray_mark",
    "status_backward",
    "main_activity_not_one",
    "owner_unknown",
}


def test_severities_are_as_agreed():
    assert {code for code in CATALOGUE if severity(code) is Severity.WARN} == WARNINGS
    assert {code for code in CATALOGUE if severity(code) is Severity.STOP} == {"page_unreadable"}


def test_a_warning_holds_no_row_back():
    issues = [Issue(0, "phone_invalid", "phone", "w"), Issue(2, "date_order", "x", "w"), Issue(2, "phone_invalid", "phone", "w")]
    assert held(issues) == {2}


def test_the_same_fault_seen_twice_is_told_once():
    first, again = Issue(1, "required_missing", "name", "first"), Issue(1, "required_missing", "name", "again")
    other = Issue(0, "required_missing", "name", "other")
    assert distinct([first], [again, other]) == [other, first]
