"""Reads the other side back and compares it with what the hub says was published, record by record.

The national specification has no bulk read, so this uses the sandbox's back door. A system that is a source too may have changed its copy since
it accepted it; the golden record then holds its own word, and what it was told last (``hub.told``) is what must have been written there.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from include.delivery.echoes import canonical
from include.flows import TARGETS, Target
from include.hub import Hub

PAGE = 5000
KINDS = {
    "portal_dossiers": ("dossiers", "MaHoSo"),
    "onestop_dossiers": ("dossiers", "maHoSo"),
    "onestop_citizens": ("citizens", "maThamChieu"),
    "onestop_enterprises": ("enterprises", "maThamChieu"),
}


def differences(hub: Hub, endpoints: Mapping[str, str]) -> list[str]:
    """One line per record that is missing over there, is there unasked, or differs. Progress is compared by its number of steps."""
    found = [line for target in TARGETS for line in compare(hub, target, endpoints[target.system])]
    return found + compare_progress(hub, endpoints["dvcqg"])


def compare(hub: Hub, target: Target, url: str) -> Iterator[str]:
    """Differences of one target. References, not persons, are named."""
    kind, reference = KINDS[target.id]
    held = {record[reference]: record for record in written(url, kind)}
    changed_there: list[tuple[str, dict[str, Any], Any]] = []
    for mine, payload, told in published(hub, target):
        there = held.pop(mine, None)
        if there is None:
            yield f"{target.id}: {mine} was accepted and is not there"
        elif told is not None:
            changed_there.append((mine, there, told))
        elif there != payload.get("HoSo", payload):
            yield f"{target.id}: {mine} is there with other content"
    if target.echo and changed_there:
        understood = canonical(target.echo.dataset, [there for _, there, _ in changed_there])
        for (mine, _, told), record in zip(changed_there, understood, strict=True):
            if json.loads(record) != told:
                yield f"{target.id}: {mine} is there with other content than it was told"
    for left in held:
        yield f"{target.id}: {left} is there and was never accepted"


def published(hub: Hub, target: Target) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """(reference, payload, told) of every record whose last word from the target is that it was accepted; ``told`` is what it was told then,
    if it has changed its copy since (``registry.sql.OWN_WORD``), else None.
    """
    with hub.db.transaction() as connection, connection.cursor("published") as cursor:
        cursor.execute(
            "SELECT to_jsonb(g), CASE WHEN r.content_hash = '' THEN t.record END"
            f" FROM hub.receipt r JOIN golden.{target.entity} g ON g.id = r.entity_id"
            " LEFT JOIN hub.told t ON t.target = r.target AND t.entity_id = r.entity_id WHERE r.target = %s AND r.outcome = 'accepted'",
            [target.id],
        )
        while rows := cursor.fetchmany(PAGE):
            for record, row in zip(target.complete(hub.db, [row[0] for row in rows]), rows, strict=True):
                yield str(record[target.reference]), target.payload(record), row[1]


def compare_progress(hub: Hub, url: str) -> list[str]:
    """The steps the portal holds, against those of the dossiers it accepted."""
    portal = next(target for target in TARGETS if target.id == "portal_dossiers")
    held = sum(1 for _ in written(url, "progress"))
    sent = sum(len({(step["ThoiDiemXuLy"], step["TrangThai"]) for step in payload["TienDo"]}) for _, payload, _ in published(hub, portal))
    return [] if held == sent else [f"portal_dossiers: {sent} steps of progress were accepted and {held} are there"]


def written(url: str, kind: str) -> Iterator[dict[str, Any]]:
    """Everything of a kind that was written to a sandbox system."""
    parts = urlsplit(url)
    offset = 0
    while True:
        answer = requests.get(
            f"{parts.scheme}://{parts.netloc}/_sandbox/records/{kind}", params={"offset": str(offset), "limit": str(PAGE)}, timeout=60
        )
        answer.raise_for_status()
        page = answer.json()
        yield from page["records"]
        offset += len(page["records"])
        if not page["records"] or offset >= page["total"]:
            return
