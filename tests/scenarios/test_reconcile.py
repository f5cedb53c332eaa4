"""Index 1.4: the hub's count of dossiers held against the portal's own, and every difference has its reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connectors.dialects.vdxp import PortalSink
from connectors.errors import BadAnswer
from connectors.page import Item
from include.cli_indicators import concluded
from include.delivery.push import deliver
from include.flows import flow as find
from include.flows import target as find_target
from include.hub import Hub
from include.indicators import reconcile
from include.indicators.facts import refresh
from include.indicators.figures import NoSuchPeriod
from include.indicators.reconcile import Line, ask, asked_at, lines, missing, month_of
from include.runs import Wish, begin
from include.steps import land, merge, refine
from mappings.refusal import Refusal
from tests.scenarios.conftest import Province

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]

PORTAL = find_target("portal_dossiers")


@pytest.fixture
def merged(world: Hub) -> Hub:
    """The sandbox's dossiers, merged; nothing is sent yet."""
    begin(world, find("dossiers"), "r1", Wish(full=True))
    for step in (land, refine, merge):
        step(world, find("dossiers"), "r1")
    return world


def months(hub: Hub) -> list[date]:
    refresh(hub)
    return [row[0] for row in hub.db.rows("SELECT DISTINCT month FROM hub.dossier_fact ORDER BY 1")]


def asked(hub: Hub, month: date) -> list[Line]:
    ask(hub, hub.settings.endpoint("dvcqg"), month)
    return lines(hub, month)


def test_only_a_month_is_held_against_the_portal():
    assert month_of("2026-10") == date(2026, 10, 1)
    for name in ("2026", "2026-Q3", "2026-13"):
        with pytest.raises(NoSuchPeriod):
            month_of(name)


def test_what_the_portal_took_is_what_it_counts(merged: Hub):
    deliver(merged, PORTAL, "d1")
    for month in months(merged):
        for line in asked(merged, month):
            assert line.ours == line.accepted == line.theirs, (month, line)
        assert missing(merged, month, 10) == []


def test_what_was_not_sent_or_refused_is_named(merged: Hub):
    unlucky = {row[0] for row in merged.db.rows("SELECT code FROM golden.dossier ORDER BY code LIMIT 3")}
    fine: Callable[[Any], Any] = PORTAL.payload

    def payload(dossier: Any) -> Any:
        if dossier["code"] in unlucky:
            raise Refusal("contract_broken", "để thử", "for the test")
        return fine(dossier)

    deliver(merged, replace(PORTAL, payload=payload), "d1")
    told = {code: state for month in months(merged) for code, _, state, _ in missing(merged, month, 100)}
    received = {row[0] for row in merged.db.rows("SELECT code FROM hub.dossier_fact")}
    assert set(told) == unlucky & received
    assert set(told.values()) <= {"refused"}
    for month in months(merged):
        assert all(line.elsewhere == 0 for line in asked(merged, month))


def test_a_dossier_that_came_another_way_is_a_difference(merged: Hub):
    deliver(merged, PORTAL, "d1")
    month = months(merged)[-1]
    row = merged.db.rows("SELECT to_jsonb(d) FROM golden.dossier d JOIN hub.dossier_fact k ON k.entity_id = d.id WHERE k.month = %s LIMIT 1", month)[
        0
    ][0]
    stranger = PORTAL.payload(row | {"code": "H05.16-261101-999999"})
    sink = PortalSink(merged.settings.endpoint("dvcqg"))
    assert sink.push("elsewhere", [Item("H05.16-261101-999999", stranger)])[0].outcome == "accepted"
    found = {line.agency: line.elsewhere for line in asked(merged, month)}
    assert found.pop(row["handling_agency"]) == 1
    assert set(found.values()) <= {0}


def test_a_portal_that_counts_nobody_was_asked_all_the_same(merged: Hub, monkeypatch: pytest.MonkeyPatch):
    long_ago = date(2020, 1, 1)
    assert asked_at(merged, long_ago) is None
    assert [(line.agency, line.theirs) for line in asked(merged, long_ago)] == [("H05", 0)]
    assert asked_at(merged, long_ago)
    month = months(merged)[-1]
    monkeypatch.setattr(reconcile, "counts", lambda *_: {})
    assert {line.theirs for line in asked(merged, month)} == {0}
    assert "not asked" not in concluded(lines(merged, month))


def test_an_answer_that_is_not_what_was_promised_is_refused(merged: Hub, province: Province):
    province.door("dvcqg", "faults", "POST", json=[{"kind": "html_login", "times": 1}])
    with pytest.raises(BadAnswer):
        ask(merged, merged.settings.endpoint("dvcqg"), date(2026, 10, 1))
    assert merged.db.rows("SELECT count(*) FROM hub.portal_count")[0][0] == 0
