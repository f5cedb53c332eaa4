"""SOAP: the same answers, refusals and audit rows as REST, for every dataset; strict about envelopes; readable by an independent client."""

import time
from typing import Any

import pytest
import requests
import zeep
from lxml import etree
from zeep.transports import Transport

from include.sharing import seed
from include.sharing.soap.contract import FILE, NAMESPACE, wsdl
from include.sharing.soap.envelope import MEDIA, V11, V12, XSI
from tests.include.sharing.conftest import DOSSIER, PURPOSE, World, number

pytestmark = pytest.mark.postgres
HUB = f"{{{NAMESPACE}}}"
QUESTIONS = {
    "persons": ("motcua", "lookupPersons", "personal_number", number(1)),
    "enterprises": ("motcua", "lookupEnterprises", "tax_code", "2300123454"),
    "dossiers": ("motcua", "lookupDossiers", "code", DOSSIER),
    "papers": ("motcua", "lookupPapers", "owner_number", number(1)),
    "land-certificates": ("datdai", "lookupLandCertificates", "owner_number", number(1)),
    "insurance-participations": ("datdai", "lookupInsuranceParticipations", "personal_number", number(1)),
}


def envelope(inside: str, version: str = V11, header: str = "") -> bytes:
    head = f"<e:Header>{header}</e:Header>" if header else ""
    return f'<e:Envelope xmlns:e="{version}" xmlns:h="{NAMESPACE}">{head}<e:Body>{inside}</e:Body></e:Envelope>'.encode()


def question(operation: str, kind: str, value: str, fields: list[str]) -> str:
    listed = "".join(f"<h:fields>{name}</h:fields>" for name in fields)
    return f"<h:{operation}><h:type>{kind}</h:type><h:value>{value}</h:value>{listed}</h:{operation}>"


LOOKUP = question("lookupPersons", "personal_number", number(1), ["full_name", "birth_date", "phone"])


def post(world: World, body: bytes, version: str = V11, client: str = "motcua", **changes: str | None) -> requests.Response:
    headers = world.agency(client).headers(**changes) | {"Content-Type": f"{MEDIA[version]}; charset=utf-8"}
    return requests.post(f"{world.url}/soap", data=body, headers=headers, timeout=20)


def told(answer: requests.Response) -> etree._Element:
    return etree.fromstring(answer.content)[-1][0]


def plain(element: etree._Element) -> Any:
    """What an element says, as JSON would, all values as text."""
    if element.get(f"{{{XSI}}}nil") == "true":
        return None
    children = list(element)
    if children and all(child.tag == f"{HUB}item" for child in children):
        return [plain(child) for child in children]
    if children:
        return {etree.QName(child).localname: plain(child) for child in children}
    return element.text or ""


def texts(value: Any) -> Any:
    """JSON with all values as XML writes them; an empty list is an empty element."""
    if isinstance(value, dict):
        return {name: texts(each) for name, each in value.items()}
    if isinstance(value, list):
        return [texts(each) for each in value] or ""
    return value if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("version", [V11, V12])
@pytest.mark.parametrize("path", QUESTIONS)
def test_soap_answers_what_rest_answers_and_leaves_the_same_audit_row(world: World, path: str, version: str) -> None:
    client, operation, kind, value = QUESTIONS[path]
    agency = world.agency(client)
    fields = list(next(grant.terms.fields for (who, _, purpose), each in world.service.registry.snapshot.grants.items() for grant in each
                       if (who, purpose, grant.dataset.path) == (client, PURPOSE, path)))  # fmt: skip
    by_rest = agency.post(f"/v1/{path}/lookup", {"type": kind, "value": value, "fields": fields})
    by_soap = post(world, envelope(question(operation, kind, value, fields), version), version, client)
    assert (by_rest.status_code, by_soap.status_code) == (200, 200), by_soap.text
    one, other = by_rest.json(), told(by_soap)

    def key(record: dict) -> str:
        return str(sorted(texts(record["data"]).items(), key=str))

    rest = sorted((texts(each) for each in one.get("records", [one])), key=key)
    soap = sorted(
        (
            {
                "data": plain(each.find(f"{HUB}data")),
                "source": {source.get("system"): [field.text for field in source] for source in each.findall(f"{HUB}source")},
                "recorded_at": each.findtext(f"{HUB}recorded_at"),
                "version": each.findtext(f"{HUB}version"),
            }
            for each in other.findall(f"{HUB}record")
        ),
        key=key,
    )
    assert [{name: each[name] for name in ("data", "source", "recorded_at", "version")} for each in rest] == soap
    for name in ("dataset", "agreement", "match"):
        assert other.findtext(f"{HUB}{name}") == one[name]
    rows = [world.audit(answer.headers["x-request-id"])[0] for answer in (by_rest, by_soap)]
    same = ("client", "agreement", "version", "operation", "dataset", "purpose", "dossier", "officer", "subject_key", "fields", "outcome", "via")
    assert [rows[0][name] for name in same] == [rows[1][name] for name in same]


@pytest.mark.parametrize(
    ("kind", "value", "fields", "changes", "problem"),
    [
        ("personal_number", number(1_191), ["full_name"], {}, "not-found"),
        ("old_id_number", "123456789", ["full_name"], {}, "ambiguous"),
        ("personal_number", number(1), ["ethnicity"], {}, "fields-not-granted"),
        ("personal_number", number(1), ["full_name"], {"Purpose_Of_Use": "1.000009"}, "not-granted"),
        ("personal_number", number(1), ["full_name"], {"Dossier_Id": None}, "dossier"),
        ("personal_number", number(1), ["full_name"], {"Authorization": None}, "unauthenticated"),
    ],
)
def test_what_rest_refuses_soap_refuses(world: World, kind: str, value: str, fields: list[str], changes: dict, problem: str) -> None:
    rest = world.agency().post("/v1/persons/lookup", {"type": kind, "value": value, "fields": fields}, **changes).json()
    for version in (V11, V12):
        answer = post(world, envelope(question("lookupPersons", kind, value, fields), version), version, **changes)
        found = told(answer).find(f".//{HUB}problem")
        assert answer.status_code == (400 if version == V12 else 500)
        assert (rest["type"], found.findtext(f"{HUB}type")) == (f"/problems/{problem}",) * 2
        assert (found.findtext(f"{HUB}status"), found.findtext(f"{HUB}detail")) == (str(rest["status"]), rest["detail"])
        if problem != "unauthenticated":
            assert world.audit(answer.headers["x-request-id"])[0]["outcome"] == rest["status"]


def test_who_asks_for_what_may_stand_in_the_envelope(world: World) -> None:
    header = f"<h:caller><h:purpose>{PURPOSE}</h:purpose><h:dossier>{DOSSIER}</h:dossier><h:officer>CB.9</h:officer></h:caller>"
    none = {"Purpose_Of_Use": None, "Dossier_Id": None, "Officer_Id": None}
    answer = post(world, envelope(LOOKUP, header=header), **none)
    assert answer.status_code == 200, answer.text
    assert world.audit(answer.headers["x-request-id"])[0]["officer"] == "CB.9"
    citizen = post(world, envelope(LOOKUP, header=header.replace("CB.9", f"VN{number(77)}")), **none)
    assert world.audit(citizen.headers["x-request-id"])[0]["officer"] == world.service.registry.key().keyed(number(77)).hex(), "kept keyed"
    differing = post(world, envelope(LOOKUP, header=header))
    assert told(differing).findtext(f".//{HUB}type") == "/problems/ambiguous-request"


PROBLEM = "<h:problem>" + "".join(f"<h:{name}>1</h:{name}>" for name in ("type", "status", "title", "detail", "request_id")) + "</h:problem>"
VERIFIED = "<h:verifyPersonResponse><h:match>1</h:match><h:agreement/><h:request_id/></h:verifyPersonResponse>"
WRONG = {
    "doctype": (b'<!DOCTYPE e SYSTEM "http://127.0.0.1:1/x">' + envelope(LOOKUP), "Client"),
    "laughs": (b'<!DOCTYPE e [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + envelope(LOOKUP.replace(number(1), "&b;")), "Client"),
    "two bodies": (envelope(LOOKUP).replace(b"</e:Envelope>", b"<e:Body/></e:Envelope>"), "Client"),
    "two questions": (envelope(LOOKUP + LOOKUP), "Client"),
    "nothing": (b"", "Client"),
    "no envelope": (b"<x/>", "VersionMismatch"),
    "instruction": (envelope(LOOKUP.replace(number(1), number(1)[:4] + "<?x y?>" + number(1)[4:])), "Client"),
    "element inside": (envelope(LOOKUP.replace(number(1), number(1)[:4] + "<i/>")), "Client"),
    "unknown operation": (envelope("<h:dropTables/>"), "Client"),
    "caller as the question": (envelope("<h:caller/>"), "Client"),
    "problem as the question": (envelope(PROBLEM), "Client"),
    "answer as the question": (envelope(VERIFIED), "Client"),
    "unknown member": (envelope(LOOKUP.replace("<h:value>", "<h:x>1</h:x><h:value>")), "Client"),
    "unknown field": (envelope(LOOKUP.replace(">full_name<", ">full_nam<")), "Client"),
    "missing value": (envelope("<h:lookupPersons><h:type>personal_number</h:type></h:lookupPersons>"), "Client"),
    "must understand": (envelope(LOOKUP, header='<x xmlns="urn:x" e:mustUnderstand="1"/>'), "MustUnderstand"),
    "utf-16": (envelope(LOOKUP).decode().encode("utf-16"), "Client"),
    "many elements": (envelope("<h:lookupPersons>" + "<h:fields>sex</h:fields>" * 2_000 + "</h:lookupPersons>"), "Client"),
    "deep": (envelope("<a>" * 5_000 + "</a>" * 5_000), "Client"),
    "other version's media type": (envelope(LOOKUP, V12), "Client"),
    "html": (b"<html><body>login</body></html>", "VersionMismatch"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_envelope_that_is_wrong_is_a_fault_at_once(world: World, name: str) -> None:
    body, code = WRONG[name]
    headers = world.agency().headers() | {"Content-Type": "text/xml"}
    started = time.perf_counter()
    answer = requests.post(f"{world.url}/soap", data=body, headers=headers, timeout=20)
    assert time.perf_counter() - started < 2
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/xml; charset=utf-8")
    assert told(answer).findtext("faultcode") == f"env:{code}"
    assert (" · " in told(answer).findtext(f".//{HUB}detail")) or name == "other version's media type"
    assert number(1) not in answer.text
    assert "Traceback" not in answer.text


def test_the_action_must_fit_the_body(world: World) -> None:
    good = post(world, envelope(LOOKUP), SOAPAction=f'"{NAMESPACE}:lookupPersons"')
    spoofed = post(world, envelope(LOOKUP), SOAPAction=f'"{NAMESPACE}:verifyPerson"')
    assert (good.status_code, spoofed.status_code) == (200, 500)


@pytest.mark.parametrize("version", [V11, V12])
@pytest.mark.parametrize(
    ("more", "changes", "problem"),
    [
        (0, {"Purpose_Of_Use": "a b"}, "invalid"),
        (0, {"Dossier_Id": "a'b"}, "invalid"),
        (300_000, {}, "too-large"),
        (0, {"X_Long": "x" * 40_000}, "too-large"),
        (0, {}, "unavailable"),
    ],
)
def test_even_what_is_refused_unread_is_refused_in_an_envelope(
    world: World, monkeypatch: pytest.MonkeyPatch, version: str, more: int, changes: dict, problem: str
) -> None:
    post(world, envelope(LOOKUP, version), version)
    if problem == "unavailable":
        monkeypatch.setattr(world.service, "answer", None)
    answer = post(world, envelope(LOOKUP + " " * more, version), version, X_Request_Id="soap-refused-1", **changes)
    assert answer.status_code == (400 if version == V12 and problem != "unavailable" else 500)
    assert answer.headers["content-type"] == f"{MEDIA[version]}; charset=utf-8"
    found = told(answer).find(f".//{HUB}problem")
    assert (found.findtext(f"{HUB}type"), found.findtext(f"{HUB}request_id")) == (f"/problems/{problem}", "soap-refused-1")


def test_the_contract_is_fresh_and_is_served_with_our_address(world: World) -> None:
    assert FILE.read_text(encoding="utf-8") == wsdl(), "stale: python -m include.sharing.soap.contract"
    served = requests.get(f"{world.url}/soap?wsdl", timeout=20)
    assert (served.status_code, served.text.count(f'location="{world.url}/soap"')) == (200, 2)
    without = requests.get(f"{world.url}/soap", timeout=20)
    assert (without.status_code, without.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("port", ["Hubsoap", "Hubsoap12"])
def test_an_independent_client_reads_it_all(world: World, port: str) -> None:
    session = requests.Session()
    session.headers.update(world.agency().headers())
    client = zeep.Client(f"{world.url}/soap?wsdl", transport=Transport(session=session), port_name=port)
    found = client.service.lookupPersons(type="personal_number", value=number(1), fields=["full_name", "phone"])
    assert (found.record[0].data.full_name, found.record[0].data.phone, found.masked) == ("Nguyễn Văn B", "*********001", ["phone"])
    assert client.service.verifyPerson(personal_number=number(1), full_name="Nguyễn Văn B", birth_date="1951-03-02").match is True
    hits = client.service.searchPersons(full_name="Nguyễn Văn B", birth_date="1951-03-02", fields=["personal_number"])
    assert [each.data.personal_number for each in hits.record] == [number(1)]
    with pytest.raises(zeep.exceptions.Fault) as raised:
        client.service.lookupPersons(type="personal_number", value=number(1_192), fields=["full_name"])
    assert raised.value.detail.find(f".//{HUB}type").text == "/problems/not-found"


def test_agreements_mean_the_same_in_soap(world: World) -> None:
    terms = seed.terms_of(
        seed.sample(operations=("lookup",), visible=("sex",), masked={"full_name": "initials"}, purposes=("1.000003",)), world.hub.today
    )
    seed.in_force(world.hub, "motcua", "person", terms)
    world.settle()
    asked = envelope(question("lookupPersons", "personal_number", number(1), ["full_name"]))
    assert told(post(world, asked, Purpose_Of_Use="1.000003")).findtext(f".//{HUB}full_name") == "N. V. B."
