"""What the portal is told of a dossier's components is what the hub can prove."""

from typing import Any

import pytest

from include.hub import Hub
from include.once.marks import marked
from include.once.resolve import Question, resolve
from mappings.portal_dossier import ho_so
from tests.include.once.conftest import ALONE, Put, paper, person

pytestmark = pytest.mark.postgres
CODE = "H05.201-261123-0001"


def dossier(*components: dict[str, Any]) -> dict[str, Any]:
    return {"code": CODE, "procedure_code": "1.000894", "components": list(components), "linked_databases": []}


def sent(hub: Hub, one: dict[str, Any]) -> dict[str, Any]:
    return ho_so(marked(hub.db, [one])[0])


def papers(hub: Hub, one: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {each["MaThanhPhanHoSo"]: each for each in sent(hub, one)["TaiLieuNop"]}


@pytest.fixture
def proved(hub: Hub, put: Put) -> None:
    """Identity is in a register, marital status in the store, and the question was asked for the dossier."""
    put("person", **person())
    put("paper", **paper(paper_type="KQ.G15.004873", kind="result", path="/kho/GT-1"))
    resolve(hub, Question("1.000894", "can-bo-1", "H05.201", ALONE, dossier=CODE))


def test_a_register_and_a_stored_result_stand_in_for_papers_never_handed_in(hub: Hub, proved: None) -> None:
    found = papers(hub, dossier())
    assert set(found) == {"TP.000894.02", "TP.000894.03"}
    assert (found["TP.000894.02"]["DuocTaiSuDung"], found["TP.000894.02"]["MaKetQuaThayThe"]) == ("2", "")
    stored = found["TP.000894.03"]
    assert (stored["DuocTaiSuDung"], stored["MaKetQuaThayThe"], stored["DuongDanTaiTepTin"]) == ("1", "KQ.G15.004873", "/kho/GT-1")
    assert {one["DuocLayTuKhoDMQG"] for one in found.values()} == {"0"}
    assert sent(hub, dossier())["DSKetNoiCSDL"] == [{"MaCSDL": "1"}]


def test_a_new_file_stays_handed_in_whatever_the_state_held(hub: Hub, proved: None) -> None:
    found = papers(hub, dossier({"code": "TP.000894.02", "file_id": "T1", "reused": "0", "digitised": True}))
    assert found["TP.000894.02"]["DuocTaiSuDung"] == "0"
    assert sent(hub, dossier({"code": "TP.000894.02", "file_id": "T1", "reused": "0"}))["DSKetNoiCSDL"] == []


def test_a_dossier_without_evidence_goes_out_as_it_came(hub: Hub) -> None:
    one = dossier({"code": "TP.000894.02", "reused": "1"})
    assert marked(hub.db, [one]) == [one]


def test_what_must_be_asked_gets_no_mark(hub: Hub, put: Put) -> None:
    put("person", **person(personal_number="024099000999"))
    resolve(hub, Question("1.000894", "can-bo-1", "H05.201", "024099000999", dossier=CODE))
    assert set(papers(hub, dossier())) == {"TP.000894.02"}


def test_new_evidence_sends_the_dossier_again(hub: Hub, put: Put) -> None:
    made = put("dossier", code=CODE, procedure_code="1.000894", applicant_name="Nguyễn Văn Mẫu", status="2")
    put("person", **person())
    resolve(hub, Question("1.000894", "can-bo-1", "H05.201", ALONE, dossier=CODE))
    assert hub.db.rows("SELECT target, entity_id FROM hub.outbox") == [("portal_dossiers", made)]
