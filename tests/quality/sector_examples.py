"""A sound row or two and one failing example per rule, for the entities of the sector registers."""

from typing import Any

from mappings.canonical import (
    ADMINISTRATIVE_UNIT,
    AGENCY,
    CIVIL_EVENT,
    INSURANCE_PARTICIPATION,
    LAND_CERTIFICATE,
    PAPER,
    PROCEDURE,
    SOCIAL_BENEFICIARY,
    Entity,
)

SAMPLES = {
    "civil_event": "deaths",
    "insurance_participation": "participations",
    "social_beneficiary": "social",
    "land_certificate": "land",
    "paper": "papers",
    "procedure": "procedures",
    "agency": "agencies",
    "administrative_unit": "units",
}
"""Entity to the dataset whose sample makes its good row."""

LATER = "2027-01-01"
SECTOR_SOUND: dict[str, tuple[dict[str, Any], ...]] = {
    "civil_event": (
        {"kind": "divorce", "event_on": "2020-01-01", "ended_on": "2024-01-01", "other_number": "024196000124"},
        {"kind": "birth", "person_number": None, "event_on": "2026-10", "person_birth": "2026-10"},
    ),
    "insurance_participation": ({"insurance_number": "024085000126", "ends_on": "2011-01-01"},),
    "social_beneficiary": ({"ends_on": "2027-02-01", "personal_number": None},),
    "land_certificate": ({"certificate_code": None}, {"serial": "CĐ123456"}),
    "paper": ({"valid_to": LATER, "owner_number": "2400000128"},),
    "procedure": ({"level": "province"},),
    "agency": ({"commune_code": "07210", "valid_to": LATER},),
    "administrative_unit": ({"valid_to": LATER},),
}


def common(entity: Entity, prefix: str) -> list[tuple[Entity, str, dict[str, Any]]]:
    """The failing examples every entity has: key, moment, and its own key."""
    return [
        (entity, f"{prefix}-001", {"source_key": None}),
        (entity, f"{prefix}-002", {"source_key": "k0"}),
        (entity, f"{prefix}-003", {"source_moment": None}),
        (entity, f"{prefix}-004", {"source_moment": "2027-01-01T00:00:00+07:00"}),
        (entity, f"{prefix}-010", {entity.key: None}),
    ]


LOST, MARK = "Nguy?n An", "Nguye\u0303\u0302n An"
SECTOR_FAILING: list[tuple[Entity, str, dict[str, Any]]] = [
    *common(CIVIL_EVENT, "CIV"),
    (CIVIL_EVENT, "CIV-012", {"kind": "adoption"}),
    (CIVIL_EVENT, "CIV-020", {"person_name": None}),
    (CIVIL_EVENT, "CIV-021", {"person_name": LOST}),
    (CIVIL_EVENT, "CIV-022", {"person_name": MARK}),
    (CIVIL_EVENT, "CIV-023", {"person_number": "1"}),
    (CIVIL_EVENT, "CIV-024", {"other_number": "1"}),
    (CIVIL_EVENT, "CIV-025", {"person_sex": "male"}),
    (CIVIL_EVENT, "CIV-026", {"person_birth": "1942"}),
    (CIVIL_EVENT, "CIV-030", {"event_on": "2026-11-24"}),
    (CIVIL_EVENT, "CIV-031", {"registered_on": "2026-11-24"}),
    (CIVIL_EVENT, "CIV-032", {"event_on": "2026-08-13"}),
    (CIVIL_EVENT, "CIV-033", {"event_on": "1940-01-01"}),
    (CIVIL_EVENT, "CIV-034", {"kind": "divorce", "ended_on": "2026-01-01"}),
    (CIVIL_EVENT, "CIV-035", {"kind": "divorce"}),
    (CIVIL_EVENT, "CIV-040", {"registered_at": "00001"}),
    *common(INSURANCE_PARTICIPATION, "INS"),
    (INSURANCE_PARTICIPATION, "INS-012", {"insurance_number": None}),
    (INSURANCE_PARTICIPATION, "INS-013", {"insurance_number": "123"}),
    (INSURANCE_PARTICIPATION, "INS-014", {"personal_number": "1"}),
    (INSURANCE_PARTICIPATION, "INS-020", {"full_name": None}),
    (INSURANCE_PARTICIPATION, "INS-021", {"full_name": LOST}),
    (INSURANCE_PARTICIPATION, "INS-022", {"full_name": MARK}),
    (INSURANCE_PARTICIPATION, "INS-030", {"begins_on": LATER}),
    (INSURANCE_PARTICIPATION, "INS-031", {"ends_on": "2009-12-31"}),
    *common(SOCIAL_BENEFICIARY, "SOC"),
    (SOCIAL_BENEFICIARY, "SOC-012", {"full_name": None}),
    (SOCIAL_BENEFICIARY, "SOC-013", {"full_name": LOST}),
    (SOCIAL_BENEFICIARY, "SOC-014", {"full_name": MARK}),
    (SOCIAL_BENEFICIARY, "SOC-020", {"personal_number": "1"}),
    (SOCIAL_BENEFICIARY, "SOC-021", {"sex": "male"}),
    (SOCIAL_BENEFICIARY, "SOC-022", {"birth_date": "1941"}),
    (SOCIAL_BENEFICIARY, "SOC-030", {"birth_date": "2026-12-01", "personal_number": None}),
    (SOCIAL_BENEFICIARY, "SOC-031", {"decided_on": "2026-12-01"}),
    (SOCIAL_BENEFICIARY, "SOC-032", {"ends_on": "2026-01-31"}),
    (SOCIAL_BENEFICIARY, "SOC-040", {"category": None}),
    (SOCIAL_BENEFICIARY, "SOC-041", {"category": "nd20-5-99"}),
    (SOCIAL_BENEFICIARY, "SOC-042", {"commune_code": "00001"}),
    *common(LAND_CERTIFICATE, "LND"),
    (LAND_CERTIFICATE, "LND-012", {"serial": "123"}),
    (LAND_CERTIFICATE, "LND-013", {"certificate_code": "T1"}),
    (LAND_CERTIFICATE, "LND-020", {"owner_name": None}),
    (LAND_CERTIFICATE, "LND-021", {"owner_name": LOST}),
    (LAND_CERTIFICATE, "LND-022", {"owner_name": MARK}),
    (LAND_CERTIFICATE, "LND-030", {"status": "lost"}),
    (LAND_CERTIFICATE, "LND-031", {"issued_on": LATER}),
    (LAND_CERTIFICATE, "LND-032", {"commune_code": "00001"}),
    (LAND_CERTIFICATE, "LND-040", {"parcels": []}),
    *common(PAPER, "PAP"),
    (PAPER, "PAP-012", {"paper_type": None}),
    (PAPER, "PAP-013", {"owner_number": None}),
    (PAPER, "PAP-014", {"owner_number": "1"}),
    (PAPER, "PAP-020", {"kind": "copy"}),
    (PAPER, "PAP-021", {"status": "burnt"}),
    (PAPER, "PAP-030", {"issued_on": LATER}),
    (PAPER, "PAP-031", {"valid_to": "2020-01-01"}),
    (PAPER, "PAP-040", {"sha256": "abc"}),
    *common(PROCEDURE, "PRO"),
    (PROCEDURE, "PRO-012", {"code": "1.00119"}),
    (PROCEDURE, "PRO-020", {"name": None}),
    (PROCEDURE, "PRO-021", {"level": "district"}),
    (PROCEDURE, "PRO-022", {"service_level": "most"}),
    *common(AGENCY, "AGE"),
    (AGENCY, "AGE-012", {"code": "x"}),
    (AGENCY, "AGE-020", {"name": None}),
    (AGENCY, "AGE-021", {"level": "district"}),
    (AGENCY, "AGE-022", {"valid_to": "2020-01-01"}),
    (AGENCY, "AGE-023", {"commune_code": "00001"}),
    *common(ADMINISTRATIVE_UNIT, "UNI"),
    (ADMINISTRATIVE_UNIT, "UNI-012", {"code": "7210"}),
    (ADMINISTRATIVE_UNIT, "UNI-020", {"name": None}),
    (ADMINISTRATIVE_UNIT, "UNI-021", {"valid_from": None}),
    (ADMINISTRATIVE_UNIT, "UNI-022", {"valid_to": "2020-01-01"}),
]

SECTOR_BAD: dict[Entity, dict[str, Any]] = {
    CIVIL_EVENT: {"registered_at": "00001"},
    INSURANCE_PARTICIPATION: {"insurance_number": "123"},
    SOCIAL_BENEFICIARY: {"commune_code": "00001"},
    LAND_CERTIFICATE: {"status": "lost"},
    PAPER: {"kind": "copy"},
    PROCEDURE: {"level": "district"},
    AGENCY: {"level": "district"},
    ADMINISTRATIVE_UNIT: {"code": "7210"},
}
"""One change that breaks one rule."""
