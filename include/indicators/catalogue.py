"""Every indicator: its words, its source, how its figure and its points follow from sums, and what its numerator and denominator are made of.

Index 766 (QĐ 766/QĐ-TTg, 23/6/2022) gives points, the plan (717/QĐ-UBND, 16/6/2021) sets targets. An indicator without a source of data in
this hub stands here all the same and says what it would need: it is never given points.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DAY = 86_400
FILE = Path(__file__).with_name("index.yaml")

Sums = Mapping[str, float]
"""Measure → how many dossiers; beside them ``dossiers``, ``in_time``, ``bad``, and the counts of desks and of the catalogue."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """``part`` of ``whole`` in percent. ``kind``: dossier (drill down), average (days), service (tickets, answers), catalogue, or none (no source).

    ``most`` points are given from the share ``full_at`` on, fewer in proportion. ``part`` and ``whole`` name sums (``dossiers``: all received);
    ``less`` says that the numerator is what is left of ``whole`` without ``part``.
    """

    code: str
    group: str
    vi: str
    en: str
    source: str
    definition_vi: str
    definition_en: str
    part: str
    whole: str
    most: float
    full_at: float
    kind: str
    less: bool
    needs: str
    """What data an indicator without a source would need."""

    def figure(self, sums: Sums) -> "Figure":
        """What the sums say; of an indicator without a source nothing."""
        if self.kind == "none":
            return Figure(0, 0, None)
        whole, part = sums.get(self.whole, 0), sums.get(self.part, 0)
        if self.kind == "average":
            return Figure(part / DAY, whole, part / DAY / whole if whole else None)
        part = whole - part if self.less else part
        return Figure(part, whole, 100 * part / whole if whole else None)

    def points(self, rate: float | None) -> float | None:
        """Points of a percentage; None where none are given."""
        if not self.most or self.kind == "none":
            return None
        return round(self.most * min(1.0, (rate or 0.0) / 100 / self.full_at), 2)

    def gain(self, sums: Sums, mended: int) -> float:
        """Points won if ``mended`` more dossiers counted in the numerator."""
        now = self.figure(sums)
        if not now.whole:
            return 0.0
        better = 100 * min(now.whole, now.part + mended) / now.whole
        return (self.points(better) or 0.0) - (self.points(now.rate) or 0.0)


@dataclass(frozen=True, slots=True)
class Figure:
    """A numerator, a denominator, and the percentage, None when there is nothing to divide by."""

    part: float
    whole: float
    rate: float | None


GROUPS: dict[str, tuple[str, str]] = {
    "publicity": ("Công khai, minh bạch", "Publicity"),
    "progress": ("Tiến độ giải quyết", "Progress"),
    "online": ("Dịch vụ công trực tuyến", "Online services"),
    "payment": ("Thanh toán trực tuyến", "Online payment"),
    "digital": ("Số hóa hồ sơ", "Digitisation"),
    "content": ("Mức độ hài lòng", "Satisfaction"),
    "plan": ("Chỉ tiêu Kế hoạch 717", "Targets of plan 717"),
}
PLAN = "plan"


def _read(code: str, one: dict[str, Any]) -> Indicator:
    figure, words, points = one.get("figure", {}), one.get("definition", {}), one.get("points", {})
    return Indicator(
        code,
        one["group"],
        one["name"]["vi"],
        one["name"]["en"],
        one["source"],
        words.get("vi", ""),
        words.get("en", ""),
        figure.get("part", ""),
        figure.get("whole", ""),
        float(points.get("most", 0)),
        float(points.get("full_at", 1)),
        one["kind"],
        figure.get("less", False),
        one.get("needs", ""),
    )


INDICATORS = {code: _read(code, one) for code, one in yaml.safe_load(FILE.read_text(encoding="utf-8")).items()}
INDEX = tuple(one for one in INDICATORS.values() if one.group != PLAN)
PLAN_TARGETS = tuple(one for one in INDICATORS.values() if one.group == PLAN)


def indicator(code: str) -> Indicator:
    """The indicator of that code; LookupError lists those there are."""
    if code not in INDICATORS:
        raise LookupError(f"không có chỉ số {code!r} · no indicator {code!r}; {', '.join(INDICATORS)}")
    return INDICATORS[code]
