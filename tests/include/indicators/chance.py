"""Random dossiers, tickets and answers, straight into the golden tables: dirty in every way the formulas speak of."""

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from psycopg import Connection

from include.clock import HANOI

AGENCIES = {"H05.02": "province", "H05.16": "province", "H05.201": "commune", "H05.202": "commune", "H05.299": None}
"""The last one is in no catalogue."""
KNOWN = ("level", "service_level", "working_days", "fee", "results", "components", "channels", "sector_code")
PROCEDURES: dict[str, dict[str, Any]] = {
    "1.001193": dict(zip(KNOWN, ("commune", "full", 1, 0, 1, 2, 1, "A"), strict=True)),
    "2.000755": dict(zip(KNOWN, ("province", "partial", 9, 150000, 1, 1, 2, "B"), strict=True)),
    "1.004222": dict(zip(KNOWN, ("province", "information", None, 20000, 0, 1, 1, "C"), strict=True)),
    "9.999999": {},
}
"""The last one is in no catalogue."""
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=HANOI)
FIRST = datetime(2025, 5, 1, tzinfo=HANOI)


@dataclass(slots=True)
class One:
    """A dossier as the golden table holds it, and what else is known of it."""

    id: uuid.UUID
    code: str
    values: dict[str, Any]
    taken: bool | None
    """Whether the portal has it; None without a receipt."""
    scores: list[tuple[int, bool]] = field(default_factory=list)


def dossiers(random: Random, count: int, settled: float = 0.0, first: int = 0) -> Iterator[One]:
    """So many of them; of those that would have no end, a share gets one."""
    for n in range(first, first + count):
        one = dossier(random, n)
        if random.random() < settled:
            received = one.values["received_at"] or NOW
            one.values["finished_at"] = received + timedelta(seconds=random.randrange(900_000))
        yield one


def maybe(random: Random, share: float, value: Any) -> Any:
    return value if random.random() < share else None


def dossier(random: Random, n: int) -> One:
    received = FIRST + timedelta(seconds=random.randrange(int((NOW - FIRST).total_seconds())))
    steps, moment = [], received
    status = "2"
    for _ in range(random.randrange(6)):
        moment += timedelta(seconds=random.randrange(1, 400_000))
        status = random.choice("2445567899810" if random.random() < 0.5 else "49") or "10"
        status = "10" if status in {"1", "0"} else status
        steps.append({"at": moment.isoformat() if random.random() < 0.97 else None, "status": status, "unit": random.choice(["A", "B", None])})
    random.shuffle(steps)
    supplements = []
    for _ in range(random.choice([0, 0, 0, 1, 1, 2, 3])):
        asked = received + timedelta(seconds=random.randrange(500_000))
        answered = maybe(random, 0.5, (asked + timedelta(seconds=random.randrange(-1000, 500_000))).isoformat())
        supplements.append({"requested_at": asked.isoformat(), "received_at": answered})
    due = received + timedelta(seconds=random.randrange(900_000))
    values = {
        "procedure_code": random.choice(list(PROCEDURES)),
        "channel": random.choice(["direct", "online", "online", "post", None]),
        "receiving_agency": random.choice([*AGENCIES, None]),
        "handling_agency": random.choice([*AGENCIES, None]),
        "received_at": maybe(random, 0.97, received),
        "due_at": maybe(random, 0.7, due),
        "finished_at": maybe(random, 0.4, moment),
        "returned_at": maybe(random, 0.3, moment + timedelta(hours=5)),
        "refused_at": maybe(random, 0.1, moment),
        "status": status,
        "eid_verified": random.choice([True, False, None]),
        "online_payment": random.choice(["none", "national", "local", "direct", None]),
        "linked_databases": maybe(random, 0.8, [{"code": random.choice("17")} for _ in range(random.randrange(3))]),
        "steps": maybe(random, 0.95, steps),
        "supplements": maybe(random, 0.8, supplements),
        "components": maybe(random, 0.9, [component(random) for _ in range(random.randrange(4))]),
        "fees": maybe(random, 0.7, [{"amount": random.choice([0, 0, 1000, None])} for _ in range(random.randrange(3))]),
        "results": maybe(random, 0.6, [{"code": maybe(random, 0.8, "KQ"), "path": maybe(random, 0.8, "/x")} for _ in range(random.randrange(3))]),
    }
    taken = random.choice([True, True, True, False, None])
    scores = [(random.randrange(1, 6), random.random() < 0.1) for _ in range(random.randrange(3))] if random.random() < 0.2 else []
    return One(uuid.UUID(int=random.getrandbits(128), version=4), f"H05.16-260101-{n:06d}", values, taken, scores)


def component(random: Random) -> dict[str, Any]:
    return {
        "file_id": maybe(random, 0.6, "T"),
        "reused": random.choice(["0", "0", "1", "2", None]),
        "national_store": random.choice([True, False, None]),
    }


LISTS = ("linked_databases", "steps", "supplements", "components", "fees", "results")


def catalogues(connection: Connection[Any]) -> None:
    for code, level in AGENCIES.items():
        if level:
            golden(connection, "agency", {"code": code, "name": code, "level": level})
    for code, row in PROCEDURES.items():
        if row:
            listed = {name: json.dumps([{"code": str(n)} for n in range(row[name])]) for name in ("results", "components", "channels")}
            golden(connection, "procedure", {"code": code, "name": code, "active": True} | row | listed)


def golden(connection: Connection[Any], entity: str, values: dict[str, Any]) -> None:
    values = {"id": uuid.uuid4(), "provenance": [], "version": 1, "updated_at": NOW, "updated_run": "r"} | values
    names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    connection.execute(f"INSERT INTO golden.{entity} ({names}) VALUES ({marks})", list(values.values()))


def write(connection: Connection[Any], many: Iterable[One], version: int = 1) -> None:
    """Puts dossiers, receipts and answers in, by COPY; those of a later version replace the earlier ones."""
    many = list(many)
    names = list(many[0].values)
    with connection.cursor() as cursor:
        if version > 1:
            ids = [one.id for one in many]
            cursor.execute("DELETE FROM golden.dossier WHERE id = ANY(%s)", [ids])
            cursor.execute("DELETE FROM hub.receipt WHERE entity_id = ANY(%s)", [ids])
            cursor.execute("DELETE FROM golden.survey_answer WHERE dossier_code = ANY(%s)", [[one.code for one in many]])
        head = f"COPY golden.dossier (id, code, {', '.join(names)}, provenance, version, updated_at, updated_run) FROM STDIN"
        with cursor.copy(head) as copy:
            for one in many:
                values = [json.dumps(v) if name in LISTS and v is not None else v for name, v in one.values.items()]
                copy.write_row((one.id, one.code, *values, "{}", version, NOW, "r"))
        with cursor.copy("COPY hub.receipt (target, entity_id, outcome, code, content_hash, version, at) FROM STDIN") as copy:
            for one in many:
                if one.taken is not None:
                    at = one.values["received_at"] if version == 1 and one.values["received_at"] else NOW
                    copy.write_row(("portal_dossiers", one.id, "accepted" if one.taken else "refused", "0", b"", 1, at))
        head = (
            "COPY golden.survey_answer (id, code, agency, dossier_code, score, complaint, answered_at, provenance, version, updated_at, updated_run)"
        )
        with cursor.copy(f"{head} FROM STDIN") as copy:
            for one in many:
                for n, (score, complaint) in enumerate(one.scores):
                    agency = one.values["handling_agency"] or "H05.02"
                    copy.write_row((uuid.uuid4(), f"{one.code}-{version}-{n}", agency, one.code, score, complaint, NOW, "{}", 1, NOW, "r"))


def tickets(connection: Connection[Any], random: Random, count: int) -> list[tuple[str, datetime, datetime | None]]:
    """Puts tickets in; gives agency, taken, called."""
    found = []
    with connection.cursor() as cursor:
        head = "COPY golden.queue_ticket (id, code, agency, taken_at, called_at, status, provenance, version, updated_at, updated_run) FROM STDIN"
        with cursor.copy(head) as copy:
            for n in range(count):
                taken = FIRST + timedelta(seconds=random.randrange(int((NOW - FIRST).total_seconds())))
                called = maybe(random, 0.9, taken + timedelta(seconds=random.choice([random.randrange(4000), 1800])))
                agency = random.choice(list(AGENCIES))
                found.append((agency, taken, called))
                copy.write_row((uuid.uuid4(), f"A{n}", agency, taken, called, "served", "{}", 1, NOW, "r"))
    return found
