"""Who keeps a copy learns what is no longer theirs to have: by the feed and by an export since the last, told by the same ids."""

import asyncio
import gzip
import json
from typing import Any

import pytest

from include.clock import HANOI
from include.sharing import chores, exports
from tests.include.sharing.conftest import Agency, World, number
from tests.include.sharing.test_no_way_round import party

pytestmark = pytest.mark.postgres
HERE, ELSEWHERE = "09169", "07210"


def exported(world: World, agency: Agency, since: str = "") -> dict[str, Any]:
    """A manifest."""
    body = {"dataset": "person", "fields": ["personal_number"]} | ({"since": since} if since else {})
    asked = agency.post("/v1/exports", body, Prefer="respond-async")
    assert asyncio.run(exports.work(world.hub))
    manifest: dict[str, Any] = agency.get(asked.headers["content-location"]).json()
    return manifest


def records(agency: Agency, files: list[dict[str, Any]]) -> dict[str, str]:
    """Record → number, of files."""
    lines = [json.loads(line) for each in files for line in gzip.decompress(agency.get(each["url"]).content).splitlines()]
    assert len(lines) == sum(each["rows"] for each in files)
    return {line["record"]: line.get("personal_number", "") for line in lines}


def test_what_is_gone_or_has_left_the_communes_is_told_by_feed_and_export_alike(world: World) -> None:
    agency, _ = party(world, operations=("export", "changes"), visible=("personal_number",), communes=[HERE])
    whole = exported(world, agency)
    ids = {who: record for record, who in records(agency, whole["output"]).items()}
    dies, moves, moves_on, comes = number(20), number(22), number(24), number(21)
    assert {dies, moves, moves_on} <= set(ids)
    assert comes not in ids
    with world.hub.db.transaction() as connection:
        connection.execute("DELETE FROM golden.person WHERE personal_number = %s", [dies])
        for who, place in ((moves, ELSEWHERE), (comes, HERE), (moves_on, ELSEWHERE), (moves_on, HERE)):
            query = "UPDATE golden.person SET commune_code = %s, version = version + 1, updated_at = clock_timestamp() WHERE personal_number = %s"
            connection.execute(query, [place, who])
    manifest = exported(world, agency, whole["transactionTime"])
    assert set(records(agency, manifest["output"]).values()) == {comes, moves_on}
    assert set(records(agency, manifest["deleted"])) == {ids[dies], ids[moves]}
    cursor = whole["extension"]["changesCursor"]
    events = agency.get(f"/v1/changes/persons?cursor={cursor}").json()
    assert {event["subject"] for event in events if event["type"].endswith(".removed")} == {ids[dies], ids[moves]}


def test_from_when_on_it_is_known_is_told(world: World) -> None:
    agency, _ = party(world, operations=("export", "changes"), visible=("personal_number",))
    assert exported(world, agency, "2020-01-01T00:00:00+07:00")["extension"]["deletedFrom"] == "2020-01-01T00:00:00+07:00"
    with world.hub.db.session() as session:
        session.execute("UPDATE hub.change SET at = at - interval '40 days' WHERE id = (SELECT min(id) FROM hub.change WHERE entity = 'person')")
    chores.sweep(world.hub)
    [(oldest,)] = world.hub.db.rows("SELECT min(at) FROM hub.change WHERE entity = 'person'")
    assert exported(world, agency, "2020-01-01T00:00:00+07:00")["extension"]["deletedFrom"] == oldest.astimezone(HANOI).isoformat()


def test_who_may_not_read_changes_gets_neither_ids_nor_what_is_gone(world: World) -> None:
    agency, _ = party(world, operations=("export",), visible=("personal_number",))
    manifest = exported(world, agency, "2020-01-01T00:00:00+07:00")
    assert (manifest["deleted"], "extension" in manifest) == ([], False)
    line = gzip.decompress(agency.get(manifest["output"][0]["url"]).content).splitlines()[0]
    assert list(json.loads(line)) == ["personal_number"]
