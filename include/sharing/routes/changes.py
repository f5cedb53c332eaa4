"""The change feed over HTTP: read from where you acknowledged, work, acknowledge."""

from typing import Any

from starlette.routing import Route

from include.sharing.auth.caller import Caller
from include.sharing.call import Call
from include.sharing.cursors import Place, cursor, place
from include.sharing.datasets import DATASETS, Dataset
from include.sharing.feed import ACKNOWLEDGE, STANDING, START, batch, changes
from include.sharing.inputs import Input, digits, read, text
from include.sharing.operations import MOMENT, TEXT, Operation, of
from include.sharing.problems import Problem
from include.sharing.routes.answers import Answer
from include.sharing.routes.endpoint import Handler, endpoint
from include.sharing.schemas import camel, lower
from include.sharing.service import Service

BATCH = "application/cloudevents-batch+json"
LARGEST = 1_000
CURSOR = (Input("cursor", text, {"type": "string"}, "Con trỏ của lần đọc đã xử lý xong · The cursor of what has been dealt with"),)


def reader(dataset: Dataset) -> Handler:
    """Events of a dataset."""

    async def handle(service: Service, call: Call, caller: Caller) -> Any:
        limit = digits(call.query.get("limit", "100"))
        if not 1 <= limit <= LARGEST or set(call.query) - {"limit", "cursor"}:
            raise Problem("invalid", f"limit 1–{LARGEST}, cursor", [{"in": "query", "pointer": "limit", "detail": f"1–{LARGEST}"}])
        grant = await service.grant(call, caller, dataset, "changes")
        await service.take(call, caller, grant, "changes")
        start: Place
        if given := call.query.get("cursor"):
            start = place(service.master, grant.agreement, given)
        else:
            row = await service.pool.fetchrow(START, grant.agreement)
            start = (row["xid"], row["id"]) if row else (0, 0)
        standing = await service.pool.fetchrow(STANDING, dataset.name, *start)
        if start != (0, 0) and standing["missed"]:
            raise Problem("gone", "đọc lại từ đầu bằng xuất hàng loạt · start again from a bulk export")
        most = min(limit, service.limits.left(grant))
        events, after = await changes(service, call, caller, grant, start, standing["over"], most)
        return Answer(batch(events), headers={"next-cursor": cursor(service.master, grant.agreement, after)}, media=BATCH)

    return handle


def acknowledgement(dataset: Dataset) -> Handler:
    """The reader has dealt with everything before the cursor."""

    async def handle(service: Service, call: Call, caller: Caller) -> Any:
        given = read(call.json(), CURSOR)
        grant = await service.grant(call, caller, dataset, "changes")
        await service.pool.execute(ACKNOWLEDGE, grant.agreement, *place(service.master, grant.agreement, given["cursor"]))
        return Answer({"acknowledged": True, "agreement": grant.agreement})

    return handle


EVENT = of(
    {
        "specversion": {"type": "string", "enum": ["1.0"]},
        "id": TEXT,
        "source": TEXT,
        "type": TEXT,
        "time": MOMENT,
        "subject": TEXT,
        "datacontenttype": TEXT,
        "data": {"type": "object"},
    },
    "datacontenttype",
    "data",
)
QUERY = (
    Input("limit", str, {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": 100}, "Số sự kiện tối đa · Events at most", required=False),
    Input("cursor", str, {"type": "string", "maxLength": 299}, "Đọc tiếp từ đây, thay cho chỗ đã xác nhận · Go on from here", required=False),
)


def about(dataset: Dataset) -> tuple[Operation, Operation]:
    """Reading and acknowledging as described."""
    name, vi, en = camel(dataset.path), lower(dataset.entity.vi), lower(dataset.entity.en)
    return (
        Operation(
            f"read{name}Changes", "changes", f"Thay đổi của {vi}", f"Changes of {en}", "changes", dataset.name, query=QUERY,
            answer={"type": "array", "items": EVENT}, media=BATCH, problems=("cursor", "gone"),
        ),
        Operation(
            f"acknowledge{name}Changes", "changes", f"Xác nhận đã xử lý thay đổi của {vi}", f"Acknowledge changes of {en}", "changes",
            dataset.name, CURSOR, answer=of({"acknowledged": {"type": "boolean"}, "agreement": TEXT}), problems=("cursor",),
        ),
    )  # fmt: skip


ROUTES = [
    *(Route(f"/v1/changes/{each.path}", endpoint(reader(each), about(each)[0]), methods=["GET"]) for each in DATASETS),
    *(Route(f"/v1/changes/{each.path}/acknowledgement", endpoint(acknowledgement(each), about(each)[1]), methods=["POST"]) for each in DATASETS),
]
