"""A client of the data-sharing service of Bắc Ninh, small enough to copy: a token by private_key_jwt, look-ups, the change feed, an export.

Needs ``requests`` and ``pyjwt[crypto]``. ``python3 client.py 2026-1`` makes a key of that name: ``2026-1.pem`` stays where only your system reads it,
``2026-1.jwk.json`` goes to whoever runs the hub.

    client = Client("https://chia-se.bacninh.example", "motcua", "2026-1", open("2026-1.pem", "rb").read())
    client.lookup("persons", "personal_number", "024085000037", ["full_name", "birth_date"], purpose="1.001193", dossier="H05.16-261101-0001")
"""

import gzip
import hashlib
import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Refused(Exception):
    """The service said no: ``problem`` is its RFC 9457 document, whose ``type`` is a page that says what to do."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('status')} {problem.get('type')}: {problem.get('detail')}")
        self.problem = problem


class Client:
    """One account. ``key`` is the private key (PEM, P-256) whose public half the hub knows as ``kid``."""

    def __init__(self, url: str, client_id: str, kid: str, key: bytes, officer: str = "") -> None:
        self.url, self.client_id, self.kid, self.key, self.officer = url.rstrip("/"), client_id, kid, key, officer
        self.session = requests.Session()
        self.token, self.until = "", 0.0

    def authorization(self) -> str:
        """A token that is good for a minute at least."""
        if time.time() > self.until - 60:
            now = int(time.time())
            claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.url, "iat": now, "exp": now + 60, "jti": uuid.uuid4().hex}
            assertion = jwt.encode(claims, self.key, "ES256", {"kid": self.kid})
            form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion}
            answer = self.session.post(f"{self.url}/oauth2/token", data=form, timeout=30)
            if answer.status_code != 200:
                raise Refused(answer.json())
            self.token, self.until = answer.json()["access_token"], time.time() + answer.json()["expires_in"]
        return f"Bearer {self.token}"

    def ask(self, method: str, path: str, purpose: str, dossier: str = "", body: Any = None, **headers: str) -> requests.Response:
        """One request; waits and asks again when the service is busy (429, 503), as long as it says to."""
        given = {"Purpose-Of-Use": purpose, "Dossier-Id": dossier, "Officer-Id": self.officer} | {k.replace("_", "-"): v for k, v in headers.items()}
        for attempt in range(5):
            sent = {name: value for name, value in given.items() if value} | {"Authorization": self.authorization()}
            answer = self.session.request(method, self.url + path, json=body, headers=sent, timeout=60)
            if answer.status_code not in (429, 503) or attempt == 4:
                break
            time.sleep(min(float(answer.headers.get("retry-after", "1")), 30))
        if answer.status_code >= 400:
            raise Refused(answer.json())
        return answer

    def lookup(self, dataset: str, kind: str, value: str, fields: list[str], purpose: str, dossier: str = "") -> dict[str, Any]:
        """What the service knows; Refused when it does not, or may not say."""
        body = {"type": kind, "value": value, "fields": fields}
        found: dict[str, Any] = self.ask("POST", f"/v1/{dataset}/lookup", purpose, dossier, body).json()
        return found

    def changes(self, dataset: str, purpose: str, dossier: str = "") -> Iterator[dict[str, Any]]:
        """Every change not yet acknowledged; each batch is acknowledged once you asked for the one behind it."""
        while True:
            answer = self.ask("GET", f"/v1/changes/{dataset}?limit=500", purpose, dossier)
            events = answer.json()
            if not events:
                return
            yield from events
            self.ask("POST", f"/v1/changes/{dataset}/acknowledgement", purpose, dossier, {"cursor": answer.headers["next-cursor"]})

    def export(self, dataset: str, fields: list[str], purpose: str, dossier: str = "") -> Iterator[dict[str, Any]]:
        """Every record of a bulk export; each file is checked against the manifest before a line of it is used."""
        asked = self.ask("POST", "/v1/exports", purpose, dossier, {"dataset": dataset, "fields": fields}, Prefer="respond-async")
        while (answer := self.ask("GET", asked.headers["content-location"], purpose, dossier)).status_code == 202:
            time.sleep(1)
        for file in answer.json()["output"]:
            data = self.ask("GET", file["url"], purpose, dossier).content
            if hashlib.sha256(data).hexdigest() != file["sha256"]:
                raise ValueError(f"{file['url']} arrived damaged")
            yield from map(json.loads, gzip.decompress(data).splitlines())


def make_key(kid: str) -> None:
    """Writes ``kid.pem``, readable by its owner alone, and ``kid.jwk.json``, its public half. Raises FileExistsError rather than write over a key."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "alg": "ES256", "use": "sig"}
    with os.fdopen(os.open(f"{kid}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    Path(f"{kid}.jwk.json").write_text(json.dumps(public, indent=2), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python3 client.py KID: makes a key of that name, such as 2026-1")
    make_key(sys.argv[1])
