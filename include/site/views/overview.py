"""The first page: sources by criteria, the trend, what waits to be done."""

from collections.abc import Mapping
from datetime import date

from starlette.responses import Response

from include import findings, scores
from include.site.charts import trend
from include.site.heat import criterion, heat, held
from include.site.period import period
from include.site.table import Cell, Table, floored
from include.site.view import Entry, Page, View
from include.site.words import reason, remedy
from quality.dqi import roll_up
from quality.issues import CATALOGUE

MENU = (Entry("/", "Tổng quan", "Overview"),)


def overview(view: View) -> Response:
    """Everything on one screen."""
    chosen = period(view)
    found = scores.lines(view.hub, chosen.since, chosen.until, view.flows)
    waiting = held(view.hub, view.hub.today)
    by_day = scores.trend(view.hub, chosen.since, chosen.until, view.flows, every=chosen.every)
    chart = trend("DQI", [f"{day:%d/%m}" for day in by_day], [("DQI", list(by_day.values()))])
    total = roll_up([scores.tally(line) for line in found]).total
    return view.show(
        "overview.html", heat(view.say, found, view.flows, waiting), reasons(view), days(view, by_day), newest(view),
        period=chosen, chart_svg=chart, total=None if total is None else floored(total),
        waiting=sum(waiting.get(flow, (0, 0))[0] for flow in view.flows), overdue=sum(waiting.get(flow, (0, 0))[1] for flow in view.flows),
    )  # fmt: skip


def reasons(view: View) -> Table:
    """The reasons that hold back most rows today."""
    rows = view.hub.db.rows(
        "SELECT code, sum(rows)::bigint FROM (SELECT codes, count(*) AS rows FROM hub.quarantine WHERE closed_at IS NULL AND flow = ANY(%s)"
        " GROUP BY codes) AS alike, unnest(codes) AS code GROUP BY code ORDER BY 2 DESC, 1 LIMIT 12",
        list(view.flows),
    )
    told = [
        (Cell(reason(view.say, code), f"/quarantine?code={code}"), criterion(view.say, CATALOGUE[code].criterion), remedy(view.say, code), number)
        for code, number in rows
    ]
    columns = view.heads("Lý do|Reason", "Tiêu chí|Criterion", "Cách xử lý|What to do", "Số dòng|Rows")
    return Table("reasons", view.say("Vì sao đang bị cách ly", "Why rows are in quarantine"), columns, told)


def days(view: View, by_day: Mapping[date, float]) -> Table:
    """The figures of the chart."""
    rows = [(day, floored(total)) for day, total in by_day.items()]
    return Table("trend", view.say("Chỉ số theo ngày", "The index by day"), view.heads("Đến ngày|Up to", "DQI|DQI"), rows)


def newest(view: View) -> Table:
    """Findings nobody has looked at."""
    rows = [
        (Cell(reason(view.say, one["code"]), f"/findings/{one['id']}"), one["flow"], one["field"], one["agency"], one["at"])
        for one in findings.listed(view.hub, limit=8, flows=view.flows)
        if one["state"] == "new"
    ]
    columns = view.heads("Phát hiện|Finding", "Nguồn|Source", "Trường|Field", "Cơ quan|Agency", "Lúc|At")
    return Table("findings", view.say("Phát hiện chưa xem", "Findings nobody looked at"), columns, rows)


PAGES = (Page("/", overview),)
