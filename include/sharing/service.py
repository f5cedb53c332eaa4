"""The service of one worker: who may ask, the question, the answer with where it comes from. Routes, SOAP and X-Road all go through here."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from include.clock import HANOI, now
from include.hub import Hub
from include.settings import Settings
from include.sharing import statements, vault
from include.sharing.auth.caller import Caller, Doorman
from include.sharing.auth.issuers import Issuers
from include.sharing.auth.tokens import Tokens, signing_key
from include.sharing.call import Call
from include.sharing.database import Pool, pool
from include.sharing.datasets import Dataset, Key
from include.sharing.desk import Desk
from include.sharing.grants import Grant, Plan, shown, shown_document
from include.sharing.limits import Limits
from include.sharing.loader import Loader, Question
from include.sharing.problems import Problem
from include.sharing.registry import Registry
from include.sharing.terms import WHOLE
from include.store.database import Database
from include.store.objects import Objects

MOST = 1_000
"""Records of one owner in one answer."""


@lru_cache(maxsize=2)
def told(second: int) -> str:
    """A moment as answers write it."""
    return datetime.fromtimestamp(second, HANOI).isoformat()


class Asked(msgspec.Struct, frozen=True):
    """One question about a dataset. ``as_of`` is a moment in ISO form, or empty."""

    dataset: Dataset
    key: Key
    value: str
    fields: tuple[str, ...]
    operation: str = "lookup"
    as_of: str = ""
    extra: str = ""
    place: str = ""


class Service:
    """Everything a worker holds."""

    def __init__(self, settings: Settings, url: str, issuer: str, workers: int = 1) -> None:
        self.settings = settings
        self.master = vault.master_key(settings.sharing_key_file)
        self.registry = Registry(url, self.master)
        self.loader = Loader(url, self.registry.key)
        self.limits = Limits(workers)
        self.hub = Hub(Database(url), Objects(settings.objects_url), settings)
        self.desk = Desk(self.hub)
        self.tokens = Tokens(signing_key(settings.token_key_file), issuer)
        self.issuers = Issuers(settings.environment.get("HUB_SHARING_ISSUERS", ""), issuer)
        self.doorman = Doorman(self.registry, self.tokens, self.issuers, settings.environment.get("HUB_SHARING_PROXY", ""))
        self.url = url
        self.tasks: list[asyncio.Task[None]] = []
        self._pool: Pool | None = None

    @property
    def pool(self) -> Pool:
        """Connections for what is not coalesced."""
        if self._pool is None:
            raise Problem("unavailable", "chưa sẵn sàng · not ready", retry_after=1)
        return self._pool

    async def open(self) -> None:
        """Connects; raises NotDurable when an answer could lose its audit row."""
        self._pool = await pool(self.url)
        await self.loader.open()
        await self.registry.open()
        await self.issuers.open()
        await self.limits.share(self.pool, now())
        self.tasks = [asyncio.create_task(self.share())]

    async def close(self) -> None:
        """Lets what is under way end."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.desk.close()
        await self.loader.close()
        await self.registry.close()
        await self.limits.share(self.pool, now())
        await self.pool.close()

    async def share(self) -> None:
        """Every second, what was used."""
        while True:
            await asyncio.sleep(1)
            await self.limits.share(self.pool, now())

    def admit(self, call: Call) -> Awaitable[Caller]:
        """Who is calling."""
        return self.doorman.admit(call, self.pool, now)

    async def grant(self, call: Call, caller: Caller, dataset: Dataset, operation: str, value: str = "", fields: Sequence[str] = ()) -> Grant:
        """The agreement that allows the operation for the purpose; of several, one that grants all the ``fields``. Raises Problem; the refusal is in
        the audit before it is told.
        """
        found = [each for each in self.registry.grants(caller.client.id, dataset.name, call.purpose) if operation in each.terms.operations]
        grant = next((each for each in found if each.granted.issuperset(fields)), found[0] if found else None)
        if grant is None:
            detail = f"{dataset.name} / {operation} / {call.purpose or 'Purpose-Of-Use?'}{self.later(caller, dataset, call.purpose)}"
            await self.refuse(call, caller, dataset, operation, value, Problem("not-granted", detail))
            raise Problem("not-granted", detail)
        problem = None
        if grant.terms.dossier != "none" and not call.dossier:
            problem = Problem("dossier", "cần tiêu đề Dossier-Id · the Dossier-Id header is needed")
        elif grant.terms.dossier == "applicant" and operation in WHOLE:
            problem = Problem("dossier", "thỏa thuận chỉ cho từng chủ hồ sơ · the agreement is for one dossier's applicant at a time")
        if problem:
            await self.refuse(call, caller, dataset, operation, value, problem, grant)
            raise problem
        return grant

    async def refuse(
        self, call: Call, caller: Caller, dataset: Dataset, operation: str, value: str, problem: Problem, grant: Grant | None = None
    ) -> None:
        """Writes the audit row of a refusal."""
        self.limits.refuse(grant, caller.client.id)
        await self.loader.ask(statements.refusal(dataset.name), self.question(call, caller, grant, operation, value, outcome=problem.status))

    def question(
        self, call: Call, caller: Caller, grant: Grant | None, operation: str, value: str, *,
        bits: int = 0, extra: str = "", place: str = "", most: int = 1, outcome: int = 0,
    ) -> Question:  # fmt: skip
        """A question as the loader takes it."""
        if grant is None:
            by = ("", "none", call.purpose, caller.client.id, "", 0, operation, call.represented, bits, caller.via, 0, most, outcome)
        else:
            by = (
                grant.scope, grant.terms.dossier, call.purpose, grant.client, grant.agreement, grant.version, operation, call.represented, bits,
                caller.via, grant.terms.reveal_days, most, outcome,
            )  # fmt: skip
        return (extra, place, *by), value, call.dossier, call.officer, call.request_id

    async def ask(self, call: Call, caller: Caller, asked: Asked) -> dict[str, Any]:
        """Asks and answers. Raises Problem; whatever it is, it is in the audit."""
        grant = await self.grant(call, caller, asked.dataset, asked.operation, asked.value, asked.fields)
        rows, plan, statement = await self.rows(call, caller, grant, asked)
        records = [self.record(asked, plan, row, statement.columns) for row in rows if row[2] is not None]
        return self.answer(call, grant, asked, plan, records)

    def later(self, caller: Caller, dataset: Dataset, purpose: str) -> str:
        """That there is an agreement, but not yet."""
        terms = [each.terms for each in self.registry.snapshot.grants.get((caller.client.id, dataset.name, purpose), ())]
        first = min((each.valid_from for each in terms if each.valid_from > self.registry.today), default=None)
        return f"; thỏa thuận có hiệu lực từ · the agreement is in force from {first}" if first else ""

    async def take(self, call: Call, caller: Caller, grant: Grant, operation: str, value: str = "") -> None:
        """Lets one question through. Raises Problem; the refusal is in the audit."""
        try:
            self.limits.take(grant, value, verify=operation == "verify")
        except Problem as problem:
            await self.refuse(call, caller, grant.dataset, operation, value, problem, grant)
            raise

    async def plan(self, call: Call, caller: Caller, grant: Grant, operation: str, fields: tuple[str, ...], value: str = "") -> Plan:
        """Lets one question through, and how it is answered. Raises Problem; the refusal is in the audit."""
        await self.take(call, caller, grant, operation, value)
        try:
            return grant.plan(fields)
        except Problem as problem:
            await self.refuse(call, caller, grant.dataset, operation, value, problem, grant)
            raise

    async def rows(self, call: Call, caller: Caller, grant: Grant, asked: Asked) -> tuple[Sequence[Any], Plan, statements.Statement]:
        """The rows that answer. Raises Problem when there are none, too many, or they may not be seen."""
        plan = await self.plan(call, caller, grant, asked.operation, asked.fields, asked.value)
        statement = self.registry.snapshot.statement(asked.dataset, asked.key, bool(asked.as_of))
        most = grant.terms.max_hits if asked.operation == "search" else MOST if asked.key.many else 1
        question = self.question(
            call, caller, grant, asked.operation, asked.value, bits=plan.bits, extra=asked.as_of or asked.extra, place=asked.place, most=most
        )
        rows = await self.loader.ask(statement, question)
        found = rows[0][2] is not None
        self.limits.count(grant, len(rows) if found else 0, miss=None if asked.operation in ("search", "verify") else not found)
        if not rows[0][1]:
            raise Problem(
                "dossier", "hồ sơ không phải của người này hoặc không thuộc thủ tục này · the dossier is not this person's or not of this procedure"
            )
        if not found and rows[0]["matches"]:
            raise Problem("narrow" if asked.key.many else "ambiguous")
        return (rows, plan, statement)

    def record(self, asked: Asked, plan: Plan, row: Any, columns: dict[str, int]) -> dict[str, Any]:
        """One record as granted, with the systems its values come from."""
        values = shown_document(plan, msgspec.json.decode(row[6])) if asked.as_of else shown(plan, row, columns)
        return {"data": values, "source": self.sources(plan, row[5]), "recorded_at": row[4], "version": row[3]}

    def sources(self, plan: Plan, provenance: str) -> dict[str, list[str]]:
        """System → fields. ``provenance`` is PostgreSQL's text of it; few different ones exist, so each is worked out once."""
        systems = self.registry.freshness.systems
        found = plan.sources.get((systems, provenance))
        if found is None:
            found = {}
            numbers = [int(number) for number in provenance.strip("{}").split(",") if number]
            for name, place, _, _ in plan.fields:
                number = numbers[place] if place < len(numbers) else 0
                if number:
                    found.setdefault(systems[number] if number < len(systems) else "?", []).append(name)
            if len(plan.sources) < MOST:
                plan.sources[systems, provenance] = found
        return found

    def answer(self, call: Call, grant: Grant, asked: Asked, plan: Plan, records: list[dict[str, Any]]) -> dict[str, Any]:
        """The answer around the records: what was asked, by which agreement, how sure and how fresh it is."""
        if not records and not asked.key.many:
            raise Problem("not-found")
        name, fresh = asked.dataset.name, self.registry.freshness
        synced = fresh.synced.get(name)
        moment = int(time.time())
        age = moment - int(synced.timestamp()) if synced else None
        limit = grant.terms.max_age_hours * 3_600
        head = {"dataset": name, "agreement": f"{grant.agreement}/{grant.version}", "request_id": call.request_id}
        quality = {
            "as_of": asked.as_of or told(moment),
            "match": asked.key.match,
            "quality": fresh.quality.get(name),
            "staleness": {"seconds": age, "limit_seconds": limit, "stale": age is None or age > limit},
            "masked": list(plan.masked),
        }
        return head | ({"records": records} if asked.key.many else records[0]) | quality
