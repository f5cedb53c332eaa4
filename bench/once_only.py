"""Once-only at scale: how long an answer takes, and the never-again indicator, whole and for one day's change.

``ROWS`` persons (default 1,000,000), each with a birth registration, employment, a paper; a quarter as many dossiers of four components. The
question is a procedure of ten components over every kind of fact and paper; an answer includes its committed evidence. ``resolve_alone`` makes a
connection for each question, as the command line does; the others keep one, as a service does.
"""

import os
import random
import statistics
import time
from datetime import date
from typing import Any

from bench.scratch import scratch
from include.hub import Hub
from include.once.never_again import recompute, total
from include.once.resolve import Question, desk, resolve
from include.settings import Settings
from include.store.database import Connection
from include.store.migrating import migrate
from mappings.requirements import Catalogue, catalogue
from mappings.requirements.model import Component, Filled, NoMatch, Requirement

WARM = 50
ASKED = int(os.environ.get("ASKED", "1000"))
NUMBER = "'024' || lpad((n::bigint * 7919 % 1000000000)::text, 9, '0')"
PROCEDURE = "9.000010"
_ONES = ",".join("1" * 32)
LOAD = (
    f"""INSERT INTO golden.person (id, personal_number, full_name, birth_date, sex, commune_code, address, phone, name_key, given_key, provenance,
    version, updated_at, updated_run) SELECT gen_random_uuid(), {NUMBER}, 'Nguyễn Văn ' || chr(65 + n % 26), (1940 + n % 60) || '-03-12', 'male',
    '07210', 'Số ' || n, '+8491' || lpad(n::text, 7, '0'), 'nguyễn văn', 'văn', ARRAY[{_ONES}]::smallint[], 1, now(), 'r'
    FROM generate_series(0, %(rows)s - 1) n""",
    f"""INSERT INTO golden.civil_event (id, code, kind, registered_on, person_name, person_number, other_number, provenance, version, updated_at,
    updated_run) SELECT gen_random_uuid(), 'E' || n, CASE WHEN n % 2 = 0 THEN 'birth' ELSE 'marriage' END, date '2010-01-01' + n % 5000, 'x',
    {NUMBER},
    '024' || lpad(((n + 1)::bigint * 7919 % 1000000000)::text, 9, '0'), ARRAY[{_ONES}]::smallint[], 1, now(), 'r'
    FROM generate_series(0, %(rows)s - 1) n""",
    f"""INSERT INTO golden.insurance_participation (id, code, insurance_number, personal_number, full_name, begins_on, provenance, version,
    updated_at, updated_run) SELECT gen_random_uuid(), 'P' || n, n::text, {NUMBER}, 'x', date '2015-01-01' + n % 3000, ARRAY[{_ONES}]::smallint[], 1,
    now(), 'r' FROM generate_series(0, %(rows)s - 1) n""",
    f"""INSERT INTO golden.paper (id, code, paper_type, owner_number, scope, kind, status, digitised_at, provenance, version, updated_at, updated_run)
    SELECT gen_random_uuid(), 'G' || n, (ARRAY['KQ.G15.004873', 'KQ.G15.001193', 'TP.000894.02', 'TP.000894.03'])[1 + n % 4], {NUMBER}, 'national',
    'result', 'approved', timestamptz '2025-01-01' + (n % 600) * interval '1 day',
    ARRAY[{_ONES}]::smallint[], 1, now(), 'r'
    FROM generate_series(0, %(rows)s - 1) n""",
    f"""INSERT INTO golden.dossier (id, code, procedure_code, applicant_name, applicant_number, applicant_number_kind, handling_agency,
    receiving_agency, submitted_at, status, components, provenance, version, updated_at, updated_run)
    SELECT gen_random_uuid(), 'H05.201-260101-' || n, '1.000894', 'x', {NUMBER}, 'personal_number', 'H05.' || 201 + n % 99, 'H05.16',
    timestamptz '2025-07-02' + (n % 500) * interval '1 day', '2', jsonb_build_array(jsonb_build_object('code', 'TP.000894.01', 'reused', '0'),
    jsonb_build_object('code', 'TP.000894.02', 'reused', (n % 2)::text), jsonb_build_object('code', 'TP.000894.03', 'reused', (n % 3)::text),
    jsonb_build_object('code', 'TP.000894.04', 'reused', '0')), ARRAY[{_ONES}]::smallint[], 1, now(), 'r'
    FROM generate_series(0, %(rows)s / 4 - 1) n""",
    """INSERT INTO golden.agency (id, code, name, provenance, version, updated_at, updated_run)
    VALUES (gen_random_uuid(), 'H05.201', 'x', '{}', 1, now(), 'r')""",
    """INSERT INTO hub.source_record (flow, source_key, row_hash, moment, entity_id, rule, run, n, idx)
    SELECT 'births', id::text, '', now(), id, 'number', 'r', 1, 0 FROM golden.person""",
)


def run(rows: int) -> list[dict[str, Any]]:
    """The figures."""
    rows = rows if "ROWS" in os.environ else 1_000_000
    with scratch() as folder:
        hub = Hub.connect(Settings({**os.environ, "HUB_HOME": str(folder)}))
        migrate(hub.db)
        filled(hub, rows)
        return [{"name": "persons", "value": rows, "unit": "rows"}, *asked(hub, rows), *counted(hub)]


def filled(hub: Hub, rows: int) -> None:
    """The golden set, made in the server; triggers stay silent, the first computation reads everything anyway."""
    with hub.db.transaction() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("INSERT INTO hub.source (id, flow, system, entity) VALUES (1, 'births', 'hotich', 'person')")
        for statement in LOAD:
            connection.execute(statement.replace(" % ", " %% ").encode(), {"rows": rows})
    with hub.db.session() as session:
        session.execute("VACUUM ANALYZE")


def ten() -> Catalogue:
    """The catalogue with one more procedure, of ten components."""
    known = catalogue()
    facts = [fact.what for fact in known.facts.values() if fact.subject == "person"]
    ways = [((what,), ("paper:KQ.G15.001193",), (f"paper:TP.000010.{n:02d}",)) for n, what in enumerate(facts, 1)]
    ways += [(("paper:KQ.G15.004873",), ("fact:insured", "fact:birth"))]
    components = tuple(Component(f"TP.000010.{n:02d}", "x", way, NoMatch.ASK) for n, way in enumerate(ways[:10], 1))
    form = tuple(Filled(name, "identity", name) for name in known.facts["identity"].fills)
    made = Requirement(PROCEDURE, "x", "person", "x", date(2025, 1, 1), None, components, form)
    assert len(components) == 10
    return Catalogue(known.facts, (*known.requirements, made), known.uncovered, known.fingerprint)


def asked(hub: Hub, rows: int) -> list[dict[str, Any]]:
    """Answers to questions about persons picked at random, one after the other."""
    known, chance = ten(), random.Random(717)
    numbers = [f"024{chance.randrange(rows) * 7919 % 10**9:09d}" for _ in range(ASKED + WARM)]
    with desk(hub) as connection:
        kept = [timed(hub, number, known, connection) for number in numbers][WARM:]
    alone = [timed(hub, number, known, None) for number in numbers[: ASKED // 5]]
    cuts = statistics.quantiles(kept, n=100)
    return [
        {"name": "resolve_p50_ms", "value": cuts[49], "unit": "ms"},
        {"name": "resolve_p95_ms", "value": cuts[94], "unit": "ms", "target": "≤ 30"},
        {"name": "resolve_p99_ms", "value": cuts[98], "unit": "ms"},
        {"name": "resolve_alone_p95_ms", "value": statistics.quantiles(alone, n=100)[94], "unit": "ms"},
    ]


def timed(hub: Hub, number: str, known: Catalogue, connection: Connection | None) -> float:
    """Milliseconds of one answer."""
    started = time.perf_counter()
    answer = resolve(hub, Question(PROCEDURE, "bench", "H05.201", number), known, connection)
    taken = 1000 * (time.perf_counter() - started)
    assert len(answer.verdicts) == 10
    assert answer.need_not_be_asked > 3
    return taken


def counted(hub: Hub) -> list[dict[str, Any]]:
    """The indicator over everything, then after one day's dossiers and papers changed."""
    whole = recompute(hub)
    assert total(hub, date(2025, 1, 1), date(2027, 12, 31)).equivalent > whole.dossiers
    with hub.db.transaction() as connection:
        connection.execute("UPDATE golden.dossier SET version = version + 1, status = '4' WHERE submitted_at::date = '2026-01-05'")
        connection.execute("UPDATE golden.paper SET version = version + 1, status = 'rejected' WHERE digitised_at::date = '2026-01-05'")
    day = recompute(hub)
    return [
        {"name": "components", "value": whole.components, "unit": "rows"},
        {"name": "never_again_full_s", "value": whole.seconds, "unit": "s"},
        {"name": "changed_dossiers", "value": day.dossiers, "unit": "rows"},
        {"name": "never_again_one_day_s", "value": day.seconds, "unit": "s", "target": "< 2"},
    ]
