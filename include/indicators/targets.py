"""What is wanted: percentages by indicator, level and time. The file is configuration; each line names its source."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("targets.csv")


@dataclass(frozen=True, slots=True)
class Target:
    """``level`` is empty when the target holds for all."""

    indicator: str
    level: str
    percent: float
    valid_from: str
    valid_to: str
    source: str


@cache
def targets() -> tuple[Target, ...]:
    """All lines of the file."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return tuple(Target(**row | {"percent": float(row["percent"])}) for row in rows)  # type: ignore[arg-type]


def wanted(indicator: str, level: str, on: date) -> Target | None:
    """The target of an indicator at a level on a day: the level's own, else the one for all."""
    day = on.isoformat()
    known = [one for one in targets() if one.indicator == indicator and one.valid_from <= day and (not one.valid_to or day <= one.valid_to)]
    return next((one for one in known if one.level == level), None) or next((one for one in known if not one.level), None)
