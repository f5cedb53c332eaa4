"""Sign-off: an auditor approves or objects to the report of a run or of a month, with a comment; the act names the SHA-256 of what was read."""

import hashlib

from include import acts
from include.hub import Hub
from include.life import Refused, given

DECISIONS = ("approve", "object")


def sign(hub: Hub, who: str, subject: str, decision: str, comment: str, sha256: str) -> None:
    """Writes the decision to the log. ``subject`` is ``run/FLOW/RUN`` or ``month/2026-11``."""
    if decision not in DECISIONS:
        raise Refused(f"{decision}: chọn một trong · choose one of {', '.join(DECISIONS)}")
    why = given(comment, "nhận xét · comment")
    with hub.db.transaction() as connection:
        acts.record(connection, hub, who, "sign", subject, decision=decision, why=why, sha256=sha256)


def of_run(hub: Hub, flow: str, run: str) -> str:
    """The SHA-256 of the latest report of a run. LookupError without one."""
    rows = hub.db.rows("SELECT convert_to(document::text, 'UTF8') FROM hub.report WHERE flow = %s AND run = %s ORDER BY seq DESC LIMIT 1", flow, run)
    if not rows:
        raise LookupError(f"{flow}/{run} chưa có báo cáo · has no report yet")
    return hashlib.sha256(rows[0][0]).hexdigest()
