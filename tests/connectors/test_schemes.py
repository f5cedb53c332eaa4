"""Every scheme of showing who we are, against a server that checks it: let in, refused, expired and renewed once."""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from connectors.auth import ApiKey, Basic, Bearer, SignedTimestamp, Together
from connectors.dialects import wso2
from connectors.errors import BadAnswer, SessionExpired, SourceRefused
from connectors.page import Endpoint
from connectors.tokens import ASSERTION, ClientCredentials, LgspAccessToken, LoginSession, PrivateKeyJwt
from connectors.transport import Auth, Request, Transport
from tests.connectors.certificates import Key, pem
from tests.connectors.conftest import QUICK, Say, Seen, Server

USER, SECRET = "sở-tư-pháp", "mật:khẩu"
LGSP = {"accesskey": "ak", "secretkey": "sk", "appname": "hub", "partnercode": "24", "partnercodecus": "2401"}
EXPIRED = Say(401, b'{"fault":{"code":900901,"message":"Invalid Credentials","description":""}}')
KEYS: dict[str, Key] = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}


def basic_pair(request: Seen) -> tuple[str, ...]:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return tuple(base64.b64decode(value).decode().split(":", 1)) if kind == "Basic" else ()


@dataclass
class Gate:
    """A system that checks credentials as its scheme says; its tokens can be made to expire."""

    enter: Callable[["Gate", Seen], bool]
    """Whether a call to /token or /login shows the right thing."""
    call: Callable[["Gate", Seen], bool]
    """Whether a call to the service does."""
    url: str = ""
    tokens: set[str] = field(default_factory=set)
    given: int = 0
    ids: set[str] = field(default_factory=set)

    def __call__(self, request: Seen) -> Say:
        if request.path in {"/token", "/login"}:
            if not self.enter(self, request):
                return Say(200, b'{"message":"no"}') if request.path == "/login" else Say(401, b'{"error":"invalid_client"}')
            self.given += 1
            self.tokens.add(f"t{self.given}")
            name = "session" if request.path == "/login" else "access_token"
            return Say(body=f'{{"{name}":"t{self.given}","expires_in":3600}}'.encode())
        return Say() if self.call(self, request) else EXPIRED

    def bearer(self, request: Seen) -> bool:
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self.tokens


def never(_: Gate, __: Seen) -> bool:
    return False


def signed(gate: Gate, request: Seen) -> bool:
    """The citizen database's rule, written out once more from its guide."""
    stamp = request.headers.get("Timestamp", "0")
    digest = hashlib.sha256((gate.url + USER + stamp + SECRET).encode()).hexdigest()
    return abs(time.time() - int(stamp) / 1000) < 60 and basic_pair(request) == (USER, digest)


def form(request: Seen) -> dict[str, list[str]]:
    return parse_qs(request.body.decode())


def client_secret(_: Gate, request: Seen) -> bool:
    return basic_pair(request) == (USER, SECRET) and form(request) == {"grant_type": ["client_credentials"]}


def lgsp_header(request: Seen) -> bool:
    wanted = {"AccessKey": "ak", "SecretKey": "sk", "AppName": "hub", "PartnerCode": "24", "PartnerCodeCus": "2401"}
    try:
        return bool(msgspec.json.decode(base64.b64decode(request.headers.get("lgspaccesstoken", ""))) == wanted)
    except msgspec.DecodeError:
        return False


def asserted(gate: Gate, request: Seen, algorithm: str) -> bool:
    """RFC 7523 §3, as a token service checks it: signature, audience, issuer, lifetime, and no id twice."""
    got = form(request)
    if got.get("grant_type") != ["client_credentials"] or got.get("client_assertion_type") != [ASSERTION]:
        return False
    needed = {"require": ["iss", "sub", "aud", "exp", "jti"]}
    try:
        claims = jwt.decode(
            got["client_assertion"][0], KEYS[algorithm].public_key(), [algorithm], audience=f"{gate.url}/token", issuer=USER, options=needed
        )
    except jwt.InvalidTokenError:
        return False
    fresh = claims["jti"] not in gate.ids and claims["exp"] - time.time() <= 300 and claims["sub"] == USER
    gate.ids.add(claims["jti"])
    return fresh


def logged_in(_: Gate, request: Seen) -> bool:
    return bool(msgspec.json.decode(request.body) == {"username": USER, "password": SECRET})


@dataclass(frozen=True)
class Scheme:
    make: Callable[[Endpoint], Auth]
    call: Callable[[Gate, Seen], bool]
    enter: Callable[[Gate, Seen], bool] = never
    options: Mapping[str, str] = field(default_factory=dict)
    renews: bool = True
    wrong: Mapping[str, str] = field(default_factory=lambda: {"secret": "not-the-secret"})


def jwt_scheme(algorithm: str) -> Scheme:
    return Scheme(
        PrivateKeyJwt,
        lambda gate, request: gate.bearer(request),
        lambda gate, request: asserted(gate, request, algorithm),
        {"key": pem(KEYS[algorithm]).decode()},
        wrong={"user": "somebody else"},
    )


SCHEMES = {
    "basic": Scheme(Basic, lambda _, request: basic_pair(request) == (USER, SECRET), renews=False),
    "api key": Scheme(
        lambda e: ApiKey(e, "X-Api-Key"), lambda _, r: r.headers.get("X-Api-Key", "").encode("latin-1").decode() == "key-1",
        renews=False, options={"secret": "key-1"},
    ),
    "bearer": Scheme(Bearer, lambda _, request: request.headers.get("Authorization") == "Bearer static", renews=False, options={"secret": "static"}),
    "signed timestamp": Scheme(SignedTimestamp, signed, renews=False),
    "signature and key together": Scheme(
        lambda e: Together(SignedTimestamp(e), ApiKey(e, "ApiKey", option="apikey")),
        lambda gate, request: signed(gate, request) and request.headers.get("ApiKey") == "k",
        options={"apikey": "k"}, renews=False,
    ),
    "client credentials": Scheme(ClientCredentials, lambda gate, request: gate.bearer(request), client_secret),
    "lgspaccesstoken": Scheme(
        LgspAccessToken, lambda gate, r: gate.bearer(r) and lgsp_header(r), lambda g, r: client_secret(g, r) and lgsp_header(r), LGSP
    ),
    "login session": Scheme(lambda e: LoginSession(e, header="X-Session", prefix=""), lambda g, r: r.headers.get("X-Session") in g.tokens, logged_in),
    **{f"private_key_jwt {name}": jwt_scheme(name) for name in KEYS},
}  # fmt: skip
RENEWING = [name for name, scheme in SCHEMES.items() if scheme.renews]


@pytest.fixture
def enter(serve: Callable[..., Server]) -> Callable[..., tuple[Gate, Server, Transport]]:
    """``enter(scheme, **changed)`` gives the gate, its server and a transport that shows the scheme's credentials, some of them changed."""

    def made(scheme: Scheme, **changed: str) -> tuple[Gate, Server, Transport]:
        gate = Gate(scheme.enter, scheme.call)
        server = serve(gate)
        gate.url = server.url
        options = {name: value for name, value in scheme.options.items() if name != "secret"}
        secret = "" if "key" in options else scheme.options.get("secret", SECRET)
        arguments: dict[str, Any] = {"user": USER, "secret": secret} | changed
        endpoint = Endpoint("lgsp", server.url, arguments["user"], arguments["secret"], options)
        return gate, server, Transport(wso2.verdict, scheme.make(endpoint), QUICK)

    return made


Enter = Callable[..., tuple[Gate, Server, Transport]]


@pytest.mark.parametrize("name", SCHEMES)
def test_the_right_credentials_are_let_in_again_and_again(enter: Enter, name: str) -> None:
    gate, server, transport = enter(SCHEMES[name])
    for _ in range(3):
        assert transport.send(Request("GET", f"{server.url}/data")).status == 200
    assert gate.given == (1 if SCHEMES[name].renews else 0), "a token in force is kept"
    transport.close()


@pytest.mark.parametrize("name", SCHEMES)
def test_wrong_credentials_are_refused_without_storming_the_door_or_telling_them(enter: Enter, name: str) -> None:
    _, server, transport = enter(SCHEMES[name], **SCHEMES[name].wrong)
    with pytest.raises(SourceRefused) as caught:
        transport.send(Request("GET", f"{server.url}/data"))
    assert len(server.seen) <= 2
    assert "not-the-secret" not in str(caught.value)
    transport.close()


@pytest.mark.parametrize("name", RENEWING)
def test_what_expired_is_renewed_once_unnoticed(enter: Enter, name: str) -> None:
    gate, server, transport = enter(SCHEMES[name])
    transport.send(Request("GET", f"{server.url}/data"))
    gate.tokens.clear()
    assert transport.send(Request("GET", f"{server.url}/data")).status == 200
    assert gate.given == 2
    transport.close()


@pytest.mark.parametrize("name", RENEWING)
def test_what_is_refused_fresh_from_the_oven_is_not_renewed_for_ever(enter: Enter, name: str) -> None:
    gate, server, transport = enter(SCHEMES[name])
    gate.call = never
    with pytest.raises(SessionExpired):
        transport.send(Request("GET", f"{server.url}/data"))
    assert gate.given == 2
    transport.close()


@pytest.mark.parametrize("name", SCHEMES)
def test_no_address_carries_a_credential(enter: Enter, name: str) -> None:
    _, server, transport = enter(SCHEMES[name])
    transport.send(Request("GET", f"{server.url}/data"))
    assert {request.path for request in server.seen} <= {"/token", "/login", "/data"}
    transport.close()


def test_a_signature_is_made_anew_for_each_attempt(serve: Callable[..., Server]) -> None:
    moments = iter([1_764_000_000.0, 1_764_000_001.5])
    server = serve(lambda _: Say(503) if len(server.seen) == 1 else Say())
    endpoint = Endpoint("c06", server.url, USER, SECRET)
    transport = Transport(auth=SignedTimestamp(endpoint, clock=lambda: next(moments)), patience=QUICK)
    transport.send(Request("POST", server.url))
    transport.close()
    assert [request.headers["Timestamp"] for request in server.seen] == ["1764000000000", "1764000001500"]
    assert len({request.headers["Authorization"] for request in server.seen}) == 2


def test_the_signature_of_the_citizen_database_is_the_guide_s() -> None:
    headers = SignedTimestamp(Endpoint("c06", "https://c06/dancu", "hub", "s"), clock=lambda: 1.0).headers()
    digest = hashlib.sha256(b"https://c06/dancuhub1000s").hexdigest()
    assert headers == {"Timestamp": "1000", "Authorization": "Basic " + base64.b64encode(f"hub:{digest}".encode()).decode()}


def test_a_key_file_that_is_not_there_is_named_by_its_option() -> None:
    auth = PrivateKeyJwt(Endpoint("lgsp", "http://127.0.0.1:9", "hub", options={"key_file": "/nowhere/key.pem"}))
    with pytest.raises(SourceRefused, match="lgsp: option key_file names a file that cannot be read"):
        auth.headers()


def test_a_key_in_a_file_opens_with_the_secret_as_passphrase(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    path = tmp_path / "key.pem"
    path.write_bytes(KEYS["ES256"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open")))
    options = {"key_file": str(path), "key_id": "2026"}
    made = PrivateKeyJwt(Endpoint("lgsp", "http://127.0.0.1:9", "hub", "open", options)).assertion()
    assert jwt.get_unverified_header(made) == {"alg": "ES256", "kid": "2026", "typ": "JWT"}
    with pytest.raises(SourceRefused, match="no private key that opens"):
        PrivateKeyJwt(Endpoint("lgsp", "http://127.0.0.1:9", "hub", "shut", options)).assertion()


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP384R1())], ids=["RSA 1024", "P-384"])
def test_a_weak_or_odd_key_is_refused(key: Key) -> None:
    auth = PrivateKeyJwt(Endpoint("lgsp", "http://127.0.0.1:9", "hub", options={"key": pem(key).decode()}))
    with pytest.raises(SourceRefused, match="RSA of 2048 bits"):
        auth.headers()


@pytest.mark.parametrize("body", [b"<html>", b"\xff"])
def test_a_login_answer_of_another_form_is_a_bad_answer(serve: Callable[..., Server], body: bytes) -> None:
    with pytest.raises(BadAnswer, match="login answer is not JSON"):
        LoginSession(Endpoint("lgsp", serve(lambda _: Say(body=body)).url)).headers()


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"data":{}}', b'{"data":{"token":7}}', b'{"data":{"token":""}}'])
def test_a_login_without_a_session_is_a_refusal(serve: Callable[..., Server], body: bytes) -> None:
    with pytest.raises(SourceRefused, match=r"no session at data\.token"):
        LoginSession(Endpoint("lgsp", serve(lambda _: Say(body=body)).url), at="data.token").headers()
