"""One source: its fields by criteria, its trend, its runs, and how reliably it comes."""

from collections.abc import Sequence

from starlette.responses import Response

from include import scores
from include.registry import vanishing
from include.scores import Line
from include.site.charts import trend
from include.site.heat import criterion, held
from include.site.period import period
from include.site.table import Cell, Table, floored, score
from include.site.view import Entry, Page, View
from include.site.words import STATES, rule_link, rule_title, run_link
from mappings.agencies import agency_name
from quality.dqi import CRITERIA, roll_up

MENU: tuple[Entry, ...] = ()
RUNS = 30


def source(view: View) -> Response:
    """Everything about one source in a period."""
    flow, chosen = view.flow(view.named("flow")), period(view)
    found = scores.lines(view.hub, chosen.since, chosen.until, [flow.id])
    by_day = scores.trend(view.hub, chosen.since, chosen.until, [flow.id], every=chosen.every)
    own, service = scores.by_flow(found)[flow.id], scores.service(found).get(flow.id, scores.Service(0, 0))
    chart = trend("DQI", [f"{day:%d/%m}" for day in by_day], [("DQI", list(by_day.values()))])
    rows = [(day, floored(total)) for day, total in by_day.items()]
    daily = Table("trend", view.say("Chỉ số theo ngày", "The index by day"), (view.say("Đến ngày", "Up to"), "DQI"), rows)
    return view.show(
        "source.html", fields(view, found), failing(view, found), runs(view), vanished(view), daily,
        flow=flow, period=chosen, chart_svg=chart, total=None if own.total is None else floored(own.total),
        identifiers=[view.say(one.vi, one.en) for one in flow.dataset.entity.fields if one.name in own.failing_identifiers],
        service=service, target=scores.TARGET * 100, held=held(view.hub, view.hub.today).get(flow.id, (0, 0)),
        agency=agency_name(flow.dataset.agency),
    )  # fmt: skip


def fields(view: View, found: Sequence[Line]) -> Table:
    """Fields by criteria."""
    flow = view.named("flow")
    entity = view.flow(flow).dataset.entity
    by_field: dict[str, list[Line]] = {}
    for line in found:
        by_field.setdefault(line.field, []).append(line)
    rows = []
    for field in [each for each in entity.fields if each.name in by_field]:
        lines = by_field[field.name]
        own, strict = roll_up([scores.tally(line) for line in lines]), field.name in scores.IDENTIFIERS
        cells = [score(own.criteria.get(name), identifier=strict) for name in CRITERIA]
        name = Cell(view.say(field.vi, field.en), f"/sources/{flow}/fields/{field.name}")
        rows.append([name, field.name, score(own.fields.get(field.name), identifier=strict), *cells, sum(line.failed for line in lines)])
    columns = (*view.heads("Trường|Field", "Tên kỹ thuật|Technical name"), "DQI", *(criterion(view.say, name) for name in CRITERIA),
               view.say("Không đạt", "Failed"))  # fmt: skip
    note = view.say(
        "Trường định danh phải đạt 100 ở Đúng, Đủ, Sạch; dưới 100 là sự cố nghiêm trọng.", "Identifiers must reach 100; below is a serious incident."
    )
    return Table("fields", view.say("Trường và tiêu chí", "Fields and criteria"), columns, rows, note)


def failing(view: View, found: Sequence[Line]) -> Table:
    """Rules that some row failed, the worst first."""
    worst = sorted((line for line in found if line.failed), key=lambda line: -line.failed)
    rows = [
        (
            rule_link(line.rule),
            rule_title(view.say, line.rule),
            line.field,
            criterion(view.say, line.criterion),
            line.evaluated,
            line.failed,
            score(scores.tally(line).score),
        )
        for line in worst
    ]
    heads = view.heads("Quy tắc|Rule", "Nội dung|What it says", "Trường|Field", "Tiêu chí|Criterion", "Đã xét|Evaluated", "Không đạt|Failed")
    return Table("rules", view.say("Quy tắc có dòng không đạt", "Rules that rows failed"), (*heads, "DQI"), rows)


def runs(view: View) -> Table:
    """The latest runs of the source."""
    flow = view.named("flow")
    found = view.hub.db.rows(
        "SELECT r.run, r.state, r.started_at, r.finished_at, (l.counts->>'received')::int,"
        " coalesce((f.counts->>'quarantined')::int, 0) + coalesce((m.counts->>'quarantined')::int, 0) FROM hub.run r"
        " LEFT JOIN hub.step l ON l.flow = r.flow AND l.run = r.run AND l.step = 'land'"
        " LEFT JOIN hub.step f ON f.flow = r.flow AND f.run = r.run AND f.step = 'refine'"
        " LEFT JOIN hub.step m ON m.flow = r.flow AND m.run = r.run AND m.step = 'merge'"
        " WHERE r.flow = %s ORDER BY r.started_at DESC, r.run DESC LIMIT %s",
        flow,
        RUNS,
    )
    rows = [
        (run_link(flow, run), Cell(view.say(*STATES[state]), tone=tone(state)), started, finished, received or 0, quarantined)
        for run, state, started, finished, received, quarantined in found
    ]
    columns = view.heads("Lần chạy|Run", "Tình trạng|State", "Bắt đầu|Started", "Kết thúc|Ended", "Nhận|Received", "Cách ly|Quarantined")
    return Table("runs", view.say(f"{RUNS} lần chạy gần nhất", f"The latest {RUNS} runs"), columns, rows)


def vanished(view: View) -> Table:
    """Records that left the source: which run missed them, with which they were gone."""
    flow = view.named("flow")
    found = vanishing.of_flow(view.hub, flow, RUNS)
    rows = [
        (run_link(flow, missed), run_link(flow, gone_with) if gone_with else None, missing, Cell(held, tone="warn" if held else ""), gone, closed, at)
        for missed, gone_with, missing, held, gone, closed, at in found
    ]
    heads = view.heads("Lần đọc không thấy|Missed by run", "Lần chạy kết luận|Gone with run", "Đang thiếu|Missing", "Chờ xác nhận|Held")
    more = view.heads("Đã rời nguồn|Gone", "Bản ghi vàng đã đóng|Golden records closed", "Lúc|At")
    note = view.say(
        f"Thiếu quá nhiều một lúc thì chờ người xác nhận: ./hub vanished {flow} --confirm",
        f"Too many at once wait for a person's word: ./hub vanished {flow} --confirm",
    )
    title = view.say("Không còn ở nguồn", "No longer at the source")
    return Table("vanished", title, (*heads, *more), rows, note if any(row[3] for row in found) else "")


def tone(state: str) -> str:
    """A run's state in colour."""
    return {"done": "good", "running": "", "held": "warn", "failed": "bad"}[state]


PAGES = (Page("/sources/{flow}", source),)
