"""The official data quality index (CV 4856/BCA-TTDLQG): from rules to criteria, fields, datasets, weighted at each step.

DQI of a rule = passed / evaluated × 100; of a criterion, a field, a dataset = Σ(DQI · W) / ΣW of what it is made of.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from quality.kind import Criterion, Severity

GREEN, YELLOW = 90.0, 75.0
CRITERIA = tuple(Criterion)
RULE_WEIGHTS = {Severity.STOP: 3.0, Severity.QUARANTINE: 2.0, Severity.WARN: 1.0}
IDENTIFIER_WEIGHT, REQUIRED_WEIGHT = 3.0, 2.0

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Tally:
    """What one rule found in a period. ``weight`` is the rule's, ``field_weight`` its field's; ``identifier`` fields must reach 100."""

    field: str
    criterion: str
    evaluated: int
    failed: int
    weight: float = 1.0
    field_weight: float = 1.0
    identifier: bool = False

    @property
    def score(self) -> float | None:
        """None where nothing was evaluated: not tested is not perfect."""
        return 100.0 * (self.evaluated - self.failed) / self.evaluated if self.evaluated else None


@dataclass(frozen=True, slots=True)
class Scores:
    """The index of a dataset, and what it is made of. Absent: nothing was evaluated."""

    total: float | None
    criteria: dict[str, float]
    fields: dict[str, float]
    failing_identifiers: tuple[str, ...]
    """Identifier fields below 100: a serious incident by the index's rules."""

    @property
    def colour(self) -> str:
        """As the index names it."""
        return colour(self.total)


def colour(score: float | None, *, identifier: bool = False) -> str:
    """green ≥ 90, yellow ≥ 75, red below; identifiers are red below 100; none without a score."""
    if score is None:
        return "none"
    if identifier:
        return "green" if score >= 100 else "red"
    return "green" if score >= GREEN else "yellow" if score >= YELLOW else "red"


def weighted(parts: Iterable[tuple[float, float]]) -> float | None:
    """Σ(score · weight) / Σ weight."""
    known = list(parts)
    total = sum(weight for _, weight in known)
    return sum(score * weight for score, weight in known) / total if total else None


def roll_up(tallies: Iterable[Tally]) -> Scores:
    """The index of one dataset in one period."""
    cells: dict[tuple[str, str], list[tuple[float, float]]] = {}
    weights: dict[str, float] = {}
    identifiers: set[str] = set()
    for tally in tallies:
        if (score := tally.score) is None:
            continue
        cells.setdefault((tally.field, tally.criterion), []).append((score, tally.weight))
        weights[tally.field] = max(weights.get(tally.field, 0.0), tally.field_weight)
        if tally.identifier and score < 100:
            identifiers.add(tally.field)
    scored = {cell: weighted(parts) or 0.0 for cell, parts in cells.items()}
    fields = grouped((field, score, 1.0) for (field, _), score in scored.items())
    criteria = grouped((criterion, score, weights[field]) for (field, criterion), score in scored.items())
    total = weighted((score, weights[field]) for field, score in fields.items())
    return Scores(total, criteria, fields, tuple(sorted(identifiers)))


def grouped(parts: Iterable[tuple[Key, float, float]]) -> dict[Key, float]:
    """The weighted mean by key."""
    found: dict[Key, list[tuple[float, float]]] = {}
    for key, score, weight in parts:
        found.setdefault(key, []).append((score, weight))
    return {key: weighted(each) or 0.0 for key, each in found.items()}
