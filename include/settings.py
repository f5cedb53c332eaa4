"""Everything that can be configured, read once from the environment at the entry point.

======================  ==========================================================================================
variable                meaning
======================  ==========================================================================================
HUB_HOME                where the hub keeps its files (default ``.hub`` in the checkout)
HUB_DATABASE_URL        an external PostgreSQL ≥ 15; without it the embedded server under HUB_HOME is used
HUB_OBJECTS_URL         where landed pages go, any fsspec URL (default a folder under HUB_HOME)
HUB_PAPERS_URL          where files of papers go, any fsspec URL (default a folder under HUB_HOME)
HUB_<SYSTEM>_URL        address of a system: LGSP, BHXH, MOTCUA, DVCQG, THUE; BTXH is a folder
HUB_<SYSTEM>_USER       user, key or client id there
HUB_<SYSTEM>_SECRET     password or secret; HUB_<SYSTEM>_SECRET_FILE names a file holding it
HUB_<SYSTEM>_<OPTION>   further options, such as HUB_DVCQG_DSTCODE and HUB_DVCQG_MADONVI
HUB_BATCH_ROWS          rows per batch (default 20000)
HUB_SCHEDULES           ``off``: DAGs run only when triggered
HUB_GX_ENGINE           ``stock``: Great Expectations on its own engine instead of ours
HUB_LOG_KEY_FILE        Ed25519 key (PEM) that signs the append-only logs (default made once under HUB_HOME/keys; one that is named must exist)
HUB_SHARING_URL         how agencies reach the sharing service (default http://127.0.0.1:PORT)
HUB_SHARING_KEY_FILE    the key that wraps the audit log's keys (default made once under HUB_HOME/keys); keep it apart from the database
HUB_SHARING_TOKEN_FILE  ES256 key (PEM) that signs access tokens (default made once under HUB_HOME/keys)
HUB_SHARING_ISSUERS     issuers of access tokens that are believed beside our own: issuer=address of its JWKS, divided by blanks
HUB_SHARING_PROXY       what nginx proves itself with before its word on client certificates counts
HUB_WEBHOOK_NETWORKS    networks webhooks may reach beside public ones, for the sandbox: 127.0.0.0/8
HUB_SITE_URL            where the auditors' site is, for its entry in Airflow's navigation; HUB_SITE_EMBED_IN: origins that may frame it
HUB_NOTICE_<OWNER>      where the owner of a source is told of rows to mend: mailto:… or https://…; HUB_NOTICE_<OWNER>_SECRET signs the latter
HUB_FAIL_AT             failpoint ``name[:n]``: the process dies there, for tests of crash safety
======================  ==========================================================================================
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from connectors.page import Endpoint
from include.errors import SettingMissing

ROOT = Path(__file__).resolve().parent.parent
NOWHERE = "https://not-configured.invalid"
"""An address nobody has (RFC 6761)."""


@dataclass(frozen=True)
class Settings:
    """The environment as the hub sees it."""

    environment: Mapping[str, str]

    @classmethod
    def read(cls) -> "Settings":
        """From this process's environment."""
        return cls(dict(os.environ))

    @cached_property
    def home(self) -> Path:
        """Where the hub keeps its files."""
        return Path(self.environment.get("HUB_HOME") or ROOT / ".hub").resolve()

    @property
    def database_url(self) -> str | None:
        """The external PostgreSQL, or None for the embedded one."""
        return self.environment.get("HUB_DATABASE_URL") or None

    @property
    def objects_url(self) -> str:
        """Where landed pages are kept."""
        return self.environment.get("HUB_OBJECTS_URL") or (self.home / "objects").as_uri()

    @property
    def papers_url(self) -> str:
        """Where files of papers are kept."""
        return self.environment.get("HUB_PAPERS_URL") or (self.home / "papers").as_uri()

    @property
    def batch_rows(self) -> int:
        """Rows per batch of the row path."""
        return int(self.environment.get("HUB_BATCH_ROWS") or 20_000)

    @property
    def span_rows(self) -> int:
        """Rows for which a process of its own is worth while when a run is refined by several."""
        return int(self.environment.get("HUB_SPAN_ROWS") or 100_000)

    @property
    def log_key_file(self) -> Path:
        """The key that signs tree heads."""
        return self._key_file("HUB_LOG_KEY_FILE", "log.pem", "openssl genpkey -algorithm ed25519 -out")

    @property
    def sharing_key_file(self) -> Path:
        """The key that wraps the keys of the audit log."""
        return self._key_file("HUB_SHARING_KEY_FILE", "sharing.key", "openssl rand -base64 32 >")

    @property
    def token_key_file(self) -> Path:
        """The key that signs access tokens."""
        return self._key_file("HUB_SHARING_TOKEN_FILE", "tokens.pem", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out")

    def _key_file(self, name: str, default: str, making: str) -> Path:
        """Where a key is. Only the default is made when it is missing: of one that was named, another in its place would verify nothing any more.
        Raises SettingMissing.
        """
        named = self.environment.get(name)
        if not named:
            return self.home / "keys" / default
        if not Path(named).is_file():
            raise SettingMissing(
                f"{name} chỉ tệp không có: {named}; hãy đặt khóa cũ vào đó, hoặc nếu chưa từng có khóa thì tạo"
                f" · names a file that is not there: put the key of before there, or, if there never was one, make it: {making} {named}"
            )
        return Path(named)

    @property
    def exports(self) -> Path:
        """Where bulk exports lie until they are fetched."""
        return self.home / "exports"

    def endpoint(self, system: str) -> Endpoint:
        """How to reach ``system``. Raises SettingMissing naming the variable."""
        prefix = f"HUB_{system.upper()}_"
        own = {key.removeprefix(prefix).lower(): value for key, value in self.environment.items() if key.startswith(prefix)}
        if not own.get("url"):
            raise SettingMissing(f"{prefix}URL is not set: the address of {system}. For the sandbox: ./hub sandbox start, or ./hub demo")
        secret = own.pop("secret", "") or self._secret_file(f"{prefix}SECRET_FILE", own.pop("secret_file", ""))
        return Endpoint(system, own.pop("url").rstrip("/"), own.pop("user", ""), secret, own)

    def reading(self, system: str) -> Endpoint:
        """For reading what ``system`` once sent, which asks it nothing: auditors' processes know neither its address nor its secret."""
        try:
            return self.endpoint(system)
        except SettingMissing:
            return Endpoint(system, NOWHERE)

    @staticmethod
    def _secret_file(name: str, path: str) -> str:
        try:
            return Path(path).read_text(encoding="utf-8").strip() if path else ""
        except OSError as error:
            raise SettingMissing(
                f"{name} names {path}, which cannot be read ({type(error).__name__}): put the secret there, or name another file"
            ) from None
