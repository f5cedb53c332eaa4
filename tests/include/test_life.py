"""Rows put aside get deadlines, somebody to mend them, or a waiver; every decision is an entry of the signed log."""

from datetime import date, timedelta

import pytest

from include import acts, life
from include.deadlines import deadlines
from include.hub import Hub
from include.proof.audit import verify
from include.proof.log import seal

pytestmark = pytest.mark.postgres


@pytest.fixture
def row(hub: Hub) -> int:
    """One row put aside."""
    with hub.db.transaction() as connection:
        found = connection.execute(
            "INSERT INTO hub.quarantine (flow, run, n, idx, source_key, row_hash, codes, issues, at)"
            " VALUES ('births', 'r1', 1, 0, 'K', '', '{date_invalid}', '[]', %s) RETURNING id",
            [hub.clock()],
        ).fetchone()
    assert found
    return int(found[0])


def state(hub: Hub, number: int) -> tuple[object, ...]:
    return hub.db.rows("SELECT state, assignee, waived_until FROM hub.quarantine WHERE id = %s", number)[0]


def test_deadlines_are_five_and_five_working_days_and_the_culture_day_of_24_november_is_free() -> None:
    assert deadlines(date(2026, 11, 23)) == (date(2026, 12, 1), date(2026, 12, 8))


def test_a_decision_changes_the_row_and_stands_in_the_log(hub: Hub, row: int) -> None:
    life.assign(hub, row, "thanh.tra", "so-tu-phap", "")
    assert state(hub, row) == ("assigned", "so-tu-phap", None)
    until = hub.today + timedelta(days=30)
    life.waive(hub, row, "thanh.tra", until, "chờ cải chính")
    assert state(hub, row) == ("waived", "so-tu-phap", until)
    life.reopen(hub, row, "thanh.tra", "đã có giấy tờ")
    assert state(hub, row) == ("open", None, None)
    assert [act["kind"] for act in acts.of(hub, f"quarantine/{row}")] == ["reopen", "waive", "assign"]
    seal(hub, "acts")
    assert verify(hub, "acts") == (3, [])


def test_a_waiver_needs_a_reason_and_a_day_to_come(hub: Hub, row: int) -> None:
    with pytest.raises(life.Refused, match="reason"):
        life.waive(hub, row, "x", hub.today + timedelta(days=1), "  ")
    with pytest.raises(life.Refused, match="past"):
        life.waive(hub, row, "x", hub.today, "why")
    assert state(hub, row)[0] == "open"
    assert acts.of(hub, f"quarantine/{row}") == []


def test_a_closed_row_takes_no_decision(hub: Hub, row: int) -> None:
    with hub.db.transaction() as connection:
        connection.execute("UPDATE hub.quarantine SET state = 'fixed', closed_at = at")
    with pytest.raises(life.Refused, match="closed"):
        life.assign(hub, row, "x", "y", "")
