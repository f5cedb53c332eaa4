"""What a question is answered with, and the judgement behind it: pure, from holdings to outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from mappings.requirements import Component, NoMatch

OUTCOMES = {
    "paper": ("đã có giấy tờ trong kho", "a paper is in the store"),
    "fact": ("cơ sở dữ liệu ngành đã có", "a register knows"),
    "confirm": ("người dân xác nhận", "the person confirms"),
    "ask": ("phải nộp", "to be handed in"),
}
"""What the answer for a component can be, in words."""
REASONS = {
    "none": ("không có dữ liệu nào", "nothing is held"),
    "expired": ("đã hết hiệu lực", "no longer in force"),
    "not_yet": ("chưa có tại thời điểm nộp", "not yet held at that moment"),
    "undated": ("không rõ có từ khi nào", "cannot be dated"),
    "not_approved": ("giấy tờ chưa được duyệt hoặc không được duyệt", "the paper is not approved"),
    "out_of_scope": ("giấy tờ không có giá trị tại cơ quan này", "the paper does not count at this agency"),
    "wrong_owner": ("giấy tờ thuộc về người khác", "the paper belongs to somebody else"),
    "same_dossier": ("giấy tờ đến cùng chính hồ sơ này", "the paper came with this very dossier"),
    "several": ("có nhiều bản ghi, không rõ bản ghi nào", "there are several, and which is meant cannot be told"),
}
"""Why an item of a list did not hold, in words."""
_CLOSEST = ("several", "out_of_scope", "not_approved", "expired", "same_dossier", "not_yet", "undated", "wrong_owner")
"""When several papers failed, the reason nearest to success is told."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One row of ``holdings``, judged. ``reason`` is empty when it counts."""

    what: str
    entity: str
    id: UUID
    version: int
    since: datetime | None
    reason: str
    source: str
    as_of: datetime | None
    fills: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proof:
    """One item that held: which record, in which version, of which source, as of when."""

    what: str
    entity: str
    id: UUID
    version: int
    source: str
    as_of: datetime | None
    since: datetime | None

    def document(self) -> dict[str, Any]:
        """As the evidence row keeps it."""
        return {"what": self.what, "entity": self.entity, "id": str(self.id), "version": self.version, "source": self.source} | {
            "as_of": self.as_of and self.as_of.isoformat(),
            "since": self.since and self.since.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Failed:
    """One list that was not whole: the items that did not hold, each with its reason."""

    way: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one component. ``outcome`` is one of ``OUTCOMES``."""

    component: Component
    outcome: str
    way: tuple[str, ...]
    proofs: tuple[Proof, ...]
    failed: tuple[Failed, ...]

    @property
    def satisfied(self) -> bool:
        """Whether nothing need be handed in."""
        return self.outcome in {"paper", "fact"}


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the form, filled in from a field of an entity.

    ``confidence``: ``exact`` when the asked number stands in the record, ``alias`` when an older
    one led to it.
    """

    vi: str
    value: Any
    source: str
    as_of: datetime | None
    legal_basis: str
    confidence: str
    fact: str
    entity: str
    field: str


def judge(component: Component, held: Mapping[str, Sequence[Holding]], only: frozenset[str], *, sure: bool) -> Verdict:
    """Goes through the lists in their order; the first whole one answers. Not ``sure`` who is meant, the person confirms."""
    failed: list[Failed] = []
    for way in component.any:
        items = [(what, *_item(held.get(what, ()), what in only)) for what in way]
        if missing := tuple((what, reason) for what, reason, _ in items if reason):
            failed.append(Failed(way, missing))
            continue
        proofs = tuple(_proof(one) for _, _, one in items if one is not None)
        outcome = "paper" if all(what.startswith("paper:") for what in way) else "fact"
        return Verdict(component, outcome if sure else "confirm", way, proofs, tuple(failed))
    several = any(reason == "several" for one in failed for _, reason in one.reasons)
    return Verdict(component, "confirm" if several or component.none is NoMatch.CONFIRM else "ask", (), (), tuple(failed))


def _item(found: Sequence[Holding], only: bool) -> tuple[str, Holding | None]:
    """(why not, the holding): the one held longest; of several where only one may be, none."""
    good = [one for one in found if not one.reason]
    if good and only and len(good) > 1:
        return "several", None
    if good:
        return "", min(good, key=lambda one: (one.since is None, one.since, one.id))
    reasons = {one.reason for one in found}
    return next((reason for reason in _CLOSEST if reason in reasons), "none"), None


def _proof(one: Holding) -> Proof:
    return Proof(one.what, one.entity, one.id, one.version, one.source, one.as_of, one.since)


def reason_of(row: Mapping[str, Any], at: datetime, dossier: str) -> str:
    """Why a holding does not count at ``at``; empty when it does."""
    since, until = row["since"], row["until"]
    day: date = at.date()
    if row["wrong_owner"]:
        return "wrong_owner"
    if dossier and row["came_with"] == dossier:
        return "same_dossier"
    if since is None:
        return "undated"
    if since > at:
        return "not_yet"
    if until is not None and until < day:
        return "expired"
    if row["status"] != "approved":
        return "not_approved"
    return "" if row["in_scope"] else "out_of_scope"
