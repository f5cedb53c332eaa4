"""A good row of each entity, changes no rule may mind, and for each rule of the mapped step a change that it must catch."""

from datetime import date
from typing import Any

from mappings.apply import apply
from mappings.canonical import DOSSIER, ENTERPRISE, PERSON, Entity
from mappings.catalogue import MAPPINGS
from quality.suites import Verdict, validate
from tests.quality.sector_examples import SAMPLES, SECTOR_FAILING, SECTOR_SOUND

TODAY = date(2026, 11, 23)
SOUND: dict[str, tuple[dict[str, Any], ...]] = {
    "person": (
        {"old_id_number": "125456789", "insurance_number": "2400000126", "commune_code": "07210", "phone": "+84912000126"},
        {"insurance_number": "024085000126", "phone": "+842043000111", "birth_date": "2026", "died_on": "2026-11-01"},
        {"died_on": "2026"},
        {"died_on": "2026-10"},
    ),
    "enterprise": (
        {"legal_status": "2", "suspended_from": "2026-01-01", "suspended_to": "2026-12-31"},
        {"tax_code": "0314409058002", "legal_status": "7"},
    ),
    "dossier": (
        {"status": "10", "returned_at": "2026-11-05T08:00:00+07:00"},
        {"status": "3", "refused_at": "2026-11-02T10:00:00+07:00", "received_at": None, "finished_at": None, "due_at": None},
        {"status": "1", "received_at": None, "finished_at": None, "steps": []},
        {"steps": [{"at": "2026-11-04T10:00:00+07:00", "status": status} for status in ("9", "10")]},
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
    (PERSON, "PER-032", {"died_on": "2026-09"}),
    (PERSON, "PER-032", {"died_on": "2025"}),
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
    (DOSSIER, "DOS-034", {"steps": [{"at": "2026-01-01T00:00:00+07:00", "status": "10"}, {"at": "2026-01-01T00:00:00+07:00", "status": "9"}]}),
    (DOSSIER, "DOS-035", {"phone": "+84512000126"}),
    (DOSSIER, "DOS-060", {"applicant_number": "111111111111"}),
    (DOSSIER, "DOS-061", {"phone": "+84988888888"}),
    *SECTOR_FAILING,
]
