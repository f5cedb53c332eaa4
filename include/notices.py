"""Tells the owners of sources what of theirs lies in quarantine: how many rows, for which reasons, by when; never whose.

Where an owner is told stands in ``HUB_NOTICE_<OWNER>``: ``mailto:…`` (through Airflow's notifier), or an https address, which gets a signed message
(Standard Webhooks; the secret is ``HUB_NOTICE_<OWNER>_SECRET``). What was told, and what could not be, is kept in ``hub.notice``.
"""

import http.client
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from html import escape

import msgspec

from include.flows import FLOWS
from include.hub import Hub
from include.sharing.targets import Refused, allowed_networks, post
from include.sharing.webhooks import sign
from quality.issues import CATALOGUE

Mail = Callable[[str, str, str], None]
"""Sends a mail: to, subject, HTML."""
HEADS = ("Nguồn · Source", "Lý do · Reason", "Bản ghi · Rows", "Quá hạn · Overdue", "Hạn sớm nhất · First deadline")
OPEN = """
SELECT flow, code, count(*), count(*) FILTER (WHERE fix_by < %(today)s), min(fix_by) FROM hub.quarantine, unnest(codes) AS code
WHERE closed_at IS NULL AND (waived_until IS NULL OR waived_until < %(today)s) GROUP BY flow, code ORDER BY 4 DESC, 3 DESC, flow, code
"""
ROWS = """
SELECT flow, count(*), count(*) FILTER (WHERE fix_by < %(today)s) FROM hub.quarantine
WHERE closed_at IS NULL AND (waived_until IS NULL OR waived_until < %(today)s) GROUP BY flow
"""


@dataclass(frozen=True, slots=True)
class Line:
    """Rows of one source put aside for one reason; ``first`` is the earliest deadline."""

    flow: str
    reason: str
    rows: int
    overdue: int
    first: date


@dataclass(frozen=True, slots=True)
class Notice:
    """What one owner is told. A row with two reasons stands in two lines and counts once in ``rows``."""

    owner: str
    rows: int
    overdue: int
    lines: Sequence[Line]

    @property
    def subject(self) -> str:
        """Vietnamese first."""
        return f"[Trục dữ liệu Bắc Ninh] {self.rows} bản ghi chờ sửa, {self.overdue} quá hạn · {self.rows} rows to mend, {self.overdue} overdue"

    @property
    def html(self) -> str:
        """The mail's body: a table, no picture, nothing loaded from elsewhere."""
        rows = "".join(
            f"<tr><td>{escape(names()[one.flow])}</td><td>{escape(CATALOGUE[one.reason].vi)} · {escape(CATALOGUE[one.reason].en)}</td>"
            f"<td>{one.rows}</td><td>{one.overdue}</td><td>{one.first:%d/%m/%Y}</td></tr>"
            for one in self.lines
        )
        heads = "".join(f"<th>{head}</th>" for head in HEADS)
        return (
            f"<p>{escape(self.subject)}</p><table border='1' cellpadding='4'><tr>{heads}</tr>{rows}</table>"
            "<p>Sửa tại hệ thống nguồn; bản ghi được nhận lại ở lần đồng bộ sau. · Mend at the source; rows are taken at the next sync.</p>"
        )


def names() -> dict[str, str]:
    """Flow → what it is called."""
    return {flow.id: flow.dataset.vi for flow in FLOWS}


def due(hub: Hub) -> list[Notice]:
    """What every owner is to be told who was not told today."""
    with hub.db.session() as connection:
        values = {"today": hub.today}
        lines = [Line(*row) for row in connection.execute(OPEN, values)]
        counts = {flow: (rows, overdue) for flow, rows, overdue in connection.execute(ROWS, values)}
        told = {row[0] for row in connection.execute("SELECT owner FROM hub.notice WHERE day = %s AND outcome = 'sent'", [hub.today])}
    notices = []
    for owner in sorted({flow.owner for flow in FLOWS} - told):
        flows = {flow.id for flow in FLOWS if flow.owner == owner}
        own = [one for one in lines if one.flow in flows]
        if own:
            rows, overdue = (sum(counts[flow][place] for flow in flows & counts.keys()) for place in (0, 1))
            notices.append(Notice(owner, rows, overdue, own))
    return notices


def address(hub: Hub, owner: str) -> str:
    """Where an owner is told; empty when nobody said."""
    return hub.settings.environment.get(f"HUB_NOTICE_{variable(owner)}", "")


def variable(owner: str) -> str:
    """``so-tu-phap`` as a part of a variable's name."""
    return owner.upper().replace("-", "_")


def notify(hub: Hub, mail: Mail) -> dict[str, int]:
    """Tells every owner who is due, each by its channel; one that fails keeps no other from being told. Gives outcome → owners."""
    outcomes: dict[str, int] = {}
    for notice in due(hub):
        where = address(hub, notice.owner)
        channel = "email" if where.startswith("mailto:") else "webhook" if where else "none"
        try:
            if channel == "email":
                mail(where.removeprefix("mailto:"), notice.subject, notice.html)
            elif channel == "webhook":
                call(hub, notice, where)
            outcome, message = ("sent", "") if where else ("failed", f"HUB_NOTICE_{variable(notice.owner)} chưa đặt · is not set")
        except (OSError, http.client.HTTPException, Refused) as error:
            outcome, message = "failed", f"{type(error).__name__}: {error}"
        with hub.db.transaction() as connection:
            connection.execute(
                "INSERT INTO hub.notice (day, owner, channel, rows, overdue, outcome, message, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                [hub.today, notice.owner, channel, notice.rows, notice.overdue, outcome, message, hub.clock()],
            )
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return outcomes


def call(hub: Hub, notice: Notice, url: str) -> None:
    """Posts a notice, signed. Raises OSError when it is not taken."""
    secret = hub.settings.environment.get(f"HUB_NOTICE_{variable(notice.owner)}_SECRET", "").encode()
    at = hub.clock()
    body = msgspec.json.encode({"type": "quarantine.due", "timestamp": at.isoformat(), "data": asdict(notice)})
    message = f"notice_{notice.owner}_{hub.today}"
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(secret, message, int(at.timestamp()), body),
    }
    status, _ = post(url, body, headers, allowed_networks(hub.settings))
    if not 200 <= status < 300:
        raise OSError(f"HTTP {status}")
