"""A change of a source's schema, seen and accepted on the site."""

import pytest
from psycopg.types.json import Jsonb

from include.hub import Hub
from include.schema import recorded
from tests.include.site.conftest import Visitor, send

pytestmark = pytest.mark.postgres


def test_a_change_called_normal_belongs_to_the_schema_and_is_shown(visit: Visitor, history: Hub) -> None:
    detail = Jsonb({"page": 7, "was": [], "now": ["text"]})
    query = (
        "INSERT INTO hub.finding (flow, run, kind, code, field, agency, value, detail, at)"
        " VALUES ('births', 'r20261123', 'drift', 'unknown_field', 'nks.TonGiao', '', 3, %s, %s) RETURNING id"
    )
    with history.db.transaction() as connection:
        row = connection.execute(query, [detail, history.clock()]).fetchone()
    assert row is not None
    client = visit()
    page = client.get("/sources/births/schema").text
    assert f'href="/findings/{row[0]}"' in page
    assert "nks.TonGiao" in page
    assert "evolve" in page
    assert "nks.TonGiao" not in recorded(history, "births")
    answer = send(client, f"/findings/{row[0]}", f"/findings/{row[0]}/triage", state="normal", comment="có công văn báo trước")
    assert answer.startswith("200")
    assert recorded(history, "births")["nks.TonGiao"].types == {"text"}
