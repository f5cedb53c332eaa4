"""Rows put aside show nothing personal, unless somebody says who looks and why."""

import json
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from include import acts, shelf
from include.flows import flow
from include.hub import Hub
from include.reporting import example
from tests.commands import said

pytestmark = pytest.mark.postgres
NUMBER = "024085000037"


def aside(hub: Hub, flow_id: str, key: str, field: str, proposal: str = "") -> int:
    """One row put aside."""
    issue = {"code": "personal_number_invalid", "field": field, "why": "11 chữ số"} | ({"proposal": proposal} if proposal else {})
    with hub.db.transaction() as connection:
        found = connection.execute(
            "INSERT INTO hub.quarantine (flow, run, n, idx, source_key, row_hash, codes, issues, at)"
            " VALUES (%s, 'r1', 1, 0, %s, '', '{personal_number_invalid}', %s, %s) RETURNING id",
            [flow_id, key, Jsonb([issue]), hub.clock()],
        ).fetchone()
        connection.execute(
            "INSERT INTO hub.landed_page (flow, run, n, sha256, bytes, rows, media_type, after, finished, received_at)"
            " VALUES (%s, 'r1', 1, %s, 2, 1, '', '{}', true, %s) ON CONFLICT DO NOTHING",
            [flow_id, hub.objects.put(b"[]"), hub.clock()],
        )
    assert found
    return int(found[0])


def test_a_proposed_personal_number_is_masked_and_one_of_a_unit_is_not(hub: Hub) -> None:
    person = aside(hub, "births", "24085000037", "personal_number", NUMBER)
    unit = aside(hub, "units", "09184", "code", "09187")
    assert [issue["proposal"] for issue in shelf.one(hub, person)["issues"]] == ["024•••••••37"]
    assert [issue["proposal"] for issue in shelf.one(hub, unit)["issues"]] == ["09187"]


@pytest.mark.parametrize(("key", "shown"), [(NUMBER, "024•••••••37"), ("2300123456", "2300123456"), ("2300123456001", "2300123456001")])
def test_a_tax_code_that_is_a_personal_number_is_masked(hub: Hub, key: str, shown: str) -> None:
    number = aside(hub, "taxpayers", key, "tax_code")
    assert shelf.one(hub, number)["source_key"] == shown
    assert shelf.listed(hub, "taxpayers", "", 9)[0][5] == shown
    found: dict[str, Any] = {"id": 1, "page": 1, "record": 0, "key": key, "issues": []}
    assert example(flow("taxpayers"), found, "personal_number_invalid")["key"] == shown


@pytest.mark.parametrize("key", ["000.00.05.H05-261123-0001", "KQ.G15.004873", "H05.201"])
def test_a_code_that_is_nobodys_number_is_shown(key: str) -> None:
    assert shelf.shown("dossiers", key) == key


@pytest.mark.parametrize("arguments", [["--raw"], ["1", "--raw"], ["1", "--raw", "--who", "an"], ["1", "--raw", "--who", "an", "--reason", " "]])
def test_nothing_is_shown_whole_without_who_and_why(hub: Hub, arguments: list[str]) -> None:
    aside(hub, "births", NUMBER, "personal_number", NUMBER)
    code, told = said(hub, "quarantine", *arguments)
    assert (code, NUMBER in told) == (2, False)


def test_a_row_shown_whole_is_an_act(hub: Hub) -> None:
    number = aside(hub, "births", NUMBER, "personal_number", NUMBER)
    code, told = said(hub, "quarantine", str(number), "--raw", "--who", "an", "--reason", "khiếu nại 12")
    assert code == 0
    shown = json.loads(told)
    assert (shown["source_key"], shown["issues"][0]["proposal"], shown["raw"]) == (NUMBER, NUMBER, "[]")
    [act] = acts.of(hub, f"quarantine/{number}")
    assert (act["who"], act["kind"], act["why"]) == ("an", "reveal", "khiếu nại 12")
