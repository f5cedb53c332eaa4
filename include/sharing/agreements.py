"""The life of an agreement. Each step is an act in the append-only log; what is in force is what the service reads from here.

::

    requested ──▶ approved ──▶ signed ──▶ active ──▶ revoked
        │            │           │          ├──────▶ expired      (valid_to has passed)
        └─▶ refused  └───────────┴──▶ refused      └─▶ superseded (a later version became active)

A change of terms is a new version that walks the same way while the old one stays in force. The owner of the data answers within two working
days (Nghị định 194/2025/NĐ-CP); a refusal names its reason (Nghị định 47/2020/NĐ-CP Đ16).
"""

import contextlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from include import acts
from include.hub import Hub
from include.sharing.clients import known
from include.sharing.terms import Terms, faults, read
from include.store.database import Connection
from mappings.working_days import add_working_days

ANSWER_DAYS = 2
EXPIRING = timedelta(days=30)
STEPS = {
    "approve": (("requested",), "approved"),
    "refuse": (("requested", "approved", "signed"), "refused"),
    "sign": (("approved",), "signed"),
    "activate": (("signed",), "active"),
    "revoke": (("active",), "revoked"),
    "expire": (("active",), "expired"),
}
STAMPS = {
    "approved": "decided_at",
    "refused": "decided_at",
    "signed": "signed_at",
    "active": "active_at",
    "revoked": "ended_at",
    "expired": "ended_at",
}


class NotNow(LookupError):
    """The step is not open from the state the agreement is in."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an agreement."""

    agreement: str
    version: int
    client: str
    dataset: str
    state: str
    terms: Terms
    due_on: date
    reason: str | None

    def expiring(self, today: date) -> bool:
        """Whether it ends within 30 days."""
        return self.state == "active" and self.terms.valid_to - today <= EXPIRING


SELECT = (
    "SELECT agreement, version, client, dataset, state, terms, due_on, reason FROM hub.agreement_version v JOIN hub.agreement a ON a.id = agreement"
)


def versions(hub: Hub, agreement: str = "", client: str = "") -> list[Version]:
    """Every version, or those of one agreement or client, the latest last."""
    query = f"{SELECT} WHERE (%s = '' OR agreement = %s) AND (%s = '' OR client = %s) ORDER BY agreement, version"
    return [version_of(*row) for row in hub.db.rows(query, agreement, agreement, client, client)]


def version_of(*row: Any) -> Version:
    """From a row of SELECT."""
    agreement, version, client, dataset, state, terms, due_on, reason = row
    return Version(agreement, version, client, dataset, state, read(terms), due_on, reason)


def request(hub: Hub, who: str, client: str, dataset: str, terms: Terms) -> Version:
    """Asks for a new agreement. Raises LookupError with everything that is wrong with its terms."""
    if wrong := faults(terms, dataset):
        raise LookupError("; ".join(wrong))
    with hub.db.transaction() as connection:
        known(connection, client)
        connection.execute("LOCK TABLE hub.agreement IN SHARE ROW EXCLUSIVE MODE")
        row = connection.execute("SELECT count(*) + 1 FROM hub.agreement").fetchone()
        name = f"TT-{row[0] if row else 1:04d}"
        connection.execute("INSERT INTO hub.agreement (id, client, dataset) VALUES (%s, %s, %s)", [name, client, dataset])
        add_version(connection, hub, who, name, 1, dataset, terms)
    return versions(hub, name)[-1]


def amend(hub: Hub, who: str, agreement: str, terms: Terms) -> Version:
    """Asks for other terms: a new version beside the one in force."""
    last = latest(hub, agreement)
    with hub.db.transaction() as connection:
        add_version(connection, hub, who, agreement, last.version + 1, last.dataset, terms)
    return latest(hub, agreement)


def latest(hub: Hub, agreement: str) -> Version:
    """The last version; LookupError when there is no such agreement."""
    found = versions(hub, agreement) if agreement else []
    if not found:
        raise LookupError(f"không có thỏa thuận {agreement} · there is no agreement {agreement}")
    return found[-1]


def add_version(connection: Connection, hub: Hub, who: str, agreement: str, version: int, dataset: str, terms: Terms) -> None:
    """Writes a requested version."""
    if wrong := faults(terms, dataset):
        raise LookupError("; ".join(wrong))
    document: Any = msgspec.to_builtins(terms)
    due = add_working_days(hub.today, ANSWER_DAYS)
    connection.execute(
        "INSERT INTO hub.agreement_version (agreement, version, state, terms, requested_at, due_on) VALUES (%s, %s, 'requested', %s, %s, %s)",
        [agreement, version, Jsonb(document), hub.clock(), due],
    )
    acts.record(connection, hub, who, "agreement", f"agreement/{agreement}", version=version, step="request", terms=document, due=due.isoformat())


def move(hub: Hub, who: str, agreement: str, step: str, reason: str = "", version: int | None = None) -> Version:
    """Takes the step with the version it is open for, or with just that one. Raises NotNow when there is none, LookupError without a reason where one
    is due.
    """
    sources, target = STEPS[step]
    if step in ("refuse", "revoke") and not reason.strip():
        raise LookupError("từ chối và thu hồi phải nêu lý do · refusing and revoking need a reason")
    with hub.db.transaction() as connection:
        if connection.execute("SELECT 1 FROM hub.agreement WHERE id = %s FOR UPDATE", [agreement]).fetchone() is None:
            raise LookupError(f"không có thỏa thuận {agreement} · there is no agreement {agreement}; ./hub share list shows them")
        query = "SELECT version FROM hub.agreement_version WHERE agreement = %s AND state = ANY(%s) AND version = coalesce(%s, version)"
        row = connection.execute(f"{query} ORDER BY version DESC LIMIT 1", [agreement, list(sources), version]).fetchone()
        if row is None:
            raise NotNow(f"{agreement}: {step} không thực hiện được lúc này · is not possible now; it needs a version that is {' or '.join(sources)}")
        if target == "active":
            supersede(connection, hub, agreement)
        connection.execute(
            f"UPDATE hub.agreement_version SET state = %s, {STAMPS[target]} = %s, reason = nullif(%s, '') WHERE agreement = %s AND version = %s",
            [target, hub.clock(), reason, agreement, row[0]],
        )
        acts.record(connection, hub, who, "agreement", f"agreement/{agreement}", version=row[0], step=step, reason=reason)
    return next(each for each in versions(hub, agreement) if each.version == row[0])


def supersede(connection: Connection, hub: Hub, agreement: str) -> None:
    """Ends the version in force before a later one takes its place."""
    connection.execute(
        "UPDATE hub.agreement_version SET state = 'superseded', ended_at = %s WHERE agreement = %s AND state = 'active'", [hub.clock(), agreement]
    )


def expire(hub: Hub) -> list[str]:
    """Ends agreements whose last day has passed; the service stops serving them by itself at midnight, this tells the books."""
    over = [each for each in versions(hub) if each.state == "active" and each.terms.valid_to < hub.today]
    for each in over:
        with contextlib.suppress(NotNow):  # somebody ended it, or put a later version in force, in between
            move(hub, "hub", each.agreement, "expire", version=each.version)
    return [each.agreement for each in over]
