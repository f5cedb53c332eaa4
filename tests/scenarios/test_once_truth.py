"""The never-again indicator finds just what the synthetic province handed in again, and just the claims nothing shows."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from include.flows import FLOWS
from include.hub import Hub
from include.once.never_again import offences, recompute, total
from include.once.papers import fetch, read
from include.runs import Wish, begin
from include.sandbox.files import file_of
from include.steps import land, merge, refine
from tests.conftest import fresh_database, hub_on
from tests.scenarios.conftest import Province, pointed_at

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]
EVER = (date(2024, 1, 1), date(2027, 1, 1))


@pytest.fixture(scope="module")
def merged(server: str, sandbox: Province, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that has read every flow and published nothing."""
    sandbox.forget()
    with fresh_database(server) as db:
        world = pointed_at(sandbox, hub_on(db, tmp_path_factory.mktemp("merged")))
        for flow in FLOWS:
            begin(world, flow, "r1", Wish(full=True))
            for step in (land, refine, merge):
                step(world, flow, "r1")
        recompute(world)
        yield world


def test_just_the_planted_offenders_are_found(merged: Hub, sandbox: Province) -> None:
    planted = {(one["dossier"], one["component"], one["what"]) for one in sandbox.truth["again"]}
    found = {(one.code, one.component, " + ".join(one.what)) for one in offences(merged, *EVER)}
    assert planted
    assert {one[:2] for one in found} == {one[:2] for one in planted}


def test_just_the_planted_claims_have_nothing_behind_them(merged: Hub, sandbox: Province) -> None:
    rows = merged.db.rows("SELECT code, component FROM hub.handed WHERE provided = 'reused' AND what IS NULL")
    assert set(rows) == {(one["dossier"], one["component"]) for one in sandbox.truth["unbacked"]}


def test_the_indicator_adds_up(merged: Hub, sandbox: Province) -> None:
    found = total(merged, *EVER)
    assert found.again == len(sandbox.truth["again"])
    assert found.equivalent == found.again + found.reused - found.unbacked
    assert found.share == 1 - found.again / found.equivalent
    assert recompute(merged).dossiers == 0


def test_files_of_papers_are_fetched_checked_and_the_bad_ones_told(merged: Hub) -> None:
    papers = merged.db.rows("SELECT code, kind, signed, valid_to FROM golden.paper")
    due = {
        code: file_of(code, "1" if kind == "result" else "0", signed) for code, kind, signed, until in papers if not until or until >= merged.today
    }
    assert fetch(merged) == Counter(file.fault or "stored" for file in due.values())
    told = merged.db.rows("SELECT p.code, f.outcome FROM hub.paper_fetch f JOIN golden.paper p ON p.id = f.paper")
    assert dict(told) == {code: file.fault or "stored" for code, file in due.items()}
    signed = "SELECT count(*) FROM hub.paper_fetch JOIN hub.paper_file USING (sha256) JOIN golden.paper p ON p.id = paper"
    assert merged.db.rows(f"{signed} WHERE media_type = 'application/pdf' AND (signatures > 0) <> p.signed") == [(0,)]
    code = next(code for code, file in due.items() if not file.fault)
    assert read(merged, code) == due[code].body
    assert fetch(merged) == Counter()
