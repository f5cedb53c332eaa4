"""The index of QĐ 766 and the plan's targets: the score card, where it is made, and what mending would win."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from starlette.responses import Response

from include import acts
from include.indicators import card as cards
from include.indicators import printed
from include.indicators.card import Line, scope_of, total
from include.indicators.catalogue import GROUPS, INDICATORS, PLAN, PLAN_TARGETS, Indicator, Sums
from include.indicators.figures import BY, RULES, Scope, sums, trend
from include.indicators.targets import wanted
from include.names import agencies, procedures
from include.site.charts import trend as chart
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View

MENU = (Entry("/indicators", "Chỉ số phục vụ", "Service index"),)
SHOWN = ("2.1", "P2", "P1", "1.4")
"""Drawn over a year, and broken down."""
PLACES = {
    "agency": ("Cơ quan giải quyết", "Handling agency"),
    "desk": ("Nơi tiếp nhận", "Receiving desk"),
    "procedure": ("Thủ tục", "Procedure"),
    "level": ("Cấp", "Level"),
    "month": ("Tháng", "Month"),
}
LEVELS = {"province": ("cấp tỉnh", "province"), "commune": ("cấp xã", "commune"), "district": ("cấp huyện", "district"), "?": ("không rõ", "unknown")}
VERDICTS = {"met": ("đạt", "met", "good"), "missed": ("chưa đạt", "missed", "bad"), "": ("", "", "")}
WORST = 200


def asked(view: View) -> Scope:
    """The scope of the address: period, level, agency, desk, procedure, on-time rule."""
    names = ("level", "agency", "desk", "procedure", "rule")
    return scope_of(view.hub, view.asked("period"), **{name: view.asked(name) for name in names if view.asked(name)})


def score_card(view: View) -> Response:
    """Every indicator of a scope."""
    scope = asked(view)
    lines = cards.card(view.hub, scope)
    by = view.asked("by", "agency" if not scope.agency else "procedure")
    year = trend(view.hub, scope)
    reached, best = total(lines)
    shown = [INDICATORS[code] for code in SHOWN]
    values = [(view.say(one.vi, one.en), [one.figure(year[month]).rate for month in year]) for one in shown]
    drawn = chart(view.say("Chỉ số theo tháng", "The index by month"), [f"{month[5:]}/{month[:4]}" for month in year], values)
    monthly = Table("trend", view.say("Theo tháng", "By month"), (view.say("Tháng", "Month"), *(name for name, _ in values)),
                    [(month, *(rounded(column[place]) for _, column in values)) for place, month in enumerate(year)])  # fmt: skip
    return view.show(
        "indicators.html", plan_table(view, scope, lines), index_table(view, scope, lines), broken_down(view, scope, by), monthly,
        scope=scope, query=query(scope), places=PLACES, by=by, rules=RULES, reached=reached, best=best, chart_svg=drawn, levels=LEVELS,
        lines={line.code: line for line in lines}, dossiers=next((line.whole for line in lines if line.code == "1.4"), 0),
    )  # fmt: skip


def plan_table(view: View, scope: Scope, lines: Sequence[Line]) -> Table:
    """The plan's targets; where a target goes by level, a line for each level."""
    rows = []
    for line in lines:
        if line.indicator not in PLAN_TARGETS:
            continue
        rows.append(plan_row(view, scope, line, ""))
        if line.wanted is None and not scope.level:
            for level, found in sums(view.hub, scope, "level").items():
                own = cards.line(line.indicator, found, scope, level)
                if own.whole:
                    rows.append(plan_row(view, replace(scope, level=level), own, view.say(*LEVELS.get(level, (level, level)))))
    heads = view.heads("Chỉ tiêu|Target", "Cấp|Level", "Tử số|Counted", "Mẫu số|Of", "Đạt %|Reached %", "Yêu cầu %|Wanted %", "Kết luận|Verdict")
    return Table("plan", view.say(*GROUPS[PLAN]), heads, rows, view.say("QĐ 717/QĐ-UBND ngày 16/6/2021.", "Decision 717/QĐ-UBND of 16 June 2021."))


def plan_row(view: View, scope: Scope, line: Line, level: str) -> Sequence[object]:
    """One line of it."""
    vi, en, tone = VERDICTS[line.verdict]
    return (
        Cell(view.say(line.vi, line.en), place(scope, line.code)),
        level,
        line.part,
        line.whole,
        line.rate,
        line.wanted,
        Cell(view.say(vi, en), tone=tone),
    )


def index_table(view: View, scope: Scope, lines: Sequence[Line]) -> Table:
    """The index, with what could still be won."""
    rows = []
    for line in lines:
        one = line.indicator
        if one.group == PLAN:
            continue
        lost = None if line.points is None else round(one.most - line.points, 2)
        tone = "none" if lost is None else "good" if not lost else "warn" if lost < one.most / 4 else "bad"
        name = view.say(one.vi, one.en) + (view.say(" (chưa có nguồn)", " (no source)") if one.kind == "none" else "")
        rows.append((one.code, Cell(name, place(scope, one.code)), view.say(*GROUPS[one.group]), line.part, line.whole, line.rate,
                     Cell(line.points, tone=tone), one.most or None, lost))  # fmt: skip
    heads = view.heads("Mã|Code", "Chỉ số|Indicator", "Nhóm|Group", "Tử số|Counted", "Mẫu số|Of", "Tỷ lệ %|Rate %", "Điểm|Points", "Tối đa|At most",
                       "Mất|Lost")  # fmt: skip
    note = view.say(
        "Chỉ số chưa có nguồn dữ liệu không được cho điểm, cũng không bị trừ.",
        "An indicator without a source of data is given no points, and none are lost.",
    )
    return Table("index", view.say("Bộ chỉ số 766", "Index 766"), heads, rows, note)


def broken_down(view: View, scope: Scope, by: str) -> Table:
    """The main figures by place, the fewest in time first."""
    if by not in BY:
        raise LookupError(view.say(f"không chia được theo {by}", f"cannot be broken down by {by}"))
    names = named(view, by)
    ones = [INDICATORS[code] for code in SHOWN]
    found = [(key, part) for key, part in sums(view.hub, scope, by).items() if part.get("dossiers")]
    found.sort(key=lambda pair: pair[0] if by == "month" else -(missed(ones[0], pair[1])))
    rows = []
    for key, part in found:
        rates = [rounded(one.figure(part).rate) for one in ones]
        rows.append((Cell(names.get(key, key), f"/indicators?{query(scope.at(by, key))}"), key, int(part["dossiers"]), missed(ones[0], part), *rates))
    heads = (view.say(*PLACES[by]), view.say("Mã", "Code"), *view.heads("Hồ sơ|Dossiers", "Không đúng hạn|Not in time"))
    return Table("places", view.say("Chia theo", "Broken down by") + f": {view.say(*PLACES[by]).lower()}",
                 (*heads, *(view.say(one.vi, one.en) for one in ones)), rows)  # fmt: skip


def missed(one: Indicator, found: Sums) -> int:
    """Dossiers of the denominator that are not in the numerator."""
    figure = one.figure(found)
    return round(figure.whole - figure.part)


def rounded(value: float | None) -> float | None:
    """Two decimals, as QĐ 766 rounds."""
    return None if value is None else round(value, 2)


def named(view: View, by: str) -> Mapping[str, str]:
    """Code → name, of agencies, procedures and levels."""
    if by == "level":
        return {level: view.say(*words) for level, words in LEVELS.items()}
    if by == "procedure":
        return procedures(view.hub)
    return agencies(view.hub) if by in {"agency", "desk"} else {}


def query(scope: Scope) -> str:
    """The scope as the query of an address."""
    parts = {"period": scope.name, "level": scope.level, "agency": scope.agency, "desk": scope.desk, "procedure": scope.procedure}
    if scope.rule != "moment":
        parts["rule"] = scope.rule
    return urlencode({name: value for name, value in parts.items() if value})


def place(scope: Scope, code: str) -> str:
    """The address of one indicator in a scope."""
    return f"/indicators/{code}?{query(scope)}"


def target_of(view: View, one: Indicator, scope: Scope) -> float | None:
    """What is wanted of it there."""
    found = wanted(one.code, cards.level_of(view.hub, scope), scope.last)
    return found.percent if found else None


def paper(view: View) -> Response:
    """The score card as a PDF."""
    scope = asked(view)
    body = printed.pdf(view.hub, scope)
    with view.hub.db.transaction() as connection:
        acts.record(connection, view.hub, view.account.name, "export", f"indicators/{scope.name}", format="pdf")
    name = f"bac-ninh-chi-so-{scope.name}.pdf"
    return Response(body, media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'})


PAGES = (Page("/indicators", score_card), Page("/indicators.pdf", paper))
