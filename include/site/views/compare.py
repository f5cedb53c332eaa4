"""Two periods side by side: what got better, what got worse."""

from starlette.responses import Response

from include import scores
from include.site.heat import criterion
from include.site.period import Period, period
from include.site.table import Cell, Table, floored, score
from include.site.view import Entry, Page, View
from include.site.words import rule_link, rule_title
from quality.dqi import CRITERIA

MENU = (Entry("/compare", "So sánh", "Compare"),)


def compare(view: View) -> Response:
    """``?from&to`` against ``?before_from&before_to``, by default the period before it."""
    now = period(view)
    before = period(view, "before_") if view.asked("before_from") else now.before
    then, today = lines(view, before), lines(view, now)
    return view.show("compare.html", sources(view, then, today), rules(view, then, today), now=now, before=before)


def lines(view: View, chosen: Period) -> list[scores.Line]:
    """The sums of a period that the account may see."""
    return scores.lines(view.hub, chosen.since, chosen.until, view.flows)


def sources(view: View, before: list[scores.Line], now: list[scores.Line]) -> Table:
    """The index of each source, then and now, and how each criterion moved."""
    then, today = scores.by_flow(before), scores.by_flow(now)
    rows = []
    for flow in view.flows.values():
        old, new = then[flow.id], today[flow.id]
        moved = [change(old.criteria.get(name), new.criteria.get(name)) for name in CRITERIA]
        name = Cell(view.say(flow.dataset.vi, flow.dataset.en), f"/sources/{flow.id}")
        rows.append([name, score(old.total), score(new.total), change(old.total, new.total), *moved])
    heads = view.heads("Nguồn|Source", "DQI trước|DQI before", "DQI nay|DQI now", "Thay đổi|Change")
    return Table("sources", view.say("Theo nguồn", "By source"), (*heads, *(criterion(view.say, name) for name in CRITERIA)), rows)


def change(old: float | None, new: float | None) -> Cell:
    """Points up or down; a tenth of a point is a move."""
    if old is None or new is None:
        return Cell(None, tone="none")
    moved = floored(new - old) if new >= old else -floored(old - new)
    return Cell(moved, tone="good" if moved >= 0.1 else "bad" if moved <= -0.1 else "")


def rules(view: View, before: list[scores.Line], now: list[scores.Line]) -> Table:
    """Rules whose failures changed most."""
    then, today = shares(before), shares(now)
    moved = sorted(
        ((today[rule] - then[rule], rule) for rule in then.keys() & today.keys() if today[rule] != then[rule]), key=lambda one: -abs(one[0])
    )
    rows = [
        (
            rule_link(rule),
            rule_title(view.say, rule),
            floored(then[rule]),
            floored(today[rule]),
            change(then[rule], today[rule]),
        )
        for _, rule in moved[:40]
    ]
    heads = view.heads("Quy tắc|Rule", "Nội dung|What it says", "Đạt % trước|Passed % before", "Đạt % nay|Passed % now", "Thay đổi|Change")
    return Table("rules", view.say("Quy tắc thay đổi nhiều nhất", "Rules that moved most"), heads, rows)


def shares(found: list[scores.Line]) -> dict[str, float]:
    """Rule → percent of evaluations passed."""
    sums: dict[str, tuple[int, int]] = {}
    for line in found:
        evaluated, failed = sums.get(line.rule, (0, 0))
        sums[line.rule] = (evaluated + line.evaluated, failed + line.failed)
    return {rule: 100 * (evaluated - failed) / evaluated for rule, (evaluated, failed) in sums.items() if evaluated}


PAGES = (Page("/compare", compare),)
