"""Tokens and sessions: fetched when there is none in force, renewed a little before they expire, and once when they are refused."""

import base64
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from connectors.auth import Certificate, basic, kept
from connectors.errors import BadAnswer, SourceRefused, SourceUnavailable
from connectors.jsontext import NOT_JSON
from connectors.page import Endpoint
from connectors.transport import Answer, Patience, Request, Transport, retry_after, where

CAP = 2**20
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class Token(msgspec.Struct):
    """A token answer (RFC 6749 §5.1); ``expires_in`` in seconds."""

    access_token: str
    expires_in: float = 300.0


class Renewed(Certificate, ABC):
    """What is fetched at an address and shown until it expires. Subclasses say what to send, and how to read what comes back."""

    MARGIN = 30.0
    """Seconds before its end at which a token counts as expired."""

    def __init__(self, endpoint: Endpoint, path: str, timeout: tuple[float, float] = (5.0, 30.0)) -> None:
        super().__init__(endpoint)
        self._url = endpoint.url.rstrip("/") + path
        self._timeout = timeout
        self._token = ""
        self._until = 0.0

    def headers(self) -> dict[str, str]:
        """The token, fetched when there is none in force."""
        if time.monotonic() >= self._until:
            transport = Transport(self._verdict, Certificate(self.endpoint), Patience(attempts=1, timeout=self._timeout), cap=CAP)
            try:
                answer = transport.send(self._request())
            finally:
                transport.close()
            self._token, seconds = self._read(answer)
            self._until = time.monotonic() + max(0.0, seconds - self.MARGIN)
        return self._shown(self._token)

    def renew(self) -> None:
        """Forgets the token."""
        self._until = 0.0

    def _shown(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    @abstractmethod
    def _request(self) -> Request:
        """What to send for a new one."""

    def _read(self, answer: Answer) -> tuple[str, float]:
        try:
            token = msgspec.json.decode(answer.body, type=Token)
        except NOT_JSON as error:
            raise BadAnswer(f"{where(self._url)}: not a token answer ({error})") from None
        return token.access_token, token.expires_in

    def _verdict(self, answer: Answer) -> None:
        if answer.status in {400, 401, 403}:
            raise SourceRefused(f"{where(self._url)}: the key or secret of {self.endpoint.system} is refused (HTTP {answer.status})")
        if answer.status != 200:
            raise SourceUnavailable(f"{where(self._url)}: HTTP {answer.status}", retry_after(answer.headers))


class ClientCredentials(Renewed):
    """OAuth2 client credentials (RFC 6749 §4.4), the client's secret in Basic, as WSO2's ``/token`` wants it. Option ``scope`` narrows it."""

    def __init__(self, endpoint: Endpoint, path: str = "/token", timeout: tuple[float, float] = (5.0, 30.0)) -> None:
        super().__init__(endpoint, path, timeout)

    def _form(self) -> dict[str, str]:
        scope = dict(self.endpoint.options).get("scope")
        return {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}

    def _request(self) -> Request:
        return Request(
            "POST", self._url, {**FORM, "Authorization": basic(self.endpoint.user, self.endpoint.secret)}, body=urlencode(self._form()).encode()
        )


class PrivateKeyJwt(ClientCredentials):
    """OAuth2 client credentials with a signed assertion in place of a secret (RFC 7523 §2.2).

    Option ``key_file`` names the private key (PEM: RSA, P-256 or Ed25519; the endpoint's secret is its passphrase, if it has one),
    ``key_id`` the ``kid`` the token service knows it by, ``audience`` the service's own name when that is not the address of its ``/token``.
    """

    SECONDS = 60

    def _request(self) -> Request:
        proof = {"client_assertion_type": ASSERTION, "client_assertion": self.assertion()}
        return Request("POST", self._url, FORM, body=urlencode(self._form() | {"client_id": self.endpoint.user} | proof).encode())

    def assertion(self) -> str:
        """A JWT of one minute with an id of its own (RFC 7523 §3)."""
        import jwt

        options, now = dict(self.endpoint.options), int(time.time())
        claims = {
            "iss": self.endpoint.user,
            "sub": self.endpoint.user,
            "aud": options.get("audience") or self._url,
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + self.SECONDS,
        }
        key, algorithm = signing_key(self.endpoint)
        return jwt.encode(claims, key, algorithm, headers={"kid": options["key_id"]} if options.get("key_id") else None)


def signing_key(endpoint: Endpoint) -> tuple[Any, str]:
    """The private key of option ``key_file`` and its JWS algorithm (RFC 7518, RFC 8037). Raises SourceRefused."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(kept(endpoint, "key").encode(), endpoint.secret.encode() or None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SourceRefused(f"{endpoint.system}: option key_file names no private key that opens ({type(error).__name__})") from None
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return key, "PS256" if dict(endpoint.options).get("algorithm") == "PS256" else "RS256"
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key, "ES256"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key, "EdDSA"
    raise SourceRefused(f"{endpoint.system}: option key_file: RSA of 2048 bits or more, P-256 or Ed25519 is wanted")


class LgspAccessToken(ClientCredentials):
    """The gateway variant that wants ``lgspaccesstoken`` on the token call and on each call: base64 of a JSON object of five names.

    Source: land and price systems behind provincial gateways. Options ``accesskey``, ``secretkey`` (or ``secretkey_file``), ``appname``,
    ``partnercode``, ``partnercodecus``.
    """

    NAMES = ("AccessKey", "SecretKey", "AppName", "PartnerCode", "PartnerCodeCus")

    def _own(self) -> dict[str, str]:
        known = {name: kept(self.endpoint, name.lower()) for name in self.NAMES}
        return {"lgspaccesstoken": base64.b64encode(msgspec.json.encode(known)).decode()}

    def _request(self) -> Request:
        request = super()._request()
        return Request("POST", request.url, {**request.headers, **self._own()}, body=request.body)

    def _shown(self, token: str) -> dict[str, str]:
        return super()._shown(token) | self._own()


class LoginSession(Renewed):
    """A login that gives a session: ``POST path`` with a JSON body, the session at the dotted path ``at``, shown in ``header`` after ``prefix``.

    ``names`` are the two fields of the body; ``seconds`` is how long a session lasts when nothing better is known.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        path: str = "/login",
        at: str = "session",
        header: str = "Authorization",
        prefix: str = "Bearer ",
        names: tuple[str, str] = ("username", "password"),
        seconds: float = 1800.0,
    ) -> None:
        super().__init__(endpoint, path)
        self._at, self._header, self._prefix, self._names, self._seconds = at, header, prefix, names, seconds

    def _request(self) -> Request:
        body = dict(zip(self._names, (self.endpoint.user, self.endpoint.secret), strict=True))
        return Request("POST", self._url, {"Content-Type": "application/json"}, body=msgspec.json.encode(body))

    def _read(self, answer: Answer) -> tuple[str, float]:
        try:
            found: Any = msgspec.json.decode(answer.body)
        except NOT_JSON:
            raise BadAnswer(f"{where(self._url)}: the login answer is not JSON") from None
        for name in self._at.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        if not isinstance(found, str) or not found:  # failed logins come with HTTP 200 and without a session
            raise SourceRefused(f"{where(self._url)}: no session at {self._at}: user or password of {self.endpoint.system} is refused")
        return found, self._seconds

    def _shown(self, token: str) -> dict[str, str]:
        return {self._header: self._prefix + token}
