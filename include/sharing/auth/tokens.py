"""Access tokens: issued by this service (ES256, ten minutes), verified once and then remembered for as long as they live.

A remembered token is no remembered right: what its bearer may do is looked up at every request.
"""

import os
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from include.sharing.problems import Problem

LIFE = 600
LEEWAY = 60
LARGEST = 4_096
REMEMBERED = 10_000
FORBIDDEN_HEADERS = ("jku", "jwk", "x5u", "x5c", "crit", "zip", "b64")
"""A token must not bring its own key or rules."""


def signing_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key of HUB_SHARING_TOKEN_FILE, or one made once where only its owner reads it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        try:
            path.hardlink_to(fresh)
        except FileExistsError:  # another process was first: its key is the one
            pass
        finally:
            fresh.unlink()
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise TypeError(f"{path} holds no P-256 key")
    return key


class Bearer(msgspec.Struct, frozen=True):
    """What an access token says."""

    iss: str
    aud: str
    sub: str
    exp: int
    iat: int
    jti: str
    kid: str = ""
    purpose: str = ""
    dossier: str = ""
    thumbprint: str = ""


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

    def verify(self, token: str) -> Bearer:
        """What the token says. Raises Problem."""
        known = self.known.get(token)
        if known is None:
            known = self.read(token)
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


def header_of(token: str, largest: int) -> dict[str, Any]:
    """The unverified header, small and without keys of its own. Raises Problem."""
    if len(token) > largest:
        raise Problem("unauthenticated", "mã quá dài · the token is too long")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise Problem("unauthenticated", "không phải JWT · not a JWT") from None
    if any(name in header for name in FORBIDDEN_HEADERS):
        raise Problem("unauthenticated", "mã mang theo khóa riêng của nó · the token brings its own key")
    return header


def verified(token: str, key: Any, algorithms: tuple[str, ...], audiences: set[str], largest: int) -> dict[str, Any]:
    """The claims of a JWT signed by ``key``, with whole-number times and one audience. Raises Problem, saying nothing of the token's content."""
    header_of(token, largest)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(algorithms),
            audience=sorted(audiences),
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "sub", "iss", "jti", "aud"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Problem("unauthenticated", f"mã không được nhận · the token is refused: {type(error).__name__}") from None
    if not isinstance(claims["aud"], str) or any(type(claims[name]) is not int for name in ("exp", "iat")):
        raise Problem("unauthenticated", "aud phải là một chuỗi, exp và iat là số nguyên · aud must be one string, exp and iat whole numbers")
    return claims
