"""Every rule catches its fault, all of it and nothing else."""

from functools import cache
from typing import Any

import pytest

from mappings.apply import apply
from mappings.canonical import DOSSIER, ENTITIES, PERSON, Entity
from mappings.catalogue import MAPPINGS
from quality.rules import CHECKS, rules
from quality.suites import Verdict, validate
from tests.quality.examples import FAILING, SOUND, TODAY, at_mapped


@pytest.mark.parametrize("mapping", MAPPINGS.values(), ids=list(MAPPINGS))
def test_sample_passes_every_rule(mapping):
    verdict = validate(mapping.entity, "mapped", apply(mapping, [mapping.sample]).columns, today=TODAY)
    assert {result.status for result in verdict.results} == {"passed"}
    assert verdict.issues == []


@cache
def examples(entity: Entity) -> Verdict:
    """One frame of the entity's failing examples, each a row, after the good row."""
    return at_mapped(entity, *(change for one, _, change in FAILING if one is entity))


def row_of(entity: Entity, rule: str, change: dict[str, Any]) -> int:
    return 1 + [(one, other) for owner, one, other in FAILING if owner is entity].index((rule, change))


@pytest.mark.parametrize(("entity", "rule", "change"), FAILING, ids=[f"{rule}-{at}" for at, (_, rule, _) in enumerate(FAILING)])
def test_rule_catches_its_fault(entity: Entity, rule: str, change: dict[str, Any]):
    verdict = examples(entity)
    result = next(result for result in verdict.results if result.rule_id == rule)
    row = row_of(entity, rule, change)
    assert result.status == "failed"
    assert [issue.code for issue in verdict.issues if issue.row == row and rule in issue.why] == [result.code]


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_good_row_among_bad_ones_is_blamed_for_the_key_they_share_alone(entity: Entity):
    verdict = examples(entity)
    assert verdict.errors == []
    assert {(issue.code, issue.field) for issue in verdict.issues if issue.row == 0} == {("duplicate_key", "source_key")}
    assert [result.failed for result in verdict.results] == [
        sum(result.rule_id in issue.why for issue in verdict.issues) for result in verdict.results
    ]


def test_every_rule_of_the_mapped_step_has_a_failing_example():
    mapped = {rule.id for entity in ENTITIES for rule in rules(entity.name) if "mapped" in rule.steps}
    assert mapped == {rule for _, rule, _ in FAILING}


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_rule_has_sound_rows_to_speak_of_and_passes_them(entity: Entity):
    verdict = at_mapped(entity, *SOUND[entity.name])
    assert [result.rule_id for result in verdict.results if result.status != "passed"] == []
    assert [result.rule_id for result in verdict.results if result.evaluated == 0] == []


MANY = {
    "not_null": (DOSSIER, "DOS-013", {"procedure_code": None}),
    "unique": (DOSSIER, "DOS-002", {"source_key": "k0"}),
    "regex": (DOSSIER, "DOS-014", {"procedure_code": "1.00119"}),
    "not_regex": (PERSON, "PER-012", {"full_name": "Nguye\u0303\u0302n An"}),
    "in_set": (DOSSIER, "DOS-017", {"status": "0"}),
    "at_most": (DOSSIER, "DOS-023", {"due_at": "2026-11-01T00:00:00+07:00"}),
    "equal": (PERSON, "PER-022", {"sex": "male"}),
}


def test_every_check_is_tried_on_many_rows():
    assert set(MANY) == CHECKS
    assert all(next(rule for rule in rules(entity.name) if rule.id == one).check == check for check, (entity, one, _) in MANY.items())


@pytest.mark.parametrize(("entity", "rule", "change"), MANY.values(), ids=list(MANY))
def test_every_failing_row_is_named_where_great_expectations_would_stop_at_200(entity: Entity, rule: str, change: dict[str, Any]):
    verdict = at_mapped(entity, *([change] * 450), {}, *([change] * 50))
    named = {issue.row for issue in verdict.issues if rule in issue.why}
    first = {0} if rule == "DOS-002" else set()
    assert named == first | set(range(1, 451)) | set(range(452, 502))
    assert next(result for result in verdict.results if result.rule_id == rule).failed == len(named)
