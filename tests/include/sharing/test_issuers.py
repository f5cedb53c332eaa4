"""Access tokens of another issuer: a real server publishes its keys, and every way a token can be wrong is tried."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from include.hub import Hub
from include.settings import Settings
from include.sharing import clients, seed
from include.sharing.auth import issuers
from tests.conftest import fresh_database
from tests.include.sharing.conftest import Agency, World, made_hub, number, people, serving

pytestmark = pytest.mark.postgres
ISSUER, SUBJECT = "https://dangnhap.bacninh.example", "he-thong-mot-cua"
BODY = {"type": "personal_number", "value": number(1), "fields": ["full_name"]}
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass
class Issuer:
    """An identity server as far as its keys go."""

    keys: dict[str, Key] = field(default_factory=dict)
    asked: int = 0
    answer: Any = None

    def published(self) -> Any:
        self.asked += 1
        return {"keys": [public(key, kid) for kid, key in self.keys.items()]} if self.answer is None else self.answer

    def token(self, audience: str, kid: str = "e1", header: Any = None, key: Key | None = None, **claims: Any) -> str:
        at, key = int(time.time()), key or self.keys[kid]
        body = {"iss": ISSUER, "sub": SUBJECT, "aud": audience, "iat": at, "exp": at + 600, "jti": uuid.uuid4().hex} | claims
        algorithm = "ES256" if isinstance(key, ec.EllipticCurvePrivateKey) else "RS256"
        return jwt.encode(
            {name: value for name, value in body.items() if value is not None}, key, algorithm, {"kid": kid, "typ": "at+jwt"} | (header or {})
        )


def public(key: Key, kid: str) -> dict[str, Any]:
    kind = jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else jwt.algorithms.RSAAlgorithm
    return json.loads(kind.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"}  # type: ignore[attr-defined, no-any-return, arg-type]


@pytest.fixture(scope="module")
def issuer() -> Iterator[tuple[Issuer, str]]:
    made = Issuer({"e1": ec.generate_private_key(ec.SECP256R1()), "r1": rsa.generate_private_key(65537, 2048)})

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(made.published()).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield made, f"http://127.0.0.1:{running.server_address[1]}/jwks"
        running.shutdown()


def believing(hub: Hub, address: str) -> Hub:
    return replace(hub, settings=Settings({**hub.settings.environment, "HUB_SHARING_ISSUERS": f"{ISSUER}={address}"}))


@pytest.fixture(scope="module")
def world(server: str, tmp_path_factory: pytest.TempPathFactory, issuer: tuple[Issuer, str]) -> Iterator[World]:
    with fresh_database(server) as db:
        hub = believing(made_hub(db, tmp_path_factory.mktemp("issuers")), issuer[1])
        with db.transaction() as connection:
            people(connection)
        seed.seed(hub)
        clients.add_subject(hub, "test", "motcua", ISSUER, SUBJECT)
        with serving(hub, HUB_SHARING_PROXY="s3cret") as running:
            yield running


def asked(world: World, token: str, **headers: str) -> int:
    status: int = Agency(world.url, world.hub, tokens={"": token}).post("/v1/persons/lookup", BODY, **headers).status_code
    return status


@pytest.mark.parametrize("kid", ["e1", "r1"])
def test_a_token_of_a_believed_issuer_is_its_client_s(world: World, issuer: tuple[Issuer, str], kid: str):
    token = issuer[0].token(world.url, kid)
    answer = Agency(world.url, world.hub, tokens={"": token}).post("/v1/persons/lookup", BODY)
    assert answer.status_code == 200, answer.text
    assert asked(world, token) == 200, "and again, from memory"
    (entry,) = world.audit(answer.headers["x-request-id"])
    assert (entry["client"], entry["via"]) == ("motcua", "token")


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://noi-khac.example"}, {"iss": None}, {"aud": "https://elsewhere.example"}, {"aud": [ISSUER]}, {"aud": None},
        {"sub": "nguoi-la"}, {"sub": None}, {"sub": "motcua"}, {"exp": 1}, {"exp": None}, {"exp": int(time.time()) + 86_400}, {"jti": None},
        {"iat": int(time.time()) + 3_600, "exp": int(time.time()) + 4_000}, {"cnf": {"jkt": "x"}}, {"cnf": {"x5t#S256": "!"}},
        {"cnf": {"x5t#S256": "AAAA"}}, {"header": {"typ": "JWT"}}, {"header": {"kid": "other"}}, {"header": {"alg": "none"}},
        {"header": {"jku": "https://evil.example"}}, {"key": ec.generate_private_key(ec.SECP256R1())}, {"key": rsa.generate_private_key(65537, 2048)},
        {"purpose": 1}, {"purpose": "9.999999"},
    ],
)  # fmt: skip
def test_a_token_that_says_anything_else_is_refused(world: World, issuer: tuple[Issuer, str], wrong: dict[str, Any]):
    try:
        token = issuer[0].token(world.url, **wrong)
    except (TypeError, NotImplementedError, jwt.PyJWTError):  # pyjwt itself will not make it
        token = issuer[0].token(world.url)[:-4] + "AAAA"
    assert asked(world, token) == 401


def test_a_token_bound_to_a_certificate_needs_it(world: World, issuer: tuple[Issuer, str]):
    assert asked(world, issuer[0].token(world.url, cnf={"x5t#S256": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"})) == 401


def test_a_new_key_is_fetched_once_and_an_unknown_one_does_not_make_us_ask_again(world: World, issuer: tuple[Issuer, str]):
    known = world.service.issuers
    known.fetched[ISSUER] -= issuers.SELDOM + 1
    issuer[0].keys["e2"] = ec.generate_private_key(ec.SECP256R1())
    before = issuer[0].asked
    assert asked(world, issuer[0].token(world.url, "e2")) == 200
    assert [asked(world, issuer[0].token(world.url, "e2", {"kid": f"none-{at}"})) for at in range(5)] == [401] * 5
    assert issuer[0].asked == before + 1


def test_a_withdrawn_key_goes_with_the_next_fetch_and_a_silent_issuer_keeps_its_keys(world: World, issuer: tuple[Issuer, str]):
    made, known = issuer[0], world.service.issuers
    gone = made.keys.pop("r1")
    known.fetched[ISSUER] -= issuers.EVERY + 1
    assert asked(world, made.token(world.url, "r1", key=gone)) == 401
    made.answer = ["not a key set"]
    known.fetched[ISSUER] -= issuers.EVERY + 1
    assert asked(world, made.token(world.url)) == 200
    made.answer, made.keys["r1"] = None, gone


def test_a_revoked_subject_ends_its_tokens_within_a_second(world: World, issuer: tuple[Issuer, str]):
    clients.add_subject(world.hub, "test", "motcua", ISSUER, "tam-thoi")
    world.settle()
    token = issuer[0].token(world.url, sub="tam-thoi")
    assert asked(world, token) == 200
    clients.revoke_subject(world.hub, "test", "motcua", ISSUER, "tam-thoi")
    end = time.monotonic() + 1
    while asked(world, token) == 200:
        assert time.monotonic() < end
    with pytest.raises(LookupError, match="registered for motcua already"):
        clients.add_subject(world.hub, "test", "datdai", ISSUER, "tam-thoi")


def test_only_an_issuer_the_operator_believes_is_registered(world: World):
    with pytest.raises(LookupError, match="HUB_SHARING_ISSUERS"):
        clients.add_subject(world.hub, "test", "motcua", "https://noi-khac.example", "x")


@pytest.mark.parametrize("setting", ["https://a.example", "http://a.example=https://a.example/jwks", "https://a.example=http://a.example/jwks"])
def test_a_setting_that_names_no_issuer_is_told(setting: str):
    with pytest.raises(LookupError, match="HUB_SHARING_ISSUERS"):
        issuers.addresses(setting)


@pytest.mark.parametrize(
    "document",
    [
        {"kty": "oct", "k": "AAAA"}, {"kty": "EC", "crv": "P-384"}, {"kty": "RSA", "alg": "HS256"}, {"kty": "EC", "crv": "P-256", "alg": "RS256"},
        {"kty": "RSA", "alg": "none"}, {},
    ],
)  # fmt: skip
def test_keys_of_other_kinds_are_left_out(document: dict[str, Any]):
    assert issuers.algorithm_of(document) == ""


def test_a_weak_or_encrypting_key_is_left_out(issuer: tuple[Issuer, str], tmp_path: Path):
    made, address = issuer
    weak = public(rsa.generate_private_key(65537, 1024), "weak")
    made.answer = {"keys": [weak, public(made.keys["e1"], "enc") | {"use": "enc"}, public(made.keys["e1"], "good")]}
    assert set(issuers.published(address)) == {"good"}
    made.answer = None
