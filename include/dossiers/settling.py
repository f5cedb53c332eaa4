"""How a person settles a conflict: confirms the value that stands, or takes the other side's, with a reason that goes into the log of acts.

Taken, the other value becomes the golden one in a version of its own (``run`` is ``conflict/NUMBER``), every system of the dossier is told
by the outbox as of any change, and the overruled side's repetition of its old value is not taken again (``registry.both_ways.HELD``). Only what
the applicant says of themselves can be taken so; the rest the authority in charge answers for (docs/adr/0017).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from include import acts
from include.evidence import Place, at
from include.flows import TARGETS
from include.hub import Hub
from include.life import Refused, given
from include.registry.sql import keep_version
from include.store.database import Connection
from mappings.canonical import DOSSIER

APPLICANTS = ("applicant_name", "phone", "email", "summary")
"""What the applicant says of themselves and their matter, and may know better than the desk."""
PATIENCE = 60.0
"""Seconds to wait for a merge of dossiers that is going on."""
CLAIM = """
SELECT c.id, c.dossier, c.code, c.field, c.kept_flow, c.kept_run, c.kept_n, c.kept_idx, c.other_flow, c.other_run, c.other_n, c.other_idx,
    to_jsonb(g)->>c.field, CASE WHEN g.version = c.version THEN to_jsonb(g)->>c.field
        ELSE (SELECT h.record->>c.field FROM golden.dossier_history h WHERE h.id = c.dossier AND h.version = c.version) END
FROM hub.conflict c JOIN golden.dossier g ON g.id = c.dossier WHERE c.id = %s AND c.state = 'open' FOR UPDATE OF c
"""
SETTLED = """
UPDATE hub.conflict SET state = 'settled', settled_at = %s, settled_by = %s, reason = %s, taken = %s, overruled = %s WHERE id = %s
"""
TAKE = f"""
WITH kept AS ({keep_version(DOSSIER, "golden.dossier g WHERE g.id = %(dossier)s")})
UPDATE golden.dossier SET {{field}} = %(value)s, provenance[{{place}}] = (SELECT id FROM hub.source WHERE flow = %(flow)s),
    version = version + 1, updated_at = %(at)s, updated_run = %(run)s WHERE id = %(dossier)s
"""
TELL = """
INSERT INTO hub.outbox (target, entity_id, version, queued_run, queued_at)
SELECT target, id, version, updated_run, updated_at FROM golden.dossier CROSS JOIN unnest(%s::text[]) AS target WHERE id = %s
ON CONFLICT (target, entity_id) DO UPDATE SET version = excluded.version, queued_run = excluded.queued_run, queued_at = excluded.queued_at
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An open conflict: where both values were landed, the golden value now, and the one the rule was applied to."""

    id: int
    dossier: UUID
    code: str
    field: str
    kept: Place
    other: Place
    now: str | None
    then: str | None


def settle(hub: Hub, number: int, who: str, reason: str, *, other: bool = False) -> None:
    """Settles an open conflict for the value that stands or, with ``other``, for the one that does not. Raises Refused, or Busy."""
    why, moment = given(reason, "lý do · reason"), hub.clock()
    with hub.only_one(f"merge:{DOSSIER.name}", wait=PATIENCE), hub.db.transaction() as connection:
        one = claimed(connection, number)
        taken = take(connection, hub, one, moment) if other else None
        connection.execute(SETTLED, [moment, who, why, taken, one.now if other else None, number])
        stands = (one.other if other else one.kept).flow
        acts.record(connection, hub, who, "settle", f"conflict/{number}", dossier=one.code, field=one.field, stands=stands, why=why)


def revealed(hub: Hub, number: int, who: str, reason: str) -> tuple[str | None, Any]:
    """(the value that stands, the other side's as received) of an open conflict; the look is noted with its reason first. Raises Refused."""
    why = given(reason, "lý do xem · reason")
    with hub.db.transaction() as connection:
        one = claimed(connection, number)
        acts.record(connection, hub, who, "reveal", f"conflict/{number}", dossier=one.code, field=one.field, why=why)
    return one.now, landed(hub, one.other, one.field)


def claimed(connection: Connection, number: int) -> Claimed:
    """The conflict, held until the end of the transaction."""
    row: Any = connection.execute(CLAIM, [number]).fetchone()
    if row is None:
        raise Refused(f"xung đột {number} không có hoặc đã giải quyết · conflict {number} is not there, or settled already")
    return Claimed(row[0], row[1], row[2], row[3], Place(*row[4:8]), Place(*row[8:12]), row[12], row[13])


def take(connection: Connection, hub: Hub, one: Claimed, moment: datetime) -> str:
    """Makes the other side's value the golden one, and queues it for every system of the dossier; returns the value."""
    field = DOSSIER.field(one.field)
    if one.field not in APPLICANTS:
        raise Refused(
            f"{field.vi}: cơ quan giải quyết chịu trách nhiệm về trường này, hãy sửa tại hệ thống một cửa"
            f" · {field.name}: the authority in charge answers for this field; correct it in the one-stop system"
        )
    value = landed(hub, one.other, one.field)
    if value is None:
        raise Refused("không đọc lại được giá trị kia từ dữ liệu đã nhận · the other value cannot be read again from what was received")
    if value == one.now:
        raise Refused("giá trị kia đang được giữ rồi, hãy xác nhận · the other value stands already: confirm it")
    if one.now not in (one.then, landed(hub, one.kept, one.field)):
        raise Refused("giá trị đã đổi từ khi có xung đột này, hãy xem lại · the value has changed since this conflict: look at it anew")
    known = {"at": moment, "run": f"conflict/{one.id}", "dossier": one.dossier, "value": value, "flow": one.other.flow}
    connection.execute(TAKE.format(field=one.field, place=DOSSIER.names.index(one.field) + 1), known)
    connection.execute(TELL, [[target.id for target in TARGETS if target.entity == DOSSIER.name], one.dossier])
    return str(value)


def landed(hub: Hub, place: Place, field: str) -> Any:
    """What today's mapping reads in a landed record; None when it says nothing, or is no longer kept."""
    try:
        return at(hub, place).mapped.get(field)
    except (LookupError, FileNotFoundError):
        return None
