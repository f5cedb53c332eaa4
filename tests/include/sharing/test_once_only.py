"""What need not be asked, asked through the service: as granted, on the record, with evidence, and never a guess."""

import asyncio
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import requests

from include.once.resolve import Question
from include.sharing import agreements, seed
from include.sharing.desk import NAME, Desk
from include.sharing.problems import Problem
from include.store.database import Database
from tests.include.sharing.conftest import DOSSIER, Agency, World, number

pytestmark = pytest.mark.postgres
PATH = "/v1/once-only/resolve"


def ask(agency: Agency, value: str = "", **headers: str | None) -> requests.Response:
    return agency.post(PATH, {"value": value or number(1), "agency": "H05.201"}, **headers)


def rows(world: World, request: str) -> list[Any]:
    return world.hub.db.rows("SELECT component, outcome, asker, dossier FROM hub.evidence WHERE request = %s::uuid ORDER BY component", request)


def test_each_component_is_answered_with_its_proof_or_its_reason(world: World, agency: Agency) -> None:
    answer = ask(agency)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [one["code"] for one in told["components"]] == ["TP.001193.01", "TP.001193.02", "TP.001193.03"]
    for one in told["components"]:
        assert one["need_not_be_asked"] == (one["outcome"] in {"paper", "fact"})
        assert one["proofs"] or one["failed"] or one["outcome"] in {"ask", "confirm"}
    identity = told["components"][0]
    assert identity["outcome"] == "fact"
    assert {proof["entity"] for proof in identity["proofs"]} == {"person"}


def test_every_answer_has_its_evidence_and_its_row_in_the_audit(world: World, agency: Agency) -> None:
    told = ask(agency).json()
    assert [(code, outcome) for code, outcome, _, _ in rows(world, told["evidence"])] == [(c["code"], c["outcome"]) for c in told["components"]]
    assert {(asker, dossier) for _, _, asker, dossier in rows(world, told["evidence"])} == {("motcua", DOSSIER)}
    [audit] = world.audit(told["request_id"])
    assert (audit["operation"], audit["outcome"], audit["dataset"]) == ("resolve", 200, "person")


def test_the_form_is_filled_in_as_far_as_an_agreement_shows_it(world: World, agency: Agency) -> None:
    told = ask(agency).json()
    filled = {one["field"]: one for one in told["form"]}
    assert filled["full_name"]["value"] == "Nguyễn Văn B"
    assert filled["full_name"]["source"] == "hotich"
    assert "phone" not in filled, "the agreement masks it"
    assert "Điện thoại" in told["withheld"]
    assert "+8491" not in str(told)


def test_nobody_is_nobody_and_leaves_a_row(world: World, agency: Agency) -> None:
    answer = ask(agency, "024085999999")
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (404, "not-found")
    [audit] = world.audit(answer.headers["x-request-id"])
    assert audit["outcome"] == 404


@pytest.mark.parametrize(
    ("purpose", "status", "kind"), [("2.000815", 404, "not-covered"), ("9.999999", 404, "not-covered"), ("x" * 70, 400, "invalid")]
)
def test_a_procedure_of_no_catalogue_is_said_to_be_none(agency: Agency, purpose: str, status: int, kind: str) -> None:
    answer = ask(agency, Purpose_Of_Use=purpose)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (status, kind)


def test_another_procedure_than_those_agreed_is_refused_and_kept(world: World, agency: Agency) -> None:
    answer = ask(agency, Purpose_Of_Use="1.000894")
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (403, "not-granted")
    [audit] = world.audit(answer.headers["x-request-id"])
    assert audit["outcome"] == 403


def test_an_agency_without_the_right_learns_nothing(world: World) -> None:
    other = world.agency("datdai")
    answer = other.post(PATH, {"value": number(1), "agency": "H05.201"}, Purpose_Of_Use="1.001193")
    assert answer.status_code == 403
    assert "Nguyễn" not in answer.text


@pytest.mark.parametrize("value", ["", "abcdef", "02408500000", "0240850000011", "024085-00001", None, 724085])
def test_what_is_no_number_is_told_without_being_quoted(agency: Agency, value: Any) -> None:
    answer = agency.post(PATH, {"value": value, "agency": "H05.201"})
    assert answer.status_code == 400
    assert str(value or "024085") not in answer.text


@pytest.mark.parametrize("code", ["H05.999", "Sở Nội vụ"])
def test_an_agency_that_does_not_exist_is_refused_with_a_sentence(world: World, agency: Agency, code: str) -> None:
    before = world.hub.db.rows("SELECT count(*) FROM hub.evidence")
    answer = agency.post(PATH, {"value": number(1), "agency": code})
    assert answer.status_code == 400, answer.text
    [error] = answer.json()["errors"]
    assert error["pointer"] == "/agency"
    assert "no agency" in error["detail"]
    assert world.hub.db.rows("SELECT count(*) FROM hub.evidence") == before


def test_the_dossier_must_be_named_where_the_agreement_says_so(agency: Agency) -> None:
    answer = ask(agency, Dossier_Id=None)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (403, "dossier")


def test_a_connection_that_was_cut_is_told_and_the_next_question_is_answered(world: World, agency: Agency) -> None:
    assert ask(agency).status_code == 200
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
    assert world.hub.db.rows(cut, NAME) == [(True,)]
    answer = ask(agency)
    assert (answer.status_code, answer.json()["type"], answer.headers["retry-after"]) == (503, "/problems/unavailable", "2")
    told = ask(agency)
    assert told.status_code == 200
    assert rows(world, told.json()["evidence"])


def test_while_its_evidence_cannot_be_written_nothing_is_answered_and_nobody_waits_for_ever(world: World, agency: Agency) -> None:
    before = world.hub.db.rows("SELECT count(*) FROM hub.evidence")
    with psycopg.connect(world.hub.db.url) as other:
        other.execute("LOCK TABLE hub.evidence IN ACCESS EXCLUSIVE MODE")
        answer = ask(agency)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert "Nguyễn" not in answer.text
        assert agency.person().status_code == 200, "other questions do not wait for it"
    assert world.hub.db.rows("SELECT count(*) FROM hub.evidence") == before
    assert ask(agency).status_code == 200


def test_a_server_that_is_not_there_is_told_as_such(world: World) -> None:
    async def asked() -> None:
        desk = Desk(replace(world.hub, db=Database("postgresql://127.0.0.1:1/hub")))
        with pytest.raises(Problem, match="unavailable"):
            await desk.ask(Question("1.001193", "motcua", "H05.201", number(1)))
        await desk.close()

    asyncio.run(asked())


@pytest.mark.parametrize(
    ("terms", "told"), [({"communes": ["09169"]}, False), ({"dossier": "applicant"}, False), ({"operations": ["verify"]}, False), ({}, True)]
)
def test_the_form_tells_nothing_that_another_agreement_narrows(world: World, agency: Agency, terms: dict[str, Any], told: bool) -> None:
    """Its communes and its applicant were not looked at for this question, so its fields stay withheld."""
    with world.hub.db.transaction() as connection:
        connection.execute(
            "INSERT INTO golden.land_certificate (id, serial, owner_name, owner_number, commune_code, status, issued_on, provenance, version,"
            " updated_at, updated_run) VALUES (gen_random_uuid(), 'AB100009', 'F', %s, '07210', 'valid', '2010-01-01',"
            " ARRAY(SELECT 1::smallint FROM generate_series(1, 40)), 1, now(), 'r') ON CONFLICT DO NOTHING",
            [number(5)],
        )
    purpose = {"purposes": ["1.004222"]}
    asks = seed.sample(operations=["resolve"], visible=["full_name"], **purpose)
    tells = seed.sample(**({"operations": ["lookup"], "visible": ["serial"]} | purpose | terms))
    made = [
        seed.in_force(world.hub, "motcua", dataset, seed.terms_of(each, world.hub.today))
        for dataset, each in (("person", asks), ("land_certificate", tells))
    ]
    world.settle()
    answer = ask(agency, number(5), Purpose_Of_Use="1.004222").json()
    for each in made:
        agreements.move(world.hub, "test", each.agreement, "revoke", "hết phép thử")
    world.settle()
    assert ("AB100009" in str(answer["form"])) == told
    assert ("Giấy chứng nhận nhà đất" in answer["withheld"]) != told
    assert "full_name" in {one["field"] for one in answer["form"]}
