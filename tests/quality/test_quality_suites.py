import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cache
from typing import Any

import pytest

from mappings.apply import apply
from mappings.canonical import DOSSIER, ENTERPRISE, ENTITIES, PERSON, Entity
from mappings.catalogue import MAPPINGS
from quality import suites
from quality.issues import Severity
from quality.rules import CHECKS, STEPS, rules, rules_at
from quality.suites import Verdict, validate
from tests.quality.sector_examples import SAMPLES, SECTOR_BAD, SECTOR_FAILING, SECTOR_SOUND

TODAY = date(2026, 11, 23)
SOUND: dict[str, tuple[dict[str, Any], ...]] = {
    "person": (
        {"old_id_number": "125456789", "insurance_number": "2400000126", "commune_code": "07210", "phone": "+84912000126"},
        {"insurance_number": "024085000126", "phone": "+842043000111", "birth_date": "2026", "died_on": "2026-11-01"},
    ),
    "enterprise": (
        {"legal_status": "2", "suspended_from": "2026-01-01", "suspended_to": "2026-12-31"},
        {"tax_code": "0314409058002", "legal_status": "7"},
    ),
    "dossier": (
        {"status": "10", "returned_at": "2026-11-05T08:00:00+07:00"},
        {"status": "3", "refused_at": "2026-11-02T10:00:00+07:00", "received_at": None, "finished_at": None, "due_at": None},
        {"status": "1", "received_at": None, "finished_at": None, "steps": []},
    ),
    **SECTOR_SOUND,
}
"""Changes to the good row that no rule may mind, so that between them every rule has something to look at."""
GOOD: dict[str, dict[str, Any]] = {
    name: {key: values[0] for key, values in apply(MAPPINGS[dataset], [dict(MAPPINGS[dataset].sample)]).columns.items()}
    for name, dataset in {"person": "births", "enterprise": "enterprises", "dossier": "dossiers", **SAMPLES}.items()
}


def columns(entity: Entity, *changes: dict[str, Any]) -> dict[str, list[Any]]:
    """One good row, then one per change; keys are made unique unless changed."""
    rows = [{**GOOD[entity.name], "source_key": f"k{at}", **change} for at, change in enumerate(({}, *changes))]
    return {name: [row[name] for row in rows] for name in rows[0]}


def at_mapped(entity: Entity, *changes: dict[str, Any]) -> Verdict:
    return validate(entity, "mapped", columns(entity, *changes), today=TODAY)


def told(verdict: Verdict) -> set[tuple[int, str, str]]:
    return {(issue.row, issue.code, issue.field) for issue in verdict.issues}


@pytest.mark.parametrize("mapping", MAPPINGS.values(), ids=list(MAPPINGS))
def test_sample_passes_every_rule(mapping):
    verdict = validate(mapping.entity, "mapped", apply(mapping, [mapping.sample]).columns, today=TODAY)
    assert {result.status for result in verdict.results} == {"passed"}
    assert verdict.issues == []


FAILING = [
    (PERSON, "PER-001", {"source_key": None}),
    (PERSON, "PER-002", {"source_key": "k0"}),
    (PERSON, "PER-003", {"source_moment": None}),
    (PERSON, "PER-004", {"source_moment": "2026-11-24T00:00:00+07:00"}),
    (PERSON, "PER-010", {"full_name": None}),
    (PERSON, "PER-011", {"full_name": "Nguy?n An"}),
    (PERSON, "PER-012", {"full_name": "Nguye\u0303\u0302n An"}),
    (PERSON, "PER-020", {"personal_number": "24326000123"}),
    (PERSON, "PER-022", {"sex": "male"}),
    (PERSON, "PER-023", {"birth_date": "2025"}),
    (PERSON, "PER-024", {"personal_number": "101326000123"}),
    (PERSON, "PER-025", {"old_id_number": "12345678"}),
    (PERSON, "PER-026", {"insurance_number": "123"}),
    (PERSON, "PER-030", {"birth_date": "2026-10-28T00"}),
    (PERSON, "PER-031", {"birth_date": "2026-11-24"}),
    (PERSON, "PER-032", {"died_on": "2026-10-27"}),
    (PERSON, "PER-033", {"died_on": "2026-11-24"}),
    (PERSON, "PER-040", {"sex": "other", "personal_number": None}),
    (PERSON, "PER-041", {"ethnicity": "99"}),
    (PERSON, "PER-042", {"commune_code": "07201"}),
    (PERSON, "PER-043", {"phone": "+84512000126"}),
    (PERSON, "PER-050", {"mother_number": "1"}),
    (PERSON, "PER-051", {"father_number": "1"}),
    (PERSON, "PER-060", {"phone": "+84911111111"}),
    (PERSON, "PER-061", {"old_id_number": "000000000"}),
    (ENTERPRISE, "ENT-001", {"source_key": None}),
    (ENTERPRISE, "ENT-002", {"source_key": "k0"}),
    (ENTERPRISE, "ENT-003", {"source_moment": None}),
    (ENTERPRISE, "ENT-004", {"source_moment": "2027-01-01T00:00:00+07:00"}),
    (ENTERPRISE, "ENT-010", {"tax_code": None}),
    (ENTERPRISE, "ENT-011", {"tax_code": "24000001281234"}),
    (ENTERPRISE, "ENT-020", {"name": None}),
    (ENTERPRISE, "ENT-021", {"name": "CO\u0302\u0303\u0301NG"}),
    (ENTERPRISE, "ENT-022", {"representative_number": "1"}),
    (ENTERPRISE, "ENT-030", {"legal_status": "8"}),
    (ENTERPRISE, "ENT-031", {"legal_status": "2", "suspended_to": "2026-01-01"}),
    (ENTERPRISE, "ENT-032", {"legal_status": "2", "suspended_from": "2026-01-01"}),
    (ENTERPRISE, "ENT-033", {"suspended_from": "2026-01-02", "suspended_to": "2026-01-01"}),
    (ENTERPRISE, "ENT-034", {"founded_on": "2026-11-05"}),
    (ENTERPRISE, "ENT-035", {"founded_on": "2026-12-01", "amended_on": None}),
    (ENTERPRISE, "ENT-040", {"activities": []}),
    (ENTERPRISE, "ENT-040", {"activities": [{"main": True}, {"main": True}]}),
    (ENTERPRISE, "ENT-041", {"commune_code": "00001"}),
    (ENTERPRISE, "ENT-042", {"phone": "+84512000126"}),
    (ENTERPRISE, "ENT-060", {"phone": "+84900000001"}),
    (DOSSIER, "DOS-001", {"source_key": None}),
    (DOSSIER, "DOS-002", {"source_key": "k0"}),
    (DOSSIER, "DOS-003", {"source_moment": None}),
    (DOSSIER, "DOS-004", {"source_moment": "2027-01-01T00:00:00+07:00"}),
    (DOSSIER, "DOS-010", {"code": None}),
    (DOSSIER, "DOS-011", {"code": "H05.16-261102"}),
    (DOSSIER, "DOS-013", {"procedure_code": None}),
    (DOSSIER, "DOS-014", {"procedure_code": "1.00119"}),
    (DOSSIER, "DOS-015", {"applicant_name": None}),
    (DOSSIER, "DOS-016", {"status": None}),
    (DOSSIER, "DOS-017", {"status": "0"}),
    (DOSSIER, "DOS-018", {"handling_agency": "x"}),
    (DOSSIER, "DOS-019", {"commune_code": "00001"}),
    (DOSSIER, "DOS-020", {"submitted_at": "2026-11-02T09:00:01+07:00"}),
    (DOSSIER, "DOS-021", {"finished_at": "2026-11-01T09:00:00+07:00"}),
    (DOSSIER, "DOS-022", {"returned_at": "2026-11-04T09:59:59+07:00"}),
    (DOSSIER, "DOS-023", {"due_at": "2026-11-01T00:00:00+07:00"}),
    (DOSSIER, "DOS-024", {"submitted_at": "2026-11-24T00:00:00+07:00", "received_at": None, "status": "1"}),
    (DOSSIER, "DOS-025", {"received_at": "2026-11-24T00:00:00+07:00", "finished_at": None, "due_at": None, "status": "4"}),
    (DOSSIER, "DOS-026", {"finished_at": "2026-11-24T00:00:00+07:00"}),
    (DOSSIER, "DOS-027", {"returned_at": "2026-11-24T00:00:00+07:00"}),
    (DOSSIER, "DOS-028", {"refused_at": "2026-11-24T00:00:00+07:00"}),
    (DOSSIER, "DOS-030", {"received_at": None}),
    (DOSSIER, "DOS-031", {"finished_at": None}),
    (DOSSIER, "DOS-032", {"status": "10"}),
    (DOSSIER, "DOS-033", {"status": "3"}),
    (DOSSIER, "DOS-034", {"steps": [{"at": "2026-01-02T00:00:00+07:00", "status": "2"}, {"at": "2026-01-01T00:00:00+07:00", "status": "9"}]}),
    (DOSSIER, "DOS-035", {"phone": "+84512000126"}),
    (DOSSIER, "DOS-060", {"applicant_number": "111111111111"}),
    (DOSSIER, "DOS-061", {"phone": "+84988888888"}),
    *SECTOR_FAILING,
]


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


def test_document_holds_no_value_of_a_row():
    secret = {"full_name": "Nguy?n Bí Mật", "personal_number": "24326009999", "phone": "+84512009999", "birth_date": 19901231}
    document = at_mapped(PERSON, secret).document.decode()
    assert not any(str(value) in document for value in (*secret.values(), GOOD["person"]["personal_number"], GOOD["person"]["full_name"]))


def test_document_is_the_same_for_the_same_rows_and_is_canonical():
    one, again = at_mapped(DOSSIER, {"status": "0"}).document, at_mapped(DOSSIER, {"status": "0"}).document
    assert one == again
    parsed = json.loads(one)
    assert json.dumps(parsed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() == one
    assert {result["expectation"]["meta"]["rule_id"] for result in parsed["results"]} == {
        rule.id for rule in rules("dossier") if "mapped" in rule.steps
    }


def test_one_batch_leaves_nothing_behind_for_the_next():
    assert told(at_mapped(PERSON, {"ethnicity": "99"}))
    assert told(at_mapped(PERSON)) == set()


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


def test_results_come_in_the_order_of_the_rules_whatever_order_great_expectations_took():
    for entity in ENTITIES:
        for step in STEPS:
            verdict = validate(entity, step, columns(entity), today=TODAY)
            assert [result.rule_id for result in verdict.results] == [rule.id for rule in rules_at(entity.name, step)]


def test_document_is_great_expectations_own_result():
    import great_expectations
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    verdict = at_mapped(DOSSIER, {"status": "0"}, {"phone": "+84512000126"})
    document = json.loads(verdict.document)
    assert document["suite"] == "dossier.mapped"
    assert document["success"] is False
    assert document["great_expectations_version"] == great_expectations.__version__
    assert {one["expectation"]["type"] for one in document["results"]} <= set(list_registered_expectation_implementations())
    statistics = document["statistics"]
    assert statistics["evaluated_expectations"] == len(verdict.results) == len(document["results"])
    assert statistics["unsuccessful_expectations"] == sum(result.status != "passed" for result in verdict.results) == 2


def test_document_agrees_with_the_results_rule_by_rule():
    verdict = at_mapped(DOSSIER, {"status": "0"}, {"received_at": None}, {"phone": None, "backward_moves": 1, "submitted_at": 7})
    assert verdict.errors
    by_rule = {one["expectation"]["meta"]["rule_id"]: one for one in json.loads(verdict.document)["results"]}
    for result in verdict.results:
        one = by_rule[result.rule_id]
        assert one["success"] is (result.status == "passed")
        assert one["error"] is (result.status == "error")
        assert one["result"].get("unexpected_count", 0) == result.failed


def test_document_tells_which_rule_was_used_and_how_grave_it_is():
    for one in json.loads(at_mapped(PERSON).document)["results"]:
        rule = next(rule for rule in rules("person") if rule.id == one["expectation"]["meta"]["rule_id"])
        assert one["expectation"]["meta"] == {"rule_id": rule.id, "code": rule.code, "fingerprint": rule.fingerprint}
        assert one["expectation"]["severity"] == ("warning" if rule.severity is Severity.WARN else "critical")


@pytest.mark.parametrize("engine", ["mask", "stock"])
@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_no_value_of_any_column_stands_in_the_document_or_in_an_issue(entity: Entity, engine: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HUB_GX_ENGINE", engine)
    secrets = {name: f"zq{at}qz" for at, name in enumerate(GOOD[entity.name]) if not isinstance(GOOD[entity.name][name], list)}
    verdict = at_mapped(entity, secrets, secrets, {**secrets, "birth_date": 19901231, "submitted_at": 19901231, "founded_on": 19901231})
    assert sum(result.status == "failed" for result in verdict.results) >= 3
    everything = verdict.document.decode() + repr(verdict.issues) + repr(verdict.results)
    assert not any(value in everything for value in (*secrets.values(), "19901231"))


def test_document_does_not_grow_with_the_failing_rows():
    few, many = (at_mapped(PERSON, *([{"ethnicity": "99", "phone": "+84512000126"}] * times)).document for times in (10, 1000))
    assert len(many) < len(few) + 1000


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
