"""What may be used once only: ``jti`` of assertions, nonces of signed requests, one-time links. Kept in PostgreSQL, so that every worker knows."""

from datetime import datetime

from include.sharing.database import GONE, Pool
from include.sharing.problems import Problem

USE = "INSERT INTO hub.nonce (kind, client, value, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING true"


async def use(pool: Pool, kind: str, client: str, value: str, until: datetime) -> bool:
    """Whether ``value`` was unused until now; it is used from now on."""
    if not 8 <= len(value) <= 200 or not value.isprintable():
        return False
    try:
        return bool(await pool.fetchval(USE, kind, client, value, until))
    except (*GONE, TimeoutError):
        raise Problem("unavailable", "không ghi được · cannot be written", retry_after=2) from None
