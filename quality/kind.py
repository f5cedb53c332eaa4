"""What a reason code is made of."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What an issue does to its row."""

    WARN = "warn"
    QUARANTINE = "quarantine"
    STOP = "stop"


class Criterion(StrEnum):
    """The five criteria of the index."""

    ACCURATE = "Đúng"
    COMPLETE = "Đủ"
    CLEAN = "Sạch"
    ALIVE = "Sống"
    CONSISTENT = "Thống nhất"


class Group(StrEnum):
    """The eight groups of errors of the index."""

    MISSING = "missing"
    OUTLIER = "outlier"
    DUPLICATE = "duplicate"
    FORMAT = "format"
    REFERENTIAL = "referential"
    CONTRADICTION = "contradiction"
    STALE = "stale"
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True)
class IssueKind:
    """One reason code: its name, usual cause and remedy in both languages, and its place in the index."""

    code: str
    vi: str
    en: str
    cause_vi: str
    cause_en: str
    remedy_vi: str
    remedy_en: str
    severity: Severity
    criterion: Criterion
    group: Group
    legal: str = ""
