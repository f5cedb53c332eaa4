"""The pages of the service index say what the figures say, lead to the dossiers, and reconcile with the portal."""

import csv
import io
from random import Random

import pytest

from connectors.page import Endpoint
from include.hub import Hub
from include.indicators.card import card
from include.indicators.facts import refresh
from include.indicators.figures import period
from include.settings import Settings
from include.site.accounts import Role
from tests.include.indicators.chance import catalogues, dossiers, tickets, write
from tests.include.site.conftest import Visitor, send

pytestmark = pytest.mark.postgres


@pytest.fixture
def measured(history: Hub) -> Hub:
    """The hub with dossiers, tickets and answers, measured."""
    random = Random(717)
    with history.db.transaction() as connection:
        catalogues(connection)
        write(connection, dossiers(random, 400))
        tickets(connection, random, 200)
    refresh(history)
    return history


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))


def test_the_score_card_shows_every_indicator_as_it_is_computed(visit: Visitor, measured: Hub):
    rows = {row[0]: row for row in table(visit().get("/indicators?period=2026&export=index.csv").text)}
    for line in card(measured, period("2026")):
        if line.indicator.group != "plan":
            shown = rows[line.code]
            assert shown[3] == ("" if line.part is None else str(line.part)), line.code
            assert shown[4] == ("" if line.whole is None else str(line.whole)), line.code
    assert "chưa có nguồn" in rows["5.1"][1]
    assert rows["5.1"][6] == ""


@pytest.mark.parametrize("by", ["agency", "desk", "procedure", "level", "month"])
def test_a_breakdown_adds_up_to_the_dossiers_of_the_year(visit: Visitor, measured: Hub, by: str):
    rows = table(visit().get(f"/indicators?period=2026&by={by}&export=places.csv").text)[1:]
    line = next(each for each in card(measured, period("2026")) if each.code == "1.4")
    assert sum(int(row[2]) for row in rows) == line.whole


@pytest.mark.parametrize("code", ["2.1", "4.2", "5.3", "P2"])
def test_an_indicator_lists_the_dossiers_that_miss_it_and_those_that_do_not(visit: Visitor, measured: Hub, code: str):
    client = visit()
    line = next(each for each in card(measured, period("2026-Q3")) if each.code == code)
    missing = table(client.get(f"/indicators/{code}?period=2026-Q3&export=dossiers.csv").text)[1:]
    counted = table(client.get(f"/indicators/{code}?period=2026-Q3&show=counted&export=dossiers.csv").text)[1:]
    assert (len(counted), len(counted) + len(missing)) == (line.part, line.whole)


def test_mending_everything_wins_every_point_that_was_lost(visit: Visitor, measured: Hub):
    line = next(each for each in card(measured, period("2026")) if each.code == "2.1")
    rows = table(visit().get("/indicators/2.1?period=2026&export=gains.csv").text)[1:]
    assert float(rows[-1][1].replace(",", ".")) == pytest.approx(line.most - (line.points or 0), abs=0.011)


def test_a_providing_agency_sees_figures_and_no_dossiers(visit: Visitor, measured: Hub):
    client = visit(Role.AGENCY, "so-tu-phap")
    assert client.get("/indicators").status_code == 200
    assert "H05.16-260101-" not in client.get("/indicators/2.1?period=2026").text
    assert client.get("/indicators/portal").status_code == 403


@pytest.mark.parametrize(
    "query", ["period=2026-13", "period=hôm nay", "rule=luck", "by=colour", "agency=H99", "level=moon", "procedure=x%26by", "desk=x"]
)
def test_what_cannot_be_asked_is_told_in_a_sentence(visit: Visitor, measured: Hub, query: str):
    answer = visit().get(f"/indicators?{query}")
    assert answer.status_code in {400, 404}
    assert "Traceback" not in answer.text


def test_an_unknown_indicator_is_not_found(visit: Visitor, measured: Hub):
    assert visit().get("/indicators/9.9").status_code == 404


def test_a_portal_that_is_away_is_told_and_nothing_is_kept(visit: Visitor, measured: Hub, monkeypatch: pytest.MonkeyPatch):
    away = Endpoint("dvcqg", "http://127.0.0.1:9", "", "", {})
    monkeypatch.setattr(Settings, "endpoint", lambda *_: away)
    assert send(visit(), "/indicators/portal", "/indicators/portal", period="2026-10").startswith("502 ")
    assert measured.db.rows("SELECT count(*) FROM hub.portal_count")[0][0] == 0


def test_the_score_card_is_printed_with_its_fonts_and_the_act_is_kept(visit: Visitor, measured: Hub):
    body = visit().get("/indicators.pdf?period=2026-Q3&level=commune").content
    assert body.startswith(b"%PDF-")
    assert b"Libertinus" in body
    assert measured.db.rows("SELECT count(*) FROM hub.act WHERE kind = 'export' AND subject = 'indicators/2026-Q3'")[0][0] == 1
