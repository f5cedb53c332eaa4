"""The main job, end to end on real protocols: what the synthetic province planted is what the hub must find."""

import io
import json
import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from include import findings, shelf
from include.clock import now
from include.counts import Counts
from include.doctor import examine
from include.errors import GateClosed, SettingMissing
from include.flows import FLOWS
from include.flows import flow as find
from include.hub import Hub
from include.proof.audit import verify
from include.readback import differences
from include.replay import Choice, replay
from include.runs import Wish
from include.settings import Settings
from include.steps import run_flow
from include.store.database import Database
from mappings.refusal import Refusal
from quality.consistency import cross_rules
from quality.issues import CATALOGUE
from tests.conftest import fresh_database, hub_on
from tests.scenarios.conftest import Province, pointed_at

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]

WHOLE = Wish(full=True)


@dataclass
class Ran:
    """A hub after one full run of every flow, and what came of it."""

    world: Hub
    province: Province
    counts: dict[str, Counts]
    log: str


@pytest.fixture(scope="module")
def ran(server: str, sandbox: Province, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """Run once for all the tests that only look. The tests here that write come after those that use it."""
    sandbox.forget()
    heard = io.StringIO()
    handler, root = logging.StreamHandler(heard), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    with fresh_database(server) as db:
        world = pointed_at(sandbox, hub_on(writer(db), tmp_path_factory.mktemp("ran")))
        counts = run_all(world, "r1")
        root.removeHandler(handler)
        root.setLevel(level)
        yield Ran(world, sandbox, counts, heard.getvalue())


def writer(owned: Database) -> Database:
    """The same database to a user who may do what ``hub_writer`` may, and owns nothing."""
    with owned.session() as session:
        session.execute("DROP ROLE IF EXISTS hub_test_writer")
        session.execute("CREATE ROLE hub_test_writer LOGIN IN ROLE hub_writer")
    return Database(re.sub(r"//[^@/]*@", "//hub_test_writer@", owned.url))


def run_all(world: Hub, run: str) -> dict[str, Counts]:
    return {flow.id: run_flow(world, flow, run, WHOLE) for flow in FLOWS}


def planted(province: Province, flow_id: str) -> set[tuple[str, str]]:
    """What was planted in the rows a flow reads, of what it can see: some flows read others' pages for a few of their fields."""
    dataset = find(flow_id).pages_of or flow_id
    unseen = UNSEEN.get(flow_id, frozenset[str]())
    return {
        (damage["key"], damage["code"])
        for damage in province.truth["damages"]
        if damage["dataset"] == dataset and damage["field"] not in unseen and (flow_id, damage["code"]) not in BLIND
    }


UNSEEN = {
    "participations": frozenset({"ngaySinh", "gioiTinh", "soCmnd", "maXa"}),
    "deceased": frozenset({"noiDangKy"}),
}
"""Fields at fault that a second reading does not look at."""
BLIND = {
    ("participations", "identity_conflict"),
    ("participations", "personal_number_sex_mismatch"),
    ("participations", "personal_number_year_mismatch"),
}
"""A participation says neither sex nor birth, and is found by its own key."""


def put_aside(world: Hub, dataset: str) -> set[tuple[str, str]]:
    rows = world.db.rows("SELECT source_key, code FROM hub.quarantine, unnest(codes) AS code WHERE flow = %s", dataset)
    return {(key, code) for key, code in rows}


def put_aside_rows(world: Hub, flow_id: str) -> int:
    return int(world.db.rows("SELECT count(*) FROM hub.quarantine WHERE flow = %s", flow_id)[0][0])


def test_just_the_planted_rows_are_put_aside_each_for_its_reason(ran: Ran) -> None:
    for flow in FLOWS:
        assert put_aside(ran.world, flow.id) == planted(ran.province, flow.id)


def test_the_main_job_needs_no_right_but_the_writer_s(ran: Ran) -> None:
    assert ran.world.db.rows("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user") == [("hub_test_writer", False)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ran.world.db.rows("DELETE FROM hub.report RETURNING flow")


def test_every_row_put_aside_can_be_read_where_no_source_is_configured(ran: Ran) -> None:
    elsewhere = {name: value for name, value in ran.world.settings.environment.items() if not name.endswith(("_URL", "_SECRET"))}
    auditors = replace(ran.world, settings=Settings(elsewhere | {"HUB_HOME": str(ran.world.settings.home)}))
    for number, flow in auditors.db.rows("SELECT min(id), flow FROM hub.quarantine GROUP BY flow"):
        with pytest.raises(SettingMissing):
            auditors.settings.endpoint(find(flow).system)
        seen, there = (shelf.reveal(hub, number, "an", "đối chiếu")["raw"] for hub in (auditors, ran.world))
        assert seen == there != ""


def test_the_books_equal_the_truth(ran: Ran) -> None:
    for flow_id, count in ran.counts.items():
        assert count.balanced
        assert count.received == ran.province.truth["rows"][find(flow_id).pages_of or flow_id]
        assert count.quarantined == put_aside_rows(ran.world, flow_id)
        assert count.refused == count.pending == 0


def test_planted_oddities_warn_and_are_taken(ran: Ran) -> None:
    expected = {(warning["dataset"], warning["code"]) for warning in ran.province.truth["warnings"]}
    across = {rule.code for rule in cross_rules()}
    told = {(flow, code) for flow, code in ran.world.db.rows("SELECT DISTINCT flow, code FROM hub.warning") if code not in across}
    assert told == expected


def test_no_golden_person_is_made_of_two_people(ran: Ran) -> None:
    person_of = {(dataset, key): person for person, records in ran.province.truth["people"].items() for dataset, key in records}
    people: dict[Any, set[str]] = defaultdict(set)
    for flow, key, entity in ran.world.db.rows("SELECT flow, source_key, entity_id FROM hub.source_record WHERE flow IN ('births', 'insurance')"):
        people[entity].add(person_of[flow, key])
    assert max(map(len, people.values())) == 1


def test_people_known_to_two_systems_become_one_record(ran: Ran) -> None:
    joined = "SELECT count(*) FROM (SELECT entity_id FROM hub.source_record GROUP BY 1 HAVING count(DISTINCT flow) > 1) AS joined"
    both = sum(len({dataset for dataset, _ in records} & {"births", "insurance"}) == 2 for records in ran.province.truth["people"].values())
    assert ran.world.db.rows(joined)[0][0] > 0.6 * both


def test_portal_and_one_stop_hold_just_what_was_published(ran: Ran) -> None:
    assert differences(ran.world, ran.province.running.endpoints) == []


def test_no_personal_data_reaches_a_log_a_report_or_the_ledger_of_runs(ran: Ran) -> None:
    world = ran.world
    told = ran.log + json.dumps(world.db.rows("SELECT document FROM hub.report")) + json.dumps(world.db.rows("SELECT note FROM hub.run"))
    told += "".join(path.read_text(encoding="utf-8") for path in (world.settings.home / "reports").rglob("*.*"))
    people = world.db.rows("SELECT personal_number, insurance_number, old_id_number, full_name FROM golden.person")
    assert [value for person in people for value in person if value and len(value) > 8 and value in told] == []


def test_every_reason_in_a_report_is_explained_in_both_languages(ran: Ran) -> None:
    codes = {reason["code"] for (document,) in ran.world.db.rows("SELECT document FROM hub.report") for reason in document["reasons"]}
    assert codes
    assert all(CATALOGUE[code].vi and CATALOGUE[code].en and CATALOGUE[code].remedy_vi for code in codes)


def test_every_report_stands_in_the_signed_log(ran: Ran) -> None:
    assert verify(ran.world, "runs") == (len(FLOWS), [])


def test_no_honest_source_looks_made_up(ran: Ran) -> None:
    assert ran.world.db.rows("SELECT flow, code, field, agency, value FROM hub.finding WHERE kind = 'fabrication'") == []


def test_no_dossier_of_a_clean_province_looks_misdirected(ran: Ran) -> None:
    assert ran.world.db.rows("SELECT count(*) FROM golden.dossier d JOIN golden.procedure p ON p.code = left(d.procedure_code, 8)")[0][0] > 100
    assert ran.world.db.rows("SELECT flow, run, n, idx FROM hub.warning WHERE code = 'misdirected'") == []
    assert ran.world.db.rows("SELECT flow, agency FROM hub.finding WHERE kind = 'reception'") == []


def test_a_second_run_finds_everything_unchanged_and_sends_nothing(ran: Ran) -> None:
    touched = "SELECT xmin::text FROM golden.person UNION ALL SELECT xmin::text FROM golden.dossier"
    calls, rows = writes(ran.province), ran.world.db.rows(touched)
    for flow_id, count in run_all(ran.world, "r2").items():
        assert (count.unchanged, count.held) == (count.received, ran.counts[flow_id].quarantined)
        assert count.new == count.changed == count.quarantined == count.published == 0
    assert ran.world.db.rows(touched) == rows
    assert writes(ran.province) == calls


def writes(province: Province) -> dict[str, int]:
    """How often each writing operation of the two targets was called."""
    found = {**province.door("motcua", "calls"), **province.door("dvcqg", "calls")}
    return {name: number for name, number in found.items() if name.startswith(("CapNhat", "DongBo"))}


def test_an_incremental_run_reads_only_what_changed(world: Hub, province: Province) -> None:
    run_flow(world, find("insurance"), "r1", WHOLE)
    key = world.db.rows("SELECT source_key FROM hub.source_record WHERE flow = 'insurance' ORDER BY 1 LIMIT 1")[0][0]
    at = world.clock()
    province.door("bhxh", "change", "POST", json={"dataset": "insurance", "key": key, "set": {"diaChi": "Nhà mới"}, "at": at.isoformat()})
    world = replace(world, clock=lambda: at + timedelta(minutes=10))
    counts = run_flow(world, find("insurance"), "r2")
    assert (counts.received, counts.changed, counts.published) == (1, 1, 1)


def test_a_row_that_still_fails_when_replayed_stays_in_quarantine(world: Hub) -> None:
    flow = find("enterprises")
    first = run_flow(world, flow, "r1", WHOLE)
    before = put_aside(world, "enterprises")
    replayed = replay(world, flow, Choice())
    assert [(counts.received, counts.quarantined) for _, counts in replayed] == [(first.quarantined, first.quarantined)]
    assert put_aside(world, "enterprises") == before
    states = world.db.rows("SELECT state, count(*) FROM hub.quarantine GROUP BY 1 ORDER BY 1")
    assert states == [("open", first.quarantined), ("replayed", first.quarantined)]


def test_a_replay_after_the_hub_was_mended_takes_the_rows(world: Hub) -> None:
    """A code list was out of date and refused every legal status; the mended hub takes the rows from the bytes landed then."""
    flow = find("enterprises")

    def outdated(_text: str) -> str:
        raise Refusal("code_unknown", "không có trong danh mục năm trước", "not in the list of last year")

    fields = tuple(replace(one, convert=outdated) if one.field == "legal_status" else one for one in flow.dataset.fields)
    run_flow(world, replace(flow, dataset=replace(flow.dataset, fields=fields), max_bad=1.0), "r1", WHOLE)
    assert world.db.rows("SELECT count(*) FROM golden.enterprise")[0][0] == 0
    [(_, counts)] = replay(world, flow, Choice(code="code_unknown"))
    assert counts.new == world.db.rows("SELECT count(*) FROM golden.enterprise")[0][0] > 100
    assert counts.published == counts.new


def test_the_gate_closes_when_too_many_rows_are_bad_and_nothing_is_published_before_a_person_accepts_it(world: Hub) -> None:
    strict = replace(find("births"), max_bad=0.001)
    with pytest.raises(GateClosed, match="bản ghi bị giữ lại"):
        run_flow(world, strict, "r1", WHOLE)
    assert world.db.rows("SELECT count(*) FROM golden.person")[0][0] == 0
    assert world.db.rows("SELECT state FROM hub.run") == [("held",)]
    [found] = findings.listed(world)
    findings.triage(world, found["id"], "an", "normal", "đã xem từng lý do")
    counts = run_flow(world, strict, "r1", WHOLE)
    assert world.db.rows("SELECT count(*) FROM golden.person")[0][0] == counts.new > 0


def test_the_doctor_finds_the_sandbox_well(world: Hub) -> None:
    world = replace(world, clock=now)
    assert [line for line in examine(world) if not line[3]] == []


def test_the_doctor_says_whose_side_is_at_fault(world: Hub) -> None:
    world = replace(world, clock=now, settings=Settings({**world.settings.environment, "HUB_LGSP_SECRET": "wrong"}))
    sides = {line[5] for line in examine(world) if not line[3]}
    assert len(sides) == 1
    assert "ours" in sides.pop()
