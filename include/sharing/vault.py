"""The keys that hide data subjects in the audit log, and the small secrets of the service.

One key per month, made at random, kept in the database wrapped by the key file (``HUB_SHARING_KEY_FILE``, outside the database). From it come the
HMAC key to search by and the AES-256-GCM key to read by. ``erase`` forgets a month: its subjects can never be told again, while the log stays whole.
"""

import base64
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from include import acts
from include.clock import HANOI
from include.hub import Hub
from include.private_files import made_once
from include.store.database import Connection

BLOCK = 64
"""Bytes of a SHA-256 block: HMAC pads its key to it (RFC 2104)."""
KEY = 32
"""Bytes of the key file's key."""
LENGTH = 16
"""Bytes of a subject's keyed hash that are kept."""


def master_key(path: Path) -> bytes:
    """The 32 bytes of the key file, made once where only its owner reads it."""
    try:
        key = base64.b64decode(made_once(path, lambda: base64.b64encode(secrets.token_bytes(KEY))).strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY:
        raise LookupError(f"{path} phải chứa {KEY} byte base64 · must hold {KEY} bytes in base64: openssl rand -base64 {KEY} > {path}")
    return key


def derived(key: bytes, use: str) -> bytes:
    """A key of its own for each use."""
    return hmac.digest(key, use.encode(), "sha256")


def sealed(key: bytes, text: bytes) -> bytes:
    """``text`` under AES-256-GCM, its nonce before it."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, text, None)


def unsealed(key: bytes, box: bytes) -> bytes | None:
    """The text, or None when it is not of this key."""
    try:
        return AESGCM(key).decrypt(box[:12], box[12:], None)
    except (InvalidTag, ValueError):
        return None


@dataclass(frozen=True)
class MonthKey:
    """The key of a month, named ``YYYYMM``."""

    name: int
    secret: bytes

    @cached_property
    def search(self) -> bytes:
        """The HMAC key, padded to a block."""
        return derived(self.secret, "subject search").ljust(BLOCK, b"\0")

    @cached_property
    def pads(self) -> tuple[bytes, bytes]:
        """The inner and outer block of HMAC, so that SQL can compute it from plain ``sha256``."""
        return bytes(byte ^ 0x36 for byte in self.search), bytes(byte ^ 0x5C for byte in self.search)

    @cached_property
    def cipher(self) -> AESGCM:
        """What encrypts subjects."""
        return AESGCM(derived(self.secret, "subject cipher"))

    def keyed(self, subject: str) -> bytes:
        """What the log is searched by; SQL computes the same (``statements.HMAC``)."""
        return hmac.digest(self.search, subject.encode(), "sha256")[:LENGTH]

    def hidden(self, subject: str) -> bytes:
        """The subject, encrypted."""
        nonce = os.urandom(12)
        return nonce + self.cipher.encrypt(nonce, subject.encode(), None)

    def told(self, box: bytes) -> str:
        """The subject again."""
        return self.cipher.decrypt(box[:12], box[12:], None).decode()


def month_of(moment: datetime) -> int:
    """``YYYYMM`` in Việt Nam."""
    local = moment.astimezone(HANOI)
    return local.year * 100 + local.month


MONTHS = "SELECT key, wrapped FROM hub.access_key WHERE wrapped IS NOT NULL"


def keys(connection: Connection, master: bytes) -> dict[int, MonthKey]:
    """Every month's key that was not erased."""
    return opened(connection.execute(MONTHS).fetchall(), master)


def opened(rows: Iterable[Any], master: bytes) -> dict[int, MonthKey]:
    """The keys of months, as (month, wrapped). Raises LookupError when ``master`` does not open them."""
    found = {}
    for name, wrapped in rows:
        secret = unsealed(derived(master, "month keys"), bytes(wrapped))
        if secret is None:
            raise LookupError("HUB_SHARING_KEY_FILE không phải khóa của cơ sở dữ liệu này · is not the key this database was written with")
        found[name] = MonthKey(name, secret)
    return found


def prepare(connection: Connection, master: bytes, at: datetime) -> None:
    """Key and partition of this month and the next, made before they are needed. Raises LookupError when ``master`` is not the database's key."""
    keys(connection, master)
    for moment in (at, at.replace(day=1) + timedelta(days=32)):
        wrapped = sealed(derived(master, "month keys"), secrets.token_bytes(32))
        connection.execute(
            "INSERT INTO hub.access_key (key, wrapped, made_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", [month_of(moment), wrapped, at]
        )
        connection.execute("SELECT hub.access_partition(%s::date)", [moment.astimezone(HANOI).date()])


def forget(hub: Hub, who: str, before: int, reason: str) -> list[int]:
    """``erase``, as an act. Raises LookupError for the present month and later ones: they are still written with."""
    if before > month_of(hub.clock()):
        raise LookupError(f"chỉ xóa được các tháng trước tháng này · only months before this one can be erased: {month_of(hub.clock())}")
    with hub.db.transaction() as connection:
        erased = erase(connection, before, hub.clock())
        acts.record(connection, hub, who, "access_keys_erased", f"access/{before}", months=erased, reason=reason)
    return erased


def erase(connection: Connection, before: int, at: datetime) -> list[int]:
    """Erases the keys of months before ``before`` (YYYYMM); returns them."""
    query = "UPDATE hub.access_key SET wrapped = NULL, erased_at = %s WHERE key < %s AND wrapped IS NOT NULL RETURNING key"
    return sorted(row[0] for row in connection.execute(query, [at, before]))
