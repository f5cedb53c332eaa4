"""What may be used once only: ``jti`` of assertions, nonces of signed requests, one-time links. Kept in PostgreSQL, so that every worker knows."""

from datetime import datetime

from include.sharing.database import GONE, Pool
from include.sharing.problems import Problem

SHORTEST, LONGEST = 8, 200
USE = "INSERT INTO hub.nonce (kind, client, value, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING true"


def fit(value: str) -> bool:
    """Whether it can be told from others, and kept."""
    return SHORTEST <= len(value) <= LONGEST and value.isprintable()


async def use(pool: Pool, kind: str, client: str, value: str, until: datetime) -> bool:
    """Whether ``value`` was unused until now; it is used from now on."""
    if not fit(value):
        return False
    try:
        return bool(await pool.fetchval(USE, kind, client, value, until))
    except (*GONE, TimeoutError):
        raise Problem("unavailable", "không ghi được · cannot be written", retry_after=2) from None
