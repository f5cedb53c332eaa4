"""One field of one source: which rules speak of it, how it fares, where its values come from and go to."""

from starlette.responses import Response

from include import scores
from include.lineage import consumers, origins
from include.site.charts import trend
from include.site.heat import criterion
from include.site.period import period
from include.site.table import Cell, Table, floored, score
from include.site.view import Entry, Page, View
from include.site.words import reason, remedy, rule_link, rule_title, step
from quality.dqi import roll_up

MENU: tuple[Entry, ...] = ()


def field(view: View) -> Response:
    """Everything about one field in a period."""
    flow, chosen = view.flow(view.named("flow")), period(view)
    entity, name = flow.dataset.entity, view.named("field")
    if name not in entity.names:
        raise LookupError(view.say(f"{entity.name} không có trường {name}", f"{entity.name} has no field {name}"))
    found = scores.lines(view.hub, chosen.since, chosen.until, [flow.id], field=name)
    by_day = scores.trend(view.hub, chosen.since, chosen.until, [flow.id], field=name, every=chosen.every)
    totals = [(day, floored(total)) for day, total in by_day.items()]
    own = roll_up([scores.tally(line) for line in found])
    return view.show(
        "field.html",
        rules(view, found),
        held(view, flow.id, name),
        lineage(view, entity.name, name),
        Table("trend", view.say("Chỉ số theo ngày", "The index by day"), view.heads("Đến ngày|Up to", "DQI|DQI"), totals),
        flow=flow,
        field=entity.field(name),
        period=chosen,
        total=None if own.total is None else floored(own.total),
        identifier=name in scores.IDENTIFIERS,
        chart_svg=trend("DQI", [f"{day:%d/%m}" for day in by_day], [("DQI", list(by_day.values()))]),
    )


def rules(view: View, found: list[scores.Line]) -> Table:
    """What was checked of the field, and how often it failed."""
    rows = [
        (
            rule_link(line.rule),
            rule_title(view.say, line.rule),
            criterion(view.say, line.criterion),
            step(view.say, line.step),
            line.evaluated,
            line.failed,
            score(scores.tally(line).score),
        )
        for line in found
    ]
    heads = view.heads("Quy tắc|Rule", "Nội dung|What it says", "Tiêu chí|Criterion", "Bước|Step", "Đã xét|Evaluated", "Không đạt|Failed")
    return Table("rules", view.say("Đã kiểm tra những gì", "What was checked"), (*heads, "DQI"), rows)


def held(view: View, flow: str, name: str) -> Table:
    """Open rows that are put aside because of the field, by reason."""
    found = view.hub.db.rows(
        "SELECT issue->>'code', count(*), min(at) FROM hub.quarantine, jsonb_array_elements(issues) AS issue"
        " WHERE closed_at IS NULL AND flow = %s AND issue->>'field' = %s GROUP BY 1 ORDER BY 2 DESC, 1",
        flow,
        name,
    )
    rows = [(Cell(reason(view.say, code), f"/quarantine?flow={flow}&code={code}"), remedy(view.say, code), n, since) for code, n, since in found]
    columns = view.heads("Lý do|Reason", "Cách xử lý|What to do", "Số dòng|Rows", "Từ|Since")
    return Table("held", view.say("Đang bị cách ly vì trường này", "In quarantine because of this field"), columns, rows)


def lineage(view: View, entity: str, name: str) -> Table:
    """Which wire fields it comes from, through which converter; then who gets it."""
    rows = [(view.say("từ", "from"), each.flow, ", ".join(each.wires), each.converter) for each in origins(entity, name)]
    rows += [(view.say("đến", "to"), view.say(each.vi, each.en), "", "") for each in consumers(entity, name)]
    columns = view.heads("Chiều|Way", "Nguồn, nơi nhận|Source, target", "Trường nguồn|Wire field", "Chuyển đổi|Converter")
    return Table("lineage", view.say("Giá trị từ đâu đến, đi đâu", "Where values come from and go to"), columns, rows)


PAGES = (Page("/sources/{flow}/fields/{field}", field),)
