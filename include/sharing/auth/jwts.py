"""JSON Web Tokens, read strictly, whoever made them (RFC 7519, RFC 8725)."""

from typing import Any

import jwt
import msgspec

from include.sharing.problems import Problem

LEEWAY = 60
LARGEST = 4_096
FORBIDDEN_HEADERS = ("jku", "jwk", "x5u", "x5c", "crit", "zip", "b64")
"""A token must not bring its own key or rules."""


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


def issuer_of(token: str) -> str:
    """Who a token says it is from. Raises Problem."""
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except (jwt.PyJWTError, ValueError):
        raise Problem("unauthenticated", "không phải JWT · not a JWT") from None
    return issuer if isinstance(issuer, str) else ""
