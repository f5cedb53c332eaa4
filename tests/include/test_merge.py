"""Rows become golden records: matched by safe rules, merged attribute by attribute, with their history."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from include.counts import Counts
from include.flows import Flow
from include.hub import Hub
from include.runs import NORMAL, Wish, begin, books, steps
from include.settings import Settings
from include.steps import land, merge, refine
from tests.include.shelf import record, shelved

pytestmark = pytest.mark.postgres


def sync(hub: Hub, flow: Flow, run: str, wish: Wish = NORMAL) -> Counts:
    """Land, refine and merge; the books must balance."""
    begin(hub, flow, run, wish)
    for step in (land, refine, merge):
        step(hub, flow, run)
    counts = books(steps(hub, flow.id, run))
    assert counts.balanced
    return counts


def golden(hub: Hub, columns: str, entity: str = "person") -> list[tuple[Any, ...]]:
    return hub.db.rows(f"SELECT {columns} FROM golden.{entity} ORDER BY 1")


def birth(key: str, **changes: Any) -> dict[str, Any]:
    return record("births", maGCS=key, **changes)


def participant(key: str, **changes: Any) -> dict[str, Any]:
    return record("insurance", maSoBhxh=key, **changes)


BORN = {"nks__HoTen": "LÊ VĂN MẪU", "nks__NgaySinh": "09/04/1985", "nks__GioiTinh": "1", "soDinhDanh": "024085000126"}


def test_a_new_row_makes_a_golden_record(hub: Hub) -> None:
    counts = sync(hub, shelved("births", [birth("A")]), "r1")
    assert (counts.received, counts.new) == (1, 1)
    assert golden(hub, "full_name, birth_date, sex, personal_number, version") == [("Nguyễn An Nhiên", "2026-10-28", "female", "024326000123", 1)]


def test_the_same_row_again_is_unchanged_and_writes_nothing(hub: Hub) -> None:
    flow = shelved("births", [birth("A")])
    sync(hub, flow, "r1")
    before = hub.db.rows("SELECT xmin::text FROM golden.person UNION ALL SELECT xmin::text FROM hub.source_record")
    counts = sync(hub, flow, "r2")
    assert (counts.received, counts.unchanged) == (1, 1)
    assert hub.db.rows("SELECT xmin::text FROM golden.person UNION ALL SELECT xmin::text FROM hub.source_record") == before


def test_a_changed_row_makes_a_version_and_keeps_the_old_one(hub: Hub) -> None:
    sync(hub, shelved("births", [birth("A")]), "r1")
    counts = sync(hub, shelved("births", [birth("A", nks__HoTen="NGUYỄN AN NHI", ngayCapNhat="06/11/2026 08:00:00")]), "r2")
    assert counts.changed == 1
    assert golden(hub, "full_name, version") == [("Nguyễn An Nhi", 2)]
    assert hub.db.rows("SELECT version, record->>'full_name' FROM golden.person_history") == [(1, "Nguyễn An Nhiên")]


def test_a_version_overtaken_by_a_newer_one_is_ignored(hub: Hub) -> None:
    sync(hub, shelved("births", [birth("A", nks__HoTen="TÊN MỚI", ngayCapNhat="06/11/2026 08:00:00")]), "r1")
    counts = sync(hub, shelved("births", [birth("A", nks__HoTen="TÊN CŨ", ngayCapNhat="05/11/2026 08:00:00")]), "r2")
    assert counts.unchanged == 1
    assert golden(hub, "full_name") == [("Tên Mới",)]


def test_one_person_in_two_systems_is_one_record(hub: Hub) -> None:
    sync(hub, shelved("births", [birth("A", **BORN)]), "r1")
    sync(hub, shelved("insurance", [participant("2400000126", hoTen="Lê Văn  mẫu", ngaySinh="1985", loaiNgaySinh="1")]), "r1")
    assert golden(hub, "full_name, birth_date, insurance_number") == [("Lê Văn Mẫu", "1985-04-09", "2400000126")]


def test_the_more_trusted_source_keeps_name_and_birth_date_whatever_the_order(hub: Hub) -> None:
    sync(hub, shelved("insurance", [participant("2400000126", hoTen="LÊ VĂN  MẪU", ngaySinh="1985", loaiNgaySinh="1")]), "r1")
    sync(hub, shelved("births", [birth("A", **BORN)]), "r1")
    assert golden(hub, "full_name, birth_date, insurance_number") == [("Lê Văn Mẫu", "1985-04-09", "2400000126")]


def test_a_confirmed_value_belongs_to_the_more_trusted_source(hub: Hub) -> None:
    """Insurance said it first, civil status confirmed it: insurance can no longer change it."""
    sync(hub, shelved("insurance", [participant("2400000126", capNhatLuc="2025-03-04T08:00:00+07:00")]), "r1")
    sync(hub, shelved("births", [birth("A", **BORN)]), "r1")
    sync(
        hub,
        shelved("insurance", [participant("2400000126", hoTen="LÊ VĂN MẬU", capNhatLuc="2025-03-05T08:00:00+07:00", soDinhDanh="024085000126")]),
        "r2",
    )
    assert golden(hub, "full_name") == [("Lê Văn Mẫu",)]


def test_a_number_of_somebody_else_is_put_aside(hub: Hub) -> None:
    sync(hub, shelved("births", [birth("A", **BORN)]), "r1")
    stranger = participant("2400000999", hoTen="PHẠM THỊ LẠ", ngaySinh="19600101", gioiTinh="2", soDinhDanh="024085000126", soCmnd=None)
    counts = sync(hub, shelved("insurance", [stranger | {"gioiTinh": "1"}]), "r1")
    codes = hub.db.rows("SELECT codes FROM hub.quarantine")
    assert counts.quarantined == 1
    assert codes[0][0][0] in {"identity_conflict", "personal_number_year_mismatch"}
    assert golden(hub, "full_name") == [("Lê Văn Mẫu",)]


def test_namesakes_born_the_same_day_elsewhere_stay_two(hub: Hub) -> None:
    one = birth("A", **BORN | {"soDinhDanh": "024085000126"})
    other = participant("2400000777", soDinhDanh="027085000777", soCmnd=None, dienThoai=None, maXa="09193", capNhatLuc="2026-03-04T08:00:00+07:00")
    sync(hub, shelved("births", [one]), "r1")
    sync(hub, shelved("insurance", [other]), "r1")
    assert len(golden(hub, "id")) == 2


def test_two_rows_of_one_key_that_differ_are_both_put_aside(hub: Hub) -> None:
    counts = sync(hub, shelved("births", [birth("A")], [birth("A", nks__HoTen="KHÁC HẲN")]), "r1")
    assert (counts.received, counts.quarantined, counts.new) == (2, 2, 0)


def test_a_row_delivered_twice_counts_once_as_unchanged(hub: Hub) -> None:
    counts = sync(hub, shelved("births", [birth("A"), birth("A")], [birth("A")]), "r1")
    assert (counts.received, counts.new, counts.unchanged) == (3, 1, 2)


@pytest.mark.parametrize("rows", ["1", "20000"])
def test_a_newer_version_later_in_the_same_run_wins(hub: Hub, rows: str) -> None:
    hub = replace(hub, settings=Settings({**hub.settings.environment, "HUB_BATCH_ROWS": rows}))
    newer = birth("A", nks__HoTen="TÊN MỚI", ngayCapNhat="06/11/2026 08:00:00")
    counts = sync(hub, shelved("births", [birth("A")], [newer]), "r1")
    assert (counts.new, counts.unchanged) == (1, 1)
    assert golden(hub, "full_name") == [("Tên Mới",)]


def test_a_mended_row_closes_its_old_quarantine_line(hub: Hub) -> None:
    sync(hub, shelved("births", [birth("A", nks__NgaySinh="31/02/2026")]), "r1")
    sync(hub, shelved("births", [birth("A")]), "r2")
    assert hub.db.rows("SELECT state, closed_run FROM hub.quarantine") == [("fixed", "r2")]


def test_a_second_row_of_a_published_key_beside_it_is_put_aside_and_not_believed(hub: Hub) -> None:
    sync(hub, shelved("births", [birth("A")]), "r1")
    counts = sync(hub, shelved("births", [birth("A"), birth("A", nks__HoTen="KHÁC TÊN")]), "r2")
    assert (counts.unchanged, counts.quarantined) == (1, 1)
    assert golden(hub, "full_name") == [("Nguyễn An Nhiên",)]


def test_a_row_of_its_published_moment_alone_is_a_correction(hub: Hub) -> None:
    sync(hub, shelved("births", [birth("A")]), "r1")
    assert sync(hub, shelved("births", [birth("A", nks__HoTen="KHÁC TÊN")]), "r2").changed == 1


def test_a_row_larger_than_any_record_is_put_aside(hub: Hub) -> None:
    counts = sync(hub, shelved("births", [birth("A"), birth("B", nks__HoTen="A" * 2_000_000)]), "r1")
    assert (counts.new, counts.quarantined) == (1, 1)


def test_a_source_that_goes_back_to_what_it_said_before_closes_the_line_too(hub: Hub) -> None:
    wrong = birth("A", nks__NgaySinh="31/02/2026")
    for run, row in (("r1", birth("A")), ("r2", wrong), ("r3", birth("A"))):
        sync(hub, shelved("births", [row]), run)
    assert hub.db.rows("SELECT state, closed_run FROM hub.quarantine") == [("fixed", "r3")]


def test_a_bad_row_that_comes_again_is_held_and_counts_as_unchanged(hub: Hub) -> None:
    flow = shelved("births", [birth("A", nks__NgaySinh="31/02/2026")])
    sync(hub, flow, "r1")
    counts = sync(hub, flow, "r2")
    assert (counts.unchanged, counts.held, counts.quarantined) == (1, 1, 0)
    assert len(hub.db.rows("SELECT 1 FROM hub.quarantine")) == 1


def test_every_identifier_ever_seen_still_points_to_the_person(hub: Hub) -> None:
    sync(hub, shelved("insurance", [participant("2400000126")]), "r1")
    sync(hub, shelved("insurance", [participant("2400000126", soCmnd="120000127", capNhatLuc="2025-03-05T08:00:00+07:00")]), "r2")
    assert golden(hub, "old_id_number") == [("120000127",)]
    assert hub.db.rows("SELECT value FROM hub.identifier WHERE kind = 'old_id_number' ORDER BY 1") == [("120000126",), ("120000127",)]


def test_provenance_leads_to_the_source_of_each_value(hub: Hub) -> None:
    sync(hub, shelved("births", [birth("A", **BORN)]), "r1")
    sync(hub, shelved("insurance", [participant("2400000126")]), "r1")
    sources = dict(hub.db.rows("SELECT id, flow FROM hub.source"))
    provenance = hub.db.rows("SELECT provenance FROM golden.person")[0][0]
    names: Sequence[str] = shelved("births").dataset.entity.names
    origin = {name: sources.get(number) for name, number in zip(names, provenance, strict=True)}
    assert (origin["full_name"], origin["insurance_number"], origin["phone"]) == ("births", "insurance", "insurance")


def test_merging_a_merged_run_again_changes_nothing(hub: Hub) -> None:
    flow = shelved("births", [birth("A")])
    first = sync(hub, flow, "r1")
    assert merge(hub, flow, "r1").new == first.new
    assert golden(hub, "version") == [(1,)]


def test_a_dry_run_counts_and_keeps_nothing(hub: Hub) -> None:
    counts = sync(hub, shelved("births", [birth("A")]), "r1", Wish(dry=True))
    assert counts.new == 1
    assert golden(hub, "id") == []
    assert hub.db.rows("SELECT * FROM hub.flow_state") == []


def test_a_dry_run_closes_no_quarantine_line(hub: Hub) -> None:
    sync(hub, shelved("births", [birth("A", nks__NgaySinh="31/02/2026")]), "r1")
    sync(hub, shelved("births", [birth("A", nks__NgaySinh="32/02/2026")]), "r2", Wish(dry=True))
    assert hub.db.rows("SELECT state FROM hub.quarantine WHERE run = 'r1'") == [("open",)]


def test_rows_lost_in_a_crash_are_refined_again(hub: Hub) -> None:
    """PostgreSQL empties unlogged tables after a crash."""
    flow = shelved("births", [birth("A")])
    begin(hub, flow, "r1")
    land(hub, flow, "r1")
    refine(hub, flow, "r1")
    with hub.db.transaction() as connection:
        connection.execute("TRUNCATE staging.person")
    assert merge(hub, flow, "r1").new == 1


def test_changed_records_wait_in_the_outbox_of_every_target(hub: Hub) -> None:
    sync(hub, shelved("births", [birth("A")]), "r1")
    assert hub.db.rows("SELECT target, version FROM hub.outbox") == [("onestop_citizens", 1)]


NUMBERLESS = {"soDinhDanh": None, "soCmnd": None, "dienThoai": None, "maXa": "07210", "hoTen": "LÊ VĂN MẪU"}
WHOLE = {"ngaySinh": "19850409", "loaiNgaySinh": "0"}
LATER = "2026-11-20T08:00:00+07:00"


def quarantined(hub: Hub) -> list[tuple[Any, ...]]:
    return hub.db.rows("SELECT source_key, codes FROM hub.quarantine ORDER BY 1")


def test_one_number_given_to_two_in_one_run_stops_neither_the_flow_nor_the_others(hub: Hub) -> None:
    known = participant("2400000001", **NUMBERLESS | {"ngaySinh": "1985", "loaiNgaySinh": "1"})
    sync(hub, shelved("insurance", [known]), "r1")
    number = {"soDinhDanh": "024085000126", "capNhatLuc": LATER}
    other = participant("2400000002", **NUMBERLESS | WHOLE | number)
    bystander = participant("2400000003", **NUMBERLESS | WHOLE | {"hoTen": "NGƯỜI KHÁC", "soDinhDanh": "024085000300"})
    counts = sync(hub, shelved("insurance", [known | number, other, bystander]), "r2")
    assert (counts.quarantined, counts.new) == (2, 1)
    assert quarantined(hub) == [("2400000001", ["identity_conflict"]), ("2400000002", ["identity_conflict"])]


def test_two_known_persons_given_one_number_are_told_and_nothing_fails(hub: Hub) -> None:
    one = participant("2400000001", **NUMBERLESS | WHOLE)
    other = participant("2400000002", **NUMBERLESS | WHOLE | {"ngaySinh": "19850410"})
    sync(hub, shelved("insurance", [one, other]), "r1")
    number = {"soDinhDanh": "024085000126", "capNhatLuc": LATER}
    assert sync(hub, shelved("insurance", [one | number, other | number]), "r2").quarantined == 2


def test_two_numbers_for_one_record_in_one_run_are_two_persons_nobody_can_tell(hub: Hub) -> None:
    sync(hub, shelved("insurance", [participant("2400000001", **NUMBERLESS | WHOLE)]), "r1")
    rows = [participant(f"240000000{n}", **NUMBERLESS | WHOLE | {"soDinhDanh": f"02408500012{n}", "capNhatLuc": LATER}) for n in (2, 3)]
    sync(hub, shelved("insurance", rows), "r2")
    assert quarantined(hub) == [("2400000002", ["identity_ambiguous"]), ("2400000003", ["identity_ambiguous"])]
    assert golden(hub, "personal_number, version") == [(None, 1)]


def test_an_old_number_does_not_join_a_man_and_a_woman(hub: Hub) -> None:
    man = participant("2400000001", **NUMBERLESS | WHOLE | {"soCmnd": "125123456"})
    woman = participant("2400000002", **NUMBERLESS | {"soCmnd": "125123456", "hoTen": "TRẦN THỊ HOA", "gioiTinh": "2", "ngaySinh": "19851201"})
    sync(hub, shelved("insurance", [man]), "r1")
    assert sync(hub, shelved("insurance", [woman]), "r2").new == 1
