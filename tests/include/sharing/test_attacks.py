"""Attacks on the service (OWASP API Top 10), each with the answer it gets; and what every kind of caller may do."""

import re
import socket
import uuid
from typing import Any

import msgspec
import pytest
import requests

from include.sharing import agreements, seed
from include.sharing.routes import endpoint
from tests.include.sharing.conftest import DOSSIER, PURPOSE, Agency, World, number

pytestmark = pytest.mark.postgres
LOOKUP = {"type": "personal_number", "value": number(1), "fields": ["full_name"]}


def raw(url: str, data: bytes) -> bytes:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(data)
        connection.settimeout(5)
        return connection.recv(4_096)


def test_a_body_too_large_is_refused_unread(agency: Agency) -> None:
    assert agency.post("/v1/persons/lookup", LOOKUP | {"value": "9" * 300_000}).status_code == 413


def test_other_content_types_are_refused(agency: Agency) -> None:
    for media in ("text/plain", "application/xml", "application/x-www-form-urlencoded", ""):
        answer = agency.session.post(f"{agency.url}/v1/persons/lookup", data=b"{}", headers=agency.headers() | {"Content-Type": media}, timeout=20)
        assert answer.status_code == 415


def test_a_method_cannot_be_overridden(agency: Agency) -> None:
    assert agency.get("/v1/persons/lookup", X_HTTP_Method_Override="POST").status_code == 405
    assert agency.get("/v1/nowhere").headers["content-type"] == "application/problem+json"


SEARCH = {"full_name": "Nguyễn Văn B", "birth_date": "1951", "fields": ["full_name"]}
EXPORT = {"dataset": "person", "fields": ["full_name"]}
DEEP = b'{"type": "personal_number", "value": "1", "fields": ' + b"[" * 100_000
UNREADABLE: dict[str, tuple[str, Any]] = {
    "a list for a commune": ("/v1/persons/search", SEARCH | {"commune_code": []}),
    "an object for a commune": ("/v1/persons/search", SEARCH | {"commune_code": {}}),
    "nothing but depth": ("/v1/persons/lookup", b"[" * 100_000),
    "depth within a member": ("/v1/persons/lookup", DEEP),
    "depth where any body is read": ("/v1/persons/verify", DEEP),
    "half an address": ("/v1/webhooks", {"dataset": "person", "url": "https://["}),
    "a limit of many digits": (f"/v1/changes/persons?limit={'1' * 5_000}", None),
    "a limit in other digits": ("/v1/changes/persons?limit=%D9%A3", None),
    "more parameters than there are": ("/v1/changes/persons?" + "&".join(f"p{each}=1" for each in range(30)), None),
    "a parameter twice": ("/v1/changes/persons?limit=5&limit=7", None),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_the_callers_fault(agency: Agency, name: str) -> None:
    path, body = UNREADABLE[name]
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    headers = agency.headers() | {"Content-Type": "application/json"}
    answer = requests.request("GET" if body is None else "POST", agency.url + path, data=data, headers=headers, timeout=20)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), answer.text


@pytest.mark.parametrize("since", ["2026-01-01T00:00:00+23:59", "2026-01-01T00:00:00+07:00:00.000001", "1900-01-01T00:00:00-23:59"])
def test_a_moment_is_taken_with_any_offset(agency: Agency, since: str) -> None:
    assert agency.post("/v1/exports", EXPORT | {"since": since}, Prefer="respond-async").status_code == 202
    assert agency.post("/v1/persons/lookup", LOOKUP | {"as_of": since}).status_code in (200, 404)


@pytest.mark.parametrize(("given", "taken"), [("asked-by-me-1", "asked-by-me-1"), ("x y", ""), (None, "")])
def test_what_the_router_refuses_has_the_requests_name_and_says_what_may_be_asked(agency: Agency, given: str | None, taken: str) -> None:
    for path, allow in (
        ("/v1/nowhere", None), ("/v1/webhooks", "GET, HEAD, POST"), ("/v1/exports/x", "DELETE, GET, HEAD"), ("/v1/persons/lookup", "POST"),
    ):  # fmt: skip
        answer = agency.session.patch(f"{agency.url}{path}", headers={"X-Request-Id": given}, timeout=20)
        assert (answer.status_code, answer.headers.get("allow")) == (405 if allow else 404, allow)
        named = answer.headers["x-request-id"]
        assert answer.json()["request_id"] == named == (taken or named)
        assert taken or uuid.UUID(named)


def test_the_name_of_a_member_we_do_not_know_is_not_quoted(agency: Agency) -> None:
    answer = agency.post("/v1/persons/lookup", LOOKUP | {number(1): 1, "Nguyễn Văn B": 2})
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["detail"][:2]) == (400, "/?", "2 ")
    assert not any(each in answer.text for each in (number(1), "Nguyễn"))


@pytest.mark.parametrize("header", ["Officer_Id", "X_Road_UserId"])
@pytest.mark.parametrize("prefix", ["", "VN", "PNOVN-"])
def test_an_officers_personal_number_is_kept_keyed_whatever_is_asked(world: World, header: str, prefix: str) -> None:
    agency = world.agency()
    who = {"Officer_Id": None} | {header: prefix + number(77)}
    answers = [
        agency.post("/v1/persons/lookup", LOOKUP, **who), agency.post("/v1/persons/lookup", LOOKUP, Purpose_Of_Use="9.999999", **who),
        agency.get("/v1/changes/persons", **who), agency.post("/v1/exports", EXPORT, Prefer="respond-async", **who),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [200, 403, 200, 202]
    named = [answer.headers["x-request-id"] for answer in answers]
    kept = world.hub.db.rows("SELECT officer FROM hub.access WHERE request_id = ANY(%s)", named)
    kept += world.hub.db.rows("SELECT officer FROM hub.export_job WHERE request_id = ANY(%s)", named)
    assert len(kept) >= 3
    assert {officer for (officer,) in kept} == {world.service.registry.key().keyed(number(77)).hex()}


def test_a_personal_number_in_a_url_is_no_way_to_ask(agency: Agency) -> None:
    assert agency.get(f"/v1/persons/{number(1)}").status_code == 404
    assert agency.get(f"/v1/changes/persons?personal_number={number(1)}").status_code == 400


@pytest.mark.parametrize(
    "head",
    [
        b"POST /v1/persons/lookup HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/persons/lookup HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n{}{}x",
        b"POST /v1/persons/lookup HTTP/1.1\r\nHost: x\r\nX: a\nY: b\r\nContent-Length : 2\r\n\r\n{}",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_requests_that_two_servers_would_read_differently_are_refused(world: World, head: bytes) -> None:
    assert b" 400 " in raw(world.url, head).split(b"\r\n")[0]


def test_an_answer_in_one_packet_is_what_uvicorn_would_send(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    agency = world.agency()

    def asked(connection: str) -> list[bytes]:
        lines = ["POST /v1/persons/lookup HTTP/1.1", "Host: x", "X-Request-Id: one-packet-1", f"Connection: {connection}", "Content-Length: 9999999"]
        body = msgspec.json.encode(LOOKUP)
        lines[-1] = f"Content-Length: {len(body)}"
        lines += [f"{name}: {value}" for name, value in (agency.headers(X_Road_Client="VN/GOV/x") | {"Content-Type": "application/json"}).items()]
        head, _, answer = raw(world.url, "\r\n".join([*lines, "", ""]).encode() + body).partition(b"\r\n\r\n")
        stable = re.sub(rb'"as_of":"[^"]*"|"seconds":\d+', b"", answer)
        return [*sorted(line for line in head.split(b"\r\n") if not line.startswith((b"date:", b"content-length:"))), stable]

    for connection in ("keep-alive", "close"):
        ours = asked(connection)
        with monkeypatch.context() as patched:
            patched.setattr(endpoint, "written", lambda *_: False)
            assert asked(connection) == ours
        assert ours[-1].startswith(b'{"dataset":"person"')


@pytest.mark.parametrize("where", ["before the answer", "while it is sent"])
def test_an_error_nobody_expected_quotes_nothing_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, where: str
) -> None:
    agency = world.agency()
    agency.token  # noqa: B018

    def fails(*_: Any) -> None:
        raise ValueError(number(1))

    if where == "before the answer":
        monkeypatch.setattr(world.service, "answer", fails)
    else:
        monkeypatch.setattr(endpoint, "written", fails)
    answer = agency.post("/v1/persons/lookup", LOOKUP)
    told = capfd.readouterr().err + caplog.text
    assert answer.status_code in (500, 503)
    assert "ValueError at " in told
    assert number(1) not in told + answer.text


@pytest.mark.parametrize("path", ["/v1/persons/lookup", "/v1/persons/verify", "/v1/nowhere", "/", "/docs", "/v1/openapi.json", "/soap", "/agency"])
def test_no_answer_may_be_framed_sniffed_or_kept(world: World, path: str) -> None:
    agency = world.agency()
    answer = agency.post(path, LOOKUP) if path.startswith("/v1/persons") else requests.get(world.url + path, timeout=20)
    names = [name.lower() for name, _ in answer.raw.headers.iteritems()]
    assert len(names) == len(set(names))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store" or path in ("/", "/docs", "/v1/openapi.json")


def test_a_line_break_in_an_address_reaches_no_header(world: World) -> None:
    url = world.agency().post("/v1/agency-page-links", None).json()["url"]
    answer = requests.get(f"{url}?lang=en%0d%0aSet-Cookie:%20x=1", allow_redirects=False, timeout=20)
    assert (answer.status_code, answer.headers["location"]) == (303, "/agency?lang=vi")


def test_a_request_id_cannot_forge_a_log_line(agency: Agency, world: World) -> None:
    for given in ("x", "a" * 65, "id<script>aaaa", "Nguyễn-Văn-A-01"):
        answer = agency.session.post(
            f"{agency.url}/v1/persons/lookup", json=LOOKUP, headers={**agency.headers(), "X-Request-Id": given.encode()}, timeout=20
        )
        assert answer.headers["x-request-id"] != given
        assert uuid.UUID(answer.headers["x-request-id"])
    for name in ("Purpose-Of-Use", "Dossier-Id", "Officer-Id"):
        assert agency.post("/v1/persons/lookup", LOOKUP, **{name: "x' OR 1=1"}).status_code == 400


def test_numbers_tried_one_after_another_are_noticed(world: World) -> None:
    agency = world.agency()
    terms = world.service.registry.snapshot.grants["motcua", "person", PURPOSE][0].terms
    agreement = seed.in_force(world.hub, "congdan", "person", agreements.read({**seed.LAW, **plain(terms), "operations": ["lookup"]})).agreement
    world.settle()
    agency = world.agency("congdan")
    statuses = [agency.post("/v1/persons/lookup", LOOKUP | {"value": f"0240900000{place:02d}"}).status_code for place in range(30)]
    assert (statuses[0], statuses[-1]) == (404, 429)
    assert "retry-after" in agency.post("/v1/persons/lookup", LOOKUP).headers
    end = 30
    while not (found := world.hub.db.rows("SELECT kind FROM hub.alert WHERE agreement = %s", agreement)) and end:
        import time

        time.sleep(0.1)
        end -= 1
    assert found == [("enumeration",)]
    agreements.move(world.hub, "test", agreement, "revoke", "hết phép thử")


def plain(terms: Any) -> dict[str, Any]:
    import msgspec

    document: dict[str, Any] = msgspec.to_builtins(terms)
    return document


def test_rate_and_daily_volume_are_kept(world: World) -> None:
    terms = seed.terms_of(
        seed.sample(operations=("lookup",), visible=("full_name",), per_second=2, per_day=5, purposes=("1.000001",)), world.hub.today
    )
    seed.in_force(world.hub, "motcua", "person", terms)
    world.settle()
    agency = world.agency()
    statuses = [agency.person(place, ["full_name"], Purpose_Of_Use="1.000001") for place in range(5)]
    assert {answer.status_code for answer in statuses} == {200, 429}
    assert all(answer.headers["retry-after"] == "1" for answer in statuses if answer.status_code == 429)
    import time

    seen = []
    while len(seen) < 40 and "3600" not in seen:
        seen.append(agency.person(7, ["full_name"], Purpose_Of_Use="1.000001").headers.get("retry-after"))
        time.sleep(0.15)
    assert "3600" in seen


CALLERS = {"motcua": "granted", "datdai": "other agreement", "congdan": "usage only", None: "nobody"}
OPERATIONS: dict[str, tuple[str, str, Any, dict[str | None, int]]] = {
    "lookup": ("POST", "/v1/persons/lookup", LOOKUP, {"motcua": 200, "datdai": 200, "congdan": 403, None: 401}),
    "verify": (
        "POST", "/v1/persons/verify", {"personal_number": number(1), "full_name": "A B", "birth_date": "1990"},
        {"motcua": 200, "datdai": 403, "congdan": 403, None: 401},
    ),
    "search": (
        "POST", "/v1/persons/search", {"full_name": "Nguyễn Văn Bê", "birth_date": "1990-01-01", "fields": ["full_name"]},
        {"motcua": 200, "datdai": 403, "congdan": 403, None: 401},
    ),
    "enterprises": (
        "POST", "/v1/enterprises/lookup", {"type": "tax_code", "value": "2300123454", "fields": ["name"]},
        {"motcua": 200, "datdai": 403, "congdan": 403, None: 401},
    ),
    "land": (
        "POST", "/v1/land-certificates/lookup", {"type": "serial", "value": "AB100001", "fields": ["serial"]},
        {"motcua": 403, "datdai": 200, "congdan": 403, None: 401},
    ),
    "changes": ("GET", "/v1/changes/persons", None, {"motcua": 200, "datdai": 403, "congdan": 403, None: 401}),
    "export": (
        "POST", "/v1/exports", {"dataset": "person", "fields": ["full_name"]}, {"motcua": 202, "datdai": 403, "congdan": 403, None: 401},
    ),
    "usage": (
        "POST", "/v1/usage/findUsage", {"userCode": number(1)}, {"motcua": 403, "datdai": 403, "congdan": 200, None: 401},
    ),
    "webhooks": (
        "POST", "/v1/webhooks", {"dataset": "person", "url": "https://8.8.8.8/h"}, {"motcua": 201, "datdai": 403, "congdan": 403, None: 401},
    ),
    "corrections": (
        "POST", "/v1/persons/corrections",
        {"type": "personal_number", "value": number(1), "field": "address", "proposed": "Số 1", "reason": "Theo giấy khai sinh"},
        {"motcua": 201, "datdai": 403, "congdan": 403, None: 401},
    ),
}  # fmt: skip


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_matrix_of_rights(world: World, operation: str, caller: str | None) -> None:
    method, path, body, expected = OPERATIONS[operation]
    headers = {"Prefer": "respond-async", "Idempotency-Key": uuid.uuid4().hex}
    if caller:
        headers |= world.agency(caller).headers(Officer_Id=number(1) if operation == "usage" else "CB.1")
    else:
        headers |= {"Purpose-Of-Use": PURPOSE, "Dossier-Id": DOSSIER}
    answer = requests.request(method, world.url + path, json=body, headers=headers, timeout=20)
    assert answer.status_code == expected[caller], answer.text


def test_what_belongs_to_another_agency_is_not_there(world: World) -> None:
    job = world.agency().post("/v1/exports", {"dataset": "person", "fields": ["full_name"]}, Prefer="respond-async").json()["id"]
    other = world.agency("datdai")
    for method, path in (("GET", f"/v1/exports/{job}"), ("DELETE", f"/v1/exports/{job}"), ("GET", f"/v1/exports/{job}/files/person-1.ndjson.gz")):
        assert requests.request(method, world.url + path, headers=other.headers(), timeout=20).status_code == 404
    assert other.get("/v1/exports/../../etc/passwd").status_code == 404
