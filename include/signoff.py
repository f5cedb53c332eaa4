"""Sign-off: an auditor approves or objects to the report of a run or of a month, with a comment; the act names the SHA-256 of what was read."""

import hashlib

from include import acts
from include.hub import Hub
from include.life import Refused, given

DECISIONS = ("approve", "object")


def sign(hub: Hub, who: str, subject: str, decision: str, comment: str, *, read: str, now: str) -> None:
    """Writes the decision to the log. ``subject`` is ``run/FLOW/RUN`` or ``month/2026-11``; ``read`` is the SHA-256 of what was shown, ``now``
    of what stands: nobody signs figures they have not seen."""
    if decision not in DECISIONS:
        raise Refused(f"{decision}: chọn một trong · choose one of {', '.join(DECISIONS)}")
    why = given(comment, "nhận xét · comment")
    if read != now:
        raise Refused(
            "số liệu đã thay đổi từ khi trang được mở, hãy mở lại trang và đọc lại trước khi xác nhận"
            " · the figures have changed since the page was opened: open it again and read them before signing"
        )
    with hub.db.transaction() as connection:
        acts.record(connection, hub, who, "sign", subject, decision=decision, why=why, sha256=now)


def of_run(hub: Hub, flow: str, run: str) -> str:
    """The SHA-256 of the latest report of a run. LookupError without one."""
    rows = hub.db.rows("SELECT convert_to(document::text, 'UTF8') FROM hub.report WHERE flow = %s AND run = %s ORDER BY seq DESC LIMIT 1", flow, run)
    if not rows:
        raise LookupError(f"{flow}/{run} chưa có báo cáo · has no report yet")
    return hashlib.sha256(rows[0][0]).hexdigest()
