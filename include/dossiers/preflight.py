"""Before a dossier is pushed, the rules are asked once more of what is about to be sent.

They are the rules of ``quality/rules/dossier.yaml`` at the step ``preflight``: contract, dates, statuses (the move from what the target accepted
last included) and what the indicators are counted by. A dossier that fails is not sent and not mended: it stands as refused in
``hub.receipt``, with the rule's id, until its source corrects it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from include.errors import RuleBroken
from include.flows import Target
from include.hub import Hub
from mappings.canonical import DOSSIER
from quality import suites
from quality.issues import Severity, severity

ACCEPTED = "SELECT entity_id, record->>'status' FROM hub.told WHERE target = %s AND entity_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Failure:
    """The first rule a dossier fails, and its words in both languages."""

    rule: str
    why: str


def failing(hub: Hub, target: Target, rows: Sequence[Any]) -> dict[UUID, Failure]:
    """The dossiers among ``rows`` (id, version, record, …) that may not be sent. Raises RuleBroken."""
    records = [row[2] for row in rows]
    columns: dict[str, list[Any]] = {name: [record.get(name) for record in records] for name in DOSSIER.names}
    accepted: dict[UUID, str] = dict(hub.db.rows(ACCEPTED, target.id, [row[0] for row in rows]))
    columns["move"] = [(accepted.get(row[0]), row[2].get("status")) for row in rows]
    checked = suites.check(DOSSIER, "preflight", columns, today=hub.today)
    broken = [result.rule_id for result in checked.results if result.status == "error"]
    if broken:
        raise RuleBroken(f"{target.id}: {', '.join(broken)} could not be evaluated; nothing was sent")
    found: dict[UUID, Failure] = {}
    for issue in checked.issues:
        if severity(issue.code) is not Severity.WARN:
            rule, _, why = issue.why.partition(": ")
            found.setdefault(rows[issue.row][0], Failure(rule, why))
    return found
