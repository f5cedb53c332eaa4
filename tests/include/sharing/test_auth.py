"""Who may come in: tokens, signatures and certificates, and every way to forge them."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import http_message_signatures
import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from include.sharing import clients, seed
from tests.include.sharing.conftest import DOSSIER, PURPOSE, Agency, World, number

pytestmark = pytest.mark.postgres
BODY = {"type": "personal_number", "value": number(1), "fields": ["full_name"]}


def test_an_assertion_works_once(agency: Agency) -> None:
    assertion = agency.assertion()
    assert agency.ask_token(assertion).status_code == 200
    assert agency.ask_token(assertion).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://elsewhere.example"}, {"aud": ["http://a", "http://b"]}, {"sub": "datdai"}, {"iss": "datdai"}, {"exp": 1},
        {"exp": int(time.time()) + 86_400}, {"iat": int(time.time()) + 3_600}, {"exp": str(int(time.time()) + 60)}, {"exp": None},
        {"jti": "x"}, {"nbf": int(time.time()) + 3_600},
    ],
)  # fmt: skip
def test_an_assertion_that_says_anything_else_is_refused(agency: Agency, claims: dict[str, Any]) -> None:
    at = int(time.time())
    body = {"iss": "motcua", "sub": "motcua", "aud": agency.url, "iat": at, "exp": at + 60, "jti": uuid.uuid4().hex} | claims
    given = jwt.encode({name: value for name, value in body.items() if value is not None}, agency.key, "ES256", {"kid": seed.KID})
    if claims == {"iss": "datdai"}:
        with pytest.raises(KeyError):
            agency.ask_token(given).json()["access_token"]
        return
    assert agency.ask_token(given).status_code == 401


def forged(agency: Agency, **header: Any) -> str:
    """A token with a header of the attacker's."""
    claims = jwt.decode(agency.token, options={"verify_signature": False})

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part(header)}.{part(claims)}"


def test_forged_tokens_are_refused(agency: Agency, world: World) -> None:
    public = world.service.tokens.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    none, mac = forged(agency, alg="none", typ="JWT"), forged(agency, alg="HS256", typ="JWT")
    signature = base64.urlsafe_b64encode(hmac.digest(public, mac.encode(), "sha256")).decode().rstrip("=")
    stranger = jwt.encode(jwt.decode(agency.token, options={"verify_signature": False}), ec.generate_private_key(ec.SECP256R1()), "ES256")
    head, body, tail = agency.token.split(".")
    keys = [{"jku": "https://evil.example/jwks"}, {"x5u": "https://evil.example/c.pem"}, {"jwk": {"kty": "EC"}}, {"kid": "../../../etc/passwd"}]
    bad = [f"{none}.", f"{mac}.{signature}", stranger, f"{head}.{body[:-2]}xx.{tail}", "x" * 100_000, "a.b.c", agency.assertion()]
    bad += [f"{forged(agency, alg='ES256', **each)}.{tail}" for each in keys]
    for token in bad:
        started = time.perf_counter()
        answer = agency.post("/v1/persons/lookup", BODY, Authorization=f"Bearer {token}" if len(token) < 60_000 else f"Bearer {token[:60_000]}")
        assert answer.status_code in {400, 401, 413}, token[:60]
        assert time.perf_counter() - started < 0.5
    assert agency.post("/v1/persons/lookup", BODY).status_code == 200


def test_a_form_of_many_parameters_is_refused_in_oauths_words(agency: Agency) -> None:
    answer = agency.ask_token(**{f"p{each}": "1" for each in range(30)})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_token_request_names_itself_in_its_refusal(agency: Agency) -> None:
    for body, media in (("grant_type=x", "application/x-www-form-urlencoded"), ("{}", "application/json"), ("x" * 300_000, "text/plain")):
        headers = {"Content-Type": media, "X-Request-Id": "token-request-1"}
        answer = requests.post(f"{agency.url}/oauth2/token", data=body, headers=headers, timeout=20)
        assert (answer.json()["error"], answer.json()["request_id"]) == ("invalid_request", "token-request-1")
        assert answer.headers["x-request-id"] == "token-request-1"


def test_a_short_name_of_an_assertion_is_said_to_be_short(agency: Agency) -> None:
    for jti in ("1234567", "x" * 201):
        assert "8–200" in agency.ask_token(agency.assertion(jti=jti)).json()["detail"]
    assert agency.ask_token(agency.assertion(jti=uuid.uuid4().hex[:8])).status_code == 200


@pytest.mark.parametrize("name", ["purpose", "dossier"])
def test_a_token_is_bound_only_to_what_can_be_asked_for(agency: Agency, name: str) -> None:
    for value in ("1" * 65, "a b", "hồ-sơ"):
        answer = agency.ask_token(**{name: value})
        assert (answer.status_code, answer.json()["error"], answer.json()["errors"][0]["pointer"]) == (400, "invalid_request", f"/{name}")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_of_a_token_may_be_written_either_way(agency: Agency, scheme: str) -> None:
    for _ in ("read", "remembered"):
        assert agency.post("/v1/persons/lookup", BODY, Authorization=f"{scheme} {agency.token}").status_code == 200


def test_two_credentials_in_one_header_are_refused(agency: Agency) -> None:
    for value in (f"Bearer {agency.token} {agency.token}", f"Bearer  {agency.token}", "Bearer ", f"Basic {agency.token}"):
        assert agency.post("/v1/persons/lookup", BODY, Authorization=value).status_code in {400, 401}
    import http.client

    connection = http.client.HTTPConnection(agency.url.removeprefix("http://"))
    connection.putrequest("POST", "/v1/persons/lookup")
    for name, value in [*agency.headers().items(), ("Authorization", f"Bearer {agency.token}"), ("Content-Length", "2")]:
        connection.putheader(name, value)
    connection.endheaders(b"{}")
    assert connection.getresponse().status == 400
    connection.close()


def test_a_token_bound_to_a_purpose_serves_no_other(agency: Agency) -> None:
    token = agency.ask_token(purpose="2.000815", dossier=DOSSIER).json()["access_token"]
    assert agency.post("/v1/persons/lookup", BODY, Authorization=f"Bearer {token}").status_code == 401
    assert agency.post("/v1/persons/lookup", BODY, Authorization=f"Bearer {token}", Purpose_Of_Use="2.000815").status_code == 200


class Resolver(http_message_signatures.HTTPSignatureKeyResolver):
    """Gives the independent signer the agency's key."""

    def __init__(self, key: Any) -> None:
        self.key = key

    def resolve_private_key(self, key_id: str) -> Any:
        return self.key

    def resolve_public_key(self, key_id: str) -> Any:
        return self.key.public_key()


COVERED = ("@method", "@target-uri", "@authority", "content-digest", "content-type", "purpose-of-use", "dossier-id")


def signed(agency: Agency, covered: tuple[str, ...] = COVERED, kid: str = f"motcua/{seed.KID}", **parameters: Any) -> requests.PreparedRequest:
    """A request signed by a library that is not ours."""
    body = json.dumps(BODY).encode()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    headers = {"Purpose-Of-Use": PURPOSE, "Dossier-Id": DOSSIER, "Content-Type": "application/json", "Content-Digest": f"sha-256=:{digest}:"}
    request = requests.Request("POST", f"{agency.url}/v1/persons/lookup", headers=headers, data=body).prepare()
    algorithm = http_message_signatures.algorithms.ECDSA_P256_SHA256
    signer = http_message_signatures.HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=Resolver(agency.key))
    given = {"nonce": uuid.uuid4().hex, "created": datetime.now()} | parameters  # noqa: DTZ005 the library's way
    signer.sign(request, key_id=kid, covered_component_ids=covered, label="sig1", use_existing_digest=True, **given)
    return request


def test_a_request_signed_by_another_implementation_is_taken_once(agency: Agency, world: World) -> None:
    request = signed(agency)
    first, again = agency.session.send(request), agency.session.send(request)
    assert first.status_code == 200, first.text
    assert again.status_code == 401, "a replay"
    assert world.audit(first.json()["request_id"])[0]["via"] == "signature"


@pytest.mark.parametrize("missing", COVERED)
def test_a_signature_must_cover_what_decides(agency: Agency, missing: str) -> None:
    answer = agency.session.send(signed(agency, tuple(each for each in COVERED if each != missing)))
    assert (answer.status_code, missing in answer.json()["detail"]) == (401, True)


def test_what_is_changed_after_signing_is_noticed(agency: Agency) -> None:
    for header, value in (
        ("Purpose-Of-Use", "2.000815"),
        ("Dossier-Id", "H05.16-261101-0002"),
        ("Content-Type", "text/json"),
        ("Officer-Id", "CB.9"),
    ):
        request = signed(agency)
        request.headers[header] = value
        assert agency.session.send(request).status_code == 401, header
    request = signed(agency)
    request.body = (request.body or b"").replace(b"full_name", b"birth_dat")  # type: ignore[operator, arg-type]
    assert agency.session.send(request).status_code == 401
    old = signed(agency, created=datetime.now() - timedelta(seconds=400))  # noqa: DTZ005 the library's way
    assert agency.session.send(old).status_code == 401
    assert agency.session.send(signed(agency, nonce=None)).status_code == 401
    assert agency.session.send(signed(agency, kid=f"datdai/{seed.KID}")).status_code == 401


@pytest.mark.parametrize("created", ['"abc"', '"1"', "1" * 400])
def test_the_time_of_a_signature_is_a_number_of_seconds(agency: Agency, created: str) -> None:
    request = signed(agency)
    given = str(request.headers["Signature-Input"])
    request.headers["Signature-Input"] = given.replace(given.partition("created=")[2].partition(";")[0], created)
    answer = agency.session.send(request)
    assert (answer.status_code, "created" in answer.json()["detail"]) == (401, True), answer.text


def test_the_token_of_one_and_the_signature_of_another_do_not_go_together(agency: Agency, world: World) -> None:
    request = signed(agency)
    request.headers["Authorization"] = f"Bearer {world.agency('datdai').token}"
    assert agency.session.send(request).status_code == 401


def certificate(key: Any, name: str) -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    at = datetime.now(UTC)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), at - timedelta(days=1), at + timedelta(days=9))
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM)


def test_a_certificate_counts_only_on_the_proxys_word(agency: Agency, world: World) -> None:
    pem = certificate(ec.generate_private_key(ec.SECP256R1()), "motcua")
    clients.add_certificate(world.hub, "test", "motcua", pem)
    world.settle()
    given = {"Authorization": None, "X_Client_Certificate": quote(pem.decode())}
    assert agency.post("/v1/persons/lookup", BODY, **given).status_code == 401
    assert agency.post("/v1/persons/lookup", BODY, **given, X_Hub_Proxy="guess").status_code == 401
    answer = agency.post("/v1/persons/lookup", BODY, **given, X_Hub_Proxy="s3cret")
    assert (answer.status_code, world.audit(answer.json()["request_id"])[0]["via"]) == (200, "certificate")
    both = agency.post("/v1/persons/lookup", BODY, X_Hub_Proxy="s3cret", X_Client_Certificate=quote(pem.decode()))
    assert both.status_code == 200
    for odd in ("a-----b-----%C3%A9-----", "a-----b-----!-----", "x"):
        assert agency.post("/v1/persons/lookup", BODY, X_Hub_Proxy="s3cret", X_Client_Certificate=odd).status_code == 401
    other = world.agency("datdai").post("/v1/persons/lookup", BODY, X_Hub_Proxy="s3cret", X_Client_Certificate=quote(pem.decode()))
    assert other.status_code == 401, "the certificate of one, the token of another"


def test_a_token_got_with_a_certificate_needs_it(agency: Agency, world: World) -> None:
    pem = certificate(ec.generate_private_key(ec.SECP256R1()), "motcua 2")
    clients.add_certificate(world.hub, "test", "motcua", pem)
    world.settle()
    proxy = {"X-Hub-Proxy": "s3cret", "X-Client-Certificate": quote(pem.decode())}
    form = {"grant_type": "client_credentials", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    form["client_assertion"] = agency.assertion()
    token = requests.post(f"{agency.url}/oauth2/token", data=form, headers=proxy, timeout=20).json()["access_token"]
    assert agency.post("/v1/persons/lookup", BODY, Authorization=f"Bearer {token}").status_code == 401
    assert (
        agency.post("/v1/persons/lookup", BODY, Authorization=f"Bearer {token}", **{k.replace("-", "_"): v for k, v in proxy.items()}).status_code
        == 200
    )


def test_only_strong_public_keys_are_registered(world: World) -> None:
    small = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key())) | {"kid": "small"}
    private = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()))) | {"kid": "private"}
    curve = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key())) | {"kid": "curve"}
    for jwk in (small, private, curve, {"kty": "oct", "k": "AAAA", "kid": "shared"}, {}):
        with pytest.raises(LookupError):
            clients.add_key(world.hub, "test", "motcua", jwk)


def test_a_revoked_key_ends_its_tokens_within_a_second(world: World) -> None:
    agency = world.agency()
    key = ec.generate_private_key(ec.SECP256R1())
    clients.add_key(world.hub, "test", "motcua", seed.public_jwk(key, "short"))
    world.settle()
    at = int(time.time())
    claims = {"iss": "motcua", "sub": "motcua", "aud": agency.url, "iat": at, "exp": at + 60, "jti": uuid.uuid4().hex}
    agency.tokens[""] = agency.ask_token(jwt.encode(claims, key, "ES256", {"kid": "short"})).json()["access_token"]
    assert agency.post("/v1/persons/lookup", BODY).status_code == 200
    clients.revoke_key(world.hub, "test", "motcua", "short")
    end = time.monotonic() + 1
    while agency.post("/v1/persons/lookup", BODY).status_code == 200:
        assert time.monotonic() < end
