"""Who looked at my data: the page a citizen sees, opened from the portal by a one-time link; no script, no number in an address."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta

import msgspec
from starlette.routing import Route

from include.clock import HANOI, now
from include.names import procedures
from include.sharing import links, proofs, usage
from include.sharing.auth.caller import Caller
from include.sharing.call import Call
from include.sharing.inputs import digits, read
from include.sharing.operations import TEXT, Operation, of
from include.sharing.pages import page
from include.sharing.problems import Problem
from include.sharing.routes.answers import Answer
from include.sharing.routes.doors import door
from include.sharing.routes.endpoint import Endpoint, endpoint
from include.sharing.routes.usage import CODE, FIRST, PERSON, own, unnamed
from include.sharing.service import Service
from include.sharing.statements import refusal

ROWS = 25


async def ask(service: Service, call: Call, caller: Caller) -> Answer:
    """A link for the citizen who is logged in at the portal. Raises Problem."""
    given = read(call.json(), (CODE,))
    _, _, code = await own(service, call, caller, given)
    return Answer({"url": links.link(service.master, service.tokens.issuer, "me", caller.client.id, call.purpose, code)}, 201)


async def subject(service: Service, call: Call) -> tuple[links.Pass, list[bytes]]:
    """Whose page it is and their names in the log; the look is in the log before anything is shown. Raises Problem."""
    given = links.session(service, "me", call)
    caller = links.caller(service, given)
    asked = unnamed(service, replace(call, purpose=given.purpose, asker=given.subject))
    grant = await service.grant(asked, caller, PERSON, "usage", given.subject)
    await service.take(asked, caller, grant, "usage", given.subject)
    await service.loader.ask(refusal("person"), service.question(asked, caller, grant, "usage", given.subject, outcome=200))
    return given, usage.hashes(service.registry.months, given.subject)


def day(text: str, default: date) -> date:
    """A day of the form, or the default."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default


async def shown(service: Service, call: Call) -> Answer:
    """The page."""
    try:
        _, keys = await subject(service, call)
    except Problem as problem:
        return page(call, "door.html", problem.status, text=problem.detail)
    today = now().date()
    since, until = (min(day(call.query.get(name, ""), usual), today) for name, usual in (("from", today - timedelta(days=365)), ("to", today)))
    number = digits(call.query.get("page", "1"))
    number = number if 1 <= number <= 1_000 else 1
    start = max(datetime(since.year, since.month, since.day, tzinfo=HANOI), FIRST)
    end = datetime(until.year, until.month, until.day, tzinfo=HANOI) + timedelta(days=1)
    total, entries = await usage.find(service.pool, keys, start, end, (number - 1) * ROWS, ROWS)
    for each in entries:
        each["at"] = datetime.fromisoformat(each["logtime"])
    last = max(1, -(-total // ROWS))
    names = await asyncio.to_thread(procedures, service.hub)
    return page(call, "me.html", names=names, entries=entries, total=total, since=since, until=until, number=number, last=last)


async def proof(service: Service, call: Call) -> Answer:
    """The inclusion proof of one of one's own entries, as a file."""
    _, keys = await subject(service, call)
    number = digits(call.query.get("id", ""))
    if not await service.pool.fetchval(usage.OWN, keys, number):
        raise Problem("not-found")
    made = await asyncio.to_thread(proofs.inclusion, service.hub, number)
    if made is None:
        return page(call, "door.html", 404, text="mục này được ký trong vòng một phút · the entry will be signed within a minute")
    return Answer(msgspec.json.format(msgspec.json.encode(made)), headers={"content-disposition": f'attachment; filename="proof-{number}.json"'})


ABOUT = Operation(
    "linkUsagePage", "usage", "Liên kết một lần tới trang “Ai đã xem dữ liệu của tôi”", "A one-time link to the page “Who looked at my data”",
    "usage", "person", (CODE,), answer=of({"url": TEXT}), status=201, problems=("not-yours",),
)  # fmt: skip
PAGE = Operation("usagePage", "", "", "", open=True, same_as="linkUsagePage")
ROUTES = [
    Route("/v1/usage/links", endpoint(ask, ABOUT), methods=["POST"]),
    Route("/me", Endpoint(shown, PAGE), methods=["GET"]),
    Route("/me/proof", Endpoint(proof, PAGE), methods=["GET"]),
    Route("/me/{link}", Endpoint(door("me"), PAGE), methods=["GET"]),
]
