"""Whether a run differs from the source's own past: volume, empty fields, mix of values, silence.

A figure is compared with the median of earlier runs of the same kind, in units of their median absolute deviation (robust: one bad run in
the past does not hide the next). The deviation has a floor, so that a source that never changes may change a little.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from statistics import median

from quality.fabrication import Finding

LEAST = 7
"""Fewer earlier runs than this are no history."""
WINDOW = 28
LIMIT = 6.0
"""Robust deviations. Of figures drawn just like those before them (normal), 1.9 % lie further after 7, 0.16 % after 14, 0.01 % after 28 runs."""
FLOOR_ROWS, FLOOR_SHARE = 0.05, 0.01
"""A twentieth of the usual volume; one point of a share."""
SCALE = 1.4826
"""Makes the median absolute deviation of a normal sample its standard deviation."""


def distance(now: float, before: Sequence[float], floor: float) -> float | None:
    """How many robust deviations ``now`` lies from the past; None without enough of it."""
    if len(before) < LEAST:
        return None
    past = before[-WINDOW:]
    middle = median(past)
    spread = max(SCALE * median(abs(each - middle) for each in past), floor)
    return abs(now - middle) / spread


def rows(now: int, before: Sequence[int]) -> list[Finding]:
    """An unusual volume."""
    usual = median(before) if before else 0
    far = distance(now, before, max(FLOOR_ROWS * usual, 1))
    return [Finding("drift_rows", "", "", now, usual, {"deviations": round(far, 1)})] if far is not None and far > LIMIT else []


def shares(code: str, now: Mapping[str, float], before: Sequence[Mapping[str, float]]) -> list[Finding]:
    """Shares that are unusual, by name: of empty values per field, of a value per ``field=value``."""
    findings = []
    for name, share in now.items():
        past = [one[name] for one in before if name in one]
        far = distance(share, past, FLOOR_SHARE)
        if far is not None and far > LIMIT:
            findings.append(Finding(code, name.partition("=")[0], "", share, median(past), {"what": name, "deviations": round(far, 1)}))
    return findings


def silence(since_last: timedelta, usual: Sequence[timedelta]) -> list[Finding]:
    """Nothing new for far longer than ever: more than three times the longest usual wait, and more than three days."""
    if len(usual) < LEAST:
        return []
    longest = sorted(usual[-WINDOW:])[-2]
    if since_last <= max(3 * longest, timedelta(days=3)):
        return []
    return [Finding("source_stale", "", "", since_last / timedelta(hours=1), longest / timedelta(hours=1), {"unit": "hours"})]
