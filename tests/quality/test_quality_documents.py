"""Great Expectations' results as they are kept for evidence."""

import json

import pytest

from mappings.canonical import DOSSIER, ENTITIES, PERSON, Entity
from quality.issues import Severity
from quality.rules import rules
from tests.quality.examples import GOOD, at_mapped


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
