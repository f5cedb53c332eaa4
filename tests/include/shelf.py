"""A source whose pages lie ready: it keeps the connector contract without a network, for tests of what happens after landing."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from connectors.page import Check, Cursor, Page, Receipt
from include.flows import Flow
from include.flows import flow as find

Record = Mapping[str, Any]


class Shelf:
    """Pages of JSON records. ``decode`` gives them back as a connector would."""

    def __init__(self, *pages: Sequence[Record]) -> None:
        self.content = pages

    def pages(self, cursor: Cursor, until: datetime) -> Iterator[Page]:
        for number in range(cursor.get("page", 0), len(self.content)):
            body = msgspec.json.encode(list(self.content[number]))
            finished = number == len(self.content) - 1
            after = {"since": until.isoformat()} if finished else {"since": cursor["since"], "page": number + 1}
            yield Page(body, "application/json", len(self.content[number]), after, None, finished)

    def rows(self, body: bytes) -> list[bytes]:
        return [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]

    def decode(self, raw: bytes) -> dict[str, Any]:
        record: dict[str, Any] = msgspec.json.decode(raw)
        return record

    def check(self) -> Iterator[Check]:
        yield Check("one page", True)

    def close(self) -> None:
        pass


def shelved(flow_id: str, *pages: Sequence[Record]) -> Flow:
    """The flow, reading ``pages`` instead of its system."""
    return replace(find(flow_id), source=lambda _endpoint: Shelf(*pages))


def record(flow_id: str, **changes: Any) -> dict[str, Any]:
    """The mapping's sample record with changes; ``a__b`` reaches into a nested one, None takes a field away."""
    made: dict[str, Any] = copy.deepcopy(dict(find(flow_id).dataset.sample))
    for path, value in changes.items():
        *parents, leaf = path.split("__")
        at = made
        for parent in parents:
            at = at[parent]
        if value is None:
            at.pop(leaf, None)
        else:
            at[leaf] = value
    return made


class Accepts:
    """A target that takes everything and remembers it."""

    batch = 50

    def __init__(self) -> None:
        self.taken: list[Any] = []

    def push(self, request_id: str, items: Sequence[Any]) -> list[Receipt]:
        from connectors.page import Outcome

        self.taken += items
        return [Receipt(item.reference, Outcome.ACCEPTED) for item in items]
