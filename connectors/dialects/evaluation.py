"""The national portal's public evaluation API (index 766): how many dossiers of each agency it counts in a month.

``POST {portal}/api/v1/reporting/evaluation/dvc-progress-tree`` with ``timeType``, ``year``, ``month``, ``rootDepartmentId``, ``currentPage`` and
``pageSize``. The request is published; the names in its answer are not, so they are this module's only assumption: ``data.items`` with
``departmentId`` and ``totalReceived``, and ``data.total``.
"""

from collections.abc import Iterator

import msgspec

from connectors.errors import BadAnswer
from connectors.jsontext import NOT_JSON
from connectors.page import Endpoint
from connectors.rest import broken
from connectors.transport import Request, Transport, plain_http

PATH = "/api/v1/reporting/evaluation/dvc-progress-tree"
PAGE = 200


class _Item(msgspec.Struct, rename="camel"):
    department_id: str
    total_received: int


class _Data(msgspec.Struct):
    total: int
    items: list[_Item]


class _Tree(msgspec.Struct):
    data: _Data


def counts(endpoint: Endpoint, root: str, year: int, month: int) -> dict[str, int]:
    """Agency code → dossiers received in the month, as the portal counts. Raises BadAnswer when pages and total disagree."""
    transport = Transport(plain_http)
    try:
        found: dict[str, int] = {}
        total = 0
        for tree in _pages(endpoint, transport, root, year, month):
            total = tree.data.total
            found |= {one.department_id: one.total_received for one in tree.data.items}
        if len(found) != total:
            raise BadAnswer(f"the evaluation API promised {total} agencies and gave {len(found)}")
        return found
    finally:
        transport.close()


def _pages(endpoint: Endpoint, transport: Transport, root: str, year: int, month: int) -> Iterator[_Tree]:
    seen, page = 0, 1
    while True:
        wanted = {"timeType": "month", "year": year, "month": month, "rootDepartmentId": root, "currentPage": page, "pageSize": PAGE}
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        answer = transport.send(Request("POST", endpoint.url + PATH, headers, body=msgspec.json.encode(wanted)))
        try:
            tree = msgspec.json.decode(answer.body, type=_Tree)
        except NOT_JSON as error:
            raise broken(answer, str(error)) from None
        yield tree
        seen += len(tree.data.items)
        if seen >= tree.data.total or not tree.data.items:
            return
        page += 1
