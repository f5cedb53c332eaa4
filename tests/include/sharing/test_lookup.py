"""Look-ups: exactly what is granted, from where, and an audit row for every question."""

import pytest

from tests.include.sharing.conftest import DOSSIER, FIELDS, PURPOSE, Agency, World, number

pytestmark = pytest.mark.postgres


def test_a_person_is_shown_as_granted_masked_and_with_its_sources(agency: Agency) -> None:
    answer = agency.person(1)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["data"] == {"full_name": "Nguyễn Văn B", "birth_date": "1951-03-02", "phone": "*********001"}
    assert told["masked"] == ["phone"]
    assert told["source"] == {"hotich": ["full_name", "birth_date"], "bhxh": ["phone"]}
    assert (told["match"], told["staleness"]["stale"], told["quality"]) == ("exact", False, None)
    assert answer.headers["cache-control"] == "no-store"


def test_every_answer_has_its_audit_row(agency: Agency, world: World) -> None:
    request_id = agency.person(1, X_Request_Id="yeu-cau-0001").headers["x-request-id"]
    assert request_id == "yeu-cau-0001"
    [row] = world.audit(request_id)
    assert (row["client"], row["purpose"], row["dossier"], row["officer"], row["outcome"]) == ("motcua", PURPOSE, DOSSIER, "CB.0001", 200)
    key = world.service.registry.key()
    assert row["subject_key"] == key.keyed(number(1))
    assert key.told(row["subject"]) == number(1)
    names = [field.name for field in world.service.registry.snapshot.agreements[row["agreement"]].dataset.entity.fields]
    assert {name for place, name in enumerate(names) if row["fields"] >> place & 1} == set(FIELDS)


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"type": "personal_number", "value": number(1_190), "fields": ["full_name"]}, 404, "not-found"),
        ({"type": "old_id_number", "value": "123456789", "fields": ["full_name"]}, 409, "ambiguous"),
        ({"type": "personal_number", "value": number(1), "fields": ["ethnicity"]}, 403, "fields-not-granted"),
    ],
)
def test_a_refusal_is_told_and_audited(agency: Agency, world: World, body: dict, status: int, kind: str) -> None:
    answer = agency.post("/v1/persons/lookup", body)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")
    assert answer.headers["content-type"] == "application/problem+json"
    [row] = world.audit(answer.json()["request_id"])
    assert row["outcome"] == status


def test_an_older_identifier_finds_the_person_and_says_how(agency: Agency, world: World) -> None:
    answer = agency.post("/v1/persons/lookup", {"type": "old_id_number", "value": "987654321", "fields": ["personal_number"]})
    assert (answer.json()["data"], answer.json()["match"]) == ({"personal_number": number(3)}, "alias")
    [row] = world.audit(answer.json()["request_id"])
    assert row["subject_key"] == world.service.registry.key().keyed(number(3)), "the log is about the person, not about the paper"


def test_all_faults_are_told_at_once_and_none_is_quoted(agency: Agency) -> None:
    body = {"type": "passport", "value": "", "fields": "full_name", "extra<script>": 1}
    answer = agency.post("/v1/persons/lookup", body)
    assert answer.status_code == 400
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/type", "/value", "/fields", "/?"}
    wrong = agency.post("/v1/persons/lookup", {"type": "personal_number", "value": "02408500003X", "fields": ["full_name"]})
    assert wrong.status_code == 400
    assert "02408" not in wrong.text


@pytest.mark.parametrize(
    "fields", [[], ["full_name", "full_name"], ["Full_Name"], ["full_name; DROP TABLE"], "full_name", [1], None, ["full_name"] * 65]
)
def test_fields_must_be_a_list_of_known_names(agency: Agency, fields: object) -> None:
    answer = agency.post("/v1/persons/lookup", {"type": "personal_number", "value": number(1), "fields": fields})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "value", ["024085\x00000037", "024085000037' OR '1'='1", "٠٢٤٠٨٥٠٠٠٠٣٧", "0" * 10_000, "\ud800".encode("utf-8", "surrogatepass")]
)
def test_hostile_values_never_reach_the_database(agency: Agency, value: object) -> None:
    if isinstance(value, bytes):
        body = b'{"type": "personal_number", "value": "' + value + b'", "fields": ["full_name"]}'
        answer = agency.session.post(
            f"{agency.url}/v1/persons/lookup", data=body, headers=agency.headers() | {"Content-Type": "application/json"}, timeout=20
        )
    else:
        answer = agency.post("/v1/persons/lookup", {"type": "personal_number", "value": value, "fields": ["full_name"]})
    assert answer.status_code == 400


def test_the_row_filter_makes_others_look_absent(world: World) -> None:
    agency = world.agency("datdai")
    inside = agency.person(1, ["full_name", "birth_date"])
    assert inside.json()["data"] == {"full_name": "Nguyễn Văn B", "birth_date": "1951"}
    agency.hub.db.rows("UPDATE golden.dossier SET applicant_number = %s WHERE code = %s RETURNING 1", number(2), DOSSIER)
    try:
        outside, absent = agency.person(2, ["full_name"]), agency.person(900, ["full_name"])
    finally:
        agency.hub.db.rows("UPDATE golden.dossier SET applicant_number = %s WHERE code = %s RETURNING 1", number(1), DOSSIER)
    assert outside.status_code == 404, "the person lives in another commune"
    assert absent.status_code == 403, "the dossier is not theirs"
    assert set(outside.json()) == {"type", "title", "status", "detail", "request_id"}


def test_a_dossier_must_be_the_subjects_own_and_of_the_procedure(world: World) -> None:
    agency = world.agency("datdai")
    assert agency.person(3, ["full_name"]).status_code == 403
    assert agency.person(1, ["full_name"], Dossier_Id="H05.16-261101-9999").status_code == 403
    assert agency.person(1, ["full_name"], Purpose_Of_Use="2.000815").status_code == 403
    refused = agency.person(1, ["full_name"], Dossier_Id=None)
    assert (refused.status_code, world.audit(refused.json()["request_id"])[0]["outcome"]) == (403, 403)


def test_what_a_person_owns_comes_as_a_list_and_every_owner_is_audited(world: World) -> None:
    agency = world.agency("datdai")
    answer = agency.post("/v1/land-certificates/lookup", {"type": "owner_number", "value": number(1), "fields": ["serial", "owner_name"]})
    assert sorted(record["data"]["serial"] for record in answer.json()["records"]) == ["AB100001", "AB100002"]
    [row] = world.audit(answer.json()["request_id"])
    subjects = {bytes(each[0]) for each in world.hub.db.rows("SELECT subject_key FROM hub.access_subject WHERE access = %s", row["id"])}
    key = world.service.registry.key()
    assert subjects == {key.keyed(number(1)), key.keyed(number(2))}


@pytest.mark.parametrize(
    ("client", "path", "kind", "value", "field"),
    [
        ("motcua", "enterprises", "tax_code", "2300123454", "name"),
        ("motcua", "dossiers", "code", DOSSIER, "applicant_name"),
        ("motcua", "papers", "owner_number", number(1), "title"),
        ("datdai", "insurance-participations", "personal_number", number(1), "unit_name"),
        ("datdai", "land-certificates", "serial", "AB100001", "owner_name"),
    ],
)
def test_every_dataset_can_be_asked(world: World, client: str, path: str, kind: str, value: str, field: str) -> None:
    answer = world.agency(client).post(f"/v1/{path}/lookup", {"type": kind, "value": value, "fields": [field]})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["records"][0] if "records" in told else told)["data"][field]


def test_the_past_can_be_asked_for(agency: Agency) -> None:
    agency.hub.db.rows(
        'INSERT INTO golden.person_history (id, version, record, provenance, valid_from, valid_to, run) SELECT id, 0, \'{"full_name": "Tên cũ",'
        " \"phone\": \"+84900000000\"}', provenance, '2020-01-01', updated_at, 'r' FROM golden.person WHERE personal_number = %s RETURNING 1",
        number(5),
    )
    body = {"type": "personal_number", "value": number(5), "fields": ["full_name", "phone"]}
    assert agency.post("/v1/persons/lookup", body | {"as_of": "2021-06-01T00:00:00+07:00"}).json()["data"] == {
        "full_name": "Tên cũ",
        "phone": "*********000",
    }
    assert agency.post("/v1/persons/lookup", body | {"as_of": "2026-02-01T00:00:00+07:00"}).json()["data"]["full_name"] != "Tên cũ"
    assert agency.post("/v1/persons/lookup", body | {"as_of": "2019-06-01T00:00:00+07:00"}).status_code == 404
    assert agency.post("/v1/persons/lookup", body | {"as_of": "2999-06-01T00:00:00+07:00"}).status_code == 400


def test_verify_says_yes_or_no_and_nothing_else(agency: Agency) -> None:
    right = {"personal_number": number(1), "full_name": "NGUYỄN  VĂN B", "birth_date": "1951-03-02"}
    assert agency.post("/v1/persons/verify", right).json()["match"] is True
    wrong = [right | {"full_name": "Nguyễn Văn C"}, right | {"birth_date": "1951"}, right | {"personal_number": number(999)}]
    answers = [agency.post("/v1/persons/verify", each).json() for each in wrong]
    assert [set(each) for each in answers] == [{"match", "agreement", "request_id"}] * 3
    assert not any(each["match"] for each in answers)


def test_search_needs_enough_to_go_by_and_never_counts(agency: Agency, world: World) -> None:
    body = {"full_name": "Nguyễn Văn B", "birth_date": "1951-03-02", "fields": ["personal_number"]}
    answer = agency.post("/v1/persons/search", body)
    assert [record["data"]["personal_number"] for record in answer.json()["records"]] == [number(1)]
    [row] = world.audit(answer.json()["request_id"])
    assert world.hub.db.rows("SELECT count(*) FROM hub.access_subject WHERE access = %s", row["id"])[0][0] == 1
    assert agency.post("/v1/persons/search", body | {"birth_date": "1951"}).status_code == 400
    assert agency.post("/v1/persons/search", body | {"full_name": "B"}).status_code == 400
    assert agency.post("/v1/persons/search", body | {"birth_date": "1952-01-01"}).json()["records"] == []
    world.hub.db.rows(
        "UPDATE golden.person SET name_key = 'trần thị đông', birth_date = '1990-01-01' WHERE id < %s RETURNING 1",
        "00000000-0000-0000-0000-00000000000d",
    )
    crowd = agency.post("/v1/persons/search", body | {"full_name": "Trần Thị Đông", "birth_date": "1990-01-01"})
    assert (crowd.status_code, crowd.json()["type"]) == (400, "/problems/narrow")
    assert not any(letter.isdigit() for letter in crowd.json()["detail"])
