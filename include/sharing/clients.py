"""Agencies as callers: who they are, and the keys and certificates they prove it with."""

import hashlib
import re
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from psycopg.types.json import Jsonb

from include import acts
from include.hub import Hub
from include.sharing.auth.issuers import addresses
from include.store.database import Connection
from mappings.identifiers import agency_code
from mappings.refusal import Refusal

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


def register(hub: Hub, who: str, client: str, agency: str, name: str, contact: str, *, sandbox: bool = False) -> None:
    """Makes the account of an agency's system."""
    if not is_agency(agency):
        raise LookupError(f"{agency} không đúng thứ tự QĐ 20/2020 · is not an agency code in the order of QĐ 20/2020, such as H05.16")
    if not NAME.fullmatch(client):
        raise LookupError(f"{client}: tên tài khoản 1–40 chữ thường, số, gạch nối · an account's name is 1 to 40 of a-z, 0-9 and -")
    with hub.db.transaction() as connection:
        if connection.execute("SELECT 1 FROM hub.client WHERE id = %s", [client]).fetchone():
            raise LookupError(f"đã có tài khoản {client} · there is an account {client} already")
        connection.execute(
            "INSERT INTO hub.client (id, agency, name, contact, sandbox, created_at) VALUES (%s, %s, %s, %s, %s, %s)",
            [client, agency, name, contact, sandbox, hub.clock()],
        )
        acts.record(connection, hub, who, "client", f"client/{client}", step="register", agency=agency)


def is_agency(code: str) -> bool:
    """Whether a code is an agency's, written in the order of the decision."""
    try:
        return agency_code(code) == code
    except Refusal:
        return False


def known(connection: Connection, client: str) -> None:
    """Raises LookupError when there is no such account, naming those there are."""
    names = [row[0] for row in connection.execute("SELECT id FROM hub.client ORDER BY id").fetchall()]
    if client not in names:
        raise LookupError(f"không có tài khoản {client} · there is no account {client}; there are {', '.join(names) or 'none'}")


def suspend(hub: Hub, who: str, client: str, reason: str) -> None:
    """Shuts an account: nothing it holds is taken any more."""
    with hub.db.transaction() as connection:
        changed = connection.execute("UPDATE hub.client SET suspended_at = %s WHERE id = %s AND suspended_at IS NULL", [hub.clock(), client]).rowcount
        if not changed:
            raise LookupError(f"không có tài khoản đang mở {client} · no open account {client}")
        acts.record(connection, hub, who, "client", f"client/{client}", step="suspend", reason=reason)


def add_key(hub: Hub, who: str, client: str, jwk: dict[str, Any]) -> str:
    """Adds a public key (JWK, P-256 or RSA of 2048 bits and more); returns its ``kid``. Several may count at once, so that keys can be changed."""
    if any(part in jwk for part in PRIVATE):
        raise LookupError("đây là khóa riêng; chỉ gửi khóa công khai · this is a private key: send only the public one")
    kid = str(jwk.get("kid", ""))
    if not 1 <= len(kid) <= 100 or not kid.isprintable():
        raise LookupError("khóa cần kid 1–100 ký tự · the key needs a kid of 1 to 100 characters")
    try:
        key = jwt.PyJWK(jwk, algorithm={"EC": "ES256", "RSA": "PS256"}.get(str(jwk.get("kty")), "none"))
    except jwt.PyJWTError as error:
        raise LookupError(f"không đọc được khóa · the key cannot be read: {error}") from None
    if jwk["kty"] == "RSA" and key.key.key_size < 2048:
        raise LookupError("khóa RSA ngắn hơn 2048 bit · the RSA key is shorter than 2048 bits")
    if jwk["kty"] == "EC" and jwk.get("crv") != "P-256":
        raise LookupError("chỉ nhận đường cong P-256 · only the curve P-256 is taken")
    with hub.db.transaction() as connection:
        known(connection, client)
        if connection.execute("SELECT 1 FROM hub.client_key WHERE client = %s AND kid = %s", [client, kid]).fetchone():
            raise LookupError(f"{client} đã có khóa {kid}, kể cả đã thu hồi; dùng kid khác · has had a key {kid}: choose another kid")
        connection.execute("INSERT INTO hub.client_key (client, kid, jwk) VALUES (%s, %s, %s)", [client, kid, Jsonb(jwk)])
        acts.record(connection, hub, who, "client", f"client/{client}", step="add key", kid=kid)
    return kid


def revoke_key(hub: Hub, who: str, client: str, kid: str) -> None:
    """A key that was lost counts no longer, and no token got with it."""
    with hub.db.transaction() as connection:
        query = "UPDATE hub.client_key SET revoked_at = %s WHERE client = %s AND kid = %s AND revoked_at IS NULL"
        if not connection.execute(query, [hub.clock(), client, kid]).rowcount:
            raise LookupError(f"{client} không có khóa {kid} · has no key {kid}")
        acts.record(connection, hub, who, "client", f"client/{client}", step="revoke key", kid=kid)


def add_subject(hub: Hub, who: str, client: str, issuer: str, subject: str) -> None:
    """Takes another issuer's access tokens for ``subject`` as the client's."""
    believed = addresses(hub.settings.environment.get("HUB_SHARING_ISSUERS", ""))
    if issuer not in believed:
        raise LookupError(
            f"HUB_SHARING_ISSUERS không có {issuer}, hãy thêm {issuer}=https://… · does not hold it: add it with the address of its JWKS;"
            f" there are {', '.join(believed) or 'none'}"
        )
    with hub.db.transaction() as connection:
        known(connection, client)
        if row := connection.execute("SELECT client FROM hub.client_issuer WHERE issuer = %s AND subject = %s", [issuer, subject]).fetchone():
            raise LookupError(f"{subject} đã đăng ký cho {row[0]}, kể cả đã thu hồi · was registered for {row[0]} already, revoked or not")
        connection.execute("INSERT INTO hub.client_issuer (issuer, subject, client) VALUES (%s, %s, %s)", [issuer, subject, client])
        acts.record(connection, hub, who, "client", f"client/{client}", step="add subject", issuer=issuer, name=subject)


def revoke_subject(hub: Hub, who: str, client: str, issuer: str, subject: str) -> None:
    """The issuer's tokens for ``subject`` count no longer."""
    with hub.db.transaction() as connection:
        query = "UPDATE hub.client_issuer SET revoked_at = %s WHERE client = %s AND issuer = %s AND subject = %s AND revoked_at IS NULL"
        if not connection.execute(query, [hub.clock(), client, issuer, subject]).rowcount:
            raise LookupError(f"{client} không có {subject} của {issuer} · has no such subject")
        acts.record(connection, hub, who, "client", f"client/{client}", step="revoke subject", issuer=issuer, name=subject)


def add_certificate(hub: Hub, who: str, client: str, pem: bytes) -> str:
    """Adds a client certificate; returns its thumbprint (SHA-256 of the DER, hexadecimal)."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise LookupError("không đọc được chứng thư PEM · this is no certificate in PEM form (-----BEGIN CERTIFICATE-----)") from None
    thumbprint = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    with hub.db.transaction() as connection:
        known(connection, client)
        if row := connection.execute("SELECT client FROM hub.client_certificate WHERE thumbprint = %s", [thumbprint]).fetchone():
            raise LookupError(f"chứng thư này đã đăng ký cho {row[0]} · this certificate is {row[0]}'s already")
        connection.execute(
            "INSERT INTO hub.client_certificate (thumbprint, client, subject, not_after) VALUES (%s, %s, %s, %s)",
            [thumbprint, client, certificate.subject.rfc4514_string(), certificate.not_valid_after_utc],
        )
        acts.record(connection, hub, who, "client", f"client/{client}", step="add certificate", thumbprint=thumbprint)
    return thumbprint
