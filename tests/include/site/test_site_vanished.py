"""Records that left their source: counted on the page of the source, told by search; no key on the page unless it was asked for."""

from uuid import UUID

import pytest

from include.hub import Hub
from include.site.accounts import Role
from tests.include.site.conftest import Visitor, send
from tests.include.site.history import PERSONAL, insert
from tests.include.site.test_site_pages import exported

pytestmark = pytest.mark.postgres
ENTITY = UUID(int=717)
LEFT, WAITS = PERSONAL, f"{PERSONAL[:-1]}5"


@pytest.fixture(autouse=True)
def left(history: Hub) -> None:
    """One record is gone and its golden record closed; another waits for a person's word."""
    at = history.clock()
    record = (ENTITY, b"", at, "r20261101", 1, 0)
    with history.db.transaction() as connection:
        insert(connection, "tombstone", [("births", LEFT, *record, "r20261120", "r20261121", True, at)],
               "flow, source_key, entity_id, row_hash, moment, run, n, idx, missed_run, gone_run, closed, at")  # fmt: skip
        insert(connection, "missing", [("births", WAITS, b"", "r20261120", at, True)], "flow, source_key, row_hash, run, until, held")
        insert(connection, "source_record", [("births", WAITS, *record, "key")],
               "flow, source_key, entity_id, row_hash, moment, run, n, idx, rule")  # fmt: skip


def test_the_page_of_a_source_counts_them_by_the_runs_that_missed_them(visit: Visitor) -> None:
    client = visit()
    rows = exported(client, "/sources/births", "vanished")
    assert [row[:6] for row in rows] == [["r20261120", "", "1", "1", "0", "0"], ["r20261120", "r20261121", "0", "0", "1", "1"]]
    page = client.get("/sources/births").text
    assert "./hub vanished births --confirm" in page
    assert 'href="/runs/births/r20261121"' in page
    assert PERSONAL[:-2] not in page


def test_a_source_that_nothing_left_says_so(visit: Visitor) -> None:
    assert "No record has left this source." in visit().get("/sources/dossiers?lang=en").text


@pytest.mark.parametrize(("key", "told"), [(LEFT, "đã rời nguồn, bản ghi vàng đã đóng"), (WAITS, "thiếu, chờ người xác nhận")])
def test_search_tells_that_a_record_left_its_source_and_when(visit: Visitor, key: str, told: str) -> None:
    found = send(visit(), "/search", "/search", key=key, why="khiếu nại 12/2026")
    assert told in found
    assert 'href="/runs/births/r20261120"' in found
    assert str(ENTITY) in found
    assert PERSONAL[:-2] not in found


def test_another_agency_finds_nothing(visit: Visitor) -> None:
    found = send(visit(Role.AGENCY, "so-noi-vu"), "/search", "/search", key=LEFT, why="khiếu nại 12/2026")
    assert "Không có bản ghi nào rời nguồn" in found
    assert str(ENTITY) not in found
