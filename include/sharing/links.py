"""One-time links to pages, and the sessions they open. Both are sealed (AES-256-GCM): nobody reads a number in an address or makes one himself.

The portal (for a citizen) or an agency's system (for its officer) asks for a link; whoever opens it within five minutes has the page. A session is a
cookie that scripts cannot read; what it may see is looked up anew at every page, so a revoked agreement ends it.
"""

import binascii
import hmac
import secrets
import time
from datetime import timedelta

import msgspec
from jwt.utils import base64url_decode, base64url_encode

from include.clock import now
from include.sharing import vault
from include.sharing.auth.caller import Caller
from include.sharing.auth.nonces import use
from include.sharing.call import Call
from include.sharing.problems import Problem
from include.sharing.service import Service

OPEN = 300
"""Seconds within which a link is opened."""
LASTS = {"me": 900, "agency": 8 * 3_600}
"""Seconds a session lasts, by kind of page."""
COOKIE = "hub_{kind}"


class Pass(msgspec.Struct, frozen=True):
    """Who may see a page: the client that vouches, for what purpose, whose data (empty for an agency's own page), until when."""

    kind: str
    client: str
    purpose: str
    subject: str
    until: int
    jti: str


def sealed(master: bytes, use_as: str, given: Pass) -> str:
    """The pass as a text for an address or a cookie."""
    box = vault.sealed(vault.derived(master, f"pages {use_as}"), msgspec.json.encode(given))
    return base64url_encode(box).decode()


def opened(master: bytes, use_as: str, kind: str, text: str) -> Pass | None:
    """The pass, while it is good."""
    try:
        box = base64url_decode(text) if len(text) < 1_000 else b""
    except (binascii.Error, ValueError):
        return None
    told = vault.unsealed(vault.derived(master, f"pages {use_as}"), box)
    found = msgspec.json.decode(told, type=Pass) if told else None
    return found if found and found.kind == kind and found.until > time.time() else None


def link(master: bytes, issuer: str, kind: str, client: str, purpose: str = "", subject: str = "") -> str:
    """A link to open once."""
    given = Pass(kind, client, purpose, subject, int(time.time()) + OPEN, secrets.token_hex(16))
    return f"{issuer}/{kind}/{sealed(master, 'link', given)}"


async def enter(service: Service, kind: str, text: str) -> str:
    """The cookie a link opens a session with. Raises Problem when it is over or was opened before."""
    given = opened(service.master, "link", kind, text)
    if given is None or not await use(service.pool, "link", given.client, given.jti, now() + timedelta(seconds=OPEN)):
        raise Problem("unauthenticated", "liên kết đã hết hạn hoặc đã mở · the link is over or was opened before")
    until = int(time.time()) + LASTS[kind]
    value = sealed(service.master, "session", msgspec.structs.replace(given, until=until, jti=secrets.token_hex(16)))
    secure = "; Secure" if service.tokens.issuer.startswith("https:") else ""
    return f"{COOKIE.format(kind=kind)}={value}; Path=/{kind}; Max-Age={LASTS[kind]}; HttpOnly; SameSite=Lax{secure}"


def session(service: Service, kind: str, call: Call) -> Pass:
    """Whose session it is. Raises Problem."""
    for each in call.headers.get("cookie").split(";"):
        name, _, value = each.strip().partition("=")
        if name == COOKIE.format(kind=kind) and (found := opened(service.master, "session", kind, value)):
            return found
    raise Problem("unauthenticated", "phiên đã hết, hãy mở lại từ cổng dịch vụ · the session is over: open the page from the portal again")


def caller(service: Service, given: Pass) -> Caller:
    """The client that vouches, while its account is open. Raises Problem."""
    client = service.registry.sight().clients.get(given.client)
    if client is None:
        raise Problem("unauthenticated", "tài khoản đã đóng · the account is shut")
    return Caller(client, "link")


def token(service: Service, given: Pass) -> str:
    """What the session's forms carry."""
    return hmac.digest(vault.derived(service.master, "pages forms"), given.jti.encode(), "sha256").hex()[:32]
