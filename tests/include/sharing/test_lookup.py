"""Look-ups: exactly what is granted, from where, and an audit row for every question."""

import pytest

from tests.include.sharing.conftest import DOSSIER, PURPOSE, Agency, World, number

pytestmark = pytest.mark.postgres


def test_a_person_is_shown_as_granted_masked_and_with_its_sources(agency: Agency) -> None:
    answer = agency.person(1)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["data"] == {"full_name": "Nguyễn Văn B", "birth_date": "1951-03-02", "phone": "*********001"}
    assert told["masked"] == ["phone"]
    assert told["source"] == {"hotich": ["full_name", "birth_date"], "bhxh": ["phone"]}
    assert (told["match"], told["staleness"]["stale"]) == ("exact", False)
    assert answer.headers["cache-control"] == "no-store"


def test_every_answer_has_its_audit_row(agency: Agency, world: World) -> None:
    request_id = agency.person(1, X_Request_Id="yeu-cau-0001").headers["x-request-id"]
    assert request_id == "yeu-cau-0001"
    [row] = world.audit(request_id)
    assert (row["client"], row["purpose"], row["dossier"], row["officer"], row["outcome"]) == ("motcua", PURPOSE, DOSSIER, "CB.0001", 200)
    key = world.service.registry.key()
    assert row["subject_key"] == key.keyed(number(1))
    assert key.told(row["subject"]) == number(1)
