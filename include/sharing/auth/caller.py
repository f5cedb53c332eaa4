"""The caller of a request, by token, signature or certificate. Who shows several must be the same in all of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from include.sharing.auth import certificates, signatures
from include.sharing.auth.issuers import Issuers
from include.sharing.auth.jwts import LEEWAY, Bearer
from include.sharing.auth.tokens import REMEMBERED, Tokens
from include.sharing.call import Call
from include.sharing.database import Pool
from include.sharing.problems import Problem
from include.sharing.registry import Client, Registry


@dataclass(frozen=True, slots=True)
class Caller:
    """A client that has proved itself, and how: ``token``, ``signature``, ``certificate``, or several."""

    client: Client
    via: str


@dataclass(frozen=True, slots=True)
class Doorman:
    """Lets in who proves to be a client. ``proxy`` is the secret shared with nginx."""

    registry: Registry
    tokens: Tokens
    issuers: Issuers
    proxy: str

    async def admit(self, call: Call, pool: Pool, clock: Callable[[], datetime]) -> Caller:
        """Who is calling. Raises Problem: 401 whatever was wrong with the proof."""
        snapshot = self.registry.sight()
        raw = call.headers.raw
        known = snapshot.bearers.get(raw.get(b"authorization", b""))
        if known is not None and b"signature-input" not in raw and certificates.NAME not in raw:
            bearer, caller = known
            if bearer.exp + LEEWAY > time.time():
                bound(bearer, call)
                return caller  # type: ignore[no-any-return]
        thumbprint = certificates.thumbprint_of(call.headers, self.proxy)
        proved: dict[str, str] = {}
        if thumbprint:
            proved["certificate"] = snapshot.certificates.get(thumbprint, "")
        bearer = None
        if authorization := call.headers.get("authorization"):
            bearer = await self.bearer(authorization, call, thumbprint)
            proved["token"] = self.client_of(bearer)
        if "signature-input" in call.headers:
            proved["signature"], _ = await signatures.client_of(call, snapshot, self.tokens.issuer, pool, clock())
        names = set(proved.values())
        client = snapshot.clients.get(names.pop()) if len(names) == 1 else None
        if client is None:
            raise Problem(
                "unauthenticated", "cần mã truy cập, chữ ký hoặc chứng thư của một bên gọi đã đăng ký · a registered client's proof is needed"
            )
        caller = Caller(client, "+".join(proved))
        if bearer is not None and len(proved) == 1 and not bearer.thumbprint:
            if len(snapshot.bearers) >= REMEMBERED:
                snapshot.bearers.clear()
            snapshot.bearers[raw[b"authorization"]] = (bearer, caller)
        return caller

    def client_of(self, bearer: Bearer) -> str:
        """Whose token it is; of another issuer's subject, the client it is registered for. Raises Problem."""
        snapshot = self.registry.sight()
        if bearer.iss != self.tokens.issuer:
            return snapshot.subjects.get((bearer.iss, bearer.sub), "")
        if (bearer.sub, bearer.kid) not in snapshot.keys:
            raise Problem("unauthenticated", "khóa lấy mã truy cập đã bị thu hồi · the key the token was got with is revoked")
        return bearer.sub

    async def bearer(self, authorization: str, call: Call, thumbprint: str) -> Bearer:
        """The token of the Authorization header: for this purpose and dossier if it was bound to them, by this certificate if it was got with one."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or " " in token:
            raise Problem("ambiguous-request", "Authorization: Bearer <token>")
        bearer = await self.tokens.verify(token, self.issuers)
        if bearer.thumbprint and bearer.thumbprint != thumbprint:
            raise Problem("unauthenticated", "mã truy cập gắn với chứng thư khác · the token is bound to another certificate")
        bound(bearer, call)
        return bearer


def bound(bearer: Bearer, call: Call) -> None:
    """Raises Problem when the token was got for another purpose or dossier."""
    if (bearer.purpose and bearer.purpose != call.purpose) or (bearer.dossier and bearer.dossier != call.dossier):
        raise Problem("unauthenticated", "mã truy cập gắn với mục đích hoặc hồ sơ khác · the token is bound to another purpose or dossier")
