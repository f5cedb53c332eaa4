"""Called through an X-Road security server: its headers go back and into the log, its questions are answered, its error members are there."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.include.sharing.conftest import DOSSIER, Agency, World, number

pytestmark = pytest.mark.postgres
HEADERS = {
    "X_Road_Client": "VN/GOV/000.00.16.H05/motcua",
    "X_Road_Service": "VN/GOV/000.00.00.H05/truc/hub",
    "X_Road_Id": "5e2a4b0e-0d3c-4a35-9d3c-aaaaaaaaaaaa",
    "X_Road_UserId": "VN024085000037",
    "X_Road_Issue": DOSSIER,
    "X_Road_Represented_Party": "GOV/H05.16",
}


def test_headers_are_echoed_and_logged(agency: Agency, world: World) -> None:
    answer = agency.person(1, Officer_Id=None, Dossier_Id=None, **HEADERS)
    assert answer.status_code == 200, answer.text
    for name, value in HEADERS.items():
        assert answer.headers[name.replace("_", "-")] == value
    assert "x-road-error" not in answer.headers, "that one is the security server's alone"
    [row] = world.audit(HEADERS["X_Road_Id"])
    user = world.service.registry.key().keyed("024085000037").hex()
    assert (row["officer"], row["dossier"], row["represented"]) == (user, DOSSIER, "GOV/H05.16"), "X-Road's users are personal numbers: kept keyed"


def test_errors_have_the_members_x_road_clients_read(agency: Agency) -> None:
    plain = agency.person(1, ["ethnicity"]).json()
    through = agency.person(1, ["ethnicity"], **HEADERS)
    told = through.json()
    assert set(told) - set(plain) == {"message"}
    assert (told["type"], told["message"], through.headers["x-road-id"]) == (plain["type"], plain["title"], HEADERS["X_Road_Id"])


@pytest.mark.parametrize(("path", "status"), [("/v1/nothing", 404), ("/v1/persons/lookup", 405)])
def test_what_is_not_there_is_told_so_too(agency: Agency, path: str, status: int) -> None:
    answer = agency.get(path, **HEADERS)
    assert (answer.status_code, answer.headers["x-road-id"]) == (status, HEADERS["X_Road_Id"])
    assert answer.json()["message"] == answer.json()["title"]


def test_what_can_be_asked_and_what_this_caller_may_ask(world: World) -> None:
    agency = world.agency("datdai")
    everything, mine = (agency.get(f"/{name}", **HEADERS).json()["service"][0] for name in ("listMethods", "allowedMethods"))
    assert {name: everything[name] for name in ("xroad_instance", "member_class", "member_code", "subsystem_code", "service_type")} == {
        "xroad_instance": "VN", "member_class": "GOV", "member_code": "000.00.00.H05", "subsystem_code": "truc", "service_type": "OPENAPI",
    }  # fmt: skip
    paths, own = ({each["path"] for each in found["endpoint_list"]} for found in (everything, mine))
    assert {"/v1/persons/search", "/v1/land-certificates/lookup"} <= paths
    assert "/v1/land-certificates/lookup" in own < paths
    assert "/v1/persons/search" not in own
    for path in own & {"/v1/persons/lookup"}:
        assert agency.post(path, {"type": "personal_number", "value": number(1), "fields": ["full_name"]}).status_code == 200


def test_the_document_of_one_operation(agency: Agency) -> None:
    one = agency.get("/getOpenAPI?serviceCode=lookupPersons", **HEADERS).json()
    OpenAPIV31SpecValidator(one).validate()
    assert list(one["paths"]) == ["/persons/lookup"]
    assert len(agency.get("/getOpenAPI").json()["paths"]) > 20
    assert agency.get("/getOpenAPI?serviceCode=nothing").status_code == 404
    assert agency.get("/listMethods", Authorization=None).status_code == 401
