"""Access tokens: issued by this service (ES256, ten minutes), verified once and then remembered for as long as they live.

A remembered token is no remembered right: what its bearer may do is looked up at every request.
"""

import time
from collections import OrderedDict
from pathlib import Path

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from include.private_files import made_once
from include.sharing.auth.issuers import Issuers
from include.sharing.auth.jwts import LARGEST, LEEWAY, Bearer, issuer_of, verified
from include.sharing.problems import Problem

LIFE = 600
REMEMBERED = 10_000


def fresh() -> bytes:
    """A new key as PEM."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def signing_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The P-256 key in the file, or one made once where only its owner reads it."""
    key = load_pem_private_key(made_once(path, fresh), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise LookupError(f"{path} holds no P-256 key")  # noqa: TRY004 a sentence for whoever put the file there
    return key


class Tokens:
    """Issues and verifies. ``issuer`` is the service's address."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, issuer: str) -> None:
        self.key = key
        self.public = key.public_key()
        self.issuer = issuer
        self.known: OrderedDict[str, Bearer] = OrderedDict()

    def issue(self, bearer: Bearer) -> str:
        """A signed token."""
        claims = {name: value for name, value in msgspec.to_builtins(bearer).items() if value != ""}
        return jwt.encode(claims, self.key, algorithm="ES256", headers={"typ": "at+jwt"})

    async def verify(self, token: str, issuers: Issuers) -> Bearer:
        """What the token says, ours or one of another issuer that is believed. Raises Problem."""
        known = self.known.get(token)
        if known is None:
            known = await issuers.verify(token) if issuer_of(token) in issuers.addresses else self.read(token)
            self.known[token] = known
            if len(self.known) > REMEMBERED:
                self.known.popitem(last=False)
        if known.exp + LEEWAY < time.time():
            self.known.pop(token, None)
            raise Problem("unauthenticated", "mã truy cập đã hết hạn · the access token has expired")
        return known

    def read(self, token: str) -> Bearer:
        """Verifies a token not met before."""
        claims = verified(token, self.public, ("ES256",), {self.issuer}, LARGEST)
        try:
            bearer = msgspec.convert(claims, Bearer, strict=True)
        except msgspec.ValidationError:
            raise Problem("unauthenticated", "mã truy cập không đúng dạng · the access token is not well-formed") from None
        if bearer.iss != self.issuer:
            raise Problem("unauthenticated", "mã truy cập của nơi khác · the access token is from elsewhere")
        return bearer
