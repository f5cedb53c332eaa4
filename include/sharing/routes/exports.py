"""Bulk export over HTTP, in the asynchronous form of FHIR Bulk Data: ask, poll, fetch, delete."""

import uuid
from dataclasses import replace
from typing import Any

import msgspec
from starlette.routing import Route

from include.sharing.auth.caller import Caller
from include.sharing.call import Call
from include.sharing.datasets import BY_NAME
from include.sharing.exports import forget
from include.sharing.inputs import Input, fields_of, moment, one_of, read
from include.sharing.operations import MOMENT, TEXT, WHOLE, Operation, of
from include.sharing.problems import Problem
from include.sharing.routes.answers import Answer
from include.sharing.routes.endpoint import endpoint
from include.sharing.service import Service

DATASET = Input("dataset", one_of(*BY_NAME), {"type": "string", "enum": list(BY_NAME)}, "Bộ dữ liệu · The dataset")
SINCE = Input("since", moment, {"type": "string", "format": "date-time"}, "Chỉ bản ghi đổi sau đó · Only what changed since", required=False)
ANY = Input("fields", lambda value: value, {"type": "array", "items": {"type": "string"}}, "Các trường · The fields")
INSERT = """INSERT INTO hub.export_job (id, client, agreement, version, fields, purpose, dossier, officer, request_id, state, since, via,
represented, requested_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10::text::timestamptz, $11, $12, now())"""


async def ask(service: Service, call: Call, caller: Caller) -> Any:
    """Queues an export."""
    if "respond-async" not in call.headers.get("prefer", ""):
        raise Problem("invalid", "Prefer: respond-async", [{"in": "header", "pointer": "prefer", "detail": "respond-async"}])
    document = call.json()
    dataset = BY_NAME[read(document, (DATASET, ANY, SINCE))["dataset"]]
    given = read(document, (DATASET, fields_of(dataset), SINCE))
    grant = await service.grant(call, caller, dataset, "export", fields=given["fields"])
    await service.plan(call, caller, grant, "export", given["fields"])
    job = uuid.uuid4()
    await service.pool.execute(
        INSERT, job, caller.client.id, grant.agreement, grant.version, list(given["fields"]), call.purpose, call.dossier, call.officer,
        call.request_id, given["since"], caller.via, call.represented,
    )  # fmt: skip
    return Answer({"id": str(job), "state": "waiting"}, 202, {"content-location": f"/v1/exports/{job}", "retry-after": "1"})


async def own(service: Service, call: Call, caller: Caller) -> Any:
    """The job, if it is the caller's and its agreement is still in force; another's is as if it were not there."""
    try:
        job = uuid.UUID(call.params["id"])
    except ValueError:
        raise Problem("not-found") from None
    row = await service.pool.fetchrow("SELECT * FROM hub.export_job WHERE id = $1 AND client = $2", job, caller.client.id)
    if row is None:
        raise Problem("not-found")
    grant = service.registry.sight().agreements.get(row["agreement"])
    if grant is None or not grant.in_force(service.registry.today):
        raise Problem("not-granted", "thỏa thuận không còn hiệu lực · the agreement is no longer in force")
    if grant.version != row["version"] and call.method != "DELETE":
        raise Problem("not-granted", "thỏa thuận đã sửa đổi, hãy xuất lại · the agreement was amended: export again")
    return row


async def poll(service: Service, call: Call, caller: Caller) -> Any:
    """202 while it is being made, then the manifest."""
    row = await own(service, call, caller)
    if row["state"] == "done":
        return Answer(row["manifest"].encode(), headers={"expires": "Thu, 01 Jan 1970 00:00:00 GMT"})
    if row["state"] == "failed":
        raise Problem(*row["error"].split("|", 1))
    if row["state"] == "deleted":
        raise Problem("not-found")
    return Answer({"id": str(row["id"]), "state": row["state"]}, 202, {"x-progress": row["state"], "retry-after": "1"})


async def fetch(service: Service, call: Call, caller: Caller) -> Any:
    """A file, whole or a range of it."""
    row = await own(service, call, caller)
    listed = msgspec.json.decode(row["manifest"]) if row["state"] == "done" else {"output": [], "deleted": []}
    name = call.params["name"]
    if name not in {each["url"].rpartition("/")[2] for each in [*listed["output"], *listed["deleted"]]}:
        raise Problem("not-found")
    return Answer(service.settings.exports / str(row["id"]) / name, media="application/gzip")


async def cancel(service: Service, call: Call, caller: Caller) -> Any:
    """Deletes the files, or keeps them from being made."""
    row = await own(service, call, caller)
    await service.pool.execute("UPDATE hub.export_job SET state = 'deleted', manifest = NULL WHERE id = $1", row["id"])
    forget(service.hub, row["id"])
    return Answer({"id": str(row["id"]), "state": "deleted"}, 202)


JOB = of({"id": TEXT, "state": TEXT})
FILE = of({"type": TEXT, "url": TEXT, "rows": WHOLE, "bytes": WHOLE, "sha256": TEXT})
MANIFEST = of(
    {
        "transactionTime": MOMENT,
        "request": TEXT,
        "requiresAccessToken": {"type": "boolean"},
        "output": {"type": "array", "items": FILE},
        "deleted": {"type": "array", "items": FILE},
        "error": {"type": "array", "items": TEXT},
        "extension": of({"changesCursor": TEXT, "deletedFrom": MOMENT}, "deletedFrom"),
    },
    "extension",
)
ID = Input("id", str, {"type": "string", "format": "uuid"}, "Lượt xuất · The export")
NAME = Input("name", str, {"type": "string", "pattern": "^[a-z_]+-[0-9]+\\.ndjson\\.gz$"}, "Tệp · The file")
ASKED = tuple(
    replace(each, schema={"type": "array", "minItems": 1, "items": {"type": "string"}}) if each is ANY else each for each in (DATASET, ANY, SINCE)
)
GONE_TOO = ("not-found", "not-granted")
ROUTES = [
    Route("/v1/exports", endpoint(ask, Operation(
        "startExport", "exports", "Yêu cầu xuất hàng loạt", "Ask for a bulk export", "export", inputs=ASKED, headers=("Prefer",), answer=JOB,
        status=202, problems=("fields-not-granted",))), methods=["POST"]),
    Route("/v1/exports/{id}", endpoint(poll, Operation(
        "pollExport", "exports", "Hỏi kết quả: 202 khi chưa xong, 200 là bản kê tệp", "Ask how it is: 202 while it is made, 200 with the manifest",
        path=(ID,), answer=MANIFEST, accepted=JOB, problems=(*GONE_TOO, "too-many", "export-failed"))), methods=["GET"]),
    Route("/v1/exports/{id}", endpoint(cancel, Operation(
        "deleteExport", "exports", "Hủy hoặc xóa tệp", "Cancel, or delete the files", path=(ID,), answer=JOB, status=202, problems=GONE_TOO)),
        methods=["DELETE"]),
    Route("/v1/exports/{id}/files/{name}", endpoint(fetch, Operation(
        "fetchExport", "exports", "Tải tệp NDJSON.gz, có thể tải tiếp bằng Range", "Fetch an NDJSON.gz file, in ranges too", path=(ID, NAME),
        headers=("Range",), answer={"type": "string", "contentMediaType": "application/gzip"}, media="application/gzip",
        problems=(*GONE_TOO, "range"))),
        methods=["GET"]),
]  # fmt: skip
