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
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from connectors.page import Endpoint
from include.errors import SettingMissing, SettingWrong

ROOT = Path(__file__).resolve().parent.parent
NOWHERE = "https://not-configured.invalid"
"""An address nobody has (RFC 6761)."""
DATABASE = re.compile(r"postgresql(\+\w+)?://")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
ENGINES = ("mask", "stock")


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
        url = self.environment.get("HUB_DATABASE_URL") or None
        if url and not DATABASE.match(url):
            raise SettingWrong("HUB_DATABASE_URL không phải địa chỉ PostgreSQL · is no address such as postgresql://user@host:5432/hub")
        return url

    @property
    def objects_url(self) -> str:
        """Where landed pages are kept."""
        return self._store("HUB_OBJECTS_URL", "objects")

    @property
    def papers_url(self) -> str:
        """Where files of papers are kept."""
        return self._store("HUB_PAPERS_URL", "papers")

    @property
    def batch_rows(self) -> int:
        """Rows per batch of the row path."""
        return self._count("HUB_BATCH_ROWS", 20_000)

    @property
    def span_rows(self) -> int:
        """Rows for which a process of its own is worth while when a run is refined by several."""
        return self._count("HUB_SPAN_ROWS", 100_000)

    @property
    def gx_engine(self) -> str:
        """On what Great Expectations runs."""
        engine = self.environment.get("HUB_GX_ENGINE") or "mask"
        if engine not in ENGINES:
            raise SettingWrong(f"HUB_GX_ENGINE={engine}: chọn một trong · choose one of {', '.join(ENGINES)}")
        return engine

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
            raise SettingMissing(f"{prefix}URL is not set: the address of {system}; ./hub check FLOW tells all that is missing")
        if not ADDRESS.match(own["url"]):
            raise SettingWrong(f"{prefix}URL: không phải địa chỉ · not an address such as https://host/path")
        secret = own.pop("secret", "") or self._secret_file(f"{prefix}SECRET_FILE", own.pop("secret_file", ""))
        return Endpoint(system, own.pop("url").rstrip("/"), own.pop("user", ""), secret, own)

    def reading(self, system: str) -> Endpoint:
        """For reading what ``system`` once sent, which asks it nothing: auditors' processes know neither its address nor its secret."""
        try:
            return self.endpoint(system)
        except SettingMissing:
            return Endpoint(system, NOWHERE)

    def _store(self, name: str, folder: str) -> str:
        """Where files go. Raises SettingWrong when nothing here knows the way."""
        url = self.environment.get(name)
        if not url:
            return (self.home / folder).as_uri()
        import fsspec

        scheme = url.partition("://")[0] if "://" in url else "file"
        try:
            fsspec.get_filesystem_class(scheme)
        except ValueError:
            raise SettingWrong(f"{name}: không rõ nơi lưu · no such store: {scheme}://; such as file:///folder, s3://bucket/folder") from None
        except ImportError as error:
            raise SettingWrong(f"{name}: {scheme}:// cần cài thêm trình điều khiển · needs its driver installed: {error}") from None
        return url

    def _count(self, name: str, default: int) -> int:
        """A number of rows."""
        text = self.environment.get(name) or str(default)
        if not text.isascii() or not text.isdecimal() or not int(text):
            raise SettingWrong(f"{name}={text}: cần số nguyên từ 1 · a whole number from 1 is needed, such as {default}")
        return int(text)

    def faults(self) -> Iterator[tuple[str, str]]:
        """(variable, what is wrong) of the settings every flow needs."""
        for name, read in SHARED.items():
            try:
                read(self)
            except SettingMissing as error:
                yield name, str(error)

    @staticmethod
    def _secret_file(name: str, path: str) -> str:
        try:
            return Path(path).read_text(encoding="utf-8").strip() if path else ""
        except OSError as error:
            raise SettingMissing(
                f"{name} names {path}, which cannot be read ({type(error).__name__}): put the secret there, or name another file"
            ) from None


SHARED: Mapping[str, Callable[[Settings], object]] = {
    "HUB_DATABASE_URL": lambda settings: settings.database_url,
    "HUB_OBJECTS_URL": lambda settings: settings.objects_url,
    "HUB_PAPERS_URL": lambda settings: settings.papers_url,
    "HUB_BATCH_ROWS": lambda settings: settings.batch_rows,
    "HUB_SPAN_ROWS": lambda settings: settings.span_rows,
    "HUB_GX_ENGINE": lambda settings: settings.gx_engine,
    "HUB_LOG_KEY_FILE": lambda settings: settings.log_key_file,
}
"""Settings that every flow needs, and how each is read."""
