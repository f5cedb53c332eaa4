"""The score card: every indicator of a scope on one sheet, with its points, its target and its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from include.errors import HubError
from include.hub import Hub
from include.indicators.catalogue import INDICATORS, Figure, Indicator, Sums
from include.indicators.figures import RULES, Scope, period, sums
from include.indicators.targets import wanted


class NoSuchRule(HubError):
    """What was asked for is no on-time rule."""


class NoSuchPlace(HubError):
    """What was asked for is no level, agency or procedure that anything is known of."""


KNOWN = {
    "level": "SELECT 1 FROM golden.agency WHERE level = %s UNION ALL SELECT 1 FROM hub.dossier_count WHERE level = %s LIMIT 1",
    "agency": "SELECT 1 FROM golden.agency WHERE code = %s UNION ALL SELECT 1 FROM hub.dossier_count WHERE handling_agency = %s LIMIT 1",
    "desk": "SELECT 1 FROM golden.agency WHERE code = %s UNION ALL SELECT 1 FROM hub.dossier_count WHERE receiving_agency = %s LIMIT 1",
    "procedure": "SELECT 1 FROM golden.procedure WHERE code = %s UNION ALL SELECT 1 FROM hub.dossier_count WHERE procedure_code = %s LIMIT 1",
}
"""Whether anything is known of a place: the catalogues, or a dossier that names it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator. ``verdict`` is met, missed, or empty where nothing is wanted."""

    indicator: Indicator
    figure: Figure
    points: float | None
    wanted: float | None

    @property
    def code(self) -> str:
        """As in QĐ 766; P1 to P5 are the plan's."""
        return self.indicator.code

    @property
    def vi(self) -> str:
        """In Vietnamese."""
        return self.indicator.vi

    @property
    def en(self) -> str:
        """In English."""
        return self.indicator.en

    @property
    def most(self) -> float:
        """Points at best."""
        return self.indicator.most

    @property
    def part(self) -> int | None:
        """Numerator; None without a source."""
        return None if self.indicator.kind == "none" else round(self.figure.part)

    @property
    def whole(self) -> int | None:
        """Denominator; None without a source."""
        return None if self.indicator.kind == "none" else round(self.figure.whole)

    @property
    def rate(self) -> float | None:
        """Percent, two decimals, as QĐ 766 rounds."""
        return None if self.figure.rate is None else round(self.figure.rate, 2)

    @property
    def verdict(self) -> str:
        """Whether the target is met."""
        if self.wanted is None or self.figure.rate is None:
            return ""
        return "met" if self.figure.rate >= self.wanted else "missed"


def scope_of(hub: Hub, name: str, **where: str) -> Scope:
    """The scope of a period called ``name``, the present year without one. Raises NoSuchPeriod, NoSuchRule, NoSuchPlace."""
    if (rule := where.get("rule", "moment")) not in RULES:
        raise NoSuchRule(f"{rule!r}: chọn · choose {', '.join(RULES)}")
    for kind, query in KNOWN.items():
        if (value := where.get(kind, "")) and not hub.db.rows(query, value, value):
            raise NoSuchPlace(f"{kind} {value!r}: không có trong danh mục và không hồ sơ nào · in no catalogue, and no dossier names it")
    return period(name or str(hub.today.year), **where)


def card(hub: Hub, scope: Scope) -> list[Line]:
    """All indicators of a scope."""
    found, level = sums(hub, scope).get("", {}), level_of(hub, scope)
    return [line(one, found, scope, level) for one in INDICATORS.values()]


def level_of(hub: Hub, scope: Scope) -> str:
    """The level whose targets count: the one asked for, else the agency's."""
    if scope.level or not scope.agency:
        return scope.level
    rows = hub.db.rows("SELECT level FROM golden.agency WHERE code = %s", scope.agency)
    return str(rows[0][0]) if rows else ""


def line(one: Indicator, found: Sums, scope: Scope, level: str) -> Line:
    """One indicator of sums, at a level."""
    figure = one.figure(found)
    target = wanted(one.code, level, scope.last)
    return Line(one, figure, one.points(figure.rate), target.percent if target else None)


def total(lines: Sequence[Line]) -> tuple[float, float]:
    """Points reached, and those that could be with the sources there are."""
    given = [line for line in lines if line.points is not None]
    return round(sum(line.points or 0 for line in given), 2), sum(line.most for line in given)
