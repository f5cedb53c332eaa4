"""OAuth 2.0 client credentials with ``private_key_jwt`` (RFC 7523, as in FAPI 2.0): a client proves itself by a JWT signed with its own key."""

import time
import uuid
from datetime import datetime, timedelta

import jwt

from include.sharing.auth import nonces
from include.sharing.auth.jwts import LEEWAY, Bearer, header_of, verified
from include.sharing.auth.tokens import LIFE, Tokens
from include.sharing.call import WORD
from include.sharing.database import Pool
from include.sharing.problems import Problem
from include.sharing.registry import Snapshot

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BOUND = ("purpose", "dossier")
"""What a token can be bound to; later requests name it in a header, so it must be able to stand there."""
LARGEST = 8_192
LONGEST = 300
"""Seconds an assertion may live."""


async def bearer_of(form: dict[str, str], snapshot: Snapshot, tokens: Tokens, pool: Pool, at: datetime, thumbprint: str) -> Bearer:
    """The rights a token request earns. Raises Problem; ``thumbprint`` binds the token to the certificate it was asked for with."""
    if form.get("grant_type") != "client_credentials":
        raise Problem("invalid", "grant_type: client_credentials")
    if form.get("client_assertion_type") != TYPE:
        raise Problem("unauthenticated", f"client_assertion_type: {TYPE}")
    if odd := [name for name in BOUND if name in form and not WORD.fullmatch(form[name])]:
        errors = [{"in": "body", "pointer": f"/{name}", "detail": "A-Z a-z 0-9 . _ / -, 1–64"} for name in odd]
        raise Problem("invalid", f"{', '.join(odd)} không đúng dạng · is not well-formed", errors)
    assertion = form.get("client_assertion", "")
    client, kid, key = signer(assertion, snapshot)
    claims = verified(assertion, key.key, (key.algorithm_name,), {tokens.issuer, f"{tokens.issuer}/oauth2/token"}, LARGEST)
    if claims["iss"] != client or claims["sub"] != client or form.get("client_id", client) != client:
        raise Problem("unauthenticated", "iss, sub và client_id phải là một · iss, sub and client_id must be one")
    now = int(time.time())
    if claims["exp"] - claims["iat"] > LONGEST or claims["iat"] > now + LEEWAY:
        raise Problem("unauthenticated", f"khẳng định sống tối đa {LONGEST} s · an assertion lives {LONGEST} s at most")
    until = at + timedelta(seconds=LONGEST + 2 * LEEWAY)
    if not nonces.fit(jti := str(claims["jti"])):
        raise Problem("unauthenticated", f"jti: {nonces.SHORTEST}–{nonces.LONGEST} ký tự in được · printable characters")
    if not await nonces.use(pool, "jti", client, jti, until):
        raise Problem("unauthenticated", "khẳng định đã được dùng · the assertion was used before")
    return Bearer(
        tokens.issuer, tokens.issuer, client, now + LIFE, now, uuid.uuid4().hex, kid, form.get("purpose", ""), form.get("dossier", ""), thumbprint
    )


def signer(assertion: str, snapshot: Snapshot) -> tuple[str, str, jwt.PyJWK]:
    """Client, kid and key an assertion claims to be from; what it claims is verified afterwards."""
    header = header_of(assertion, LARGEST)
    try:
        client = jwt.decode(assertion, options={"verify_signature": False}).get("iss")
    except (jwt.PyJWTError, ValueError):
        raise Problem("unauthenticated", "không phải JWT · not a JWT") from None
    kid = header.get("kid")
    key = snapshot.keys.get((client, kid)) if isinstance(client, str) and isinstance(kid, str) else None
    if key is None or client not in snapshot.clients or header.get("alg") != key.algorithm_name:
        raise Problem("unauthenticated", "không biết khóa này · this key is not known")
    return str(client), str(kid), key
