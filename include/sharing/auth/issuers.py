"""Access tokens of other issuers, such as the province's identity server: verified with the keys it publishes (RFC 7517, RFC 9068).

Which issuers are believed is the operator's word (``HUB_SHARING_ISSUERS``: ``issuer=address of its JWKS``, several divided by blanks); which of
their subjects is which client stands in ``hub.client_issuer``, and is looked up at every request. A key that is not known yet is fetched, at most
once a minute and never while a request could wait for longer than ``TIMEOUT``; keys an issuer has withdrawn go with the next fetch.
"""

import asyncio
import logging
import re
import time
from typing import Any

import jwt
import msgspec
import requests
from jwt.utils import base64url_decode

from include.sharing.auth.jwts import LARGEST, Bearer, header_of, issuer_of, verified
from include.sharing.problems import Problem

ALGORITHMS = frozenset({"ES256", "PS256", "RS256"})
TIMEOUT = 5
LONGEST = 3_600
"""Seconds a token of another issuer may live: so long would a lost one be good."""
LARGEST_SET = 100_000
SELDOM = 60.0
"""Seconds between two fetches for keys that are not known."""
EVERY = 600.0
"""Seconds after which keys are fetched again anyway."""

THUMBPRINT = re.compile("[A-Za-z0-9_-]{43}")
log = logging.getLogger(__name__)


class Claims(msgspec.Struct, frozen=True):
    """What is read of another issuer's token."""

    iss: str
    aud: str
    sub: str
    exp: int
    iat: int
    jti: str
    purpose: str = ""
    dossier: str = ""
    cnf: dict[str, str] = {}


class Issuers:
    """The issuers that are believed, and their keys. ``audience`` is the service's address."""

    def __init__(self, setting: str, audience: str) -> None:
        self.addresses = addresses(setting)
        self.audience = audience
        self.keys: dict[tuple[str, str], jwt.PyJWK] = {}
        self.fetched: dict[str, float] = {}

    async def open(self) -> None:
        """Fetches all keys; an issuer that does not answer is asked again with its first token."""
        await asyncio.gather(*(self.fetch(issuer) for issuer in self.addresses))

    async def fetch(self, issuer: str) -> None:
        """The issuer's keys in place of those known, which stay when it does not answer."""
        self.fetched[issuer] = time.monotonic()
        try:
            found = await asyncio.to_thread(published, self.addresses[issuer])
        except (requests.RequestException, ValueError, jwt.PyJWTError) as error:
            log.warning("keys of %s cannot be fetched: %s", issuer, type(error).__name__)
            return
        self.keys = {name: key for name, key in self.keys.items() if name[0] != issuer} | {(issuer, kid): key for kid, key in found.items()}

    async def verify(self, token: str) -> Bearer:
        """What a token of a believed issuer says; its subject is the issuer's, not yet a client. Raises Problem."""
        header = header_of(token, LARGEST)
        issuer, kid = issuer_of(token), str(header.get("kid", ""))
        if issuer not in self.addresses:
            raise Problem("unauthenticated", "mã truy cập của nơi khác · the access token is from elsewhere")
        age = time.monotonic() - self.fetched.get(issuer, -EVERY)
        if age > EVERY or ((issuer, kid) not in self.keys and age > SELDOM):
            await self.fetch(issuer)
        key = self.keys.get((issuer, kid))
        if key is None or header.get("alg") != key.algorithm_name:
            raise Problem("unauthenticated", "không biết khóa này · this key is not known")
        if header.get("typ") not in {"at+jwt", "application/at+jwt"}:
            raise Problem("unauthenticated", "không phải mã truy cập (typ: at+jwt) · not an access token (typ: at+jwt)")
        try:
            claims = msgspec.convert(verified(token, key.key, (key.algorithm_name,), {self.audience}, LARGEST), Claims, strict=True)
        except msgspec.ValidationError:
            raise Problem("unauthenticated", "mã truy cập không đúng dạng · the access token is not well-formed") from None
        if claims.exp - claims.iat > LONGEST:
            raise Problem("unauthenticated", f"mã truy cập sống tối đa {LONGEST} s · an access token lives {LONGEST} s at most")
        bound = claims.cnf.get("x5t#S256", "")
        if claims.cnf and not THUMBPRINT.fullmatch(bound):
            raise Problem("unauthenticated", "mã gắn với loại khóa không được nhận · the token is bound in a way that is not taken")
        return Bearer(claims.iss, claims.aud, claims.sub, claims.exp, claims.iat, claims.jti, "", claims.purpose, claims.dossier, hexadecimal(bound))


def addresses(setting: str) -> dict[str, str]:
    """Issuers and the addresses of their keys. Raises LookupError for what is neither."""
    found = {}
    for each in setting.split():
        issuer, _, address = each.partition("=")
        if not issuer.startswith("https://") or not address.startswith(("https://", "http://127.0.0.1:")):
            raise LookupError(f"HUB_SHARING_ISSUERS: {each} không phải https://…=https://… · is not issuer=address of its JWKS, both https")
        found[issuer] = address
    return found


def published(address: str) -> dict[str, jwt.PyJWK]:
    """The signature keys an issuer publishes, by kid: P-256, and RSA of 2048 bits and more; others are left out."""
    with requests.get(address, timeout=TIMEOUT, allow_redirects=False, stream=True, headers={"accept": "application/json"}) as answer:
        answer.raise_for_status()
        body = answer.raw.read(LARGEST_SET + 1, decode_content=True)
    if answer.status_code != 200 or len(body) > LARGEST_SET:
        raise ValueError("no JWKS")
    found = {}
    for document in msgspec.json.decode(body, type=dict[str, Any]).get("keys", ()):
        if document.get("use", "sig") == "sig" and document.get("kid") and (algorithm := algorithm_of(document)):
            found[str(document["kid"])] = jwt.PyJWK(document, algorithm=algorithm)
    return {kid: key for kid, key in found.items() if getattr(key.key, "key_size", 0) >= 2048 or key.algorithm_name == "ES256"}


def algorithm_of(document: dict[str, Any]) -> str:
    """The one algorithm a published key is taken for; RS256 where an RSA key does not say, as RFC 9068 has it."""
    kind = "ES256" if (document.get("kty"), document.get("crv")) == ("EC", "P-256") else "RS256" if document.get("kty") == "RSA" else ""
    named = str(document.get("alg", kind))
    return named if kind and named in ALGORITHMS and named.startswith("ES") == (kind == "ES256") else ""


def hexadecimal(thumbprint: str) -> str:
    """A thumbprint of base64url (RFC 8705) in the hexadecimal form nginx gives; none is none."""
    return base64url_decode(thumbprint).hex()
