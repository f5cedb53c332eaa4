"""What people should look at after a run: signs of fabrication, drift from the source's past, deliveries told but never confirmed."""

from collections.abc import Collection
from datetime import timedelta
from itertools import pairwise
from typing import Any

from psycopg.types.json import Jsonb

from include import acts, schema
from include.flows import Flow
from include.hub import Hub
from include.life import Refused, given
from include.runs import A_REPLAY, Run
from include.store.database import Connection
from quality import drift, fabrication
from quality.fabrication import Finding
from quality.profile import Profile, merged

TRIAGE = ("seen", "normal", "incident")
UNCONFIRMED_AFTER = timedelta(hours=1)


def search(hub: Hub, flow: Flow, run: Run) -> None:
    """Finds and keeps; the same run again finds the same."""
    with hub.db.transaction() as connection:
        found = merged(row[0] for row in connection.execute(PROFILES, [run.flow, [run.run]]))
        made_up = fabrication.search(flow.dataset.entity, found, flow.dataset.alike)
        keep(connection, hub, run, "fabrication", made_up + unconfirmed(connection, hub, flow))
        keep(connection, hub, run, "drift", drifted(connection, hub, run, found) + vanished(connection, flow, run))


PROFILES = "SELECT document FROM hub.profile WHERE flow = %s AND run = ANY(%s) ORDER BY run, first"
EARLIER = f"""
SELECT r.run, (s.counts->>'received')::int, r.started_at FROM hub.run r JOIN hub.step s ON s.flow = r.flow AND s.run = r.run AND s.step = 'land'
WHERE r.flow = %s AND r.run <> %s AND r.state = 'done' AND NOT r.dry AND r.whole = %s AND NOT {A_REPLAY.format("r.")}
  AND r.started_at < (SELECT started_at FROM hub.run WHERE flow = %s AND run = %s)
  AND NOT EXISTS (SELECT FROM hub.finding f WHERE f.flow = r.flow AND f.run = r.run AND f.state = 'incident')
ORDER BY r.started_at DESC LIMIT 28
"""


def drifted(connection: Connection, hub: Hub, run: Run, found: Profile) -> list[Finding]:
    """Against earlier runs of the same kind; runs marked as incidents are no example. Replays have no past."""
    if run.replay:
        return []
    past = connection.execute(EARLIER, [run.flow, run.run, run.full, run.flow, run.run]).fetchall()[::-1]
    landed = connection.execute("SELECT counts FROM hub.step WHERE flow = %s AND run = %s AND step = 'land'", [run.flow, run.run]).fetchone()
    now = int((landed[0] if landed else {}).get("received", 0))
    findings = drift.rows(now, [rows or 0 for _, rows, _ in past])
    busy = [at for _, rows, at in past if rows]
    if not now and busy:
        findings += drift.silence(hub.clock() - busy[-1], [later - earlier for earlier, later in pairwise(busy)])
    if found["rows"] >= fabrication.ENOUGH:
        before = [one for name, _, _ in past if (one := merged(r[0] for r in connection.execute(PROFILES, [run.flow, [name]])))["rows"] >= 50]
        findings += drift.shares("drift_nulls", empties(found), [empties(one) for one in before])
        findings += drift.shares("drift_mix", mix(found), [mix(one) for one in before])
    return findings


def empties(found: Profile) -> dict[str, float]:
    """The share of rows without a value, per field."""
    totals: dict[str, int] = {}
    for own in found["agencies"].values():
        for name, (filled, *_) in own["fields"].items():
            totals[name] = totals.get(name, 0) + filled
    return {name: 1 - filled / found["rows"] for name, filled in totals.items()}


def mix(found: Profile) -> dict[str, float]:
    """The share of each value of the fields that have few, as ``field=value``."""
    return {f"{name}={value}": count / found["rows"] for name, counts in found["mix"].items() for value, count in counts.items() if value}


def vanished(connection: Connection, flow: Flow, run: Run) -> list[Finding]:
    """More records than the flow allows were not met by this full read; none of them is closed before a person says so."""
    row = connection.execute("SELECT count(*) FROM hub.missing WHERE flow = %s AND run = %s AND held", [run.flow, run.run]).fetchone()
    return [Finding("drift_vanished", "", "", row[0], flow.max_gone)] if row and row[0] else []


def unconfirmed(connection: Connection, hub: Hub, flow: Flow) -> list[Finding]:
    """Records sent to a target long ago whose answer is not known, or that it is said to have accepted without a word of its own."""
    rows = connection.execute(
        "SELECT d.target, count(*) FROM hub.delivery d LEFT JOIN hub.delivery_result r USING (id)"
        " WHERE d.run LIKE %s AND d.at < %s AND (r.id IS NULL OR (r.outcome = 'accepted' AND r.code = '')) GROUP BY d.target",
        [f"{flow.id}/%", hub.clock() - UNCONFIRMED_AFTER],
    )
    return [Finding("success_unconfirmed", target, "", count, 0) for target, count in rows]


def keep(connection: Connection, hub: Hub, run: Run, kind: str, findings: list[Finding]) -> None:
    """Writes findings down, each once per run."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hub.finding (flow, run, kind, code, field, agency, value, expected, detail, at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [(run.flow, run.run, kind, f.code, f.field, f.agency, f.value, f.expected, Jsonb(dict(f.detail)), hub.clock()) for f in findings],
        )


def triage(hub: Hub, number: int, who: str, state: str, comment: str) -> None:
    """Somebody looked: ``seen``, ``normal`` (there is a reason; a change of schema is accepted), ``incident`` (no example for
    the future)."""
    if state not in TRIAGE:
        raise Refused(f"{state}: chọn một trong · choose one of {', '.join(TRIAGE)}")
    why = comment.strip() if state == "seen" else given(comment, "nhận xét · comment")
    with hub.db.transaction() as connection:
        if not connection.execute("UPDATE hub.finding SET state = %s WHERE id = %s", [state, number]).rowcount:
            raise Refused(f"không có phát hiện {number} · there is no finding {number}")
        if state == "normal":
            schema.accept(connection, hub, number)
        acts.record(connection, hub, who, "triage", f"finding/{number}", state=state, why=why)


def listed(hub: Hub, flow: str = "", limit: int = 200, *, flows: Collection[str] | None = None) -> list[dict[str, Any]]:
    """The latest findings, of ``flows`` or of all, those nobody looked at first."""
    names = ("id", "flow", "run", "kind", "code", "field", "agency", "value", "expected", "detail", "state", "at")
    within = None if flows is None else list(flows)
    rows = hub.db.rows(
        f"SELECT {', '.join(names)} FROM hub.finding WHERE (%s = '' OR flow = %s) AND (%s::text[] IS NULL OR flow = ANY(%s))"
        " ORDER BY (state = 'new') DESC, id DESC LIMIT %s",
        flow, flow, within, within, limit,
    )  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in rows]
