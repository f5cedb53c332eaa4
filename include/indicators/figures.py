"""Figures by period and place, and the dossiers behind each of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from include.clock import HANOI
from include.errors import HubError
from include.hub import Hub
from include.indicators.catalogue import Indicator, Sums
from include.indicators.measures import NAMES

BY = {
    "level": "k.level",
    "agency": "k.handling_agency",
    "desk": "k.receiving_agency",
    "procedure": "k.procedure_code",
    "month": "to_char(k.month, 'YYYY-MM')",
}
"""What figures can be broken down by."""
NOTHING = "''::text"
RULES = {"moment": "on_time", "day": "on_time_by_day"}
"""The on-time rule: to the second as QĐ 766 writes it, or by the day as the portal's system compares. They differ on the due day."""
LATE_OPEN = {"moment": "k.due_by < %(until)s", "day": "k.due_by_day < %(midnight)s"}
"""Late without an end. Satisfaction (5.3) goes by the second whatever rule is chosen for 2.1."""


class NoSuchPeriod(HubError):
    """What was asked for is no period of the index."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Months from ``first`` to ``last``, both included, and where. Empty means everywhere."""

    first: date
    last: date
    name: str = ""
    level: str = ""
    agency: str = ""
    desk: str = ""
    procedure: str = ""
    rule: str = "moment"

    def at(self, by: str, key: str) -> "Scope":
        """The part of it under a key of a breakdown."""
        if by == "month":
            return period(key, level=self.level, agency=self.agency, desk=self.desk, procedure=self.procedure, rule=self.rule)
        return replace(self, **{by: key})  # type: ignore[arg-type]  # by is one of the places, which are text

    @property
    def where(self) -> str:
        """SQL over the columns that facts and sums share."""
        parts = ["k.month BETWEEN %(first)s AND %(last)s"]
        parts += [f"{BY[name]} = %({name})s" for name in ("level", "agency", "desk", "procedure") if getattr(self, name)]
        return " AND ".join(parts)

    def values(self, hub: Hub) -> dict[str, Any]:
        """What the SQL needs to know. ``until`` is the end of the period, or now while it runs."""
        end = datetime.combine(following(self.last), time(), HANOI)
        places = {name: getattr(self, name) for name in ("level", "agency", "desk", "procedure")}
        until = min(end, hub.clock())
        midnight = datetime.combine(until.astimezone(HANOI).date(), time(), HANOI)
        return {"first": self.first, "last": self.last, "until": until, "midnight": midnight, **places}


def following(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def period(name: str, **where: str) -> Scope:
    """``2026``, ``2026-Q3`` or ``2026-07``. Raises NoSuchPeriod."""
    found = re.fullmatch(r"(20[0-9]{2})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", name)
    if not found:
        raise NoSuchPeriod(f"{name!r} không phải kỳ, ví dụ 2026, 2026-Q3, 2026-07 · no period such as 2026, 2026-Q3, 2026-07")
    year, quarter, month = (int(part) if part else 0 for part in found.groups())
    first, last = (3 * quarter - 2, 3 * quarter) if quarter else (month, month) if month else (1, 12)
    return Scope(date(year, first, 1), date(year, last, 1), name, **where)


def sums(hub: Hub, scope: Scope, by: str = "") -> dict[str, Sums]:
    """The sums of a scope, by key; without ``by`` under the empty key."""
    if by and by not in BY:
        raise LookupError(f"{by!r}: {', '.join(BY)}")
    key = BY[by] if by else NOTHING
    columns = ", ".join(f"sum(k.{name})::bigint" for name in ("dossiers", "seconds", *NAMES))
    distinct = ", ".join(
        f"count(DISTINCT k.procedure_code) FILTER (WHERE k.{name} > 0)" for name in ("dossiers", "fee_due", "paid_online", "population")
    )
    online = "count(DISTINCT k.procedure_code) FILTER (WHERE k.filed_online > 0 AND p.service_level IN ('full', 'partial'))"
    late_by_rule, late = LATE_OPEN[scope.rule], LATE_OPEN["moment"]
    values = scope.values(hub)
    with hub.db.session() as connection:
        counted = connection.execute(
            f"SELECT {key}, {columns}, {distinct}, {online} FROM hub.dossier_count k LEFT JOIN golden.procedure p ON p.code = k.procedure_code"
            f" WHERE {scope.where} GROUP BY 1",
            values,
        ).fetchall()
        overdue = connection.execute(
            f"SELECT {key}, count(*) FILTER (WHERE {late_by_rule}), count(*) FILTER (WHERE NOT complained AND {late})"
            f" FROM hub.dossier_fact k WHERE end_at IS NULL AND ({late_by_rule} OR {late}) AND {scope.where} GROUP BY 1",
            values,
        ).fetchall()
        catalogue = connection.execute(CATALOGUE, {"level": scope.level}).fetchone() or (0, 0, 0)
    missed = {row[0]: row[1:] for row in overdue}
    found: dict[str, Sums] = {}
    for name, *figures in counted:
        one = dict(zip(("dossiers", "seconds", *NAMES, "procedures_used", "fee_services", "fee_services_paid", "services_connected", "services_used"),
                       map(float, figures), strict=True))  # fmt: skip
        too_late, content_no_more = missed.get(name, (0, 0))
        one |= {"in_time": one[RULES[scope.rule]] + one["open_judged"] - too_late, "bad": one["late_or_complained"] + content_no_more}
        one["online_synced"] = one["online"] * one["synced"] / one["dossiers"]
        found[name] = one | dict(zip(("procedures", "services", "full_content"), map(float, catalogue), strict=True))
    return merged(found, served(hub, scope, by))


CATALOGUE = """
SELECT count(*), count(*) FILTER (WHERE service_level IN ('full', 'partial')),
       count(*) FILTER (WHERE jsonb_array_length(coalesce(components, '[]')) > 0 AND jsonb_array_length(coalesce(results, '[]')) > 0
                              AND jsonb_array_length(coalesce(channels, '[]')) > 0 AND working_days IS NOT NULL AND sector_code IS NOT NULL)
FROM golden.procedure WHERE active IS NOT FALSE AND (%(level)s = '' OR level = %(level)s)
"""
SERVED_BY = {"level": "coalesce(a.level, '?')", "agency": "k.agency", "month": BY["month"]}


def served(hub: Hub, scope: Scope, by: str) -> dict[str, dict[str, float]]:
    """Tickets and answers of a scope. They belong to an agency, so there are none by procedure or desk."""
    if scope.procedure or scope.desk or (by and by not in SERVED_BY):
        return {}
    names = ("tickets", "waited", "waited_in_time", "seconds", "answers", "content")
    rows = hub.db.rows(
        f"SELECT {SERVED_BY.get(by, NOTHING)}, {', '.join(f'sum({name})' for name in names)}"
        " FROM hub.service_count k LEFT JOIN golden.agency a ON a.code = k.agency WHERE k.month BETWEEN %s AND %s"
        " AND (%s = '' OR coalesce(a.level, '?') = %s) AND (%s = '' OR k.agency = %s) GROUP BY 1",
        scope.first, scope.last, scope.level, scope.level, scope.agency, scope.agency,
    )  # fmt: skip
    return {
        row[0]: {f"served_{name}" if name == "seconds" else name: float(value) for name, value in zip(names, row[1:], strict=True)} for row in rows
    }


def merged(dossiers: Mapping[str, Sums], services: Mapping[str, Mapping[str, float]]) -> dict[str, Sums]:
    """Both under their keys."""
    return {key: {**dossiers.get(key, {}), **services.get(key, {})} for key in sorted({*dossiers, *services})}


@dataclass(frozen=True, slots=True)
class Behind:
    """A dossier behind a figure."""

    code: str
    procedure: str
    agency: str
    desk: str
    received_at: datetime
    deadline: datetime | None
    end_at: datetime | None


def behind(hub: Hub, scope: Scope, one: Indicator, *, counted: bool, limit: int) -> list[Behind]:
    """The dossiers of a denominator that are counted in the numerator, or those that are not, the latest received first."""
    if one.kind != "dossier":
        raise LookupError(f"{one.code}: không tính trên hồ sơ · is not made of dossiers")
    part = predicate(one.part, scope.rule)
    part = f"NOT ({part})" if one.less else part
    among = "true" if one.whole == "dossiers" else f"k.{one.whole}"
    with hub.db.session() as connection:
        rows = connection.execute(
            "SELECT code, procedure_code, handling_agency, receiving_agency, received_at, deadline, end_at FROM hub.dossier_fact k"
            f" WHERE {scope.where} AND {among} AND coalesce({part}, false) = %(counted)s ORDER BY received_at DESC, code LIMIT %(limit)s",
            scope.values(hub) | {"counted": counted, "limit": limit},
        ).fetchall()
    return [Behind(*row) for row in rows]


def predicate(part: str, rule: str) -> str:
    """Whether a dossier stands in the numerator ``part``, as SQL over its fact ``k``."""
    if part == "in_time":
        return f"CASE WHEN k.end_at IS NULL THEN k.open_judged AND NOT {LATE_OPEN[rule]} ELSE k.{RULES[rule]} END"
    if part == "online_synced":
        return "k.online"  # the figure is this share times that of 1.4
    if part == "bad":
        return f"k.late_or_complained OR (k.end_at IS NULL AND coalesce({LATE_OPEN['moment']}, false))"
    return f"k.{part}"


def trend(hub: Hub, scope: Scope, months: int = 12) -> dict[str, Sums]:
    """The sums of the months up to the scope's last."""
    first = scope.last
    for _ in range(months - 1):
        first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
    found = sums(hub, replace(scope, first=first), "month")
    wanted: Sequence[str] = sorted(found)[-months:]
    return {name: found[name] for name in wanted}
