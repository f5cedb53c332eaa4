"""Write-backs: an agency proposes a correction, and its owner decides. Never written into the record itself.

Idempotent: the effect, the audit row of the subject and the answer under the caller's key are one transaction; the same key and body give the same
answer, the same key with another body is refused.
"""

import hashlib
from typing import Any

import asyncpg
import msgspec

from include.sharing.auth.caller import Caller
from include.sharing.call import NAME, Call
from include.sharing.database import GONE
from include.sharing.datasets import DATASETS, Dataset
from include.sharing.inputs import Input, identifier, one_of, read, text
from include.sharing.loader import away
from include.sharing.problems import Problem
from include.sharing.service import Asked, Service

KNOWN = "SELECT request_hash, answer::text AS answer FROM hub.idempotency WHERE client = $1 AND key = $2"
CLAIM = "INSERT INTO hub.idempotency (client, key, request_hash, answer, at) VALUES ($1, $2, $3, $4, now()) ON CONFLICT DO NOTHING RETURNING true"
INSERT = """INSERT INTO hub.correction (at, agreement, entity, record, field, proposed, reason, state)
VALUES (now(), $1, $2, $3, $4, $5, $6, 'proposed') RETURNING id"""


def inputs(dataset: Dataset) -> tuple[Input, ...]:
    """What a proposal holds."""
    keys = tuple(key.name for key in dataset.keys if not key.many)
    names = dataset.entity.names
    return (
        Input("type", one_of(*keys), {"type": "string", "enum": list(keys)}, "Loại số định danh · Kind of identifier"),
        Input("value", text, {"type": "string"}, "Số định danh · The identifier"),
        Input("field", one_of(*names), {"type": "string", "enum": list(names)}, "Trường sai · The field that is wrong"),
        Input("proposed", text, {"type": "string", "maxLength": 200}, "Giá trị đề nghị · What it should be"),
        Input("reason", text, {"type": "string", "maxLength": 200}, "Căn cứ · What it is based on"),
    )


SHAREABLE = [dataset for dataset in DATASETS if inputs(dataset)[0].schema["enum"]]
INPUTS = {dataset.name: inputs(dataset) for dataset in SHAREABLE}


async def propose(service: Service, call: Call, caller: Caller, dataset: Dataset) -> dict[str, Any]:
    """Notes a proposal. Raises Problem."""
    given = read(call.json(), INPUTS[dataset.name])
    key = call.headers.get("idempotency-key", "").strip('"')
    if not NAME.fullmatch(key):
        raise Problem("invalid", "Idempotency-Key", [{"in": "header", "pointer": "idempotency-key", "detail": "8–64 A-Z a-z 0-9 . _ -"}])
    digest = hashlib.sha256("\0".join((call.path, call.purpose, call.dossier, "")).encode() + call.body).digest()
    found_by = dataset.key(given["type"])
    if found_by is None:
        raise Problem("invalid")
    value = identifier(dataset, given["type"], given["value"])
    grant = await service.grant(call, caller, dataset, "correct", value)
    if (known := await service.pool.fetchrow(KNOWN, caller.client.id, key)) is not None:
        return repeated(known, digest)
    asked = Asked(dataset, found_by, value, (given["field"],), operation="correct")
    rows, _, _ = await service.rows(call, caller, grant, asked)
    if rows[0][2] is None:
        raise Problem("not-found")
    answer = {"state": "proposed", "agreement": f"{grant.agreement}/{grant.version}", "request_id": call.request_id}
    try:
        async with service.pool.acquire() as connection, connection.transaction():
            fresh = await connection.fetchval(CLAIM, caller.client.id, key, digest, msgspec.json.encode(answer).decode())
            if fresh:
                await connection.execute(INSERT, grant.agreement, dataset.name, rows[0][2], given["field"], given["proposed"], given["reason"])
                return answer
            known = await connection.fetchrow(KNOWN, caller.client.id, key)
    except (*GONE, asyncpg.PostgresError, TimeoutError):
        raise away() from None
    return repeated(known, digest)


def repeated(known: Any, digest: bytes) -> dict[str, Any]:
    """The answer given before. Raises Problem when the key was used for something else."""
    if known["request_hash"] != digest:
        raise Problem("key-reused")
    answer: dict[str, Any] = msgspec.json.decode(known["answer"])
    return answer
