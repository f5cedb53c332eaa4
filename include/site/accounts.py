"""Who may enter the site: a list of accounts in a file only its owner reads, each with a role; agencies see their own sources only."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from include.errors import HubError
from include.flows import FLOWS, Flow
from include.locks import alone
from include.private_files import made_once, write
from include.settings import Settings

SCRYPT = {"n": 2**14, "r": 8, "p": 1}
NOBODY = f"{'00' * 16}${'00' * 64}"
"""What a name nobody has is compared with, so that names cannot be told by the time an answer takes."""


class Role(StrEnum):
    """What an account may do. Auditors and staff see everything; only staff and agencies change rows, only auditors sign."""

    AUDITOR = "auditor"
    STAFF = "staff"
    AGENCY = "agency"


ROLES = {Role.AUDITOR: ("kiểm tra viên", "auditor"), Role.STAFF: ("cán bộ vận hành", "staff"), Role.AGENCY: ("cơ quan cung cấp", "providing agency")}


class UnknownAccount(HubError):
    """No such account, or not one the list may hold."""


@dataclass(frozen=True, slots=True)
class Account:
    """One person. ``agency`` is the owner of the flows an agency's account sees, such as ``so-tu-phap``."""

    name: str
    role: Role
    agency: str
    password: str
    """``salt$scrypt``, hex."""
    sessions: int = 0
    """Raised when the account logs out or gets a new password: sessions opened before are over."""

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The flows the account may look at."""
        return tuple(flow for flow in FLOWS if self.role is not Role.AGENCY or flow.owner == self.agency)


def file_of(settings: Settings) -> Path:
    """Where the list is."""
    return Path(settings.environment.get("HUB_SITE_ACCOUNTS") or settings.home / "site" / "accounts.json")


def accounts(settings: Settings) -> Mapping[str, Account]:
    """Every account, by name."""
    path = file_of(settings)
    noted = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: Account(name, Role(one["role"]), one["agency"], one["password"], one.get("sessions", 0)) for name, one in noted.items()}


def add(settings: Settings, name: str, role: Role, agency: str = "") -> str:
    """Adds an account, or gives it a new password. Returns the password, which is kept nowhere."""
    if role is Role.AGENCY and agency not in {flow.owner for flow in FLOWS}:
        owners = ", ".join(sorted({flow.owner for flow in FLOWS}))
        raise UnknownAccount(f"an agency's account names the owner of flows: {owners}")
    password, salt = secrets.token_urlsafe(12), secrets.token_bytes(16)
    with alone(file_of(settings)):
        known = accounts(settings)
        sessions = known[name].sessions + 1 if name in known else 0
        keep(settings, known, Account(name, role, agency, f"{salt.hex()}${hashed(password, salt).hex()}", sessions))
    return password


def end_sessions(settings: Settings, name: str) -> None:
    """Ends every session of the account, wherever its cookie is."""
    with alone(file_of(settings)):
        known = accounts(settings)
        keep(settings, known, replace(known[name], sessions=known[name].sessions + 1))


def keep(settings: Settings, known: Mapping[str, Account], changed: Account) -> None:
    """Writes the list, with one account changed."""
    noted = {name: {k: v for k, v in asdict(each).items() if k != "name"} for name, each in {**known, changed.name: changed}.items()}
    write(file_of(settings), json.dumps(noted, ensure_ascii=False, indent=2).encode())


def enter(settings: Settings, name: str, password: str) -> Account | None:
    """The account, when the password is its own."""
    account = accounts(settings).get(name)
    salt, _, wanted = (account.password if account else NOBODY).partition("$")
    same = hmac.compare_digest(hashed(password, bytes.fromhex(salt)), bytes.fromhex(wanted))
    return account if same else None


def hashed(password: str, salt: bytes) -> bytes:
    """The scrypt hash, 64 bytes."""
    return hashlib.scrypt(password.encode(), salt=salt, n=SCRYPT["n"], r=SCRYPT["r"], p=SCRYPT["p"])


def secret(settings: Settings, name: str) -> str:
    """A secret of the site, made once: ``session`` signs cookies, ``search`` keys the hashes of what was searched for."""
    return made_once(settings.home / "site" / f"{name}.key", lambda: secrets.token_hex(32).encode()).decode()
