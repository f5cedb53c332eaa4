"""Great Expectations on the rows, the row check of a sync, and PostgreSQL give one verdict. ``bench.parity`` asks it of 100,000 rows."""

import psycopg
import pytest

from bench.parity import STEPS, compared, damaged
from include.store.database import Database
from mappings.canonical import ENTITIES, Entity

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_a_rule_has_one_verdict_whichever_way_it_is_executed(db: Database, entity: Entity) -> None:
    given = damaged(entity, 200, seed=5)
    with psycopg.connect(db.url) as connection:
        for step in STEPS:
            failing, differences, _ = compared(connection, entity, step, given)
            assert failing
            assert differences == 0
