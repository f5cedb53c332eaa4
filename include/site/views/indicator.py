"""One indicator: what it says exactly, where it is missed, the dossiers behind it, and what mending them would win."""

from starlette.responses import Response

from include.indicators.catalogue import Indicator, Sums, indicator
from include.indicators.figures import Scope, behind, sums, trend
from include.indicators.measures import BY_NAME
from include.site.accounts import Role
from include.site.charts import trend as chart
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View
from include.site.views.indicators import LEVELS, PLACES, asked, missed, named, place, query, rounded, target_of

MENU: tuple[Entry, ...] = ()
LISTED = 200
MENDED = (1, 10, 50, 100, 500, 1000, 5000)


def page(view: View) -> Response:
    """One indicator in a scope."""
    one, scope = indicator(view.named("indicator")), asked(view)
    found = sums(view.hub, scope).get("", {})
    figure = one.figure(found)
    year = trend(view.hub, scope)
    rates = [one.figure(part).rate for part in year.values()]
    drawn = chart(view.say(one.vi, one.en), [f"{month[5:]}/{month[:4]}" for month in year], [(one.code, rates)])
    monthly = [(month, *counted(one, part)) for month, part in year.items()]
    heads = view.heads("Tử số|Counted", "Mẫu số|Of", "Tỷ lệ %|Rate %")
    tables = [Table("trend", view.say("Theo tháng", "By month"), (view.say("Tháng", "Month"), *heads), monthly)]
    inside = view.asked("show") == "counted"
    if one.kind == "dossier":
        tables += [by_place(view, one, scope, by) for by in ("agency", "procedure") if not getattr(scope, by)]
        tables += [gains(view, one, found), dossiers(view, one, scope, counted=inside)] if view.may(Role.AUDITOR, Role.STAFF) else []
    return view.show(
        "indicator.html", *tables,
        one=one, scope=scope, query=query(scope), figure=figure, rate=rounded(figure.rate), points=one.points(figure.rate),
        wanted=target_of(view, one, scope), chart_svg=drawn, inside=inside, places=PLACES, levels=LEVELS,
        measures=[BY_NAME[name] for name in dict.fromkeys((one.part, one.whole)) if name in BY_NAME],
    )  # fmt: skip


def counted(one: Indicator, part: Sums) -> tuple[object, ...]:
    """Numerator, denominator and rate."""
    figure = one.figure(part)
    return round(figure.part), round(figure.whole), rounded(figure.rate)


def by_place(view: View, one: Indicator, scope: Scope, by: str) -> Table:
    """Where it is missed most."""
    names = named(view, by)
    found = sorted(sums(view.hub, scope, by).items(), key=lambda pair: -missed(one, pair[1]))
    rows = [
        (Cell(names.get(key, key), place(scope.at(by, key), one.code)), key, missed(one, part), *counted(one, part))
        for key, part in found
        if one.figure(part).whole
    ]
    heads = view.heads("Mã|Code", "Không tính|Not counted", "Tử số|Counted", "Mẫu số|Of", "Tỷ lệ %|Rate %")
    return Table(by, view.say("Theo", "By") + f" {view.say(*PLACES[by]).lower()}", (view.say(*PLACES[by]), *heads), rows)


def gains(view: View, one: Indicator, found: Sums) -> Table:
    """Points won if so many dossiers were mended."""
    left = missed(one, found)
    steps = [*(each for each in MENDED if each < left), left] if one.most and left > 0 else []
    rows = [(number, round(one.gain(found, number), 2)) for number in steps]
    heads = view.heads("Hồ sơ được khắc phục|Dossiers mended", "Điểm được thêm|Points won")
    return Table("gains", view.say("Nếu khắc phục", "If mended"), heads, rows)


def dossiers(view: View, one: Indicator, scope: Scope, *, counted: bool) -> Table:
    """The latest dossiers in the numerator, or those missing from it; a file holds a hundred times as many."""
    limit = LISTED * 100 if view.asked("export") else LISTED
    rows = [
        (Cell(each.code, f"/dossiers/{each.code}"), each.procedure, each.agency, each.desk, each.received_at, each.deadline, each.end_at)
        for each in behind(view.hub, scope, one, counted=counted, limit=limit)
    ]
    heads = view.heads("Mã hồ sơ|Dossier", "Thủ tục|Procedure", "Giải quyết|Handled by", "Tiếp nhận|Received by", "Ngày tiếp nhận|Received",
                       "Hạn|Deadline", "Kết thúc|Ended")  # fmt: skip
    title = view.say("Hồ sơ được tính", "Dossiers counted") if counted else view.say("Hồ sơ không được tính", "Dossiers not counted")
    note = view.say(f"{LISTED} hồ sơ mới nhất; tệp xuất chứa tới {LISTED * 100}.", f"The latest {LISTED}; an export holds up to {LISTED * 100}.")
    return Table("dossiers", title, heads, rows, note if len(rows) >= LISTED else "")


PAGES = (Page("/indicators/{indicator}", page),)
