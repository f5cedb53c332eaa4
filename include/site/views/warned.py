"""One row that was taken with a warning: what was noted, what came, what was understood; personal values always veiled."""

from starlette.responses import Response

from include.evidence import Place, at
from include.hub import Hub
from include.site.table import Table
from include.site.view import Entry, Page, View
from include.site.views.row import issues, mapped, told

MENU: tuple[Entry, ...] = ()
LONGEST = 9
"""Digits of a number the database holds."""


def row(view: View) -> Response:
    """The row, veiled. LookupError where no warning was noted."""
    flow, run, page, record = view.flow(view.named("flow")), view.named("run"), view.named("page"), view.named("record")
    if not all(text.isdecimal() and len(text) <= LONGEST for text in (page, record)):
        raise LookupError(view.say("không có dòng này", "no such row"))
    place = Place(flow.id, run, int(page), int(record))
    noted = warnings(view, place)
    if not noted.rows:
        raise LookupError(view.say("dòng này không có cảnh báo", "no warning was noted of this row"))
    found = at(view.hub, place) if landed(view.hub, place) else None
    return view.show("warned.html", noted, mapped(view, found, flow.dataset.entity, revealed=False), flow=flow, place=place,
                     raw=told(found, revealed=False))  # fmt: skip


def warnings(view: View, place: Place) -> Table:
    """Everything noted of the row."""
    found = view.hub.db.rows(
        "SELECT code, field, why FROM hub.warning WHERE flow = %s AND run = %s AND n = %s AND idx = %s ORDER BY 1, 2",
        place.flow, place.run, place.n, place.idx,
    )  # fmt: skip
    noted = [dict(zip(("code", "field", "why"), one, strict=True)) for one in found]
    return issues(view, noted, view.say("Được nhận kèm cảnh báo", "Taken with warnings"))


def landed(hub: Hub, place: Place) -> bool:
    """Whether its page is still kept."""
    query = "SELECT 1 FROM hub.landed_page WHERE flow = %s AND run = %s AND n = %s"
    return bool(hub.db.rows(query, place.flow, place.run, place.n))


PAGES = (Page("/warned/{flow}/{page}/{record}/{run:path}", row),)
