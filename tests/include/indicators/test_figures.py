"""Every formula of the index against a computation of its own, over random dossiers."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from uuid import uuid4

import pytest

from include.hub import Hub
from include.indicators.card import card
from include.indicators.catalogue import INDEX, INDICATORS, indicator
from include.indicators.facts import refresh
from include.indicators.figures import BY, NoSuchPeriod, Scope, behind, period, sums
from include.settings import Settings
from include.store.database import Database
from include.store.objects import Objects
from tests.conftest import fresh_database
from tests.include.indicators import brute
from tests.include.indicators.chance import NOW, One, catalogues, dossier, dossiers, golden, tickets, write

MANY = 20_000
SERVICE = {"P4", "P5"}
NEVER = {code for code, one in INDICATORS.items() if one.kind == "none"}
Filled = tuple[Hub, list[One], list[tuple[str, object, object]]]


@pytest.fixture(scope="module")
def filled(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with fresh_database(server) as db:
        settings = Settings({"HUB_HOME": str(tmp_path_factory.mktemp("hub"))})
        hub = Hub(db, Objects(settings.objects_url), settings, lambda: NOW)
        random = Random(766)
        many = list(dossiers(random, MANY))
        with db.transaction() as connection:
            catalogues(connection)
            write(connection, many)
            turns = tickets(connection, random, 5000)
        refresh(hub)
        yield hub, many, turns


def of(hub: Hub, scope: Scope) -> dict[str, tuple[float, float]]:
    return {line.code: (line.figure.part, line.figure.whole) for line in card(hub, scope) if line.code not in NEVER | SERVICE}


YEAR = period("2026")
CASES: dict[str, tuple[Scope, Callable[[One], bool]]] = {
    "year": (YEAR, lambda one: True),
    "quarter": (period("2025-Q3"), lambda one: True),
    "running month": (period("2026-11"), lambda one: True),
    "level": (replace(YEAR, level="commune"), lambda one: brute.level_of(one) == "commune"),
    "agency": (replace(YEAR, agency="H05.02"), lambda one: one.values["handling_agency"] == "H05.02"),
    "desk": (replace(YEAR, desk="H05.16"), lambda one: one.values["receiving_agency"] == "H05.16"),
    "procedure": (replace(YEAR, procedure="2.000755"), lambda one: one.values["procedure_code"] == "2.000755"),
    "by day": (replace(YEAR, rule="day"), lambda one: True),
}


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_that_of_the_brute_force_computation(filled: Filled, case: str):
    hub, many, _ = filled
    scope, chosen = CASES[case]
    inside = [one for one in many if (month := brute.month_of(one)) and scope.first <= month <= scope.last and chosen(one)]
    wanted = brute.figures(inside, brute.until_of(scope.last), by_day=scope.rule == "day")
    found = of(hub, scope)
    if case == "level":
        wanted |= {"1.3": (1, 1), "3.1": (1, 1)}  # the catalogue's own, at this level
        wanted["3.2"] = (found["3.2"][0], 1)
    assert found.keys() == wanted.keys()
    assert {code: found[code] for code in wanted} == {code: pytest.approx(pair) for code, pair in wanted.items()}


def test_waits_and_opinions_are_those_of_the_desks(filled: Filled):
    hub, many, turns = filled
    lines = {line.code: line for line in card(hub, YEAR)}
    called = [(taken, done) for _, taken, done in turns if done and taken.year == 2026]
    assert (lines["P5"].part, lines["P5"].whole) == (sum(done - taken <= timedelta(minutes=30) for taken, done in called), len(called))
    scores = [score for one in many for score, _ in one.scores]
    assert (lines["P4"].part, lines["P4"].whole) == (sum(score >= 4 for score in scores), len(scores))


@pytest.mark.parametrize("code", [one.code for one in INDICATORS.values() if one.kind == "dossier" and one.code != "3.3"])
def test_a_figure_is_the_number_of_dossiers_behind_it(filled: Filled, code: str):
    hub, _, _ = filled
    scope, one = period("2026-Q2"), indicator(code)
    line = next(each for each in card(hub, scope) if each.code == code)
    inside = behind(hub, scope, one, counted=True, limit=MANY)
    outside = behind(hub, scope, one, counted=False, limit=MANY)
    assert (len(inside), len(inside) + len(outside)) == (line.part, line.whole)
    assert not {each.code for each in inside} & {each.code for each in outside}


@pytest.mark.parametrize("by", BY)
def test_what_is_broken_down_adds_up(filled: Filled, by: str):
    hub, _, _ = filled
    whole, parts = sums(hub, YEAR)[""], sums(hub, YEAR, by)
    for name in ("dossiers", "in_time", "bad", "digitised", "paid_online"):
        assert sum(part.get(name, 0) for part in parts.values()) == whole[name]


HISTORY = """
INSERT INTO golden.queue_ticket_history (id, version, record, provenance, valid_from, valid_to, run)
SELECT id, 2, to_jsonb(t) || jsonb_build_object('taken_at', taken_at + interval '40 days'), '{}', now(), now(), 'r' FROM golden.queue_ticket t
WHERE code IN ('A1', 'A2', 'A3')
"""
"""As the merge keeps what it supersedes."""


def written(hub: Hub) -> list[set[str]]:
    return [{row[0] for row in hub.db.rows(f"SELECT t::text FROM hub.{table} t")} for table in ("dossier_count", "dossier_fact", "service_count")]


def test_a_refresh_of_what_changed_is_a_refresh_of_everything(filled: Filled):
    hub, many, _ = filled
    random = Random(7)
    again = [replace(dossier(random, n), id=many[n].id, code=many[n].code) for n in range(500)]
    many[:500] = again
    with hub.db.transaction() as connection:
        write(connection, again, version=2)
    changed = refresh(hub)
    assert not changed.whole
    assert changed.dossiers == sum(one.values["received_at"] is not None for one in again)
    kept = written(hub)
    assert refresh(hub).dossiers == 0
    assert refresh(hub, whole=True).whole
    assert written(hub) == kept


def test_tickets_and_answers_that_change_are_followed_without_the_rest(filled: Filled):
    hub, many, _ = filled
    refresh(hub)
    quiet = next(one for one in many[600:] if one.values["received_at"] and not one.scores)
    with hub.db.transaction() as connection:
        golden(connection, "survey_answer", {"code": "late", "agency": "H05.02", "dossier_code": quiet.code, "score": 1, "answered_at": NOW})
        connection.execute("UPDATE golden.queue_ticket SET called_at = taken_at + interval '1 hour', version = 2 WHERE called_at IS NULL")
        connection.execute("UPDATE golden.queue_ticket SET taken_at = taken_at - interval '40 days', version = 3 WHERE code IN ('A1', 'A2', 'A3')")
        connection.execute(HISTORY)
    assert refresh(hub).dossiers == 1
    kept = written(hub)
    refresh(hub, whole=True)
    assert written(hub) == kept


def test_another_catalogue_makes_all_facts_anew(filled: Filled):
    hub, _, _ = filled
    with hub.db.transaction() as connection:
        connection.execute("UPDATE golden.procedure SET working_days = 3 WHERE code = '1.001193'")
    assert refresh(hub).whole
    with hub.db.transaction() as connection:
        connection.execute("UPDATE golden.procedure SET working_days = 1 WHERE code = '1.001193'")
    assert refresh(hub).whole


def test_hub_writer_may_refresh(hub: Hub):
    with hub.db.transaction() as connection:
        catalogues(connection)
        write(connection, list(dossiers(Random(5), 50)))
    with written_by(hub) as writer:
        assert refresh(writer).whole
        before = written(hub)
        assert refresh(writer, whole=True).whole
        assert refresh(writer).dossiers == 0
    assert written(hub) == before


@contextmanager
def written_by(hub: Hub) -> Iterator[Hub]:
    """The same hub to a user who may do what ``hub_writer`` may, and owns nothing."""
    name = f"w{uuid4().hex[:12]}"
    with hub.db.session() as session:
        session.execute(f"CREATE ROLE {name} LOGIN IN ROLE hub_writer")
    try:
        yield replace(hub, db=Database(re.sub(r"//[^@/]*@", f"//{name}@", hub.db.url)))
    finally:
        with hub.db.session() as session:
            session.execute(f"DROP ROLE {name}")


def test_index_and_points_are_those_of_the_decision():
    assert {one.code: one.most for one in INDEX} == {
        "1.1": 6, "1.2": 4, "1.3": 2, "1.4": 6, "2.1": 20, "2.2": 0, "3.1": 2, "3.2": 4, "3.3": 6, "3.4": 6, "3.5": 2, "3.6": 2,
        "4.1": 6, "4.2": 4, "4.3": 2, "4.4": 4, "4.5": 2, "4.5b": 2, "4.6": 2, "5.1": 6, "5.2": 6, "5.3": 6,
    }  # fmt: skip
    assert sum(one.most for one in INDEX) == 100


@pytest.mark.parametrize(
    ("code", "rate", "points"),
    [
        ("2.1", 100, 20),
        ("2.1", 50, 10),
        ("3.3", 50, 6),
        ("3.3", 25, 3),
        ("4.2", 80, 4),
        ("4.2", 40, 2),
        ("5.3", 90, 6),
        ("5.3", None, 0),
        ("1.1", 100, None),
    ],
)
def test_points_are_full_from_the_stated_share_on(code: str, rate: float | None, points: float | None):
    assert indicator(code).points(rate) == points


def test_mending_the_worst_says_what_it_gains():
    one = indicator("2.1")
    assert one.gain({"in_time": 50, "dossiers": 100}, 10) == pytest.approx(2)
    assert one.gain({"in_time": 95, "dossiers": 100}, 10) == pytest.approx(1)
    assert one.gain({}, 10) == 0


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 1)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 1)),
    ],
)
def test_a_period_is_a_year_a_quarter_or_a_month(name: str, first: date, last: date):
    assert (period(name).first, period(name).last) == (first, last)


@pytest.mark.parametrize("name", ["", "2026-13", "2026-Q5", "26", "năm nay", "2026-Q", "2026-00"])
def test_what_is_no_period_is_refused(name: str):
    with pytest.raises(NoSuchPeriod):
        period(name)
