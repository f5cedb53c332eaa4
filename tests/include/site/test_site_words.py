"""Reasons in the reader's language."""

import re

from hypothesis import given
from hypothesis import strategies as st

from include.site.words import sentence
from mappings.canonical import ENTITIES
from mappings.refusal import BETWEEN, Refusal, shape
from quality.rules import rules


def vi(first: str, _second: str) -> str:
    return first


def en(_first: str, second: str) -> str:
    return second


@given(value=st.text() | st.sampled_from([BETWEEN, f"a{BETWEEN}b", "{}", "PER-1: x"]))
def test_a_reason_is_told_in_one_language_whatever_it_quotes(value: str) -> None:
    refusal = Refusal("date_invalid", "“{}” không phải là ngày", "“{}” is not a date", value=value)
    for why, quoted in ((refusal.why, value), (refusal.masked, shape(value))):
        assert sentence(vi, why) == f"“{quoted}” không phải là ngày"
        assert sentence(en, why) == f"“{quoted}” is not a date"


def test_the_reason_of_a_rule_names_the_rule_in_both_languages() -> None:
    assert sentence(vi, f"PER-01: thiếu họ tên{BETWEEN}the name is missing") == "PER-01: thiếu họ tên"
    assert sentence(en, f"PER-01: thiếu họ tên{BETWEEN}the name is missing") == "PER-01: the name is missing"


def test_no_rule_holds_the_sign_that_stands_between_its_languages() -> None:
    found = [rule for entity in ENTITIES for rule in rules(entity.name)]
    assert found
    for rule in found:
        assert BETWEEN not in rule.vi + rule.en, rule.id
        assert re.fullmatch("[A-Z]+-[0-9]+", rule.id), rule.id


def test_a_reason_of_before_is_shown_as_it_is() -> None:
    assert sentence(vi, "12/13/2015 is not a date") == sentence(en, "12/13/2015 is not a date") == "12/13/2015 is not a date"
