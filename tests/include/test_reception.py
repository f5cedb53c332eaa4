"""Any desk may receive any dossier: who is in charge, what was handed over, and what nobody may guess."""

from typing import Any

import psycopg
import pytest

from include.findings import listed
from include.hub import Hub
from include.reception.authority import Charge, in_charge, of_agency
from include.reception.handover import of_agency as events
from tests.include.shelf import record, shelved
from tests.include.test_merge import sync

pytestmark = pytest.mark.postgres
CODE = "H05.16-261102-0012"


def agency(code: str, level: str, commune: str = "", **changes: str) -> dict[str, Any]:
    return record("agencies", MADONVI=code, CAPDONVI=level, MAPHUONGXA=commune, **changes)


@pytest.fixture
def registry(hub: Hub) -> Hub:
    """Two communes, one of which closed its office, and two departments."""
    sync(hub, shelved("procedures", [record("procedures"), record("procedures", MATTHC="1.002809", CAPTHUCHIEN="2")]), "r1")
    offices = [
        agency("H05.201", "3", "07210"),
        agency("H05.202", "3", "07228", NGAYHETHIEULUC="31/08/2026", MADONVIKETHUA="H05.203"),
        agency("H05.203", "3", "07681", NGAYHIEULUC="01/09/2026"),
        agency("H05.16", "2"),
        agency("H05.17", "2"),
    ]
    sync(hub, shelved("agencies", offices), "r1")
    return hub


def file(hub: Hub, run: str = "d1", **changes: Any) -> None:
    agencies = {"donViTiepNhan": "H05.16", "donViXuLy": "H05.201"}
    sync(hub, shelved("dossiers", [record("dossiers", **(agencies | changes))]), run)


def charge(hub: Hub) -> Charge:
    return in_charge(hub, [CODE])[0]


def test_the_commune_of_the_matter_is_in_charge_whichever_desk_received_it(registry: Hub) -> None:
    file(registry)
    assert charge(registry) == Charge(CODE, "H05.16", "H05.201", "H05.201", "")
    assert not charge(registry).misdirected


def test_an_office_that_closed_hands_over_to_its_successor(registry: Hub) -> None:
    file(registry, maXa="07228")
    assert (charge(registry).agency, charge(registry).misdirected) == ("H05.203", True)
    assert [one.code for one in of_agency(registry, "H05.201") if one.misdirected] == [CODE]


def test_the_office_of_the_day_of_filing_counts_not_that_of_today(registry: Hub) -> None:
    day = {"ngayNop": "20260805080000", "ngayTiepNhan": "20260805090000", "ngayHenTra": "20260810170000", "ngayKetThucXuLy": "20260806100000"}
    file(registry, maXa="07228", **day)
    assert charge(registry).agency == "H05.202"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"maXa": None}, "commune_unknown"),
        ({"maXa": "07294"}, "no_agency"),
        ({"maTTHC": "9.999999"}, "procedure_unknown"),
        ({"maTTHC": "1.002809"}, "department_unknown"),
    ],
)
def test_what_is_not_known_goes_to_review_and_is_not_guessed(registry: Hub, changes: dict[str, Any], reason: str) -> None:
    file(registry, **changes)
    assert (charge(registry).agency, charge(registry).reason) == ("", reason)


def test_two_offices_of_one_commune_are_not_chosen_between(registry: Hub) -> None:
    sync(registry, shelved("agencies", [agency("H05.204", "3", "07210")]), "r2")
    file(registry)
    assert charge(registry).reason == "several_agencies"


def test_a_provincial_department_that_handles_a_provincial_procedure_is_confirmed(registry: Hub) -> None:
    file(registry, maTTHC="1.002809", donViXuLy="H05.17")
    assert (charge(registry).agency, charge(registry).reason) == ("H05.17", "")


CASES: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    ({"donViXuLy": "H05.203"}, True),
    ({"donViXuLy": "H05.16"}, True),
    ({"maXa": "07228"}, True),
    ({"maXa": "07228", "donViXuLy": "H05.203"}, False),
    ({"maXa": None}, False),
    ({"maXa": "07294"}, False),
    ({"maTTHC": "9.999999"}, False),
    ({"maTTHC": "1.002809"}, False),
    ({"maTTHC": "1.002809", "donViXuLy": "H05.17"}, False),
]


@pytest.mark.parametrize(("changes", "misdirected"), CASES)
def test_the_rule_warns_of_just_the_dossiers_that_sit_with_an_agency_not_in_charge(registry: Hub, changes: dict[str, Any], misdirected: bool) -> None:
    file(registry, **changes)
    assert charge(registry).misdirected is misdirected
    warned = registry.db.rows("SELECT field FROM hub.warning WHERE code = 'misdirected'")
    assert warned == [("handling_agency",)] * misdirected
    assert registry.db.rows("SELECT count(*) FROM golden.dossier") == [(1,)]


def test_misdirected_dossiers_are_a_finding_by_agency_of_each_run_that_brought_them(registry: Hub) -> None:
    file(registry, donViXuLy="H05.203")
    file(registry, "d2", donViXuLy="H05.203", capNhatLuc="2026-11-05T08:00:00+07:00", email="khac@example.com")
    found = [one for one in listed(registry, "dossiers") if one["kind"] == "reception"]
    assert [(one["run"], one["agency"], one["value"], one["detail"]) for one in found] == [
        ("d2", "H05.203", 1, {"dossiers": [CODE]}),
        ("d1", "H05.203", 1, {"dossiers": [CODE]}),
    ]


def test_hand_overs_are_followed_once_and_cannot_be_altered(registry: Hub) -> None:
    step = record("dossiers")["quaTrinh"][0] | {"trangThai": "4", "thoiDiem": "20261103080000"}
    file(registry, quaTrinh=[step])
    file(registry, "d2", quaTrinh=[step], ngayTra="20261105080000", trangThai="10", capNhatLuc="2026-11-05T08:00:00+07:00")
    assert [(one[0], one[2], one[3]) for one in events(registry, "H05.201")] == [
        ("returned", "H05.201", "H05.16"),
        ("accepted", "H05.16", "H05.201"),
        ("sent", "H05.16", "H05.201"),
    ]
    with pytest.raises(psycopg.errors.Error), registry.db.transaction() as connection:
        connection.execute("DELETE FROM hub.handover")


def test_another_agency_in_a_later_version_is_a_hand_over_of_its_own(registry: Hub) -> None:
    file(registry, donViTiepNhan="H05.16", donViXuLy="H05.16")
    assert events(registry, "H05.16") == []
    file(registry, "d2", donViTiepNhan="H05.16", donViXuLy="H05.201", capNhatLuc="2026-11-05T08:00:00+07:00")
    assert {(one[0], one[2], one[3]) for one in events(registry, "H05.201")} == {("sent", "H05.16", "H05.201")}


def test_a_dossier_passed_on_was_sent_by_the_desk_to_the_first_agency_and_accepted_by_each_for_itself(registry: Hub) -> None:
    step = record("dossiers")["quaTrinh"][0] | {"trangThai": "4", "thoiDiem": "20261103080000"}
    file(registry, donViXuLy="H05.201", quaTrinh=[step])
    file(registry, "d2", donViXuLy="H05.17", quaTrinh=[step], capNhatLuc="2026-11-05T08:00:00+07:00")
    assert [one[0] for one in events(registry, "H05.201")] == ["sent", "accepted", "sent"]
    assert [(one[0], one[2], one[3]) for one in events(registry, "H05.17")] == [("sent", "H05.201", "H05.17")]


def test_what_a_desk_has_not_received_was_not_handed_over_to_the_agency_the_portal_named(registry: Hub) -> None:
    file(registry, trangThai="1", donViTiepNhan="", ngayTiepNhan="", donViXuLy="H05.17", ngayKetThucXuLy="", ketQua=[])
    file(registry, "d2", donViXuLy="H05.201", capNhatLuc="2026-11-05T08:00:00+07:00")
    assert [(one[0], one[2], one[3]) for one in events(registry, "H05.201")] == [("sent", "H05.16", "H05.201")]
    assert events(registry, "H05.17") == []
