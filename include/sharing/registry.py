"""What the service knows by heart: clients, their keys, agreements in force, how fresh and how good the data is.

Read again as soon as PostgreSQL says that something changed (NOTIFY), and looked after every half second in case it could not say so. A worker that
cannot look for three seconds answers nothing: a revocation it does not know of may be among what it missed.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import jwt
import msgspec

from include.clock import now
from include.sharing.database import GONE, Connection, connect
from include.sharing.datasets import DATASETS, Dataset, Key
from include.sharing.grants import Grant, grant_of
from include.sharing.problems import Problem
from include.sharing.statements import Statement, lookup
from include.sharing.vault import MONTHS, MonthKey, month_of, opened
from include.unexpected import place

EVERY = 0.5
RENEWED = 60.0
"""Seconds after which everything is read again though nothing changed: keys and certificates come to their end by themselves."""
BLIND = 3.0
"""Seconds without a look after which nothing is answered."""

CLIENTS = "SELECT id, agency, sandbox, name FROM hub.client WHERE suspended_at IS NULL"
KEYS = "SELECT client, kid, jwk::text AS jwk FROM hub.client_key WHERE revoked_at IS NULL AND (not_after IS NULL OR not_after > now())"
CERTIFICATES = "SELECT thumbprint, client FROM hub.client_certificate WHERE revoked_at IS NULL AND not_after > now()"
SUBJECTS = "SELECT issuer, subject, client FROM hub.client_issuer WHERE revoked_at IS NULL"
GRANTS = """SELECT agreement, version, client, agency, dataset, terms::text AS terms FROM hub.agreement_version
JOIN hub.agreement a ON a.id = agreement JOIN hub.client c ON c.id = client WHERE state = 'active' AND suspended_at IS NULL"""
IN_ORDER = f"{GRANTS} ORDER BY agreement"
FRESH = """SELECT s.id, s.system, s.entity, f.at FROM hub.source s LEFT JOIN hub.flow_state f USING (flow) ORDER BY s.id"""
QUALITY = """SELECT s.entity, 100.0 * (1 - sum(d.failed) / nullif(sum(d.evaluated), 0)) AS score FROM hub.score_day d JOIN hub.source s USING (flow)
WHERE d.day > current_date - 30 GROUP BY s.entity"""
VERIFIED = ("full_name", "birth_date")
"""What verifying compares, whoever asks."""


@dataclass(frozen=True, slots=True)
class Client:
    """A caller's account."""

    id: str
    agency: str
    sandbox: bool
    name: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of it at one moment. ``columns`` are the fields any agreement grants, per dataset; ``sources`` name the systems behind provenance."""

    epoch: int = -1
    clients: dict[str, Client] = field(default_factory=dict)
    keys: dict[tuple[str, str], jwt.PyJWK] = field(default_factory=dict)
    certificates: dict[str, str] = field(default_factory=dict)
    grants: dict[tuple[str, str, str], list[Grant]] = field(default_factory=dict)
    agreements: dict[str, Grant] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    statements: dict[tuple[str, str, bool], Statement] = field(default_factory=dict)
    bearers: dict[bytes, Any] = field(default_factory=dict)
    """Callers by the token they showed, as long as nothing changes about clients, keys and agreements."""
    subjects: dict[tuple[str, str], str] = field(default_factory=dict)
    """Clients by issuer and subject, of tokens issued elsewhere."""

    def statement(self, dataset: Dataset, key: Key, as_of: bool) -> Statement:
        """The statement that serves every agreement about a dataset."""
        name = (dataset.name, key.name, as_of)
        found = self.statements.get(name)
        if found is None:
            found = self.statements[name] = lookup(dataset, key, self.columns[dataset.name], as_of)
        return found


@dataclass(frozen=True, slots=True)
class Freshness:
    """How the data is: systems by source number, the oldest of the latest synchronisations and the quality score per dataset."""

    systems: tuple[str, ...] = ("",)
    synced: dict[str, datetime] = field(default_factory=dict)
    quality: dict[str, float] = field(default_factory=dict)


class Registry:
    """The snapshot, kept true."""

    def __init__(self, url: str, master: bytes, clock: Callable[[], datetime] = now) -> None:
        self.url = url
        self.master = master
        self.clock = clock
        self.snapshot = Snapshot()
        self.freshness = Freshness()
        self.months: dict[int, MonthKey] = {}
        self.today = clock().date()
        self.month = month_of(clock())
        self.seen = 0.0
        self.looked = 0.0
        self.compiled = 0.0
        self.changed = asyncio.Event()
        self.watcher: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Reads everything once, then watches."""
        connection = await connect(self.url)
        await self.listen(connection)
        self.watcher = asyncio.create_task(self.watch(connection))

    async def close(self) -> None:
        """Stops watching."""
        if self.watcher is not None:
            self.watcher.cancel()
            await asyncio.gather(self.watcher, return_exceptions=True)

    async def listen(self, connection: Connection) -> None:
        """Asks to be told, and reads."""
        await connection.add_listener("hub_sharing", lambda *_: self.changed.set())
        await self.read(connection)

    async def watch(self, connection: Connection | None) -> None:
        """Looks again when told and every half second; connects anew when the connection is gone."""
        try:
            while True:
                await self.told()
                try:
                    if connection is None:
                        connection = await connect(self.url)
                        await self.listen(connection)
                    else:
                        await self.read(connection)
                except Exception as error:  # noqa: BLE001 whatever it is, looking goes on; nothing is answered meanwhile
                    if not isinstance(error, (*GONE, asyncpg.PostgresError, TimeoutError)):
                        place(error)
                    if connection is not None:
                        connection.terminate()
                    connection = None
        finally:
            if connection is not None:
                connection.terminate()

    async def told(self) -> None:
        """Waits for a notice, half a second at most."""
        try:
            await asyncio.wait_for(self.changed.wait(), EVERY)
        except TimeoutError:
            return
        finally:
            self.changed.clear()

    async def read(self, connection: Connection) -> None:
        """Reads what changed: agreements when the epoch moved, freshness every ten seconds."""
        started = time.monotonic()
        epoch = await connection.fetchval("SELECT n FROM hub.sharing_epoch")
        if epoch != self.snapshot.epoch or started - self.compiled > RENEWED:
            self.snapshot = await snapshot(connection)
            self.compiled = started
        if not self.looked or started - self.looked > 10:
            self.freshness = await freshness(connection)
            self.months = await months(connection, self.master)
            self.looked = started
        at = self.clock()
        self.today, self.month = at.date(), month_of(at)
        self.seen = started

    def sight(self) -> Snapshot:
        """The snapshot; Problem when it may be out of date."""
        if time.monotonic() - self.seen > BLIND:
            raise Problem("unavailable", "không đọc được thỏa thuận · agreements cannot be read", retry_after=2)
        return self.snapshot

    def key(self) -> MonthKey:
        """The key subjects are hidden with now."""
        found = self.months.get(self.month)
        if found is None:
            raise Problem("unavailable", "chưa có khóa của tháng này · there is no key for this month", retry_after=30)
        return found

    def held_by(self, client: str) -> list[Grant]:
        """Every agreement of a client that is in force."""
        return [grant for grant in self.sight().agreements.values() if grant.client == client and grant.in_force(self.today)]

    def grants(self, client: str, dataset: str, purpose: str) -> list[Grant]:
        """The agreements in force for a purpose."""
        return [grant for grant in self.sight().grants.get((client, dataset, purpose), ()) if grant.first <= self.today <= grant.last]


async def snapshot(connection: Connection) -> Snapshot:
    """Everything that agreements say, in one consistent view."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        epoch = await connection.fetchval("SELECT n FROM hub.sharing_epoch")
        clients = {row["id"]: Client(*row) for row in await connection.fetch(CLIENTS)}
        keys = {(row["client"], row["kid"]): public_key(row["jwk"]) for row in await connection.fetch(KEYS)}
        certificates = {row["thumbprint"]: row["client"] for row in await connection.fetch(CERTIFICATES)}
        subjects = {(row["issuer"], row["subject"]): row["client"] for row in await connection.fetch(SUBJECTS)}
        all_grants = [*readable(await connection.fetch(IN_ORDER))]
    grants: dict[tuple[str, str, str], list[Grant]] = {}
    for grant in all_grants:
        for purpose in grant.terms.purposes:
            grants.setdefault((grant.client, grant.dataset.name, purpose), []).append(grant)
    columns = {dataset.name: union(dataset.entity.names, [grant for grant in all_grants if grant.dataset is dataset]) for dataset in DATASETS}
    agreements = {grant.agreement: grant for grant in all_grants}
    return Snapshot(epoch, clients, keys, certificates, grants, agreements, columns, subjects=subjects)


def readable(rows: Sequence[Any]) -> Iterator[Grant]:
    """The agreements this release can read. One it cannot is not in force for it, and keeps no other from being so."""
    for row in rows:
        try:
            yield grant_of(row)
        except (msgspec.ValidationError, KeyError) as error:
            place(error)


def union(names: tuple[str, ...], grants: list[Grant]) -> tuple[str, ...]:
    """The fields any of the agreements grants, in the entity's order, so that one statement serves them all."""
    granted = frozenset[str](VERIFIED).union(*(grant.granted for grant in grants))
    return tuple(name for name in names if name in granted)


def public_key(jwk: str) -> jwt.PyJWK:
    """The key, ready to verify with, for the one algorithm its kind is allowed."""
    document: dict[str, Any] = msgspec.json.decode(jwk)
    return jwt.PyJWK(document, algorithm="ES256" if document.get("kty") == "EC" else "PS256")


async def freshness(connection: Connection) -> Freshness:
    """How fresh and how good each dataset is."""
    rows = await connection.fetch(FRESH)
    systems = [""] * (max((row["id"] for row in rows), default=0) + 1)
    synced: dict[str, datetime] = {}
    for row in rows:
        systems[row["id"]] = row["system"]
        if row["at"] is not None:
            synced[row["entity"]] = min(synced.get(row["entity"], row["at"]), row["at"])
    quality = {row["entity"]: round(float(row["score"]), 2) for row in await connection.fetch(QUALITY) if row["score"] is not None}
    return Freshness(tuple(systems), synced, quality)


async def months(connection: Connection, master: bytes) -> dict[int, MonthKey]:
    """The keys of the audit log."""
    return opened(((row["key"], row["wrapped"]) for row in await connection.fetch(MONTHS)), master)
