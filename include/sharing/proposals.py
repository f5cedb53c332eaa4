"""What owners do with corrections that agencies propose. No record is written: its owner mends its own system, and the next sync brings it."""

from datetime import datetime
from typing import NamedTuple

from include import acts
from include.hub import Hub
from include.sharing.agreements import NotNow

STATES = {"accept": "accepted", "refuse": "refused"}
SELECT = """SELECT c.id, c.at, c.agreement, a.client, c.entity, c.record::text, c.field, c.proposed, c.reason, c.state
FROM hub.correction c JOIN hub.agreement a ON a.id = c.agreement"""


class Proposal(NamedTuple):
    """A proposed correction. ``proposed`` and ``reason`` are the agency's words and may be personal data."""

    id: int
    at: datetime
    agreement: str
    client: str
    entity: str
    record: str
    field: str
    proposed: str
    reason: str
    state: str


def proposals(hub: Hub, state: str = "") -> list[Proposal]:
    """Those of a state, all of them by default, the oldest first."""
    return [Proposal(*row) for row in hub.db.rows(f"{SELECT} WHERE %s IN ('', c.state) ORDER BY c.id", state)]


def read(hub: Hub, who: str, number: int, reason: str) -> Proposal:
    """One of them, whole; that it was looked at is an act. Raises LookupError when there is none."""
    rows = hub.db.rows(f"{SELECT} WHERE c.id = %s", number)
    if not rows:
        raise LookupError(f"không có đề nghị đính chính · there is no proposed correction {number}: ./hub share corrections")
    with hub.db.transaction() as connection:
        acts.record(connection, hub, who, "correction_read", f"correction/{number}", reason=reason)
    return Proposal(*rows[0])


def decide(hub: Hub, who: str, number: int, step: str, reason: str) -> None:
    """``accept`` or ``refuse`` one that waits, and say why. Raises NotNow when it is decided already."""
    if not reason.strip():
        raise NotNow("cần lý do · a reason is needed")
    with hub.db.transaction() as connection:
        query = "UPDATE hub.correction SET state = %s WHERE id = %s AND state = 'proposed' RETURNING agreement"
        row = connection.execute(query, [STATES[step], number]).fetchone()
        if row is None:
            raise NotNow(f"không có đề nghị đang chờ số · there is no waiting proposal {number}: ./hub share corrections")
        acts.record(connection, hub, who, "correction", f"correction/{number}", step=step, agreement=row[0], reason=reason)
