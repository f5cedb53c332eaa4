"""Records that are no longer at their source: noticed by a full read, closed only when the next read does not bring them back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.errors import SourceUnavailable
from connectors.page import Cursor, Page
from include import steps
from include.counts import Counts
from include.findings import listed
from include.flows import Flow, flow
from include.hub import Hub
from include.landing import tell
from include.life import Refused
from include.registry import vanishing
from include.runs import NORMAL, WEEK, Wish, begin, books, close, get
from include.runs import steps as ledger
from include.steps import run_flow
from tests.include.shelf import Shelf, record, shelved
from tests.scenarios.conftest import Province

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]
FULL = Wish(full=True)
MOST = replace(flow("births"), max_gone=1.0)
ALL = "SELECT source_key, entity_id FROM hub.source_record WHERE flow = 'births' ORDER BY source_key"


def keys(hub: Hub, number: int) -> list[tuple[str, Any]]:
    return hub.db.rows(ALL)[:number]


def remove(province: Province, found: list[tuple[str, Any]]) -> None:
    gone = province.door("lgsp", "remove", "POST", json=[{"dataset": "births", "key": key} for key, _ in found])
    assert gone == {"removed": len(found)}


def missing(hub: Hub) -> list[str]:
    return [row[0] for row in hub.db.rows("SELECT source_key FROM hub.missing ORDER BY 1")]


def golden(hub: Hub, found: list[tuple[str, Any]]) -> int:
    count: int = hub.db.rows("SELECT count(*) FROM golden.person WHERE id = ANY(%s)", [number for _, number in found])[0][0]
    return count


def first(hub: Hub, of: Flow = MOST) -> list[tuple[str, Any]]:
    run_flow(hub, of, "r1", FULL)
    return keys(hub, 3)


def test_a_record_that_is_gone_leaves_a_tombstone_and_its_last_version(world: Hub, province: Province):
    gone = first(world)
    remove(province, gone)
    assert run_flow(world, MOST, "r2", FULL).gone == 0
    assert (missing(world), golden(world, gone)) == ([key for key, _ in gone], 3)
    assert run_flow(world, MOST, "r2b").gone == 0, "a read of what changed cannot tell"
    counts = run_flow(world, MOST, "r3", FULL)
    assert (counts.gone, missing(world), golden(world, gone)) == (3, [], 0)
    assert counts.balanced
    stones = world.db.rows("SELECT source_key, entity_id, missed_run, gone_run, closed FROM hub.tombstone ORDER BY 1")
    assert stones == [(key, number, "r2", "r3", True) for key, number in gone]
    kept = world.db.rows("SELECT count(*) FROM golden.person_history WHERE id = ANY(%s)", [number for _, number in gone])
    assert kept == [(3,)]
    assert world.db.rows("SELECT count(*) FROM hub.change WHERE gone AND record = ANY(%s)", [number for _, number in gone]) == [(3,)]
    assert run_flow(world, MOST, "r4", FULL).gone == 0
    assert missing(world) == []


def test_a_record_another_source_has_stays(world: Hub, province: Province):
    first(world)
    run_flow(world, replace(flow("insurance"), max_gone=1.0), "i1", FULL)
    both = world.db.rows("SELECT b.source_key, b.entity_id FROM hub.source_record b JOIN hub.source_record i USING (entity_id)"
                         " WHERE b.flow = 'births' AND i.flow = 'insurance' ORDER BY 1 LIMIT 2")  # fmt: skip
    remove(province, both)
    run_flow(world, MOST, "r2", FULL)
    assert run_flow(world, MOST, "r3", FULL).gone == len(both) == golden(world, both)
    assert {row[0] for row in world.db.rows("SELECT closed FROM hub.tombstone")} == {False}


def test_a_record_that_moved_while_a_full_read_went_on_is_not_gone(world: Hub, province: Province):
    moved = first(world)
    at = (get(world, "births", "r1").until + timedelta(days=2)).isoformat()
    for key, _ in moved:  # changed after the window of the full read was fixed: it does not hold them
        province.door("lgsp", "change", "POST", json={"dataset": "births", "key": key, "set": {"me.HoTen": "TRẦN THỊ MỚI"}, "at": at})
    run_flow(world, MOST, "r2", FULL)
    assert missing(world) == [key for key, _ in moved]
    later = replace(world, clock=lambda: world.db.rows("SELECT max(until) + interval '3 days' FROM hub.run")[0][0])
    counts = run_flow(later, MOST, "r3")
    assert (counts.gone, counts.changed, missing(world), golden(world, moved)) == (0, 3, [], 3)


def test_a_damaged_row_is_still_there(world: Hub, province: Province):
    damaged = first(world)
    for key, _ in damaged:
        province.door("lgsp", "change", "POST", json={"dataset": "births", "key": key, "set": {"nks.HoTen": ""}, "at": "2026-11-20T08:00:00"})
    run_flow(world, MOST, "r2", FULL)
    assert missing(world) == []
    assert run_flow(world, MOST, "r3").gone == 0


def test_when_too_many_are_missing_a_person_must_say_so(world: Hub, province: Province):
    careful = flow("births")
    first(world, careful)
    many = keys(world, 40)
    remove(province, many)
    run_flow(world, careful, "r2", FULL)
    assert run_flow(world, careful, "r3", FULL).gone == 0
    assert vanishing.states(world) == [("births", 40, 40, 0, 0)]
    assert [(one["code"], one["value"]) for one in listed(world, "births") if one["code"] == "drift_vanished"] == [("drift_vanished", 40)]
    with pytest.raises(Refused, match="lý do"):
        vanishing.confirm(world, careful, "lan", "")
    assert vanishing.confirm(world, careful, "lan", "sổ cũ được chuyển sang tỉnh khác") == 40
    assert run_flow(world, careful, "r4", FULL).gone == 40
    assert golden(world, many) == 0
    with pytest.raises(Refused, match="no record waits"):
        vanishing.confirm(world, careful, "lan", "lần nữa")


@pytest.mark.parametrize("wish", [FULL, Wish(full=True, dry=True)])
def test_a_read_that_sees_all_misses_none_and_a_trial_concludes_nothing(world: Hub, province: Province, wish: Wish):
    gone = first(world)
    if wish.dry:
        remove(province, gone)
    assert run_flow(world, MOST, "r2", wish).gone == 0
    assert missing(world) == []


def test_a_page_that_cannot_be_read_proves_nothing(world: Hub, province: Province):
    gone = first(world)
    remove(province, gone)
    with world.db.transaction() as connection:
        run = begin(world, MOST, "r2", FULL)
        tell(connection, world, run, 99, "00" * 32, "cut")
    run_flow(world, MOST, "r2", FULL)
    assert missing(world) == []


def test_a_week_after_the_last_one_a_read_is_full_by_itself(world: Hub):
    def whole(run: str, days: int, wish: Wish = NORMAL) -> bool:
        then = replace(world, clock=lambda: world.clock() + timedelta(days=days))
        run_flow(then, MOST, run, wish)
        return get(world, "births", run).full

    assert not whole("r1", 0)
    assert not whole("r2", 6)
    assert whole("r3", WEEK.days)
    assert not whole("r4", WEEK.days + 1)
    assert not whole("r5", 2 * WEEK.days, Wish(since=world.clock()))
    assert whole("r6", 2 * WEEK.days)


def test_where_a_full_read_does_not_tell_nothing_is_missed(world: Hub, province: Province):
    silent = replace(MOST, max_gone=0.0)
    remove(province, first(world, silent))
    assert run_flow(world, silent, "r2", FULL) != Counts()
    assert missing(world) == []


def test_a_slice_of_the_past_brings_nothing_back_and_closes_nothing(world: Hub, province: Province):
    gone = first(world)
    remove(province, gone)
    run_flow(world, MOST, "r2", FULL)
    begun, until = get(world, "births", "r2").cursor["since"], get(world, "births", "r2").until
    past = Wish(since=datetime.fromisoformat(begun), until=until - timedelta(days=100))
    assert run_flow(world, MOST, "backfill", past).gone == 0
    assert (missing(world), golden(world, gone)) == ([key for key, _ in gone], 3)


def test_a_full_read_that_ends_in_the_past_misses_nothing_later(world: Hub, province: Province):
    first(world)
    early = Wish(full=True, until=get(world, "births", "r1").until - timedelta(days=20))
    later = world.db.rows("SELECT count(*) FROM hub.source_record WHERE flow = 'births' AND moment >= %s", early.until)[0][0]
    assert later > 0
    run_flow(world, MOST, "r2", early)
    assert missing(world) == []


class Breaks(Shelf):
    """Does not give its last page while it is ``broken``."""

    broken = False

    def pages(self, cursor: Cursor, until: datetime) -> Iterator[Page]:
        for page in super().pages(cursor, until):
            if self.broken and page.finished:
                raise SourceUnavailable("the last page does not come")
            yield page


def read(hub: Hub, of: Flow, run: str, wish: Wish, day: int) -> Counts:
    """The steps that conclude, at nine in the morning of a day."""
    then = replace(hub, clock=lambda: hub.clock() + timedelta(days=day))
    begin(then, of, run, wish)
    for step in (steps.land, steps.refine, steps.merge):
        step(then, of, run)
    close(then, get(then, of.id, run), "done")
    return books(ledger(then, of.id, run))


def insured(number: int, **changes: Any) -> dict[str, Any]:
    person = {"maXa": "07210", "hoTen": f"LÊ VĂN {chr(64 + number)}A", "soDinhDanh": f"0240850001{number:02}", "soCmnd": None, "dienThoai": None}
    return record("insurance", maSoBhxh=f"24000000{number:02}", **person | changes)


def insurance(*rows: Any) -> Flow:
    return replace(shelved("insurance", list(rows)), max_gone=0.5, max_bad=1.0)


def test_a_borrowed_read_that_was_not_finished_is_not_the_whole_register(hub: Hub):
    def born(number: int) -> dict[str, Any]:
        return record("births", maGCS=f"GCS-24-{number:07}", soDinhDanh=f"0243260001{number:02}", nks__HoTen=f"NGUYỄN VĂN {chr(64 + number)}A")

    pages = [[born(2 * page + 1), born(2 * page + 2)] for page in range(5)]
    shelf = Breaks(*pages)
    births = replace(flow("births"), source=lambda _: shelf, max_gone=0.5, max_bad=1.0)
    events = replace(flow("birth_events"), source=lambda _: Shelf(*pages), max_gone=0.5, max_bad=1.0)
    read(hub, births, "b1", FULL, 0)
    read(hub, events, "e1", FULL, 1)
    shelf.broken = True
    for run, day in (("b2", 7), ("b3", 14)):
        with pytest.raises(SourceUnavailable):
            read(hub, births, run, FULL, day)
        read(hub, events, run.replace("b", "e"), FULL, day + 1)
        assert missing(hub) == []


def test_a_replica_that_lags_behind_takes_nobody_away(hub: Hub):
    rows = [insured(number) for number in range(1, 6)]
    read(hub, insurance(*rows), "r1", FULL, 0)
    read(hub, insurance(rows[4] | {"diaChi": "mới", "capNhatLuc": "2026-11-20T08:00:00+07:00"}), "r2", NORMAL, 1)
    for run, day in (("r3", 7), ("r4", 14)):
        assert read(hub, insurance(*rows), run, FULL, day).gone == 0
        assert missing(hub) == []


def test_while_rows_lie_aside_whose_key_is_damaged_a_person_must_say_who_is_gone(hub: Hub):
    rows = [insured(number) for number in range(1, 6)]
    read(hub, insurance(*rows), "r1", FULL, 0)
    damaged = [*rows[:4], rows[4] | {"maSoBhxh": "24OOOOOOO5"}]
    for run, day in (("r2", 7), ("r3", 14)):
        assert read(hub, insurance(*damaged), run, FULL, day).gone == 0
    assert vanishing.states(hub) == [("insurance", 1, 1, 0, 0)]
    assert read(hub, insurance(*rows), "r4", FULL, 21).gone == 0
    assert missing(hub) == []


def test_rows_put_aside_for_anything_else_hold_nobody(hub: Hub):
    rows = [insured(number) for number in range(1, 6)]
    read(hub, insurance(*rows), "r1", FULL, 0)
    left = [*rows[:4], insured(6, gioiTinh="7")]
    read(hub, insurance(*left), "r2", FULL, 7)
    assert read(hub, insurance(*left), "r3", FULL, 14).gone == 1


def test_the_day_after_something_was_missed_a_read_is_full_by_itself(hub: Hub):
    rows = [insured(number) for number in range(1, 21)]
    read(hub, insurance(*rows), "r1", FULL, 0)
    read(hub, insurance(*rows[:19]), "r2", FULL, 7)
    assert read(hub, insurance(*rows[:19]), "r3", NORMAL, 8).gone == 1
