"""A past for the site to show: runs, scores, rows put aside and findings of two sources, written straight into the tables."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from include import scores
from include.deadlines import deadlines
from include.flows import flow as find
from include.hub import Hub
from include.proof import log
from include.store.database import Connection
from quality.rules import rules_at

FLOWS = ("births", "dossiers")
PERSONAL = "027195001234"
"""A record key that is a personal number."""
KEYS = {"births": PERSONAL, "dossiers": "000.00.05.H05-261123-0001"}


def write(hub: Hub, days: int, rows_a_day: int = 3) -> None:
    """``days`` daily runs of each source up to today; on each, some rows fail some rules."""
    for back in range(days - 1, -1, -1):
        for flow in FLOWS:
            run(hub, flow, hub.clock() - timedelta(days=back), rows_a_day)
    handed_in(hub)
    log.seal(hub, "runs")


def handed_in(hub: Hub) -> None:
    """Three components of a dossier filed today: one reused, one handed in again, one nobody held."""
    at, dossier = hub.clock(), uuid4()
    head = "dossier, n, code, procedure, component, agency, desk, filed_at, provided, identified, what, records, since"
    who = (KEYS["dossiers"], "1.000894")
    rows: list[tuple[Any, ...]] = [
        (dossier, 1, *who, "TP.000894.01", "H05.201", "H05.16", at, "new", True, None, None, None),
        (dossier, 2, *who, "TP.000894.02", "H05.201", "H05.16", at, "new", True, ["fact:identity"], [uuid4()], at - timedelta(days=900)),
        (dossier, 3, *who, "TP.000894.03", "H05.201", "H05.16", at, "reused", True, ["paper:KQ.G15.004873"], [uuid4()], at - timedelta(days=9)),
    ]
    golden = "id, code, procedure_code, applicant_name, status, receiving_agency, handling_agency, submitted_at, received_at, provenance, version"
    filed = [(dossier, *who, "Nguyễn Văn Mẫu", "2", "H05.16", "H05.201", at - timedelta(hours=1), at - timedelta(hours=1), [1] * 33, 1, at, "r")]
    sent = [(dossier, KEYS["dossiers"], "sent", "H05.16", "H05.201", at - timedelta(hours=1), 1, at)]
    both = "dossier, code, field, kept_flow, kept_run, kept_n, kept_idx, kept_moment"
    both += ", other_flow, other_run, other_n, other_idx, other_moment, version, rule, at"
    between = [(dossier, KEYS["dossiers"], "due_at", "dossiers", "r", 1, 0, at, "portal_filed", "r", 1, 0, at, 1, "owner_holds", at)]
    with hub.db.transaction() as connection:
        insert(connection, "handed", rows, head)
        insert(connection, "dossier", filed, f"{golden}, updated_at, updated_run", schema="golden")
        insert(connection, "conflict", between, both)
        insert(connection, "handover", sent, "dossier, code, event, from_agency, to_agency, moment, version, noted_at")
        insert(connection, "reuse_day", [(at.date(), "H05.201", "H05.16", "1.000894", 3, 2, 1, 1, 0, 0)])


ISSUE = {"code": "personal_number_invalid", "field": "personal_number", "why": "11 digits", "proposal": PERSONAL}


def run(hub: Hub, flow: str, at: datetime, held: int) -> None:
    """One run that is over."""
    name, keys = f"r{at:%Y%m%d}", [f"{KEYS[flow][:-2]}{number:02d}" for number in range(held)]
    state = "failed" if at.day == 13 else "done"
    rules = rules_at(find(flow).dataset.entity.name, "mapped")
    by = deadlines(at.date())
    steps = {"land": {"received": 100}, "refine": {"received": 100, "quarantined": held, "staged": 100 - held}}
    with hub.db.transaction() as connection:
        insert(connection, "run", [(flow, name, False, False, Jsonb({}), at, state, at, at + timedelta(minutes=3), None)])
        insert(connection, "step", [(flow, name, step, Jsonb(counts), Jsonb({}), at) for step, counts in steps.items()])
        results = [(flow, name, "mapped", 1, r.id, r.code, str(r.severity), 100, 100, number % 5, "passed", None) for number, r in enumerate(rules)]
        insert(connection, "rule_result", results, "flow, run, step, first, rule, code, severity, rows, evaluated, failed, status, exception")
        head = "flow, run, n, idx, source_key, row_hash, codes, issues, at, verify_by, fix_by"
        rows = [(flow, name, 1, idx, key, b"", ["personal_number_invalid"], Jsonb([ISSUE]), at, *by) for idx, key in enumerate(keys)]
        insert(connection, "quarantine", rows, head)
        insert(connection, "warning", [(flow, name, 1, 7 + idx, "phone_invalid", "phone", "8 digits") for idx in range(2)])
        head = "flow, run, kind, code, field, agency, value, expected, detail, at"
        insert(connection, "finding", [(flow, name, "drift", "drift_rows", "", "H05", 100, 50, Jsonb({"deviations": 7.5}), at)], head)
        scores.add_day(connection, find(flow), at.date())
        report(connection, hub, flow, name)


def insert(connection: Connection, table: str, rows: list[tuple[Any, ...]], head: str = "", schema: str = "hub") -> None:
    """Rows into a table of the hub."""
    columns = f" ({head})" if head else ""
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {schema}.{table}{columns} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)


def report(connection: Connection, hub: Hub, flow: str, name: str, **more: str) -> None:
    """A report in the log."""
    none = sha256(b"").hexdigest()
    evidence = {"pages": 0, "bytes": 0, "sha256": none, "checks": none}
    data = json.dumps({"flow": flow, "run": name, "evidence": evidence, **more}).encode()
    values = [flow, name, data.decode(), sha256(data).hexdigest(), hub.clock()]
    row = connection.execute("INSERT INTO hub.report (flow, run, document, sha256, at) VALUES (%s, %s, %s, %s, %s) RETURNING seq", values).fetchone()
    assert row
    log.append_bytes(connection, "runs", [(str(row[0]), data)], hub.clock())
