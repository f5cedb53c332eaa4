"""The hub's count of dossiers against the national portal's own, month by month (index 1.4)."""

from starlette.responses import Response

from include import acts
from include.indicators import reconcile
from include.names import agencies
from include.site.accounts import Role
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View

MENU: tuple[Entry, ...] = ()
LISTED = 200
READERS = frozenset({Role.AUDITOR, Role.STAFF})


def page(view: View) -> Response:
    """One month: by agency, and the dossiers that are not on the portal."""
    month = reconcile.month_of(view.asked("period") or f"{view.hub.today:%Y-%m}")
    names = agencies(view.hub)
    lines = reconcile.lines(view.hub, month)
    rows = [
        (names.get(one.agency, one.agency), one.agency, one.ours, one.accepted, one.refused, one.waiting, one.unsent, one.theirs,
         Cell(one.elsewhere, tone="warn" if one.elsewhere else "good" if one.elsewhere == 0 else ""))
        for one in lines
    ]  # fmt: skip
    states = [view.say(*words) for words in reconcile.STATES.values()]
    heads = (*view.heads("Cơ quan|Agency", "Mã|Code", "Hub giữ|Hub holds"), *states, *view.heads("Cổng đếm|Portal counts", "Chênh lệch|Difference"))
    note = view.say(
        "Chênh lệch = số Cổng đếm − số Cổng đã nhận từ hub: dương là hồ sơ đến Cổng bằng đường khác, âm là Cổng đếm thiếu.",
        "Difference = what the portal counts less what it accepted from the hub: above zero came another way, below zero the portal counts too few.",
    )
    limit = LISTED * 100 if view.asked("export") else LISTED
    missing = [
        (Cell(code, f"/dossiers/{code}"), names.get(agency, agency), view.say(*reconcile.STATES[state]), why)
        for code, agency, state, why in reconcile.missing(view.hub, month, limit)
    ]
    listed = view.heads("Mã hồ sơ|Dossier", "Cơ quan|Agency", "Tình trạng|State", "Mã từ chối|Code of refusal")
    return view.show(
        "reconcile.html",
        Table("portal", view.say("Theo cơ quan", "By agency"), heads, rows, note),
        Table("missing", view.say("Hồ sơ chưa có trên Cổng", "Dossiers not on the portal"), listed, missing),
        month=month, asked_at=reconcile.asked_at(view.hub, month),
        ours=sum(one.ours for one in lines), accepted=sum(one.accepted for one in lines), theirs=sum(one.theirs or 0 for one in lines),
    )  # fmt: skip


def ask(view: View) -> Response:
    """Asks the portal for its count of a month."""
    name = view.form.get("period", "")
    reconcile.ask(view.hub, view.hub.settings.endpoint("dvcqg"), reconcile.month_of(name))
    with view.hub.db.transaction() as connection:
        acts.record(connection, view.hub, view.account.name, "reconcile", f"month/{name}")
    return view.back(f"/indicators/portal?period={name}")


PAGES = (Page("/indicators/portal", page, READERS), Page("/indicators/portal", ask, READERS, posts=True))
