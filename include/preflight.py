"""Before the first request: everything a flow needs, resolved and checked, and where to set what is missing. No system is called."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import psycopg
import yaml

from connectors import tls
from connectors.auth import Basic, Bearer, SignedTimestamp
from connectors.contract import CONTRACTS, pinned
from connectors.errors import BadAnswer, ConnectorError
from connectors.page import Endpoint
from connectors.paging import opened
from connectors.tokens import ClientCredentials, PrivateKeyJwt
from include.errors import SettingMissing
from include.flows import FLOWS, TARGETS, Flow
from include.sandbox.run import SYSTEMS
from include.settings import Settings
from include.store.database import database
from quality import rules as quality_rules
from quality import schema

SANDBOXED = (*SYSTEMS, "btxh")
NEEDS: dict[str, tuple[str, ...]] = {
    "lgsp": ("user", "secret"),
    "bhxh": ("user", "secret"),
    "motcua": ("user", "secret"),
    "thue": ("client", "service", "userid"),
    "dvcqg": ("user", "secret", "madonvi", "dstcode"),
    "c06": ("user", "secret", "client", "apikey", "madvc"),
    "btxh": (),
}
"""What each system wants to be told beside its address. A system that is not here wants nothing more."""
SCHEMES = ("http", "https", "file", "sftp", "s3", "postgresql", "postgresql+psycopg", "memory")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at: of which flow, what it is, whether it is in order, and where to set it when not."""

    flow: str
    what: str
    ok: bool
    detail: str
    where: str = ""


def preflight(settings: Settings, flow: Flow) -> Iterator[Line]:
    """Every line of a flow: its system, credentials, contract and request, its targets, the flows it stands on."""
    for name, fault in settings.faults():
        yield Line(flow.id, "setting", False, fault, name)
    yield from _system(settings, flow, f"source {flow.system}", flow.system, flow.source)
    for target in TARGETS:
        if target.entity == flow.dataset.entity.name:
            yield from _system(settings, flow, f"target {target.id}", target.system, target.sink)
    yield _rules(flow)
    yield from _tables(settings, flow)
    mode = schema.mode(flow.dataset.id)
    yield Line(flow.id, "schema changes", True, f"{mode}: {' · '.join(schema.words(mode))}", "quality/schema.yaml")
    known = {one.id for one in FLOWS}
    for other in filter(None, (*flow.after, flow.pages_of)):
        yield Line(flow.id, f"flow {other}", other in known, "there" if other in known else "there is no such flow", "include/flows.py")


def _rules(flow: Flow) -> Line:
    """The quality rules of what the flow becomes."""
    name = flow.dataset.entity.name
    where = f"quality/rules/{name}.yaml"
    try:
        count = len(quality_rules.rules(name))
    except OSError:
        return Line(flow.id, "rules", False, f"there is no file of rules for {name}", where)
    except (LookupError, TypeError, yaml.YAMLError) as error:
        return Line(flow.id, "rules", False, f"cannot be read: {error}", where)
    return Line(flow.id, "rules", True, f"{count} rules for {name}")


def _tables(settings: Settings, flow: Flow) -> Iterator[Line]:
    """The tables of what the flow becomes, where there is a database already; the first run makes one otherwise."""
    name = flow.dataset.entity.name
    try:
        if not settings.database_url and not (settings.home / "pgdata" / "PG_VERSION").exists():
            return
        wanted = [f"{scheme}.{name}" for scheme in ("golden", "staging")]
        found = database(settings).rows("SELECT to_regclass('hub.run')::text, to_regclass(%s)::text, to_regclass(%s)::text", *wanted)[0]
    except SettingMissing:
        return  # told with the settings
    except (psycopg.Error, OSError) as error:
        yield Line(flow.id, "tables", False, f"the database does not answer: {type(error).__name__}", "HUB_DATABASE_URL")
        return
    lacking = [table for table, there in zip(wanted, found[1:], strict=True) if not there]
    if lacking and found[0]:
        yield Line(flow.id, "tables", False, f"there is no table {', '.join(lacking)}", "./hub db revision, if there is none yet; ./hub db migrate")
    elif lacking:
        yield Line(flow.id, "tables", False, "the database holds no tables of the hub", "./hub db migrate")
    else:
        yield Line(flow.id, "tables", True, ", ".join(wanted))


def _system(settings: Settings, flow: Flow, what: str, system: str, make: Any) -> Iterator[Line]:
    try:
        endpoint = settings.endpoint(system)
    except SettingMissing as error:
        name = "URL" if "_URL" in str(error) else "SECRET_FILE"
        advice = "; that of the sandbox is set by ./hub sandbox start" if name == "URL" and system in SANDBOXED else ""
        yield Line(flow.id, what, False, f"{error}{advice}", f"HUB_{system.upper()}_{name}")
        return
    yield _address(flow, what, endpoint)
    yield from _credentials(flow, what, endpoint)
    try:
        connector = make(endpoint)
    except (ConnectorError, SettingMissing, LookupError, OSError) as error:
        yield Line(flow.id, f"{what}: connector", False, str(error), f"HUB_{system.upper()}_…, or include/sources.py")
        return
    yield from _shown(flow, what, endpoint, connector)
    try:
        yield from _contract(flow, what, connector)
        if hasattr(connector, "pager"):
            yield _request(flow, what, connector)
    finally:
        connector.close()


def _address(flow: Flow, what: str, endpoint: Endpoint) -> Line:
    parts, where = urlsplit(endpoint.url), f"HUB_{endpoint.system.upper()}_URL"
    if parts.scheme not in SCHEMES or not (parts.hostname or parts.path.strip("/") or parts.scheme == "memory"):
        return Line(flow.id, f"{what}: address", False, "not an address such as https://host/path", where)
    if parts.username or parts.password:
        return Line(flow.id, f"{what}: address", False, "user and password stand in the address, which is logged", where)
    if left_open(endpoint.url):
        return Line(flow.id, f"{what}: address", False, f"a placeholder was not filled in: {left_open(endpoint.url)}", where)
    return Line(flow.id, f"{what}: address", True, f"{parts.scheme}://{parts.netloc}{parts.path}")


def _credentials(flow: Flow, what: str, endpoint: Endpoint) -> Iterator[Line]:
    given = dict(endpoint.options) | {"user": endpoint.user, "secret": endpoint.secret}
    prefix = f"HUB_{endpoint.system.upper()}_"
    lacking = [name for name in NEEDS.get(endpoint.system, ()) if not (given.get(name) or given.get(f"{name}_file"))]
    for name in lacking:
        yield Line(
            flow.id, f"{what}: {name}", False, "is not set", f"{prefix}{name.upper()}" + (f" or {prefix}SECRET_FILE" if name == "secret" else "")
        )
    for name, value in sorted(given.items()):
        if left_open(value):
            yield Line(flow.id, f"{what}: {name}", False, "a placeholder was not filled in", f"{prefix}{name.upper()}")
        elif name.endswith("_file") and name not in tls.FILES and not Path(value).is_file():
            yield Line(flow.id, f"{what}: {name}", False, "names a file that is not there", f"{prefix}{name.upper()}")
    for name, problem in tls.missing(endpoint):
        yield Line(flow.id, f"{what}: {name}", False, problem, f"{prefix}{name.upper()}")
    if not lacking:
        yield Line(flow.id, f"{what}: credentials", True, ", ".join(NEEDS.get(endpoint.system, ())) or "none needed")


def _shown(flow: Flow, what: str, endpoint: Endpoint, connector: Any) -> Iterator[Line]:
    """What the connector would show on each call and has not got, for systems whose needs are not listed."""
    transport = getattr(connector, "transport", None) or getattr(connector, "_transport", None)
    auth = getattr(transport, "auth", None)
    if endpoint.system in NEEDS or not isinstance(auth, Basic | SignedTimestamp | ClientCredentials | Bearer):
        return
    for name in ("secret",) if isinstance(auth, Bearer) else ("user",) if isinstance(auth, PrivateKeyJwt) else ("user", "secret"):
        if not getattr(endpoint, name):
            prefix = f"HUB_{endpoint.system.upper()}_{name.upper()}"
            yield Line(
                flow.id,
                f"{what}: {name}",
                False,
                f"is not set; {type(auth).__name__} shows it",
                prefix + f" or {prefix}_FILE" * (name == "secret"),
            )


def left_open(text: str) -> str:
    """The first placeholder left in a text: ``${x}``, ``{x}``, ``<x>`` or a word such as CHANGEME; empty when there is none."""
    found = re.search(r"\$?\{[^}]*\}|<[\w .-]+>|change[_-]?me|\bTODO\b", text, re.IGNORECASE)
    return found[0] if found else ""


def _contract(flow: Flow, what: str, connector: Any) -> Iterator[Line]:
    found = getattr(connector, "contract", None) or getattr(connector, "_contract", None)
    if found is None:
        return
    try:
        pinned(found.path)
    except (BadAnswer, OSError) as error:
        yield Line(flow.id, f"{what}: contract", False, str(error), str(CONTRACTS.name) + "/SHA256SUMS")
        return
    yield Line(flow.id, f"{what}: contract", True, f"{found.path.name} is the one pinned, SOAP {found.version.name}")


def _request(flow: Flow, what: str, connector: Any) -> Line:
    """Builds the first request, as far as that can be done without asking for a session."""
    cursor = opened(connector.pager, {"since": flow.start.isoformat()}, datetime.now().astimezone())
    try:
        if hasattr(connector, "contract"):
            connector.contract.request(connector.operation, connector.arguments(cursor))
            return Line(flow.id, f"{what}: request", True, f"{connector.operation} fits the contract")
        request = connector.asked(cursor)
    except (ConnectorError, LookupError, ValueError) as error:
        return Line(flow.id, f"{what}: request", False, f"cannot be built: {error}", "include/sources.py")
    texts = [request.url, *request.params.values(), *request.headers.values()]
    texts += _texts(request.body) if isinstance(request.body, bytes) else []
    unfilled = next(filter(None, map(left_open, texts)), "")
    if unfilled:
        return Line(flow.id, f"{what}: request", False, f"a placeholder was not filled in: {unfilled}", "include/sources.py")
    return Line(flow.id, f"{what}: request", True, f"{request.method} {urlsplit(request.url).path}")


def _texts(body: bytes) -> list[str]:
    try:
        found = msgspec.json.decode(body) if body else {}
    except msgspec.DecodeError:
        return []
    return [value for value in found.values() if isinstance(value, str)] if isinstance(found, dict) else []
