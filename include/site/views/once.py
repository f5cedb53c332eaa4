"""Once only: what was handed in although the state held it, by desk and procedure down to the dossier."""

from collections.abc import Sequence
from datetime import date

from starlette.responses import Response

from include.names import agencies, procedures
from include.once import never_again as indicator
from include.once.answers import OUTCOMES
from include.once.never_again import Sum, percent
from include.site.accounts import Role
from include.site.charts import trend
from include.site.period import Period, period
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View
from include.site.views.once_figures import SHOWN, components, desks, figures, heads, offences, sums
from include.site.views.once_words import PROVIDED, what

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


def dossier_page(view: View) -> Response:
    """One dossier: each component, what the state held, and the evidence of every question asked for it. No personal data."""
    code = view.named("code")
    rows = view.hub.db.rows(
        "SELECT procedure, component, provided, what, since, desk, agency, filed_at FROM hub.handed WHERE code = %s ORDER BY n", code
    )
    proofs = view.hub.db.rows(
        "SELECT component, outcome, what, records, asker, at, id::text FROM hub.evidence WHERE dossier = %s ORDER BY at, component", code
    )
    if not rows and not proofs:
        raise LookupError(view.say(f"không có hồ sơ {code} trong chỉ số", f"no dossier {code} in the indicator"))
    called, names = components(), agencies(view.hub)
    lines = [
        (
            called.get(component, component),
            view.say(*PROVIDED[provided]),
            Cell(what(view.say, held) if held else "", tone="bad" if held and provided == "new" else "good" if held else ""),
            since,
        )
        for _, component, provided, held, since, *_ in rows
    ]
    kept = [
        (called.get(component, component), view.say(*OUTCOMES[outcome]), what(view.say, items), sources(records), asker, at, number)
        for component, outcome, items, records, asker, at, number in proofs
    ]
    columns = view.heads("Thành phần|Component", "Cách nộp|How it came", "Nhà nước đã có|The state held", "Từ lúc|Since")
    proof_columns = view.heads(
        "Thành phần|Component", "Kết quả|Outcome", "Nhờ|By", "Nguồn|Source", "Người hỏi|Asked by", "Lúc|At", "Mã bằng chứng|Evidence"
    )
    return view.show(
        "once_dossier.html",
        Table("components", view.say("Thành phần hồ sơ", "Components"), columns, lines),
        Table("evidence", view.say("Bằng chứng đã lưu", "Evidence kept"), proof_columns, kept),
        code=code,
        procedure=rows[0][0] if rows else "",
        desk=names.get(rows[0][5], rows[0][5]) if rows else "",
        agency=names.get(rows[0][6], rows[0][6]) if rows else "",
        filed_at=rows[0][7] if rows else None,
    )


def sources(records: Sequence[dict[str, str]]) -> str:
    """Which registers the proofs are from, in which version."""
    return "; ".join(f"{one['source']} v{one['version']}" for one in records)


def computed(view: View) -> object:
    """When the indicator was brought up to date; None before the first time."""
    rows = view.hub.db.rows("SELECT at FROM hub.once_state")
    return rows[0][0] if rows else None


PAGES = (
    Page("/once", never_again, SEES),
    Page("/dossiers/{code}", dossier_page, SEES),
)
