"""The schema of one source as it was recorded, what has changed in it, and what follows from a change."""

from typing import Any

from starlette.responses import Response

from include.schema import changes
from include.site.table import Cell, Table, floored
from include.site.view import Entry, Page, View
from include.site.views.findings import STATES, TONES
from include.site.words import reason, run_link
from quality import schema

MENU: tuple[Entry, ...] = ()


def page(view: View) -> Response:
    """Fields of the wire, and findings about them."""
    flow = view.flow(view.named("flow"))
    mode = schema.mode(flow.dataset.id)
    return view.show("schema.html", found(view, flow.id), fields(view, flow.id), flow=flow, mode=mode, means=view.say(*schema.words(mode)))


def found(view: View, flow: str) -> Table:
    """What has changed, the latest first."""
    rows = [
        (
            Cell(one["id"], f"/findings/{one['id']}"),
            reason(view.say, one["code"]),
            one["field"],
            types(one["detail"]),
            run_link(flow, one["run"]),
            one["detail"]["page"],
            int(one["value"]),
            Cell(view.say(*STATES[one["state"]]), tone=TONES[one["state"]]),
            one["at"],
        )
        for one in changes(view.hub, flow)
    ]
    heads = view.heads("Số|No.", "Thay đổi|Change", "Trường của nguồn|Field of the source", "Kiểu|Type", "Lần chạy|Run")
    more = view.heads("Trang đầu tiên|First page", "Số dòng|Rows", "Phân loại|Triage", "Lúc|At")
    return Table("changes", view.say("Thay đổi đã phát hiện", "Changes found"), (*heads, *more), rows)


def types(detail: dict[str, Any]) -> str:
    """From which types to which."""
    return " → ".join(", ".join(detail[when]) for when in ("was", "now") if detail[when])


def fields(view: View, flow: str) -> Table:
    """Every field the source ever sent, as recorded."""
    known = view.hub.db.rows("SELECT field, types, records, present, since FROM hub.source_field WHERE flow = %s ORDER BY field", flow)
    rows = [(field, kinds, records, floored(100 * present / records) if records else None, since) for field, kinds, records, present, since in known]
    heads = view.heads("Trường của nguồn|Field of the source", "Kiểu|Types", "Bản ghi đã xem|Records seen", "Có mặt %|Present %", "Từ|Since")
    return Table("schema", view.say("Cấu trúc đã ghi nhận", "The schema as recorded"), heads, rows)


PAGES = (Page("/sources/{flow}/schema", page),)
