"""Sandbox clients with keys and agreements, so that the service can be tried at once. Their private keys lie under HUB_HOME/clients."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from include.hub import Hub
from include.sharing import agreements, clients
from include.sharing.auth.tokens import signing_key
from include.sharing.terms import Terms, read

KID = "2026-1"
WHO = "sandbox"
LAW: dict[str, Any] = {"act": "Nghị định 278/2025/NĐ-CP", "article": "Điều 7"}
PERSON = ("personal_number", "full_name", "birth_date", "sex", "commune_code", "address")


@dataclass(frozen=True, slots=True)
class Sample:
    """A client and what it is granted, by dataset."""

    id: str
    agency: str
    name: str
    grants: dict[str, dict[str, Any]]


def sample(**terms: Any) -> dict[str, Any]:
    """Terms with the legal basis of the sandbox."""
    return LAW | {"purposes": ("1.001193", "2.000815")} | terms


SAMPLES = (
    Sample(
        "motcua",
        "H05",
        "Hệ thống một cửa điện tử (thử nghiệm)",
        {
            "person": sample(
                operations=("lookup", "verify", "search", "resolve", "changes", "export", "correct"),
                visible=PERSON,
                masked={"phone": "last3"},
                per_second=5_000,
                per_day=1_000_000,
            ),
            "dossier": sample(operations=("lookup",), visible=("code", "procedure_code", "status", "applicant_name", "steps", "due_at")),
            "paper": sample(operations=("lookup",), visible=("code", "paper_type", "title", "issued_on", "issuer", "sha256")),
            "enterprise": sample(operations=("lookup",), visible=("tax_code", "name", "legal_status", "address", "commune_code")),
        },
    ),
    Sample(
        "datdai",
        "H05.15",
        "Văn phòng đăng ký đất đai (thử nghiệm)",
        {
            "land_certificate": sample(operations=("lookup",), visible=("serial", "status", "owner_name", "parcels", "commune_code")),
            "insurance_participation": sample(operations=("lookup",), visible=("unit_name", "begins_on", "ends_on")),
            "person": sample(
                operations=("lookup",),
                visible=("personal_number", "full_name"),
                masked={"birth_date": "year"},
                communes=("07210",),
                dossier="applicant",
            ),
        },
    ),
    Sample("congdan", "H05.01", "Cổng công dân (thử nghiệm)", {"person": sample(operations=("usage",), visible=("full_name",), dossier="none")}),
)


def seed(hub: Hub) -> list[str]:
    """Makes what is not there yet; returns the clients' names."""
    known = {row[0] for row in hub.db.rows("SELECT id FROM hub.client")}
    for each in SAMPLES:
        if each.id not in known:
            clients.register(hub, WHO, each.id, each.agency, each.name, "thu-nghiem@bacninh.example", sandbox=True)
            clients.add_key(hub, WHO, each.id, public_jwk(signing_key(key_file(hub, each.id)), KID))
            for dataset, terms in each.grants.items():
                in_force(hub, each.id, dataset, terms_of(terms, hub.today))
    return [each.id for each in SAMPLES]


def terms_of(document: dict[str, Any], today: date) -> Terms:
    """Terms for a year from today."""
    return read({"valid_from": today.isoformat(), "valid_to": (today + timedelta(days=365)).isoformat()} | document)


def in_force(hub: Hub, client: str, dataset: str, terms: Terms) -> agreements.Version:
    """An agreement taken through all its steps."""
    made = agreements.request(hub, WHO, client, dataset, terms)
    for step in ("approve", "sign", "activate"):
        made = agreements.move(hub, WHO, made.agreement, step)
    return made


def key_file(hub: Hub, client: str) -> Path:
    """Where a sandbox client's private key lies."""
    return hub.settings.home / "clients" / f"{client}.pem"


def public_jwk(key: ec.EllipticCurvePrivateKey, kid: str) -> dict[str, Any]:
    """The public key as a JWK."""
    made: dict[str, Any] = msgspec.json.decode(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    return made | {"kid": kid, "use": "sig", "alg": "ES256"}
