"""No way round an agreement: not by files made before it was narrowed, by the past, by guessing, by asking for everybody, by asking again."""

import asyncio
import base64
import hashlib
import secrets
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from include.sharing import agreements, clients, exports, seed
from include.sharing.terms import faults
from tests.include.sharing.conftest import DOSSIER, PURPOSE, Agency, World, number

pytestmark = pytest.mark.postgres


def party(world: World, dataset: str = "person", **terms: Any) -> tuple[Agency, str]:
    """A client of its own with one agreement; the agreement's number."""
    name = f"b{uuid.uuid4().hex[:10]}"
    clients.register(world.hub, "t", name, "H05.16", "Bên thử", "a@b")
    clients.add_key(world.hub, "t", name, seed.public_jwk(seed.signing_key(seed.key_file(world.hub, name)), seed.KID))
    made = seed.in_force(world.hub, name, dataset, seed.terms_of(seed.sample(**terms), world.hub.today))
    world.settle()
    return Agency(world.url, world.hub, name), made.agreement


def asked(world: World, client: str) -> list[dict[str, Any]]:
    """Audit rows of a client."""
    columns = ("operation", "outcome", "via", "represented")
    rows = world.hub.db.rows(f"SELECT {', '.join(columns)} FROM hub.access WHERE client = %s ORDER BY id", client)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def test_a_file_made_before_an_amendment_is_not_given_after_it(world: World) -> None:
    agency, agreement = party(world, operations=("export",), visible=("full_name", "phone"))
    answer = agency.post("/v1/exports", {"dataset": "person", "fields": ["full_name", "phone"]}, Prefer="respond-async")
    assert asyncio.run(exports.work(world.hub))
    job = answer.headers["content-location"]
    file = agency.get(job).json()["output"][0]["url"]
    assert agency.get(file).status_code == 200
    narrow = seed.terms_of(seed.sample(operations=("lookup",), visible=("full_name",)), world.hub.today)
    agreements.amend(world.hub, "t", agreement, narrow)
    for step in ("approve", "sign", "activate"):
        agreements.move(world.hub, "t", agreement, step)
    world.settle()
    assert (agency.get(job).status_code, agency.get(file).status_code) == (403, 403)
    assert requests.delete(world.url + job, headers=agency.headers(), timeout=20).status_code == 202


def test_the_past_shows_a_former_owner_to_nobody_who_may_not_see_him_and_logs_him(world: World) -> None:
    with world.hub.db.transaction() as connection:
        connection.execute(
            "INSERT INTO golden.land_certificate_history (id, version, record, provenance, valid_from, valid_to, run)"
            " SELECT id, 0, jsonb_build_object('serial', serial, 'owner_name', 'Cũ', 'owner_number', %s::text, 'commune_code', commune_code), '{}',"
            " '2020-01-01', '2025-01-01', 'r' FROM golden.land_certificate WHERE serial = 'AB100002'",
            [number(7)],
        )
    body = {"type": "serial", "value": "AB100002", "fields": ["owner_name"], "as_of": "2022-06-01T00:00:00+07:00"}
    strict, _ = party(world, "land_certificate", operations=("lookup",), visible=("serial", "owner_name"), dossier="applicant")
    assert strict.post("/v1/land-certificates/lookup", body | {"as_of": None}).status_code == 200, "the dossier is the present owner's"
    assert strict.post("/v1/land-certificates/lookup", body).status_code == 404, "and not the former one's"
    free, _ = party(world, "land_certificate", operations=("lookup",), visible=("serial", "owner_name"))
    answer = free.post("/v1/land-certificates/lookup", body)
    assert answer.json()["data"] == {"owner_name": "Cũ"}
    access = world.audit(answer.headers["x-request-id"])[0]
    key = world.service.registry.months[access["key"]]
    subjects = world.hub.db.rows("SELECT subject_key FROM hub.access_subject WHERE access = %s", access["id"])
    assert [bytes(row[0]) for row in subjects] == [key.keyed(number(7))]
    by_owner = free.post("/v1/land-certificates/lookup", body | {"type": "owner_number", "value": number(1)})
    assert (by_owner.status_code, by_owner.json()["errors"][0]["pointer"]) == (400, "/as_of")


def test_a_rule_about_the_subjects_dossier_cannot_be_agreed_for_everybodys_records(world: World) -> None:
    terms = seed.terms_of(seed.sample(operations=("lookup", "export", "changes"), visible=("full_name",), dossier="applicant"), world.hub.today)
    assert any("changes, export" in fault for fault in faults(terms, "person"))


def test_one_already_in_force_is_not_answered_for_them(world: World) -> None:
    agency, agreement = party(world, operations=("lookup", "changes", "export"), visible=("full_name",))
    with world.hub.db.transaction() as connection:
        connection.execute('UPDATE hub.agreement_version SET terms = terms || \'{"dossier": "applicant"}\' WHERE agreement = %s', [agreement])
    world.settle()
    refused = agency.get("/v1/changes/persons").json()
    assert (refused["type"], "applicant" in refused["detail"]) == ("/problems/dossier", True)
    body = {"dataset": "person", "fields": ["full_name"]}
    assert agency.post("/v1/exports", body, Prefer="respond-async").json()["type"].endswith("dossier")
    assert agency.person(1, ["full_name"]).status_code == 200
    assert [row["outcome"] for row in asked(world, agency.client)] == [403, 403, 200]


def test_the_feed_gives_no_more_in_a_day_than_was_agreed(world: World) -> None:
    with world.hub.db.transaction() as connection:
        connection.execute(
            "UPDATE golden.person SET version = version + 1, updated_run = 'r2' WHERE personal_number = ANY(%s)", [[number(n) for n in range(40)]]
        )
    agency, _ = party(world, operations=("changes",), visible=("full_name",), per_day=10)
    assert len(agency.get("/v1/changes/persons?limit=1000").json()) <= 10


@pytest.mark.parametrize("operation", ["correct", "verify"])
def test_made_up_numbers_are_noticed_whatever_is_asked_about_them(world: World, operation: str) -> None:
    agency, _ = party(world, operations=(operation,), visible=("full_name",), per_second=1_000)
    statuses = []
    for place in range(60):
        made_up = f"024085{900_000 + 37 * place:06d}"
        if operation == "verify":
            body = {"personal_number": made_up, "full_name": "Nguyễn Văn A", "birth_date": "1950-03-02"}
            statuses.append(agency.post("/v1/persons/verify", body).status_code)
        else:
            body = {"type": "personal_number", "value": made_up, "field": "full_name", "proposed": "A", "reason": "giấy khai sinh"}
            statuses.append(agency.post("/v1/persons/corrections", body, Idempotency_Key=uuid.uuid4().hex).status_code)
    assert (statuses[0] in (200, 404), statuses[-1]) == (True, 429)


def test_a_birth_date_cannot_be_found_by_trying_days(world: World) -> None:
    agency, _ = party(world, operations=("verify",), visible=(), per_second=1_000)
    days = [f"1951-02-{day:02d}" for day in range(1, 15)]
    body = {"personal_number": number(1), "full_name": "Nguyễn Văn B"}
    statuses = [agency.post("/v1/persons/verify", body | {"birth_date": day}).status_code for day in days]
    assert (statuses[0], statuses[-1]) == (200, 429)
    assert agency.post("/v1/persons/verify", body | {"personal_number": number(2), "birth_date": days[0]}).status_code == 200, (
        "others can be verified"
    )


def test_every_refusal_of_an_export_is_in_the_audit(world: World) -> None:
    agency, _ = party(world, operations=("export",), visible=("full_name",), per_day=1)
    body = {"dataset": "person", "fields": ["phone"]}
    assert agency.post("/v1/exports", body, Prefer="respond-async").status_code == 403
    assert [(row["operation"], row["outcome"]) for row in asked(world, agency.client)] == [("export", 403)]


def test_of_two_agreements_the_one_that_grants_the_fields_answers(world: World) -> None:
    agency, _ = party(world, operations=("lookup",), visible=("full_name",))
    seed.in_force(world.hub, agency.client, "person", seed.terms_of(seed.sample(operations=("lookup",), visible=("birth_date",)), world.hub.today))
    world.settle()
    assert agency.person(1, ["full_name"]).status_code == 200
    assert agency.person(1, ["birth_date"]).status_code == 200
    assert agency.person(1, ["full_name", "birth_date"]).status_code == 403


def test_an_agreement_of_tomorrow_says_so(world: World) -> None:
    agency, _ = party(world, operations=("lookup",), visible=("full_name",))
    first = world.hub.today + timedelta(days=3)
    terms = seed.sample(operations=("lookup",), visible=("serial",), valid_from=first.isoformat(), valid_to=(first + timedelta(days=9)).isoformat())
    seed.in_force(world.hub, agency.client, "land_certificate", agreements.read(terms))
    world.settle()
    answer = agency.post("/v1/land-certificates/lookup", {"type": "serial", "value": "AB100001", "fields": ["serial"]})
    assert (answer.status_code, first.isoformat() in answer.json()["detail"]) == (403, True)


def test_a_repeated_correction_is_answered_only_while_it_is_agreed(world: World) -> None:
    agency, agreement = party(world, operations=("correct",), visible=("full_name",))
    body = {"type": "personal_number", "value": number(1), "field": "full_name", "proposed": "A", "reason": "giấy khai sinh"}
    key = uuid.uuid4().hex
    first = agency.post("/v1/persons/corrections", body, Idempotency_Key=key)
    assert agency.post("/v1/persons/corrections", body, Idempotency_Key=key).json() == first.json()
    assert agency.post("/v1/persons/corrections", body, Idempotency_Key=key, Purpose_Of_Use="2.000815").status_code in (409, 422)
    agreements.move(world.hub, "t", agreement, "revoke", "hết nhu cầu")
    world.settle()
    assert agency.post("/v1/persons/corrections", body, Idempotency_Key=key).status_code == 403


def test_an_acknowledgement_that_comes_late_moves_nothing_back(world: World) -> None:
    agency, _ = party(world, operations=("changes",), visible=("full_name",))
    with world.hub.db.transaction() as connection:
        connection.execute(
            "UPDATE golden.person SET version = version + 1, updated_run = 'r3' WHERE personal_number = ANY(%s)", [[number(8), number(9)]]
        )
    cursors = []
    address = "/v1/changes/persons?limit=1"
    for _ in range(2):
        cursors.append(agency.get(address).headers["next-cursor"])
        address = f"/v1/changes/persons?limit=1&cursor={cursors[-1]}"
    for cursor in reversed(cursors):
        assert agency.post("/v1/changes/persons/acknowledgement", {"cursor": cursor}).status_code == 200
    assert agency.get("/v1/changes/persons?limit=1").headers["next-cursor"] not in cursors


@pytest.mark.parametrize(("more", "status"), [("", 200), (';alg="ecdsa-p256-sha256"', 200), (';alg="hmac-sha256"', 401), (";expires=1", 401)])
def test_a_signature_is_held_to_what_it_says_of_itself(world: World, more: str, status: int) -> None:
    agency = world.agency()
    body = b'{"type":"personal_number","value":"%s","fields":["full_name"]}' % number(1).encode()
    headers = {"Purpose-Of-Use": PURPOSE, "Dossier-Id": DOSSIER, "Content-Type": "application/json"}
    headers["Content-Digest"] = "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"
    covered = ("@method", "@target-uri", "@authority", "purpose-of-use", "dossier-id", "content-digest", "content-type")
    line = f"({' '.join(map(chr(34).__add__, (name + chr(34) for name in covered)))});created={int(time.time())}"
    line += f';keyid="{agency.client}/{seed.KID}";nonce="{secrets.token_hex(16)}"{more}'
    target = f"{world.url}/v1/persons/lookup"
    known = {"@method": "POST", "@target-uri": target, "@authority": world.url.partition("://")[2]} | {k.lower(): v for k, v in headers.items()}
    base = "\n".join([*(f'"{name}": {known[name]}' for name in covered), f'"@signature-params": {line}'])
    r, s = decode_dss_signature(agency.key.sign(base.encode(), ec.ECDSA(hashes.SHA256())))
    signature = base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()
    headers |= {"Signature-Input": f"sig={line}", "Signature": f"sig=:{signature}:"}
    assert requests.post(target, data=body, headers=headers, timeout=20).status_code == status


def test_one_agreement_that_cannot_be_read_closes_no_other_and_the_watch_goes_on(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    agency, agreement = party(world, operations=("lookup",), visible=("full_name",))
    with world.hub.db.transaction() as connection:
        connection.execute("UPDATE hub.agreement_version SET terms = terms || '{\"later\": 1}' WHERE agreement = %s", [agreement])
    world.settle()
    assert (agency.person(1, ["full_name"]).status_code, world.agency().person(1, ["full_name"]).status_code) == (403, 200)
    assert "ValidationError at include/sharing/grants.py" in capfd.readouterr().err
    with world.hub.db.transaction() as connection:
        connection.execute("UPDATE hub.agreement_version SET terms = terms - 'later' WHERE agreement = %s", [agreement])
    world.settle()
    assert agency.person(1, ["full_name"]).status_code == 200


def test_a_number_that_is_several_peoples_is_logged_as_nobodys(world: World) -> None:
    answer = world.agency().post("/v1/persons/lookup", {"type": "old_id_number", "value": "123456789", "fields": ["full_name"]})
    row = world.audit(answer.headers["x-request-id"])[0]
    key = world.service.registry.months[row["key"]]
    assert (answer.status_code, bytes(row["subject_key"])) == (409, key.keyed("123456789"))


def test_a_link_for_somebody_else_is_refused_and_in_the_audit(world: World) -> None:
    answer = world.agency("congdan").post("/v1/usage/links", {"userCode": number(2)}, Officer_Id=number(1))
    assert (answer.status_code, [row["outcome"] for row in world.audit(answer.headers["x-request-id"])]) == (403, [403])


def test_a_personal_number_names_no_request_and_no_dossier(world: World) -> None:
    agency = world.agency()
    assert agency.person(1, X_Request_Id=f"tra-cuu-{number(1)}").headers["x-request-id"] != f"tra-cuu-{number(1)}"
    assert agency.person(1, Dossier_Id=number(1)).status_code == 400
    assert agency.person(1, Dossier_Id="BN-202611270001").status_code == 200
    for name in ("yeu-cau-202611270915", "a024085000037b7f", "6f1c2d3e-0000-4000-8000-024085000037"):
        assert agency.person(1, X_Request_Id=name).headers["x-request-id"] == name, "digits within a name are no number"


def test_an_agreement_has_ten_addresses_at_most(world: World) -> None:
    agency, _ = party(world, operations=("changes",), visible=("full_name",))
    statuses = [agency.post("/v1/webhooks", {"dataset": "person", "url": f"https://hook{place}.example/"}).status_code for place in range(11)]
    assert statuses == [201] * 10 + [400]
