"""The never-again indicator equals a brute-force computation over random dossiers and papers, and follows every change."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from include.clock import HANOI
from include.hub import Hub
from include.once.never_again import offences, percent, recompute, sums, total, week_of
from mappings.requirements import catalogue
from tests.conftest import fresh_database, hub_on
from tests.include.once.conftest import ALONE, MOTHER, Put, paper, person, put_into

pytestmark = pytest.mark.postgres
FIRST, LAST = date(2024, 1, 1), date(2027, 1, 1)
OWNERS = (ALONE, MOTHER, "024088000321")
PROCEDURES = ("1.000894", "2.000755", "1.005090", "2.000528")
AGENCIES = ("H05.201", "H05.18", "H05.10.01")


def component(code: str, **changes: Any) -> dict[str, Any]:
    return {"code": code, "name": "giấy tờ", "file_id": "T1", "digitised": True, "reused": "0"} | changes


def dossier(hub: Hub, **changes: Any) -> UUID:
    values = {"code": f"H05.201-261110-{uuid4().int % 10**6:06d}", "procedure_code": "1.000894", "applicant_name": "Nguyễn Văn Mẫu", "status": "2"}
    values |= {"applicant_number": ALONE, "applicant_number_kind": "personal_number", "handling_agency": "H05.201", "receiving_agency": "H05.16"}
    values |= {"submitted_at": "2026-11-10T09:00:00+07:00", "components": [component("TP.000894.02")]}
    return put_into(hub, "dossier", **(values | changes))


def test_a_component_handed_in_although_it_was_held_is_an_offence(hub: Hub, put: Put) -> None:
    put("person", **person())
    dossier(hub, code="H05.201-261110-0001")
    assert recompute(hub).components == 1
    (found,) = offences(hub, FIRST, LAST)
    assert (found.code, found.component, found.what, found.desk, found.agency) == (
        "H05.201-261110-0001",
        "TP.000894.02",
        ("fact:identity",),
        "H05.16",
        "H05.201",
    )
    assert found.since == datetime(2021, 7, 1, tzinfo=HANOI)
    assert total(hub, FIRST, LAST).share == 0


@pytest.mark.parametrize(("again", "held", "shown"), [(4, 5, 20.0), (43, 100, 57.0), (1, 3, 66.66), (1, 100_000, 99.99), (0, 7, 100.0), (0, 0, None)])
def test_a_percentage_is_rounded_downwards_and_only_then(again: int, held: int, shown: float | None) -> None:
    assert percent(again, held) == shown


def test_what_was_reused_is_no_offence_and_a_claim_nothing_shows_is_counted(hub: Hub, put: Put) -> None:
    put("person", **person())
    dossier(hub, components=[component("TP.000894.02", reused="2", file_id=None), component("TP.000894.03", reused="1", file_id=None)])
    recompute(hub)
    found = total(hub, FIRST, LAST)
    assert (found.handed, found.equivalent, found.again, found.reused, found.unbacked, found.share) == (2, 1, 0, 2, 1, 1.0)


def test_an_owner_nobody_can_identify_is_counted_beside(hub: Hub, put: Put) -> None:
    put("person", **person())
    dossier(hub, applicant_number="121234567", applicant_number_kind="old_id_number")
    recompute(hub)
    found = total(hub, FIRST, LAST)
    assert (found.handed, found.equivalent, found.unidentified, found.share) == (1, 0, 1, None)


def test_a_change_recomputes_just_the_dossiers_it_concerns(hub: Hub, put: Put) -> None:
    put("person", **person())
    put("person", **person(MOTHER, sex="female"))
    dossier(hub, components=[component("TP.000894.03")])
    dossier(hub, applicant_number=MOTHER, components=[component("TP.000894.03")])
    assert recompute(hub).whole
    assert offences(hub, FIRST, LAST) == []
    put("paper", **paper(paper_type="KQ.G15.004873"))
    done = recompute(hub)
    assert (done.whole, done.dossiers) == (False, 1)
    assert len(offences(hub, FIRST, LAST)) == 1
    with hub.db.transaction() as connection:
        connection.execute("UPDATE golden.paper SET owner_number = %s, version = version + 1", [MOTHER])
        connection.execute(
            "INSERT INTO golden.paper_history SELECT id, 1, %s, provenance, now(), now(), 'r2' FROM golden.paper", [Jsonb({"owner_number": ALONE})]
        )
    assert recompute(hub).dossiers == 2
    assert total(hub, FIRST, LAST).again == 1


def test_a_dossier_that_moved_to_another_day_leaves_no_trace_on_the_old_one(hub: Hub, put: Put) -> None:
    put("person", **person())
    dossier(hub)
    recompute(hub)
    with hub.db.transaction() as connection:
        connection.execute("UPDATE golden.dossier SET submitted_at = '2026-11-12 09:00', version = 2")
    recompute(hub)
    assert [(one.key, one.again) for one in sums(hub, "day", FIRST, LAST)] == [("2026-11-12", 1)]


def test_changes_that_were_forgotten_make_everything_be_computed_anew(hub: Hub, put: Put) -> None:
    put("person", **person())
    dossier(hub)
    recompute(hub)
    assert not recompute(hub).whole
    with hub.db.transaction() as connection:
        connection.execute("UPDATE hub.change_horizon SET xid = (SELECT xid + 1 FROM hub.once_state)")
        connection.execute("DELETE FROM hub.change")
    assert recompute(hub).whole


def test_every_entity_the_catalogue_looks_at_tells_of_its_changes(hub: Hub) -> None:
    looked_at = {fact.entity for fact in catalogue().facts.values()} | {"paper", "dossier"}
    triggers = {row[0] for row in hub.db.rows("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'change_update'")}
    assert {f"golden.{name}" for name in looked_at} <= triggers


def test_sums_add_up_whichever_way_they_are_cut(hub: Hub, put: Put) -> None:
    put("person", **person())
    for day in ("2026-11-10", "2026-11-17"):
        dossier(hub, submitted_at=f"{day}T09:00:00+07:00", handling_agency=f"H05.20{day[-1]}")
    recompute(hub)
    for by in ("agency", "desk", "procedure", "day"):
        assert sum(one.again for one in sums(hub, by, FIRST, LAST)) == 2
    assert total(hub, *week_of("2026-W46")).again == 1
    assert len(offences(hub, *week_of("2026-W47"), desk="H05.16")) == 1
    with pytest.raises(LookupError, match="2026-W47"):
        week_of("47")


# The indicator again, as a person with a pencil would: dossier by dossier, paper by paper, in plain Python.

moments = st.integers(0, 24 * 40).map(lambda hours: datetime(2026, 5, 20, tzinfo=HANOI) + timedelta(hours=hours * 3))
days = st.integers(0, 150).map(lambda number: date(2026, 5, 1) + timedelta(days=number))
codes = {procedure: [one.code for one in catalogue().of(procedure, date(2026, 6, 1)).components] for procedure in PROCEDURES}
types = sorted({item.removeprefix("paper:") for one in catalogue().requirements if one.procedure in PROCEDURES
                for part in one.components for way in part.any for item in way if item.startswith("paper:")})  # fmt: skip
papers = st.fixed_dictionaries(
    {
        "paper_type": st.sampled_from(types),
        "owner_number": st.sampled_from(OWNERS),
        "digitised_at": moments,
        "valid_to": st.none() | days,
        "status": st.sampled_from(["approved", "approved", "approved", "pending", "rejected"]),
        "scope": st.sampled_from(["national", "national", "H05.10", "H05.201", None]),
        "dossier_code": st.none() | st.integers(0, 9).map(lambda n: f"H05.16-260601-{n:04d}"),
    }
)
births = st.fixed_dictionaries({"other_number": st.sampled_from(OWNERS), "registered_on": days, "kind": st.just("birth")})
weddings = st.fixed_dictionaries(
    {"person_number": st.sampled_from(OWNERS), "other_number": st.sampled_from(OWNERS), "registered_on": days, "ended_on": st.none() | days}
).map(lambda one: one | {"kind": "divorce" if one["ended_on"] else "marriage"})
jobs = st.fixed_dictionaries({"personal_number": st.sampled_from(OWNERS), "begins_on": st.none() | days})
REUSED = ["0", "0", "1", "2", None]


def dossiers_of(procedure: str) -> st.SearchStrategy[dict[str, Any]]:
    handed = {"code": st.sampled_from(codes[procedure]), "reused": st.sampled_from(REUSED), "file_id": st.sampled_from(["T1", None])}
    return st.fixed_dictionaries(
        {
            "procedure_code": st.just(procedure),
            "applicant_number": st.sampled_from([*OWNERS, *OWNERS, None]),
            "applicant_number_kind": st.sampled_from(["personal_number"] * 5 + ["old_id_number"]),
            "submitted_at": moments,
            "handling_agency": st.sampled_from(AGENCIES),
            "components": st.lists(st.fixed_dictionaries(handed), max_size=5),
        }
    )


dossiers = st.sampled_from(PROCEDURES).flatmap(dossiers_of)
worlds = st.fixed_dictionaries(
    {
        "people": st.sets(st.sampled_from(OWNERS)),
        "paper": st.lists(papers, max_size=16),
        "births": st.lists(births, max_size=4),
        "weddings": st.lists(weddings, max_size=3),
        "jobs": st.lists(jobs, max_size=3),
        "dossiers": st.lists(dossiers, min_size=1, max_size=10),
    }
)


def midnight_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=HANOI) + timedelta(days=1)


def held(world: dict[str, Any], what: str, owner: str, one: dict[str, Any], code: str) -> bool:
    filed: datetime = one["submitted_at"]
    kind, _, name = what.partition(":")
    if kind == "paper":
        return any(
            each["paper_type"] == name
            and each["owner_number"] == owner
            and each["digitised_at"] <= filed
            and (each["valid_to"] is None or each["valid_to"] >= filed.date())
            and each["status"] == "approved"
            and each["dossier_code"] != code
            and each["scope"] is not None
            and (each["scope"] == "national" or (one["handling_agency"] + ".").startswith(each["scope"] + "."))
            for each in world["paper"]
        )
    if name in {"identity", "residence"}:
        return owner in world["people"]
    if name == "child_birth":
        return sum(each["other_number"] == owner and midnight_after(each["registered_on"]) <= filed for each in world["births"]) == 1
    if name == "marriage":
        return any(
            owner in (each["person_number"], each["other_number"])
            and midnight_after(each["registered_on"]) <= filed
            and (each["ended_on"] is None or each["ended_on"] >= filed.date())
            for each in world["weddings"]
        )
    assert name == "insured"
    return any(each["personal_number"] == owner and each["begins_on"] and midnight_after(each["begins_on"]) <= filed for each in world["jobs"])


def by_hand(world: dict[str, Any]) -> dict[tuple[str, int], tuple[str, bool, bool]]:
    """(dossier, component) → (provided, identified, held)."""
    found = {}
    for number, one in enumerate(world["dossiers"]):
        code, owner = f"H05.16-260601-{number:04d}", one["applicant_number"]
        known = owner is not None and one["applicant_number_kind"] == "personal_number"
        ways: dict[str, Any] = {}
        if one["submitted_at"].date() >= date(2025, 7, 1):
            ways = {part.code: part.any for part in catalogue().of(one["procedure_code"], one["submitted_at"].date()).components}
        for place, part in enumerate(one["components"], 1):
            provided = "reused" if part["reused"] in {"1", "2"} else "new" if part["reused"] == "0" or part["file_id"] else "unsaid"
            there = known and any(all(held(world, what, owner, one, code) for what in way) for way in ways.get(part["code"], ()))
            found[code, place] = (provided, known, there)
    return found


@pytest.fixture(scope="module")
def plain(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder: Path = tmp_path_factory.mktemp("plain")
    with fresh_database(server) as db:
        yield hub_on(db, folder)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(world=worlds)
def test_the_indicator_is_what_a_person_would_count(plain: Hub, world: dict[str, Any]) -> None:
    with plain.db.transaction() as connection:
        connection.execute(
            "TRUNCATE golden.person, golden.paper, golden.civil_event, golden.insurance_participation, golden.dossier, hub.source_record"
        )
        connection.execute("TRUNCATE hub.once_state")
    for number in world["people"]:
        put_into(plain, "person", **person(number))
    for number, one in enumerate(world["paper"]):
        put_into(plain, "paper", **paper(code=f"GT-{number}", **one))
    for number, one in enumerate(world["births"] + world["weddings"]):
        put_into(plain, "civil_event", code=f"E-{number}", person_name="x", **one)
    for number, one in enumerate(world["jobs"]):
        put_into(plain, "insurance_participation", code=f"P-{number}", insurance_number="1", full_name="x", **one)
    for number, one in enumerate(world["dossiers"]):
        dossier(plain, code=f"H05.16-260601-{number:04d}", **one)
    recompute(plain)
    rows = plain.db.rows("SELECT code, n, provided, identified, what IS NOT NULL FROM hub.handed")
    expected = by_hand(world)
    assert {(code, n): rest for code, n, *rest in rows} == {key: list(value) for key, value in expected.items()}
    found = total(plain, FIRST, LAST)
    equivalent = [value for value in expected.values() if value[2]]
    assert (found.handed, found.equivalent, found.again) == (len(expected), len(equivalent), sum(value[0] == "new" for value in equivalent))
