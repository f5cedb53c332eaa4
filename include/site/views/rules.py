"""What is checked: every rule in words a lawyer can read, its law, its versions, its record."""

from datetime import timedelta
from typing import Any

from starlette.responses import Response

from include import rulebook, scores
from include.rulebook import Entry as Written
from include.site.charts import trend
from include.site.heat import criterion
from include.site.period import period
from include.site.table import Cell, Table, floored, score
from include.site.view import Entry, Page, View
from include.site.words import reason, remedy
from quality.issues import CATALOGUE

MENU = (Entry("/rules", "Quy tắc", "Rules"),)


def listing(view: View) -> Response:
    """Every rule there is, with its results of the last thirty days."""
    since = view.hub.today - timedelta(days=29)
    sums: dict[str, tuple[int, int]] = {}
    for line in scores.lines(view.hub, since, view.hub.today, view.flows):
        evaluated, failed = sums.get(line.rule, (0, 0))
        sums[line.rule] = (evaluated + line.evaluated, failed + line.failed)
    rows = []
    for one in rulebook.today():
        kind, (evaluated, failed) = CATALOGUE[one.code], sums.get(one.id, (0, 0))
        passed = 100 * (evaluated - failed) / evaluated if evaluated else None
        title, way = view.say(one.vi, one.en), view.say(*SEVERITIES[kind.severity])
        rows.append(
            (
                Cell(one.id, f"/rules/{one.id}"),
                title,
                one.entity,
                one.field,
                criterion(view.say, kind.criterion),
                way,
                one.legal,
                failed,
                score(passed),
            )
        )
    heads = view.heads("Quy tắc|Rule", "Nội dung|What it says", "Thực thể|Entity", "Trường|Field", "Tiêu chí|Criterion", "Mức|Severity")
    more = view.heads("Căn cứ|Legal source", "Không đạt 30 ngày|Failed, 30 days", "Đạt %|Passed %")
    return view.show("rules.html", Table("rules", view.say("Các quy tắc", "The rules"), (*heads, *more), rows))


SEVERITIES = {
    "warn": ("cảnh báo", "warning"),
    "quarantine": ("cách ly dòng", "row put aside"),
    "stop": ("dừng lần chạy", "run stopped"),
}


def rule(view: View) -> Response:
    """One rule."""
    one, chosen = rulebook.entry(view.named("rule")), period(view)
    kind = CATALOGUE[one.code]
    daily = scores.lines(view.hub, chosen.since, chosen.until, view.flows, rule=one.id, every=chosen.every)
    points: dict[Any, tuple[int, int]] = {}
    for line in daily:
        evaluated, failed = points.get(line.day, (0, 0))
        points[line.day] = (evaluated + line.evaluated, failed + line.failed)
    passed = {day: 100 * (evaluated - failed) / evaluated for day, (evaluated, failed) in points.items() if evaluated}
    rows = [(day, *points[day], floored(value)) for day, value in passed.items()]
    heads = view.heads("Đến ngày|Up to", "Đã xét|Evaluated", "Không đạt|Failed", "Đạt %|Passed %")
    return view.show(
        "rule.html",
        by_source(view, daily),
        versions(view, one),
        Table("trend", view.say("Tỷ lệ đạt theo ngày", "Passed, by day"), heads, rows),
        rule=one,
        kind=kind,
        severity=view.say(*SEVERITIES[kind.severity]),
        reason=reason(view.say, one.code),
        remedy=remedy(view.say, one.code),
        criterion=criterion(view.say, kind.criterion),
        period=chosen,
        chart_svg=trend(view.say(one.vi, one.en), [f"{day:%d/%m}" for day in passed], [("%", list(passed.values()))]),
    )


def by_source(view: View, daily: list[scores.Line]) -> Table:
    """Which sources meet it how often."""
    sums: dict[str, tuple[int, int]] = {}
    for line in daily:
        evaluated, failed = sums.get(line.flow, (0, 0))
        sums[line.flow] = (evaluated + line.evaluated, failed + line.failed)
    rows = [
        (Cell(view.say(own.vi, own.en), f"/sources/{flow}"), evaluated, failed, score(100 * (evaluated - failed) / evaluated if evaluated else None))
        for flow, (evaluated, failed) in sums.items()
        for own in [view.flows[flow].dataset]
    ]
    columns = view.heads("Nguồn|Source", "Đã xét|Evaluated", "Không đạt|Failed", "Đạt %|Passed %")
    return Table("sources", view.say("Theo nguồn", "By source"), columns, rows)


def versions(view: View, one: Written) -> Table:
    """Every version that ever judged a row."""
    rows = [
        (at, Cell(f"{flow}/{run}", f"/runs/{flow}/{run}"), fingerprint, text)
        for fingerprint, text, flow, run, at in rulebook.versions(view.hub, one.id)
    ]
    columns = view.heads(
        "Dùng từ|In use since", "Lần chạy đầu|First run", "Dấu vân tay SHA-256|SHA-256 fingerprint", "Nội dung kỹ thuật|What it does"
    )
    return Table("versions", view.say("Các phiên bản đã dùng", "Versions that were used"), columns, rows)


PAGES = (Page("/rules", listing), Page("/rules/{rule}", rule))
