import subprocess
import sys

import pytest

from mappings.canonical import ENTERPRISE, ENTITIES
from quality.derive import DERIVED, TODAY
from quality.rules import CHECKS, rules, rules_at

ALL = [rule for entity in ENTITIES for rule in rules(entity.name)]
EACH = pytest.mark.parametrize("rule", ALL, ids=[rule.id for rule in ALL])


@EACH
def test_rule_reads_fields_of_its_entity_or_derived_ones(rule):
    entity = next(entity for entity in ENTITIES if rule in rules(entity.name))
    known = {*entity.names, *DERIVED, TODAY, "source_key", "source_moment"}
    assert set(rule.columns) <= known
    assert rule.shown in {*entity.names, "source_key", "source_moment"}


@EACH
def test_rule_is_told_in_both_languages(rule):
    assert rule.vi
    assert rule.en
    assert rule.dimension in {"completeness", "uniqueness", "validity", "accuracy", "consistency", "timeliness"}


@EACH
def test_patterns_are_anchored_and_take_ascii_digits_only(rule):
    if rule.check == "regex":
        assert rule.args["pattern"].startswith(r"\A")
        assert rule.args["pattern"].endswith(r"\Z")
        assert r"\d" not in rule.args["pattern"]


def test_ids_and_fingerprints_are_unique():
    assert len({rule.id for rule in ALL}) == len({rule.fingerprint for rule in ALL}) == len(ALL)


def test_every_check_is_used():
    assert {rule.check for rule in ALL} == CHECKS


def test_source_columns_are_asked_for_at_the_mapped_step_only():
    for entity in ENTITIES:
        assert not any(column.startswith("source_") for rule in rules_at(entity.name, "merged") for column in rule.columns)


def test_unknown_step_is_refused():
    with pytest.raises(ValueError, match="is not a step"):
        rules_at(ENTERPRISE.name, "landed")


def test_importing_the_suites_does_not_import_great_expectations():
    code = "import sys, quality.suites, quality.gate, quality.contracts; print('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
