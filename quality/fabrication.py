"""What looks made up: the tricks seen in real exchange systems, searched for per agency and field in the profile of a run.

Thresholds are set so that clean data stays quiet; each says what an honest office would have to do to reach it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from math import sqrt
from typing import Any

from mappings.canonical import Entity, Privacy, Type
from quality.profile import Profile

ENOUGH = 50
"""Fewer values than this say nothing of an agency."""
ONE_OF_MANY = 0.10
"""Names, numbers, addresses and moments are different from row to row; no honest one makes up a tenth of them."""
VARIED = {"dossier": frozenset({"channel", "linked_databases"})}
"""Codes that honest rows of any agency vary in, by entity. Most codes do not: an agency has its own field, procedures and applicants."""
ALWAYS = 0.98
SECONDS = 0.95
"""Of honest moments one in sixty falls on a full minute; whole systems that drop the seconds drop them for every agency."""
TIME_OF_DAY = 0.20
ZERO, SAME_FILE = 0.05, 0.02
OWN = ("_number", "_name")
"""Fields called so hold what one person or paper has for itself, and so do these."""
ALSO_OWN = frozenset({"phone", "code", "tax_code", "serial"})
SHARED = frozenset({"father_name", "mother_name", "procedure_name", "sector_name", "book_number", "decision_number"})
"""Called alike, and yet shared by many."""
SURE = 2.58
"""Standard errors below the share measured (Wilson): one field in two hundred of honest ones would be told by chance at the limit itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something people should look at. ``value`` is what was measured, ``expected`` what would have been usual."""

    code: str
    field: str
    agency: str
    value: float
    expected: float | None = None
    detail: Mapping[str, Any] = made(default_factory=dict)


def search(entity: Entity, found: Profile, alike: Collection[str] = ()) -> list[Finding]:
    """All findings in the profile of a run; ``alike`` are fields whose value says nothing in this dataset."""
    agencies: Mapping[str, Profile] = found["agencies"]
    findings: list[Finding] = []
    for agency, own in agencies.items():
        findings += (one for one in constants(entity, agency, own) if one.field not in alike)
        findings += times(agency, own)
        for code, limit in (("zero_processing", ZERO), ("result_is_input", SAME_FILE)):
            rows, odd = own.get(code, (0, 0))
            if rows >= ENOUGH and odd > limit * rows:
                findings.append(Finding(code, "finished_at" if code == "zero_processing" else "results", agency, odd / rows, limit, {"rows": rows}))
    return findings


def constants(entity: Entity, agency: str, own: Profile) -> Iterator[Finding]:
    """Fields in which one value stands too often."""
    for each in entity.fields:
        filled, _, commonest = own["fields"].get(each.name, (0, 0, {}))
        if filled < ENOUGH or not commonest:
            continue
        value, count = max(commonest.items(), key=lambda item: item[1])
        share = count / filled
        if differs_by_nature(each.type, each.privacy, each.name):
            if surely(count, filled) > ONE_OF_MANY:
                yield Finding("constant_value", each.name, agency, share, ONE_OF_MANY, {"rows": filled, "hash": value})
        elif share >= ALWAYS and each.name in VARIED.get(entity.name, ()):
            yield Finding("constant_value", each.name, agency, share, ALWAYS, {"rows": filled, "hash": value})


def differs_by_nature(kind: Type, privacy: Privacy, name: str) -> bool:
    """Whether honest rows differ from each other in the field."""
    if kind is Type.MOMENT:
        return name != "due_at"
    return kind is Type.TEXT and privacy is not Privacy.NONE and name not in SHARED and (name in ALSO_OWN or name.endswith(OWN))


def surely(count: int, of: int) -> float:
    """The lower end of the share's confidence interval (Wilson 1927): three of thirty may be chance, three hundred of three thousand are not."""
    share, spread = count / of, SURE * SURE / of
    return (share + spread / 2 - SURE * sqrt(share * (1 - share) / of + spread / (4 * of))) / (1 + spread)


def times(agency: str, own: Profile) -> Iterator[Finding]:
    """Moments that are too round, or fall on one time of day."""
    for name, (filled, round_ones, commonest) in own["times"].items():
        if filled < ENOUGH or name == "due_at":
            continue
        clock, count = max(commonest.items(), key=lambda item: item[1])
        if count > TIME_OF_DAY * filled:
            yield Finding("round_times", name, agency, count / filled, TIME_OF_DAY, {"rows": filled, "clock": clock})
        elif round_ones > SECONDS * filled and name == "received_at":
            yield Finding("round_times", name, agency, round_ones / filled, 1 / 60, {"rows": filled, "seconds": "00"})
