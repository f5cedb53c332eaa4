"""Webhooks (Standard Webhooks): a thin message says that the feed has something new; what it is, the agency reads with its own rights.

No personal data leaves this way. At least once, signed, each message by its own id; after a failure 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h
and 24 h; after that the address is switched off. ``410`` switches it off at once, a redirect is a failure and never followed.
"""

import base64
import hmac
import http.client
import uuid
from datetime import datetime, timedelta
from typing import Any

import msgspec

from include.clock import now
from include.hub import Hub
from include.sharing import vault
from include.sharing.targets import Refused, allowed_networks, post
from include.store.transactions import ALL_OVER

SCHEDULE = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each next attempt."""
DUE = f"""SELECT w.id, w.url, w.secret, w.message, w.attempt, a.dataset, a.id AS agreement, n.xid FROM hub.webhook w
JOIN hub.agreement a ON a.id = w.agreement JOIN hub.agreement_version v ON v.agreement = a.id AND v.state = 'active'
CROSS JOIN LATERAL (SELECT max(c.xid) AS xid FROM hub.change c WHERE c.entity = a.dataset AND c.xid < {ALL_OVER}) n
WHERE w.state = 'active' AND w.next_at <= %s AND n.xid > w.xid"""
SENT = "UPDATE hub.webhook SET xid = %s, message = NULL, attempt = 0, next_at = %s, last_status = %s WHERE id = %s"
FAILED = "UPDATE hub.webhook SET state = %s, message = %s, attempt = %s, next_at = %s, last_status = %s WHERE id = %s"


def sign(secret: bytes, message: str, at: int, body: bytes) -> str:
    """The signature of Standard Webhooks."""
    return "v1," + base64.b64encode(hmac.digest(secret, f"{message}.{at}.".encode() + body, "sha256")).decode()


def deliver(hub: Hub, at: datetime | None = None) -> int:
    """Sends every message that is due; returns how many arrived."""
    key = vault.derived(vault.master_key(hub.settings.sharing_key_file), "webhooks")
    arrived = 0
    for row in hub.db.rows(DUE, at or now()):
        secret = vault.unsealed(key, bytes(row[2]))
        if secret is None:
            raise LookupError("HUB_SHARING_KEY_FILE không mở được khóa của webhook · does not open the secrets of webhooks")
        arrived += send(hub, row, secret, at or now())
    return arrived


def send(hub: Hub, row: Any, secret: bytes, at: datetime) -> bool:
    """Sends one message and notes what came of it."""
    name, url, _, message, attempt, dataset, agreement, xid = row
    message = message or f"msg_{uuid.uuid4().hex}"
    data = {"dataset": dataset, "agreement": agreement}
    body = msgspec.json.encode({"type": f"{dataset}.changed", "timestamp": at.isoformat(), "data": data})
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(secret, message, int(at.timestamp()), body),
    }
    try:
        status, wait = post(url, body, headers, allowed_networks(hub.settings))
        told = str(status)
    except Refused as refused:
        status, wait, told = 0, "", str(refused)
    except (OSError, ValueError, http.client.HTTPException) as error:
        status, wait, told = 0, "", type(error).__name__
    with hub.db.transaction() as connection:
        if 200 <= status < 300:
            connection.execute(SENT, [xid, at, told, name])
            return True
        over = status == 410 or attempt >= len(SCHEDULE)
        seconds = max(SCHEDULE[min(attempt, len(SCHEDULE) - 1)], min(int(wait[:6]), 86_400) if wait.isascii() and wait.isdecimal() else 0)
        connection.execute(FAILED, ["off" if over else "active", message, attempt + 1, at + timedelta(seconds=seconds), told, name])
    return False
