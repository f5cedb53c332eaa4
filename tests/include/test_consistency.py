"""What one register says against what the others say: warned of where it is so, and only there."""

from typing import Any
from uuid import uuid4

import pytest

from include.hub import Hub
from tests.include.shelf import record, shelved
from tests.include.test_merge import sync

pytestmark = pytest.mark.postgres
HUSBAND, WIFE, SECOND_WIFE = "024085000126", "024185000127", "024185000128"


def warned(hub: Hub, code: str, run: str) -> bool:
    """Whether a run warned of it."""
    return bool(hub.db.rows("SELECT 1 FROM hub.warning WHERE code = %s AND run = %s", code, run))


def known(hub: Hub, table: str, **values: Any) -> None:
    """A golden record of another register."""
    values |= {"id": uuid4(), "provenance": [], "version": 1, "updated_at": hub.clock(), "updated_run": "r"}
    with hub.db.transaction() as connection:
        places = ", ".join(["%s"] * len(values))
        connection.execute(f"INSERT INTO golden.{table} ({', '.join(values)}) VALUES ({places})", list(values.values()))


@pytest.mark.parametrize(
    ("day", "before"),
    [("2025", True), ("2026", False), ("2026-10", True), ("2026-11", False), ("2026-11-01", True), ("2026-11-02", False)],
)
def test_a_death_known_by_month_or_year_came_before_the_filing_only_when_all_of_it_did(hub: Hub, day: str, before: bool) -> None:
    known(hub, "person", personal_number=HUSBAND, full_name="Lê Văn Mẫu", died_on=day)
    sync(hub, shelved("dossiers", [record("dossiers", soDinhDanh=HUSBAND)]), "r1")
    assert warned(hub, "applicant_deceased", "r1") is before


def test_a_dossier_without_a_time_of_filing_is_judged_by_its_receipt(hub: Hub) -> None:
    known(hub, "person", personal_number=HUSBAND, full_name="Lê Văn Mẫu", died_on="2026-10-01")
    known(hub, "enterprise", tax_code="2400000128", name="CÔNG TY MẪU", legal_status="7", amended_on="2026-10-01")
    person = record("dossiers", soDinhDanh=HUSBAND, ngayNop="")
    company = record("dossiers", maHoSo="H05.16-261102-0013", loaiDoiTuong="2", loaiDinhDanh="3", soDinhDanh="2400000128", ngayNop="")
    sync(hub, shelved("dossiers", [person, company]), "r1")
    assert hub.db.rows("SELECT applicant_number_kind, submitted_at FROM golden.dossier ORDER BY 1") == [("personal_number", None), ("tax_code", None)]
    assert warned(hub, "applicant_deceased", "r1")
    assert warned(hub, "enterprise_dissolved", "r1")


def marriage(key: str, day: str, husband: str, wife: str, **changes: Any) -> dict[str, Any]:
    born = {"chong__NgaySinh": "1985", "vo__NgaySinh": "1985"}
    return record("marriages", maGCNKH=key, ngayXacLapQuanHeHonNhan=day, ngayDangKy=day, chong__SoDDCN=husband, vo__SoDDCN=wife, **born, **changes)


FIRST = marriage("KH-24-0000001", "14/02/2010", HUSBAND, WIFE)
AGAIN = marriage("KH-24-0000002", "14/02/2026", HUSBAND, SECOND_WIFE)
WIDOW = marriage("KH-24-0000003", "14/02/2026", "024085000129", WIFE)


@pytest.mark.parametrize("again", [AGAIN, WIDOW], ids=["the husband", "the wife"])
def test_who_marries_again_while_the_first_spouse_lives_is_married_twice(hub: Hub, again: dict[str, Any]) -> None:
    sync(hub, shelved("marriages", [FIRST]), "r1")
    sync(hub, shelved("marriages", [again]), "r2")
    assert warned(hub, "married_twice", "r2")


@pytest.mark.parametrize("again", [AGAIN, WIDOW], ids=["the husband", "the wife"])
@pytest.mark.parametrize(("day", "widowed"), [("2020", True), ("2026", True), ("2026-02-13", True), ("2026-02-15", False), ("2026-03", False)])
def test_a_widow_or_widower_may_marry_again_after_the_death(hub: Hub, again: dict[str, Any], day: str, widowed: bool) -> None:
    dead = WIFE if again is AGAIN else HUSBAND
    known(hub, "person", personal_number=dead, full_name="Lê Mẫu", died_on=day)
    sync(hub, shelved("marriages", [FIRST]), "r1")
    sync(hub, shelved("marriages", [again]), "r2")
    assert warned(hub, "married_twice", "r2") is not widowed
    sync(hub, shelved("marriages", [FIRST | {"quyenSo": "02/2010", "ngayCapNhat": "01/03/2026 08:00:00"}]), "r3")
    assert warned(hub, "married_twice", "r3") is not widowed, "whichever of the two was written last"


def test_a_death_the_register_of_events_alone_knows_counts_too(hub: Hub) -> None:
    known(hub, "civil_event", code="GBT-24-0000001", kind="death", person_name="Lê Mẫu", person_number=WIFE, event_on="2025-06-01")
    sync(hub, shelved("marriages", [FIRST]), "r1")
    sync(hub, shelved("marriages", [AGAIN]), "r2")
    assert not warned(hub, "married_twice", "r2")
