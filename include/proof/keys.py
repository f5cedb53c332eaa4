"""The hub's signing key, and signed notes (C2SP signed-note, tlog-checkpoint): the text a tree head is published as.

::

    bacninh-hub/runs            the log
    3121                        entries
    Ohm...=                     root, base64
    2026-11-23T09:00:00+07:00   when

    — bacninh-hub/runs 7Hq...=  key id and Ed25519 signature, base64
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key

from include.private_files import made_once
from include.settings import Settings

ORIGIN = "bacninh-hub"


def fresh() -> bytes:
    """A new key as PEM."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """The key of HUB_LOG_KEY_FILE (PEM), or one made once under HUB_HOME where only its owner reads it."""
    path = settings.log_key_file
    key = load_pem_private_key(made_once(path, fresh), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise LookupError(f"{path} holds no Ed25519 key; make one with: openssl genpkey -algorithm ed25519 -out {path}")  # noqa: TRY004 a sentence for whoever put the file there
    return key


def public_bytes(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """The 32 bytes of the public key."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes that tell keys apart in a signed note."""
    return sha256(f"{name}\n".encode() + b"\x01" + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a log: how many entries, and the hash over all of them."""

    log: str
    size: int
    root: bytes
    at: datetime

    @property
    def name(self) -> str:
        """The log as the world knows it."""
        return f"{ORIGIN}/{self.log}"

    def text(self) -> str:
        """What is signed."""
        return f"{self.name}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{self.at.isoformat()}\n"

    def signed(self, key: Ed25519PrivateKey) -> str:
        """The signed note."""
        return self.note(key_id(self.name, public_bytes(key)) + key.sign(self.text().encode()))

    def note(self, signature: bytes) -> str:
        """Text and signature as published."""
        return f"{self.text()}\n— {self.name} {base64.b64encode(signature).decode()}\n"


def opened(note: str, public: Ed25519PublicKey) -> Head | None:
    """The head a signed note speaks of; None when this key did not sign it, or it is no such note."""
    text, _, signature = note.partition("\n\n— ")
    try:
        name, size, root, at = text.split("\n")
        raw = base64.b64decode(signature.rstrip("\n").split(" ")[1], validate=True)
        head = Head(name.removeprefix(f"{ORIGIN}/"), int(size), base64.b64decode(root, validate=True), datetime.fromisoformat(at))
        public.verify(raw[4:], head.text().encode())
    except (ValueError, IndexError, InvalidSignature):
        return None
    return head if note == head.note(raw) and raw[:4] == key_id(name, public_bytes(public)) else None
