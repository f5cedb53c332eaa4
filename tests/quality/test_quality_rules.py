import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mappings.canonical import ENTERPRISE, ENTITIES
from quality.derive import DERIVED, TODAY
from quality.issues import CATALOGUE
from quality.rules import CHECKS, LISTS, STEPS, rules, rules_at

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
    with pytest.raises(LookupError, match="is not a step"):
        rules_at(ENTERPRISE.name, "landed")


def test_importing_the_suites_does_not_import_great_expectations():
    code = "import sys, quality.suites, quality.gate, quality.contracts; print('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


@EACH
def test_rule_has_a_title_a_known_code_and_known_steps(rule):
    assert rule.vi != rule.en
    assert rule.code in CATALOGUE
    assert rule.steps
    assert set(rule.steps) <= set(STEPS)
    assert rule.severity is CATALOGUE[rule.code].severity


@EACH
def test_in_set_names_members_and_they_are_text_or_counts(rule):
    if rule.check == "in_set":
        assert rule.values
        assert len(rule.values) == len(set(rule.values))
        assert {type(value) for value in rule.values} in ({str}, {int})


@EACH
def test_fingerprint_tells_what_the_rule_does_and_not_how_it_is_called(rule):
    assert replace(rule, vi="x", en="x", legal="x").fingerprint == rule.fingerprint
    assert replace(rule, code="page_unreadable").fingerprint != rule.fingerprint
    assert replace(rule, field="other").fingerprint != rule.fingerprint
    assert replace(rule, args={**rule.args, "values": ["x"], "pattern": "x", "other": "x"}).fingerprint != rule.fingerprint


def test_fingerprint_follows_the_code_list(monkeypatch: pytest.MonkeyPatch):
    rule = next(rule for rule in ALL if rule.args.get("list") == "communes")
    before = rule.fingerprint
    monkeypatch.setitem(LISTS, "communes", lambda: ["07210"])
    assert rule.fingerprint != before


@pytest.mark.parametrize(("check", "code", "why"), [("looks_good", "date_order", "is not a check"), ("not_null", "odd", "is not a reason code")])
def test_rule_nobody_can_run_is_refused_when_read(check: str, code: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rule = f"{{id: X-1, field: a, check: {check}, code: {code}, dimension: validity, title: {{vi: a, en: b}}}}"
    (tmp_path / f"{code}.yaml").write_text(f"quality:\n  - {rule}\n", encoding="utf-8")
    monkeypatch.setattr("quality.rules.FOLDER", tmp_path)
    with pytest.raises(LookupError, match=f"X-1.*{why}"):
        rules(code)


@EACH
def test_rule_has_one_condition_at_most(rule):
    """A second one would silently replace the first."""
    assert len(rule.args.get("when", {})) <= 1
