"""The suites: what their verdicts say of rows, rules and errors."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mappings.canonical import DOSSIER, ENTERPRISE, ENTITIES, PERSON, Entity
from quality import suites
from quality.issues import Severity
from quality.rules import STEPS, rules_at
from quality.suites import validate
from tests.quality.examples import TODAY, at_mapped, columns, told
from tests.quality.sector_examples import SECTOR_BAD


@pytest.mark.parametrize(("entity", "rule"), [(PERSON, "PER-021"), (ENTERPRISE, "ENT-012"), (DOSSIER, "DOS-012")])
def test_two_golden_records_of_one_key_are_duplicates(entity: Entity, rule: str):
    golden = {name: values for name, values in columns(entity, {}).items() if not name.startswith("source_")}
    verdict = validate(entity, "merged", golden, today=TODAY)
    assert [(result.rule_id, result.failed) for result in verdict.results if result.failed] == [(rule, 2)]


def test_missing_keys_are_no_duplicates():
    golden = columns(PERSON, {"personal_number": None}, {"personal_number": None})
    assert told(validate(PERSON, "merged", golden, today=TODAY)) == set()


def test_today_is_not_the_future_and_partial_dates_count():
    late = [{"birth_date": day, "personal_number": None} for day in ("2026-11-23", "2026", "2026-11", "2026-12", "2027")]
    assert told(at_mapped(PERSON, *late)) == {(4, "date_in_future", "birth_date"), (5, "date_in_future", "birth_date")}


def test_issues_are_complete_beyond_the_200_great_expectations_shows():
    bad = [{"ethnicity": "99"}] * 1000
    verdict = at_mapped(PERSON, *bad)
    assert [issue.row for issue in verdict.issues] == list(range(1, 1001))
    assert next(result for result in verdict.results if result.rule_id == "PER-041").failed == 1000


def test_absent_column_is_an_error_of_the_rule_and_blames_no_row():
    given = columns(PERSON, {"ethnicity": "99"})
    del given["sex"]
    verdict = validate(PERSON, "mapped", given, today=TODAY)
    assert {result.rule_id for result in verdict.errors} == {"PER-022", "PER-040"}
    assert all(result.exception and result.failed == 0 for result in verdict.errors)
    assert told(verdict) == {(1, "code_unknown", "ethnicity")}


def test_value_no_rule_can_compare_is_an_error_of_the_rule():
    verdict = validate(PERSON, "mapped", columns(PERSON, {"birth_date": 1990, "personal_number": None}), today=TODAY)
    assert {result.rule_id for result in verdict.errors} == {"PER-030", "PER-031"}
    assert told(verdict) == set()


def test_no_rows_fail_no_rule():
    empty = {name: [] for name in columns(PERSON)}
    verdict = validate(PERSON, "mapped", empty, today=TODAY)
    assert {(result.status, result.evaluated) for result in verdict.results} == {("passed", 0)}


def test_evaluated_counts_the_rows_a_rule_speaks_of():
    verdict = at_mapped(ENTERPRISE, {"legal_status": "2"}, {"phone": None})
    counts = {result.rule_id: (result.evaluated, result.failed) for result in verdict.results}
    assert counts["ENT-042"] == (2, 0)
    assert counts["ENT-033"] == (0, 0)
    assert counts["ENT-010"] == (3, 0)
    assert counts["ENT-031"] == (1, 1)


def test_severity_comes_from_the_catalogue():
    verdict = at_mapped(PERSON, {"personal_number": "101326000123"})
    assert {result.severity for result in verdict.results if result.failed} == {Severity.WARN}


def test_one_batch_leaves_nothing_behind_for_the_next():
    assert told(at_mapped(PERSON, {"ethnicity": "99"}))
    assert told(at_mapped(PERSON)) == set()


def test_results_come_in_the_order_of_the_rules_whatever_order_great_expectations_took():
    for entity in ENTITIES:
        for step in STEPS:
            verdict = validate(entity, step, columns(entity), today=TODAY)
            assert [result.rule_id for result in verdict.results] == [rule.id for rule in rules_at(entity.name, step)]


def test_helper_column_that_cannot_be_computed_is_an_error_of_its_rule_and_blames_no_row():
    verdict = at_mapped(DOSSIER, {"steps": [{"at": "1", "status": "99"}, {"at": "2", "status": "1"}]}, {"status": "0"})
    assert [result.rule_id for result in verdict.errors] == ["DOS-034"]
    assert told(verdict) == {(2, "status_unknown", "status")}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_empty_frame_without_a_single_row_or_column_blames_nobody(entity: Entity, step: str):
    no_rows = validate(entity, step, {name: [] for name in (*columns(entity), "move")}, today=TODAY)
    nothing = validate(entity, step, {}, today=TODAY)
    assert no_rows.issues == nothing.issues == []
    assert no_rows.errors == []
    assert {result.status for result in nothing.results} <= {"passed", "error"}
    assert nothing.errors


def test_suites_run_from_several_threads_do_not_mix():
    bad: dict[Entity, dict[str, Any]] = {PERSON: {"ethnicity": "99"}, ENTERPRISE: {"legal_status": "8"}, DOSSIER: {"status": "0"}, **SECTOR_BAD}
    tasks = [(entity, size) for size in (1, 7, 3) for entity in ENTITIES]
    with ThreadPoolExecutor(len(tasks)) as pool:
        verdicts = list(pool.map(lambda task: at_mapped(task[0], *([bad[task[0]]] * task[1])), tasks))
    assert [len(verdict.issues) for verdict in verdicts] == [size for _, size in tasks]
    assert [json.loads(verdict.document)["suite"] for verdict in verdicts] == [f"{entity.name}.mapped" for entity, _ in tasks]


def test_great_expectations_keeps_no_result_of_an_earlier_batch():
    at_mapped(PERSON, {"ethnicity": "99"})
    checkpoint = suites._Checkpoint.of("person", "mapped")
    assert checkpoint._context.validation_results_store.list_keys() == []
