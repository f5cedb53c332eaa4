"""Once only: what was handed in although the state held it, by desk and procedure down to the dossier."""

from datetime import date

from starlette.responses import Response

from include.names import procedures
from include.once import never_again as indicator
from include.once.never_again import Sum, percent
from include.site.accounts import Role
from include.site.charts import trend
from include.site.period import Period, period
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View
from include.site.views.once_figures import SHOWN, desks, figures, heads, offences, sums

SEES = frozenset({Role.AUDITOR, Role.STAFF})
MENU = (Entry("/once", "Chỉ nộp một lần", "Once only", tuple(SEES)),)
PER_POINT = 7
"""Days summed into one point of the trend, unless the period is too long for that."""


def never_again(view: View) -> Response:
    """The indicator, by desk and procedure, and the list to act on."""
    chosen = period(view)
    found = indicator.total(view.hub, chosen.since, chosen.until)
    line = weekly(view, chosen)
    svg = trend("%", [label for label, _ in line], [("%", [value for _, value in line])])
    trend_columns = view.heads("Từ ngày|From", "Không phải nộp lại (%)|Never again (%)")
    listed = indicator.offences(view.hub, chosen.since, chosen.until, SHOWN)
    return view.show(
        "once.html",
        desks(view, chosen),
        by_procedure(view, chosen),
        offences(view, listed),
        Table("trend", view.say("Chỉ số theo thời gian", "The indicator over time"), trend_columns, line),
        period=chosen,
        found=found,
        share=found.percent,
        chart_svg=svg,
        computed=computed(view),
    )


def weekly(view: View, chosen: Period) -> list[tuple[str, float | None]]:
    """(day, share in percent) of each seven days, or more."""
    size = max(PER_POINT, chosen.every)
    days = {one.key: one for one in indicator.sums(view.hub, "day", chosen.since, chosen.until)}
    points: dict[date, list[Sum]] = {}
    for key, one in sorted(days.items()):
        offset = (date.fromisoformat(key) - chosen.since).days // size
        first = date.fromordinal(chosen.since.toordinal() + offset * size)
        points.setdefault(first, []).append(one)
    shares = {first: (sum(one.equivalent for one in ones), sum(one.again for one in ones)) for first, ones in points.items()}
    return [(f"{first:%d/%m}", percent(again, held)) for first, (held, again) in shares.items()]


def by_procedure(view: View, chosen: Period) -> Table:
    """One line per procedure."""
    names = procedures(view.hub)
    rows = [
        (Cell(names.get(one.key, ""), f"/procedures/{one.key}"), Cell(one.key, f"/procedures/{one.key}"), *figures(one))
        for one in sums(view, "procedure", chosen)
    ]
    columns = (*view.heads("Thủ tục|Procedure", "Mã|Code"), *heads(view))
    return Table("procedures", view.say("Theo thủ tục", "By procedure"), columns, rows)


def computed(view: View) -> object:
    """When the indicator was brought up to date; None before the first time."""
    rows = view.hub.db.rows("SELECT at FROM hub.once_state")
    return rows[0][0] if rows else None


PAGES = (Page("/once", never_again, SEES),)
