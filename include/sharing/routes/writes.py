"""What agencies may write: proposals of corrections, and where they want to be told of changes."""

import base64
import os
import uuid
from typing import Any

from starlette.routing import Route

from include.clock import now
from include.sharing import vault
from include.sharing.auth.caller import Caller
from include.sharing.call import Call
from include.sharing.corrections import INPUTS, SHAREABLE, propose
from include.sharing.datasets import BY_NAME, Dataset
from include.sharing.feed import START
from include.sharing.inputs import Input, fault, one_of, read, text
from include.sharing.operations import TEXT, Operation, of
from include.sharing.problems import Problem
from include.sharing.routes.answers import Answer
from include.sharing.routes.endpoint import Handler, endpoint
from include.sharing.schemas import camel, lower
from include.sharing.service import Service
from include.sharing.targets import Refused, allowed_networks, check_url

WEBHOOK = (
    Input("dataset", one_of(*BY_NAME), {"type": "string", "enum": list(BY_NAME)}, "Bộ dữ liệu · The dataset"),
    Input("url", text, {"type": "string", "format": "uri"}, "Địa chỉ nhận · Where to be told"),
)
INSERT = """INSERT INTO hub.webhook (id, agreement, url, secret, state, xid, attempt, next_at, created_at)
VALUES ($1, $2, $3, $4, 'active', $5, 0, $6, $6)"""
LIST = """SELECT w.id::text, w.agreement, w.url, w.state, w.last_status FROM hub.webhook w JOIN hub.agreement a ON a.id = w.agreement
WHERE a.client = $1 ORDER BY w.created_at"""
REGISTERED = "SELECT count(*) FROM hub.webhook WHERE agreement = $1"
MOST = 10
"""Addresses of one agreement."""
DELETE = "DELETE FROM hub.webhook w USING hub.agreement a WHERE a.id = w.agreement AND a.client = $1 AND w.id = $2"


def correction(dataset: Dataset) -> Handler:
    """Proposals about a dataset."""

    async def handle(service: Service, call: Call, caller: Caller) -> Any:
        return Answer(await propose(service, call, caller, dataset), 201)

    return handle


async def subscribe(service: Service, call: Call, caller: Caller) -> Any:
    """Registers an address; the secret that signs the messages is shown once."""
    given = read(call.json(), WEBHOOK)
    grant = await service.grant(call, caller, BY_NAME[given["dataset"]], "changes")
    try:
        check_url(given["url"], allowed_networks(service.settings))
    except Refused as refused:
        raise Problem("invalid", "1 lỗi · fault", [fault("url", str(refused))]) from None
    if await service.pool.fetchval(REGISTERED, grant.agreement) >= MOST:
        raise Problem("invalid", f"tối đa {MOST} địa chỉ mỗi thỏa thuận · addresses at most for an agreement: DELETE /v1/webhooks/{{id}}")
    secret, name = os.urandom(32), uuid.uuid4()
    position = await service.pool.fetchrow(START, grant.agreement)
    box = vault.sealed(vault.derived(service.master, "webhooks"), secret)
    await service.pool.execute(INSERT, name, grant.agreement, given["url"], box, position["xid"] if position else 0, now())
    return Answer({"id": str(name), "secret": "whsec_" + base64.b64encode(secret).decode()}, 201)


async def listed(service: Service, _: Call, caller: Caller) -> Any:
    """The caller's addresses, and how the last message fared."""
    return {"webhooks": [dict(row) for row in await service.pool.fetch(LIST, caller.client.id)]}


async def unsubscribe(service: Service, call: Call, caller: Caller) -> Any:
    """Forgets an address."""
    try:
        done = await service.pool.execute(DELETE, caller.client.id, uuid.UUID(call.params["id"]))
    except ValueError:
        raise Problem("not-found") from None
    if done == "DELETE 0":
        raise Problem("not-found")
    return {"id": call.params["id"], "state": "deleted"}


PROPOSED = of({"state": TEXT, "agreement": TEXT, "request_id": TEXT})
HOOK = of({"id": TEXT, "agreement": TEXT, "url": TEXT, "state": TEXT, "last_status": {"type": ["string", "null"]}})
ID = Input("id", str, {"type": "string", "format": "uuid"}, "Địa chỉ đã đăng ký · The address registered")


def about_correction(dataset: Dataset) -> Operation:
    """Proposals as described."""
    return Operation(
        f"correct{camel(dataset.path)}", "corrections", f"Đề nghị đính chính {lower(dataset.entity.vi)}",
        f"Propose a correction of {lower(dataset.entity.en)}", "correct", dataset.name, INPUTS[dataset.name], headers=("Idempotency-Key",),
        answer=PROPOSED, status=201, problems=("fields-not-granted", "not-found", "ambiguous", "key-reused"),
    )  # fmt: skip


ROUTES = [
    *(Route(f"/v1/{each.path}/corrections", endpoint(correction(each), about_correction(each)), methods=["POST"]) for each in SHAREABLE),
    Route("/v1/webhooks", endpoint(subscribe, Operation(
        "subscribe", "changes", "Đăng ký địa chỉ nhận tin có thay đổi", "Register an address to be told of changes", "changes", inputs=WEBHOOK,
        answer=of({"id": TEXT, "secret": TEXT}), status=201)), methods=["POST"]),
    Route("/v1/webhooks", endpoint(listed, Operation(
        "listWebhooks", "changes", "Các địa chỉ đã đăng ký", "The addresses registered", answer=of({"webhooks": {"type": "array", "items": HOOK}}))),
        methods=["GET"]),
    Route("/v1/webhooks/{id}", endpoint(unsubscribe, Operation(
        "unsubscribe", "changes", "Bỏ địa chỉ", "Forget an address", path=(ID,), answer=of({"id": TEXT, "state": TEXT}), problems=("not-found",))),
        methods=["DELETE"]),
]  # fmt: skip
