"""Opaque places in a feed, signed, so that nobody can make one or carry it to another agreement."""

import binascii
import hmac

import msgspec
from jwt.utils import base64url_decode, base64url_encode

from include.sharing.problems import Problem
from include.sharing.vault import derived

Place = tuple[int, int]


def cursor(master: bytes, agreement: str, place: Place) -> str:
    """The cursor of a place, as (transaction, change)."""
    body = msgspec.json.encode([agreement, *place])
    return base64url_encode(mark(master, body) + body).decode()


def place(master: bytes, agreement: str, given: str) -> Place:
    """The place. Raises Problem when the cursor is not this agreement's."""
    try:
        raw = base64url_decode(given) if len(given) < 300 else b""
        owner, xid, number = msgspec.json.decode(raw[16:], type=tuple[str, int, int])
    except (binascii.Error, msgspec.DecodeError, ValueError):
        raise Problem("cursor") from None
    if owner != agreement or not hmac.compare_digest(raw[:16], mark(master, raw[16:])):
        raise Problem("cursor")
    return xid, number


def mark(master: bytes, body: bytes) -> bytes:
    """What proves that we made it."""
    return hmac.digest(derived(master, "cursor"), body, "sha256")[:16]
