"""Signed requests (RFC 9421): method, address, body, content type and purpose under one signature, five minutes, once.

The signature must cover what decides about the answer; libraries' defaults leave the purpose and the content type open, and take a replay.
"""

import base64
import binascii
import hashlib
import re
import time
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA512

from include.sharing.auth.nonces import use
from include.sharing.call import Call, Headers
from include.sharing.database import Pool
from include.sharing.problems import Problem
from include.sharing.registry import Snapshot

LONGEST = 300
ALGORITHMS = {"EC": "ecdsa-p256-sha256", "RSA": "rsa-pss-sha512"}
"""The algorithm of each kind of key (RFC 9421 §3.3)."""
REQUIRED = ("@method", "@target-uri", "@authority", "purpose-of-use", "content-digest", "content-type")
ALWAYS = ("@method", "@target-uri", "@authority", "purpose-of-use")
WHEN_SENT = ("dossier-id", "officer-id", "x-road-userid", "x-road-issue", "x-road-represented-party")
"""Headers that must be covered when they are there: they go into the audit."""
SECONDS = ("created", "expires")
INPUT = re.compile(r'([a-z*][a-z0-9_.*-]*)=(\(((?:"[a-z0-9@-]+" ?)*)\)((?:;[a-z]+=(?:"[^"\\]*"|[0-9]+))*))')
PARAMETER = re.compile(r';([a-z]+)=(?:"([^"\\]*)"|([0-9]+))')


class Signature(NamedTuple):
    """A parsed signature."""

    covered: list[str]
    parameters: dict[str, str]
    line: str
    value: bytes


def parsed(headers: Headers) -> Signature:
    """The one signature of the request. Raises Problem."""
    found = INPUT.fullmatch(headers.get("signature-input", "").strip())
    if found is None:
        raise Problem("unauthenticated", "Signature-Input: một chữ ký, không tham số lạ · one signature, no parameters unknown to RFC 9421 §2.3")
    label, line, listed, parameters = found[1], found[2], found[3], found[4]
    value = re.fullmatch(rf"{re.escape(label)}=:([A-Za-z0-9+/=]+):", headers.get("signature", "").strip())
    if value is None:
        raise Problem("unauthenticated", "Signature không khớp Signature-Input · does not fit Signature-Input")
    given = PARAMETER.findall(parameters)
    if len({name for name, *_ in given}) != len(given):
        raise Problem("unauthenticated", "tham số chữ ký lặp lại · a signature parameter comes twice")
    if any(name in SECONDS and not re.fullmatch("[0-9]{1,12}", number) for name, _, number in given):
        raise Problem("unauthenticated", f"{', '.join(SECONDS)}: số giây · a number of seconds")
    covered = [name.strip('"') for name in listed.split()]
    if len(set(covered)) != len(covered):
        raise Problem("unauthenticated", "thành phần ký lặp lại · a component is covered twice")
    try:
        return Signature(covered, {name: quoted or number for name, quoted, number in given}, line, base64.b64decode(value[1], validate=True))
    except binascii.Error:
        raise Problem("unauthenticated", "Signature không phải base64 · is not base64") from None


def covers(call: Call, covered: list[str]) -> None:
    """Raises Problem naming what the signature leaves open."""
    needed = [*(REQUIRED if call.body else ALWAYS), *(name for name in WHEN_SENT if name in call.headers)]
    if missing := [name for name in needed if name not in covered]:
        raise Problem("unauthenticated", f"chữ ký phải bao · the signature must cover: {', '.join(missing)}")
    if call.body:
        digest = "sha-256=:" + base64.b64encode(hashlib.sha256(call.body).digest()).decode() + ":"
        if call.headers.get("content-digest") != digest:
            raise Problem("unauthenticated", "Content-Digest không khớp thân yêu cầu · does not fit the body")


def base(call: Call, issuer: str, signature: Signature) -> bytes:
    """What was signed (RFC 9421 §2.5). The address is the service's own, never the Host header."""
    special = {"@method": call.method, "@target-uri": issuer + call.target, "@authority": issuer.partition("://")[2].lower(), "@path": call.path}
    lines = []
    for name in signature.covered:
        value = special.get(name) if name.startswith("@") else call.headers.get(name)
        if value is None:
            raise Problem("unauthenticated", f"không có thành phần · there is no {name}")
        lines.append(f'"{name}": {value.strip()}')
    return "\n".join([*lines, f'"@signature-params": {signature.line}']).encode()


async def client_of(call: Call, snapshot: Snapshot, issuer: str, pool: Pool, at: datetime) -> tuple[str, str]:
    """Who signed, as (client, kid). Raises Problem."""
    signature = parsed(call.headers)
    covers(call, signature.covered)
    created = int(signature.parameters.get("created", "0"))
    if abs(time.time() - created) > LONGEST:
        raise Problem("unauthenticated", f"chữ ký quá {LONGEST} s · the signature is older than {LONGEST} s")
    if "expires" in signature.parameters and int(signature.parameters["expires"]) < time.time():
        raise Problem("unauthenticated", "chữ ký đã hết hạn · the signature has expired")
    client, _, kid = signature.parameters.get("keyid", "").rpartition("/")
    key = snapshot.keys.get((client, kid))
    if key is None or client not in snapshot.clients:
        raise Problem("unauthenticated", "không biết khóa này · this key is not known")
    if "alg" in signature.parameters and signature.parameters["alg"] != ALGORITHMS.get(key.key_type or ""):
        raise Problem("unauthenticated", "alg không phải của khóa này · alg is not this key's")
    if not sound(key.key, base(call, issuer, signature), signature.value):
        raise Problem("unauthenticated", "chữ ký sai · the signature is wrong")
    until = at + timedelta(seconds=2 * LONGEST)
    nonce = signature.parameters.get("nonce", "")
    if len(nonce) < 16 or not await use(pool, "signature", client, nonce, until):
        raise Problem("unauthenticated", "nonce thiếu, ngắn hoặc đã dùng · the nonce is missing, short or used before")
    return client, kid


def sound(key: object, data: bytes, value: bytes) -> bool:
    """Whether the signature is of this key: ECDSA P-256 with SHA-256, or RSA-PSS with SHA-512 (RFC 9421 §3.3)."""
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            if len(value) != 64:
                return False
            pair = encode_dss_signature(int.from_bytes(value[:32]), int.from_bytes(value[32:]))
            key.verify(pair, data, ec.ECDSA(SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(value, data, padding.PSS(padding.MGF1(SHA512()), 64), SHA512())
        else:
            return False
    except InvalidSignature:
        return False
    return True
