"""X-Road over REST, against a security server that speaks the protocol: headers, faults old and new, metadata, the echo and its hash."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from connectors.dialects.xroad_rest import Xroad, XroadRestSource, address, fault, may_call
from connectors.errors import BadAnswer, ConnectorError, RequestRefused, SourceRefused, SourceUnavailable
from connectors.page import Endpoint
from connectors.paging import PageNumber
from connectors.rest import JsonRecords
from connectors.transport import Patience
from tests.connectors.conftest import QUICK, Say, Script, Seen, Server

Serve = Callable[[Script], Server]
CLIENT, SERVICE = "VN:GOV:000.00.00.H05:hub", "VN:GOV:000.00.00.G12:thue"
OPTIONS = {"client": CLIENT, "service": SERVICE, "userid": "VN-HUB"}
SINCE, UNTIL = {"since": "2026-11-01T00:00:00+07:00"}, datetime.fromisoformat("2026-11-23T00:00:00+07:00")
SKIPPED = ("transfer-encoding", "keep-alive", "proxy-", "te", "trailer", "upgrade", "connection", "user-agent", "host", "content-length", "server")
METHODS = [
    {"service_code": "nguoiNopThue", "service_type": "OPENAPI3", "endpoint_list": [{"method": "GET", "path": "/danhSach"}]},
    {"service_code": "khac", "service_type": "REST"},
]


@dataclass
class SecurityServer:
    """Ours and theirs in one. ``changed`` alters what it echoes."""

    changed: dict[str, str] = field(default_factory=dict)
    rows: int = 25

    def __call__(self, request: Seen) -> Say:
        path = urlsplit(request.path).path
        prefix = "/r1/VN/GOV/000.00.00.G12/thue/"
        if request.headers.get("X-Road-Client") != "VN/GOV/000.00.00.H05/hub" or not path.startswith(prefix):
            return trouble("Server.ServerProxy.AccessDenied")
        service, _, rest = path.removeprefix(prefix).partition("/")
        echo = {
            "X-Road-Client": request.headers["X-Road-Client"],
            "X-Road-Service": f"VN/GOV/000.00.00.G12/thue/{service}",
            "X-Road-Id": request.headers["X-Road-Id"],
            "X-Road-Request-Id": "r-1",
            "X-Road-Request-Hash": self.hash(request, "r-1"),
        }
        body = self.answer(service, rest, parse_qs(urlsplit(request.path).query))
        headers = {name: value for name, value in (echo | self.changed).items() if value}
        return Say(200, body, {"Content-Type": "application/json", **headers})

    def answer(self, service: str, rest: str, query: dict[str, list[str]]) -> bytes:
        if service in {"listMethods", "allowedMethods"}:
            return msgspec.json.encode({"service": METHODS if service == "listMethods" else METHODS[:1]})
        if service == "getOpenAPI":
            return f"openapi: 3.1.0 # {query['serviceCode'][0]}".encode()
        first = (int(query["trang"][0]) - 1) * 10
        return msgspec.json.encode({"tong": self.rows, "data": [{"id": n, "o": rest} for n in range(first, min(first + 10, self.rows))]})

    @staticmethod
    def hash(request: Seen, request_id: str) -> str:
        """The protocol's rule, written out once more: over the headers as they arrived."""
        lines = [request.method, request.path, *(f"{n}:{v}" for n, v in request.headers.items() if not n.lower().startswith(SKIPPED))]
        head = hashlib.sha512("".join(f"{line}\r\n" for line in [*lines, f"X-Road-Request-Id:{request_id}"]).encode()).digest()
        return base64.b64encode(hashlib.sha512(head + hashlib.sha512(request.body).digest()).digest() if request.body else head).decode()


def trouble(code: str, status: int = 500) -> Say:
    body = msgspec.json.encode({"type": code, "message": "027099000123", "detail": "uuid"})
    return Say(status, body, {"Content-Type": "application/json", "X-Road-Error": code})


def xroad(server: Server, patience: Patience = QUICK, **changed: str) -> Xroad:
    return Xroad(Endpoint("thue", server.url, options=OPTIONS | changed), patience=patience)


def source(server: Server, **more: Any) -> XroadRestSource:
    def ask(cursor: dict[str, Any]) -> dict[str, Any]:
        return {"params": {"trang": str(cursor["page"])}}

    endpoint = Endpoint("thue", server.url, options=OPTIONS)
    return XroadRestSource(endpoint, "nguoiNopThue", ask, PageNumber(10), JsonRecords("data", total="tong"), path="/danhSach", patience=QUICK, **more)


def test_a_dataset_is_read_to_the_end_and_from_each_cursor(serve: Serve) -> None:
    reader = source(serve(SecurityServer()))
    pages = list(reader.pages(SINCE, UNTIL))
    assert [page.rows for page in pages] == [10, 10, 5]
    assert [page.body for page in reader.pages(pages[0].after, UNTIL)] == [page.body for page in pages[1:]]
    assert reader.decode(reader.rows(pages[0].body)[0]) == {"id": 0, "o": "danhSach"}
    reader.close()


def test_a_check_tells_that_all_is_well(serve: Serve) -> None:
    reader = source(serve(SecurityServer(rows=3)))
    assert [(check.what, check.ok) for check in reader.check()] == [("credentials", True), ("one page", True)]
    reader.close()


def test_the_call_carries_what_the_protocol_wants(serve: Serve) -> None:
    server = serve(SecurityServer())
    ours = xroad(server, represented="GOV/000.00.24.H05")
    ours.send("nguoiNopThue", ours.request("GET", "nguoiNopThue", "danhSach", issue="000.24.01.H05-261126-00001", params={"trang": "1"}))
    ours.close()
    headers = server.seen[0].headers
    wanted = {
        "X-Road-Client": "VN/GOV/000.00.00.H05/hub",
        "X-Road-UserId": "VN-HUB",
        "X-Road-Issue": "000.24.01.H05-261126-00001",
        "X-Road-Represented-Party": "GOV/000.00.24.H05",
        "Accept": "application/json",
    }
    assert {name: headers.get(name) for name in wanted} == wanted
    assert len(headers["X-Road-Id"]) == 36


def test_a_message_keeps_its_id_when_it_is_tried_again(serve: Serve) -> None:
    answers = [trouble("Server.ServerProxy.NetworkError")]
    good = SecurityServer()
    server = serve(lambda request: answers.pop() if answers else good(request))
    ours = xroad(server)
    ours.services()
    ours.services()
    ours.close()
    ids = [request.headers["X-Road-Id"] for request in server.seen]
    assert (ids[0] == ids[1], ids[1] == ids[2]) == (True, False)


@pytest.mark.parametrize("body", [b"", b'{"n":1}'], ids=["no body", "a body"])
def test_the_hash_of_the_request_is_verified_when_it_is_told(serve: Serve, body: bytes) -> None:
    ours = xroad(serve(SecurityServer()))
    ours.send("nguoiNopThue", ours.request("POST" if body else "GET", "nguoiNopThue", "a b/ß", params={"trang": "1"}, body=body))
    assert (ours.echo.request_id, ours.echo.hash) == ("r-1", True)
    ours.close()


@pytest.mark.parametrize(("told", "found"), [("bm90IGl0", False), ("", None)])
def test_another_hash_is_noted_and_never_fails(serve: Serve, told: str, found: bool | None) -> None:
    ours = xroad(serve(SecurityServer({"X-Road-Request-Hash": told})))
    ours.services()
    assert ours.echo.hash is found
    ours.close()


@pytest.mark.parametrize("name", ["X-Road-Id", "X-Road-Client", "X-Road-Service"])
@pytest.mark.parametrize("value", ["", "somebody/else"])
def test_an_answer_to_another_question_is_a_bad_answer(serve: Serve, name: str, value: str) -> None:
    ours = xroad(serve(SecurityServer({name: value})))
    with pytest.raises(BadAnswer, match="is not that of the question"):
        ours.services()
    ours.close()


CODES: dict[str, tuple[type[ConnectorError], str]] = {
    "Server.ServerProxy.NetworkError": (SourceUnavailable, "their side"),
    "Server.ClientProxy.NetworkError": (SourceUnavailable, "our security server"),
    "Server.ServerProxy.ServiceFailed.HttpError": (SourceUnavailable, "their side"),
    "Server.ClientProxy.ServiceFailed.MissingBody": (RequestRefused, "our security server"),
    "Server.ServerProxy.MaintenanceMode": (SourceUnavailable, "their side"),
    "Server.ClientProxy.OutdatedGlobalConf": (SourceUnavailable, "our security server"),
    "Server.ServerProxy.AccessDenied": (SourceRefused, "their side"),
    "Server.ServerProxy.UnknownService": (SourceRefused, "their side"),
    "Server.ClientProxy.UnknownMember": (SourceRefused, "our security server"),
    "Client.BadRequest": (RequestRefused, "our request"),
    "Client.MissingHeaderField": (RequestRefused, "our request"),
    "Client.Anything": (RequestRefused, "our request"),
    "network_error": (SourceUnavailable, "either side"),
    "service_failed": (SourceUnavailable, "either side"),
    "maintenance_mode": (SourceUnavailable, "either side"),
    "global_conf_outdated": (SourceUnavailable, "either side"),
    "timestamping_failed": (SourceUnavailable, "either side"),
    "logging_failed": (SourceUnavailable, "either side"),
    "access_denied": (SourceRefused, "either side"),
    "service_disabled": (SourceRefused, "either side"),
    "unknown_service": (SourceRefused, "either side"),
    "client_proxy_version_not_supported": (SourceRefused, "our security server"),
    "server.server_proxy.network_error": (SourceUnavailable, "their side"),
    "something_new": (SourceRefused, "either side"),
}


@pytest.mark.parametrize("code", CODES)
def test_a_fault_says_whose_side_it_is_and_whether_to_wait(serve: Serve, code: str) -> None:
    kind, side = CODES[code]
    ours = xroad(serve(lambda _: trouble(code)), Patience(attempts=1))
    with pytest.raises(kind) as caught:
        ours.services()
    assert type(caught.value) is kind
    assert str(caught.value) == f"X-Road {code} ({side})", "the fault's own words may name a person"
    ours.close()


def test_what_may_pass_is_tried_again_and_what_may_not_is_not(serve: Serve) -> None:
    for code, calls in (("Server.ServerProxy.NetworkError", QUICK.attempts), ("access_denied", 1)):
        server = serve(lambda _, code=code: trouble(code))  # type: ignore[misc]
        with pytest.raises(ConnectorError):
            xroad(server).services()
        assert len(server.seen) == calls


def test_an_error_without_x_road_error_is_the_provider_s_own(serve: Serve) -> None:
    ours = xroad(serve(lambda _: Say(404, b"{}")))
    with pytest.raises(BadAnswer, match="HTTP 404"):
        ours.services()
    ours.close()


def test_metadata_tells_what_there_is_what_we_may_call_and_how(serve: Serve) -> None:
    ours = xroad(serve(SecurityServer()))
    assert [one["service_code"] for one in ours.services()] == ["nguoiNopThue", "khac"]
    assert [one["service_code"] for one in ours.services(allowed=True)] == ["nguoiNopThue"]
    assert ours.openapi("nguoiNopThue") == b"openapi: 3.1.0 # nguoiNopThue"
    ours.close()


@pytest.mark.parametrize(
    ("service", "method", "path", "may"),
    [
        ("nguoiNopThue", "GET", "/danhSach", True),
        ("nguoiNopThue", "POST", "/danhSach", False),
        ("nguoiNopThue", "GET", "/khac", False),
        ("khac", "POST", "/any/thing", True),
        ("unknown", "GET", "/", False),
        ("stars", "GET", "/a/1/b", True),
        ("stars", "GET", "/a/1/2/b", False),
        ("stars", "PUT", "/c/1/2/3", True),
        ("stars", "PUT", "/c/../../secret", False),
    ],
)
def test_rights_are_read_by_service_and_endpoint(service: str, method: str, path: str, may: bool) -> None:
    stars = {"service_code": "stars", "endpoint_list": [{"method": "GET", "path": "/a/*/b"}, {"method": "*", "path": "/c/**"}]}
    assert may_call([*METHODS, stars], service, method, path) is may


def test_each_part_of_an_address_is_encoded_by_itself() -> None:
    endpoint = Endpoint("thue", "https://ss", options=OPTIONS)
    assert address(endpoint, "a/b", "x y/ß") == "https://ss/r1/VN/GOV/000.00.00.G12/thue/a%2Fb/x%20y/%C3%9F"


@pytest.mark.parametrize("client", ["VN:GOV", "VN:GOV:a/b:c", "VN:GOV:a:b:c", "", "VN:GOV:a;b:c"])
def test_an_identifier_that_is_none_is_told_by_its_option(serve: Serve, client: str) -> None:
    ours = xroad(serve(SecurityServer()), client=client)
    with pytest.raises(SourceRefused, match="thue: option client is not instance:class:member:subsystem"):
        ours.services()
    ours.close()


def test_an_address_that_is_too_long_never_leaves_the_house(serve: Serve) -> None:
    ours = xroad(serve(SecurityServer()))
    with pytest.raises(RequestRefused, match="send it in the body"):
        ours.request("GET", "nguoiNopThue", params={"q": "x" * 2000})
    ours.close()


def test_a_stranger_is_denied() -> None:
    assert isinstance(fault("Server.ServerProxy.AccessDenied"), SourceRefused)
