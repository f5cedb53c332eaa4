"""Deliveries: what the target could not take waits, what it refused is told, what got lost is asked for, nothing goes twice."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.dialects.motcua import OnestopSink
from connectors.errors import SourceUnavailable
from connectors.page import Endpoint
from connectors.transport import Patience
from include.delivery.push import deliver
from include.flows import Target
from include.flows import flow as find
from include.flows import target as find_target
from include.hub import Hub
from include.runs import Wish, begin
from include.steps import land, merge, refine
from mappings.refusal import Refusal
from tests.scenarios.conftest import Province

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]


def impatient(endpoint: Endpoint) -> OnestopSink:
    return OnestopSink(endpoint, "CapNhatDoanhNghiep", "doanhNghiep", Patience(attempts=1))


@pytest.fixture
def target() -> Target:
    """Enterprises to the one-stop system, giving up at the first failure."""
    return replace(find_target("onestop_enterprises"), sink=impatient)


@pytest.fixture
def waiting(world: Hub) -> int:
    """Enterprises merged and waiting in the outbox; how many."""
    begin(world, find("enterprises"), "r1", Wish(full=True))
    for step in (land, refine, merge):
        step(world, find("enterprises"), "r1")
    return int(world.db.rows("SELECT count(*) FROM hub.outbox")[0][0])


def calls(province: Province, operation: str) -> int:
    return int(province.door("motcua", "calls").get(operation, 0))


def test_what_a_target_cannot_take_now_waits_for_it(world: Hub, province: Province, target: Target, waiting: int) -> None:
    province.door("motcua", "faults", "POST", json=[{"kind": "503", "times": 1}])
    with pytest.raises(SourceUnavailable):
        deliver(world, target, "d1")
    assert world.db.rows("SELECT count(*) FROM hub.outbox")[0][0] == waiting
    counts = deliver(world, target, "d2")
    assert (counts.published, counts.pending) == (waiting, 0)


def test_a_lost_answer_is_asked_for_and_nothing_is_sent_twice(world: Hub, province: Province, target: Target, waiting: int) -> None:
    province.door("motcua", "faults", "POST", json=[{"kind": "lost_answer", "times": 1, "path": "CapNhatDoanhNghiep"}])
    with pytest.raises(SourceUnavailable):
        deliver(world, target, "d1")
    deliver(world, target, "d2")
    assert (calls(province, "CapNhatDoanhNghiep"), calls(province, "TraCuuYeuCau")) == (1, 1)
    assert len(province.written("motcua", "enterprises")) == waiting
    assert world.db.rows("SELECT outcome, count(*) FROM hub.receipt GROUP BY 1") == [("accepted", waiting)]


def test_a_refused_record_is_told_once_and_sent_again_only_when_it_changed(world: Hub, target: Target, waiting: int) -> None:
    one = world.db.rows("SELECT id FROM golden.enterprise ORDER BY 1 LIMIT 1")[0][0]
    alter(world, one, "99999")
    counts = deliver(world, target, "d1")
    assert (counts.published, counts.refused) == (waiting - 1, 1)
    enqueue(world, one)
    assert deliver(world, target, "d2").refused == 0
    alter(world, one, "07210")
    enqueue(world, one)
    assert deliver(world, target, "d3").published == 1


def test_a_record_that_may_not_be_sent_is_refused_by_ourselves(world: Hub, province: Province, target: Target, waiting: int) -> None:
    def unfit(_record: Any) -> Any:
        raise Refusal("required_missing", "thiếu tên", "no name")

    counts = deliver(world, replace(target, payload=unfit), "d1")
    assert (counts.refused, counts.pending) == (waiting, 0)
    assert calls(province, "CapNhatDoanhNghiep") == 0


def test_what_the_target_already_has_is_not_sent_again(world: Hub, province: Province, target: Target, waiting: int) -> None:
    deliver(world, target, "d1")
    for (one,) in world.db.rows("SELECT id FROM golden.enterprise"):
        enqueue(world, one)
    assert deliver(world, target, "d2").document() == {}
    assert calls(province, "CapNhatDoanhNghiep") == 1
    assert world.db.rows("SELECT count(*) FROM hub.receipt") == [(waiting,)]


def alter(world: Hub, entity: Any, commune: str) -> None:
    with world.db.transaction() as connection:
        connection.execute("UPDATE golden.enterprise SET commune_code = %s WHERE id = %s", [commune, entity])


def enqueue(world: Hub, entity: Any) -> None:
    with world.db.transaction() as connection:
        connection.execute("INSERT INTO hub.outbox VALUES ('onestop_enterprises', %s, 1, 'r1', now())", [entity])


def test_an_intent_whose_record_was_closed_meanwhile_is_asked_about_once(world: Hub, province: Province, target: Target, waiting: int) -> None:
    assert waiting
    province.door("motcua", "faults", "POST", json=[{"kind": "lost_answer", "times": 1, "path": "CapNhatDoanhNghiep"}])
    with pytest.raises(SourceUnavailable):
        deliver(world, target, "d1")
    open_intents = "SELECT entity_id FROM hub.delivery d LEFT JOIN hub.delivery_result r USING (id) WHERE r.id IS NULL"
    closed = world.db.rows(open_intents)[0][0]
    with world.db.transaction() as connection:
        connection.execute("DELETE FROM hub.outbox WHERE entity_id = %s", [closed])
        connection.execute("DELETE FROM golden.enterprise WHERE id = %s", [closed])
    deliver(world, target, "d2")
    assert world.db.rows(open_intents) == []
