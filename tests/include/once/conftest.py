"""Golden records written by hand, as few fields as the matter needs."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from include.hub import Hub
from mappings.canonical import entity
from mappings.keys import name_key

ALONE, MOTHER, FATHER, NOBODY = "024094000125", "024196000124", "024088000321", "024099000999"
Put = Callable[..., UUID]


def put_into(hub: Hub, name: str, /, **values: Any) -> UUID:
    """A golden record, and the source record it was made of."""
    number = uuid4()
    columns = {key: Jsonb(value) if isinstance(value, list) else value for key, value in values.items()}
    if name == "person":
        columns |= {"name_key": name_key(values["full_name"])}
    columns |= {"id": number, "provenance": [1] * len(entity(name).names), "version": 1, "updated_at": hub.clock(), "updated_run": "r1"}
    places = ", ".join(["%s"] * len(columns))
    with hub.db.transaction() as connection:
        connection.execute("INSERT INTO hub.source (id, flow, system, entity) VALUES (1, 'births', 'hotich', 'person') ON CONFLICT DO NOTHING")
        connection.execute(f"INSERT INTO golden.{name} ({', '.join(columns)}) VALUES ({places})".encode(), list(columns.values()))
        connection.execute(
            "INSERT INTO hub.source_record (flow, source_key, row_hash, moment, entity_id, rule, run, n, idx)"
            " VALUES ('births', %s, '', %s, %s, 'number', 'r1', 1, 0)",
            [str(number), hub.clock(), number],
        )
    return number


@pytest.fixture
def hub(hub: Hub) -> Hub:
    """A hub that knows the agencies questions are asked for."""
    for code in ("H05.14", "H05.201"):
        put_into(hub, "agency", code=code, name=f"Cơ quan {code}", level="province", valid_from="2025-07-01")
    return hub


@pytest.fixture
def put(hub: Hub) -> Put:
    return partial(put_into, hub)


def paper(**changes: Any) -> dict[str, Any]:
    """An approved paper in force everywhere, digitised in August 2026, of ``ALONE``."""
    values = {"code": f"GT-{uuid4()}", "paper_type": "TP.001193.01", "owner_number": ALONE, "kind": "component", "status": "approved"}
    return values | {"scope": "national", "digitised_at": "2026-08-01T08:00:00+07:00"} | changes


def person(number: str = ALONE, **changes: Any) -> dict[str, Any]:
    """A person with a number, a name and a birth date."""
    return {"personal_number": number, "full_name": "Nguyễn Văn Mẫu", "birth_date": "1994-03-02", "sex": "male", "commune_code": "07210"} | changes
