"""The resolver: who is meant, what satisfies what, why not, and the proof that is kept."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from include.clock import HANOI
from include.hub import Hub
from include.once.answers import Verdict
from include.once.resolve import Answer, NotIdentified, Question, resolve
from tests.include.once.conftest import ALONE, MOTHER, NOBODY, Put, paper, person

pytestmark = pytest.mark.postgres
BIRTH, IDENTITY = "1.001193", "TP.001193.01"
SINGLE = "1.000894"
"""Marriage: its third component is a paper only, the certificate of marital status."""
STATUS = "TP.000894.03"


def ask(hub: Hub, procedure: str = SINGLE, number: str = ALONE, **changes: Any) -> Answer:
    return resolve(hub, Question(procedure, "can-bo-1", "H05.201", number, **changes))


def verdict(answer: Answer, component: str) -> Verdict:
    return next(one for one in answer.verdicts if one.component.code == component)


def why(answer: Answer, component: str) -> dict[str, str]:
    return {what: reason for failed in verdict(answer, component).failed for what, reason in failed.reasons}


def test_a_fact_of_a_sector_database_satisfies_with_its_proof(hub: Hub, put: Put) -> None:
    made = put("person", **person())
    found = verdict(ask(hub, BIRTH), IDENTITY)
    assert (found.outcome, found.way) == ("fact", ("fact:identity",))
    assert [(one.id, one.version, one.source, one.as_of) for one in found.proofs] == [(made, 1, "hotich", hub.clock())]


def test_a_paper_in_force_satisfies(hub: Hub, put: Put) -> None:
    put("person", **person())
    made = put("paper", **paper(paper_type="KQ.G15.004873"))
    found = verdict(ask(hub), STATUS)
    assert (found.outcome, found.proofs[0].id) == ("paper", made)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"valid_to": "2026-11-22"}, "expired"),
        ({"status": "pending"}, "not_approved"),
        ({"status": "rejected"}, "not_approved"),
        ({"scope": "H05.202"}, "out_of_scope"),
        ({"scope": None}, "out_of_scope"),
        ({"digitised_at": "2026-11-24T08:00:00+07:00"}, "not_yet"),
        ({"digitised_at": None}, "undated"),
        ({"owner_number": MOTHER}, "none"),
        ({"owner_number": MOTHER, "dossier_code": "H05.201-261123-0001"}, "wrong_owner"),
        ({"dossier_code": "H05.201-261123-0001"}, "same_dossier"),
    ],
)
def test_a_paper_that_does_not_count_is_told_with_the_reason(hub: Hub, put: Put, change: dict[str, Any], reason: str) -> None:
    put("person", **person())
    put("paper", **paper(paper_type="KQ.G15.004873", **change))
    answer = ask(hub, dossier="H05.201-261123-0001")
    assert verdict(answer, STATUS).outcome == "ask"
    assert why(answer, STATUS) == {"paper:KQ.G15.004873": reason, f"paper:{STATUS}": "none"}


def test_a_paper_counts_through_its_last_day_and_at_the_agencies_below(hub: Hub, put: Put) -> None:
    put("person", **person())
    put("paper", **paper(paper_type="KQ.G15.004873", valid_to="2026-11-23", scope="H05"))
    assert verdict(ask(hub), STATUS).satisfied


def test_one_list_suffices_and_everything_in_it_is_needed(hub: Hub, put: Put) -> None:
    put("person", **person())
    put("insurance_participation", code="1", insurance_number="2", personal_number=ALONE, full_name="x", begins_on="2020-01-01")
    component = "TP.000755.01"
    assert why(ask(hub, "2.000755"), component) == {"fact:child_birth": "none", "paper:KQ.G15.001193": "none"}
    put("paper", **paper(paper_type="KQ.G15.001193"))
    found = verdict(ask(hub, "2.000755"), component)
    assert (found.outcome, found.way) == ("fact", ("fact:insured", "paper:KQ.G15.001193"))
    assert len(found.proofs) == 2


def test_of_several_children_nobody_guesses_which_is_meant(hub: Hub, put: Put) -> None:
    put("person", **person(MOTHER, sex="female"))
    birth = {"kind": "birth", "person_name": "Bé", "other_number": MOTHER, "registered_on": "2026-01-05"}
    put("civil_event", code="GCS-1", **birth)
    assert verdict(ask(hub, "1.005090", MOTHER), "TP.005090.01").outcome == "fact"
    put("civil_event", code="GCS-2", **birth)
    answer = ask(hub, "1.005090", MOTHER)
    assert verdict(answer, "TP.005090.01").outcome == "confirm"
    assert why(answer, "TP.005090.01")["fact:child_birth"] == "several"


def test_a_marriage_that_ended_counts_no_longer(hub: Hub, put: Put) -> None:
    put("person", **person())
    put("civil_event", code="KH-1", kind="divorce", person_name="x", person_number=ALONE, registered_on="2020-01-01", ended_on="2025-01-01")
    answer = ask(hub, "2.000528")
    assert why(answer, "TP.000528.03")["fact:marriage"] == "expired"


def test_nobody_is_refused(hub: Hub) -> None:
    with pytest.raises(NotIdentified, match="nobody matches"):
        ask(hub, number=NOBODY)
    assert hub.db.rows("SELECT count(*) FROM hub.evidence")[0][0] == 0


def test_two_people_of_one_name_and_birth_date_are_refused_and_a_number_tells_them_apart(hub: Hub, put: Put) -> None:
    put("person", **person())
    put("person", **person(NOBODY))
    with pytest.raises(NotIdentified, match="2 match; nothing is guessed"):
        ask(hub, number="", name="NGUYỄN VĂN MẪU", birth="1994-03-02")
    assert ask(hub, number=ALONE, name="NGUYỄN VĂN MẪU").need_not_be_asked > 0


def test_a_name_that_is_not_the_owners_is_refused(hub: Hub, put: Put) -> None:
    put("person", **person())
    with pytest.raises(NotIdentified, match="the name is not that of the number's owner"):
        ask(hub, name="Trần Thị Khác")


@pytest.mark.parametrize("agency", ["H05.999", "Sở Nội vụ", "024094000125"])
def test_an_agency_that_does_not_exist_is_refused_with_a_sentence(hub: Hub, put: Put, agency: str) -> None:
    put("person", **person())
    with pytest.raises(NotIdentified, match=r"cơ quan .* · .*no agency") as refused:
        resolve(hub, Question(SINGLE, "can-bo-1", agency, ALONE))
    assert ALONE not in str(refused.value)
    assert hub.db.rows("SELECT count(*) FROM hub.evidence")[0][0] == 0


def test_an_agency_counts_from_its_first_day_to_its_last(hub: Hub, put: Put) -> None:
    put("person", **person())
    put("agency", code="H05.12", name="Sở cũ", level="province", valid_to="2026-06-30")
    question = Question(SINGLE, "can-bo-1", "H05.12", ALONE)
    with pytest.raises(NotIdentified, match=r"no agency H05\.12 is in office on 2026-11-23"):
        resolve(hub, question)
    assert resolve(hub, replace(question, at=datetime(2026, 6, 30, 9, tzinfo=HANOI))).agency == "H05.12"


def test_an_agency_may_be_written_in_the_order_of_before(hub: Hub, put: Put) -> None:
    put("person", **person())
    put("paper", **paper(paper_type="KQ.G15.004873", scope="H05.14"))
    answer = resolve(hub, Question(SINGLE, "can-bo-1", "000.00.14.H05", ALONE))
    assert answer.agency == "H05.14"
    assert verdict(answer, STATUS).satisfied


def test_one_person_is_found_by_name_and_birth_date(hub: Hub, put: Put) -> None:
    put("person", **person())
    assert ask(hub, number="", name="nguyễn văn mẫu", birth="1994-03-02").need_not_be_asked > 0


def test_an_older_number_leads_to_the_person_who_then_confirms(hub: Hub, put: Put) -> None:
    put("person", **person(old_id_number="121234567"))
    answer = ask(hub, BIRTH, "121234567")
    assert verdict(answer, IDENTITY).outcome == "confirm"
    assert {field.confidence for field in answer.form} == {"alias"}


def test_the_form_comes_filled_in_with_source_day_and_law(hub: Hub, put: Put) -> None:
    put("person", **person())
    fields = {field.vi: field for field in ask(hub, BIRTH).form}
    name = fields["Họ và tên"]
    assert (name.value, name.source, name.confidence) == ("Nguyễn Văn Mẫu", "hotich", "exact")
    assert name.as_of == hub.clock()
    assert "26/2023/QH15" in name.legal_basis
    assert "Điện thoại" not in fields


def test_every_answer_leaves_evidence_without_a_personal_value(hub: Hub, put: Put) -> None:
    put("person", **person())
    answer = ask(hub, BIRTH, dossier="H05.201-261123-0001")
    rows = hub.db.rows("SELECT component, outcome, subject, to_jsonb(e)::text FROM hub.evidence e WHERE request = %s ORDER BY 1", answer.request)
    assert [row[:2] for row in rows] == [(one.component.code, one.outcome) for one in answer.verdicts]
    assert len({row[2] for row in rows}) == 1
    assert len(rows[0][2]) == 16
    for row in rows:
        assert all(value not in row[3] for value in (ALONE, "Nguyễn", "1994"))
    assert hub.db.rows("SELECT count(*) FROM hub.requirement_version")[0][0] == 1


def test_a_question_about_the_past_is_answered_as_of_then(hub: Hub, put: Put) -> None:
    put("person", **person())
    put("paper", **paper(paper_type="KQ.G15.004873"))
    assert why(ask(hub, at=datetime(2026, 7, 1, 9, tzinfo=HANOI)), STATUS)["paper:KQ.G15.004873"] == "not_yet"


def test_an_enterprise_is_found_by_its_tax_code(hub: Hub, put: Put) -> None:
    put("enterprise", tax_code="2400000103", name="CÔNG TY MẪU", founded_on="2020-01-01", kind="enterprise")
    put("paper", **paper(paper_type="KQ.G09.000105", owner_number="2400000103"))
    answer = resolve(hub, Question("1.000105", "can-bo-1", "H05.14", "2400000103"))
    assert verdict(answer, "TP.000105.02").way == ("fact:enterprise", "paper:KQ.G09.000105")
    assert {field.vi for field in answer.form} == {"Mã số doanh nghiệp", "Tên doanh nghiệp"}


def test_a_procedure_that_is_not_covered_says_so(hub: Hub) -> None:
    with pytest.raises(LookupError, match="declared uncovered"):
        ask(hub, "2.002481")
