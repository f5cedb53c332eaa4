"""Who looked at my data, over HTTP. The portal vouches for the citizen, whose number must be the asker's: others' entries are not shown."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from starlette.routing import Route

from include.clock import HANOI, now
from include.sharing import proofs, usage
from include.sharing.auth.caller import Caller
from include.sharing.call import Call
from include.sharing.datasets import BY_NAME
from include.sharing.grants import Grant
from include.sharing.inputs import Input, moment, read, text
from include.sharing.operations import MOMENT, TEXT, WHOLE, Operation, of
from include.sharing.problems import Problem
from include.sharing.routes.endpoint import endpoint
from include.sharing.service import Service
from include.sharing.statements import refusal
from mappings.identifiers import personal_number
from mappings.refusal import Refusal

PERSON = BY_NAME["person"]
FIRST = datetime(2025, 7, 1, tzinfo=HANOI)
MOST = 1_000


def whole(least: int, most: int) -> Any:
    """A reader of whole numbers."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"{least}–{most}")
        return value

    return check


CODE = Input("userCode", text, {"type": "string", "pattern": "^[0-9]{12}$"}, "Số định danh cá nhân · Personal number")
FIND = (
    CODE,
    Input("periodStart", moment, {"type": "string", "format": "date-time"}, "Từ lúc · From", required=False),
    Input("periodEnd", moment, {"type": "string", "format": "date-time"}, "Đến trước lúc · Until before", required=False),
    Input("offset", whole(0, 1_000_000), {"type": "integer", "minimum": 0}, "Bỏ qua · Skip", required=False),
    Input("limit", whole(1, MOST), {"type": "integer", "minimum": 1, "maximum": MOST}, "Tối đa · At most", required=False),
)
PROOF = (CODE, Input("id", whole(1, 1 << 62), {"type": "integer", "minimum": 1}, "Mục nhật ký · The entry"))


def unnamed(service: Service, call: Call) -> Call:
    """The call as the log keeps it: who asks is a citizen, and is keyed like the subject even when it is no personal number."""
    return replace(call, officer=service.registry.key().keyed(call.asker.removeprefix("VN")).hex()) if call.asker else call


async def own(service: Service, call: Call, caller: Caller, given: dict[str, Any]) -> tuple[Call, Grant, str]:
    """The call as the log keeps it, the agreement, and the number of the citizen, who must be the one that asks. Raises Problem; a refusal is in the
    log.
    """
    try:
        code = personal_number(given["userCode"]) or ""
    except Refusal as refused:
        raise Problem("invalid", refused.masked) from None
    kept = unnamed(service, call)
    grant = await service.grant(kept, caller, PERSON, "usage", code)
    await service.take(kept, caller, grant, "usage", code)
    if call.asker.removeprefix("VN") != code:
        await service.refuse(kept, caller, PERSON, "usage", code, Problem("not-yours"), grant)
        raise Problem("not-yours")
    return kept, grant, code


async def subject(service: Service, call: Call, caller: Caller, inputs: Sequence[Input]) -> tuple[dict[str, Any], list[bytes]]:
    """What is asked, and the citizen's names in the log; the reading is in the log before it is answered. Raises Problem."""
    given = read(call.json(), inputs)
    kept, grant, code = await own(service, call, caller, given)
    await service.loader.ask(refusal("person"), service.question(kept, caller, grant, "usage", code, outcome=200))
    return given, usage.hashes(service.registry.months, code)


async def find_usage(service: Service, call: Call, caller: Caller) -> Any:
    """A page of entries."""
    given, keys = await subject(service, call, caller, FIND)
    since = datetime.fromisoformat(given["periodStart"]) if given["periodStart"] else FIRST
    until = datetime.fromisoformat(given["periodEnd"]) if given["periodEnd"] else now() + timedelta(days=1)
    total, entries = await usage.find(service.pool, keys, since, until, given["offset"] or 0, given["limit"] or 100)
    return {"totalUsages": total, "usages": entries}


async def usage_period(service: Service, call: Call, caller: Caller) -> Any:
    """From when to when there are entries."""
    _, keys = await subject(service, call, caller, (CODE,))
    first, last = await service.pool.fetchrow(usage.PERIOD, keys)
    return {"periodStart": (first or FIRST).isoformat()} | ({"periodEnd": last.isoformat()} if last else {})


async def heartbeat(service: Service, _: Call, __: Caller) -> Any:
    """Whether the log can be read."""
    return {"status": "OK"} if await service.pool.fetchval("SELECT true FROM hub.access_cursor") else {"status": "NOK"}


async def proof(service: Service, call: Call, caller: Caller) -> Any:
    """The inclusion proof of one of the citizen's own entries."""
    given, keys = await subject(service, call, caller, PROOF)
    if not await service.pool.fetchval(usage.OWN, keys, given["id"]):
        raise Problem("not-found")
    made = await asyncio.to_thread(proofs.inclusion, service.hub, given["id"])
    if made is None:
        raise Problem("not-found", "mục này được ký trong vòng một phút · the entry will be signed within a minute")
    return made


ENTRY = of(
    {
        "logtime": MOMENT,
        "action": TEXT,
        "receiverCode": TEXT,
        "receiverName": TEXT,
        "receiverSystem": TEXT,
        "id": WHOLE,
        "dataset": TEXT,
        "purpose": TEXT,
        "dossier": TEXT,
        "fields": {"type": "array", "items": TEXT},
        "legalBasis": TEXT,
        "answered": {"type": "boolean"},
    }
)
FOUND = of({"totalUsages": WHOLE, "usages": {"type": "array", "items": ENTRY}})
SPAN = of({"periodStart": MOMENT, "periodEnd": MOMENT}, "periodEnd")
PROVED = of(
    {"entry": TEXT, "index": WHOLE, "size": WHOLE, "path": {"type": "array", "items": TEXT}, "head": TEXT, "publicKey": TEXT, "algorithm": TEXT}
)
ABOUT_FIND = Operation(
    "findUsage", "usage", "Các lượt xem dữ liệu của một công dân", "Who looked at a citizen's data", "usage", "person", FIND, answer=FOUND,
    problems=("not-yours",),
)  # fmt: skip
ABOUT_PERIOD = Operation(
    "usagePeriod", "usage", "Nhật ký có từ lúc nào đến lúc nào", "From when to when there are entries", "usage", "person", (CODE,), answer=SPAN,
    problems=("not-yours",),
)  # fmt: skip
ABOUT_PROOF = Operation(
    "proveUsage", "usage", "Bằng chứng một lượt xem nằm trong nhật ký có ký số", "The proof that an entry is in the signed log", "usage", "person",
    PROOF, answer=PROVED, problems=("not-yours", "not-found"),
)  # fmt: skip
ABOUT_HEARTBEAT = Operation("heartbeat", "usage", "Nhật ký có đọc được không", "Whether the log can be read", answer=of({"status": TEXT}))
ROUTES = [
    Route("/v1/usage/find-usage", endpoint(find_usage, ABOUT_FIND), methods=["POST"]),
    Route("/v1/usage/usage-period", endpoint(usage_period, ABOUT_PERIOD), methods=["POST"]),
    Route("/v1/usage/findUsage", endpoint(find_usage, replace(ABOUT_FIND, same_as="findUsage")), methods=["POST"]),
    Route("/v1/usage/usagePeriod", endpoint(usage_period, replace(ABOUT_PERIOD, same_as="usagePeriod")), methods=["POST"]),
    Route("/v1/usage/proof", endpoint(proof, ABOUT_PROOF), methods=["POST"]),
    Route("/v1/usage/heartbeat", endpoint(heartbeat, ABOUT_HEARTBEAT), methods=["GET"]),
]
"""The addresses in camel case are those Estonia's protocol names; ours are spelt as API design rules want them."""
