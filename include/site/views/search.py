"""Search by record key: what the hub holds of a record and where it was put aside. The key is never in an address; the log keeps its keyed hash."""

import hashlib
import hmac

from starlette.responses import Response

from include import acts
from include.life import given
from include.registry import vanishing
from include.site.accounts import secret
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View
from include.site.words import ROW_STATES, reason, run_link
from mappings.canonical import ENTITIES

MENU = (Entry("/search", "Tra cứu", "Search"),)


def form(view: View) -> Response:
    """The form."""
    return view.show("search.html", asked=False)


def search(view: View) -> Response:
    """What there is, after the look was noted."""
    key, why = given(view.form.get("key", ""), view.say("khóa bản ghi", "record key")), given(view.form.get("why", ""), view.say("lý do", "reason"))
    with view.hub.db.transaction() as connection:
        acts.record(connection, view.hub, view.account.name, "search", f"key/{keyed(view, key)}", why=why)
    return view.show("search.html", held(view, key), taken(view, key), vanished(view, key), asked=True, hash=keyed(view, key))


def keyed(view: View, key: str) -> str:
    """The keyed hash that stands for a record key in the log: the same key is recognised, none can be guessed back."""
    return hmac.new(secret(view.hub.settings, "search").encode(), key.encode(), hashlib.sha256).hexdigest()[:32]


def held(view: View, key: str) -> Table:
    """Rows put aside under the key."""
    found = view.hub.db.rows(
        "SELECT id, flow, run, codes, state, at FROM hub.quarantine WHERE source_key = %s AND flow = ANY(%s) ORDER BY id DESC LIMIT 200",
        key,
        list(view.flows),
    )
    rows = [
        (Cell(number, f"/quarantine/{number}"), flow, run_link(flow, run), reasons(view, codes), view.say(*ROW_STATES[state]), at)
        for number, flow, run, codes, state, at in found
    ]
    columns = view.heads("Số|No.", "Nguồn|Source", "Lần chạy|Run", "Lý do|Reasons", "Tình trạng|State", "Lúc|At")
    return Table("held", view.say("Đã bị cách ly", "Put aside"), columns, rows)


def reasons(view: View, codes: list[str]) -> str:
    """Reason codes in words."""
    return "; ".join(reason(view.say, code) for code in codes)


def taken(view: View, key: str) -> Table:
    """Records taken under the key, or under an identifier of the same value: which source, which run, which golden record, which version."""
    values = {"flows": list(view.flows), "key": key, "entities": [entity.name for entity in ENTITIES], "kinds": kinds()}
    with view.hub.db.session() as connection:
        found = connection.execute(TAKEN, values).fetchall()
    rows = [(Cell(flow, f"/sources/{flow}"), run_link(flow, run), n, idx, entity, rule) for flow, run, n, idx, entity, rule, _ in found]
    heads = view.heads("Nguồn|Source", "Lần chạy|Run", "Trang|Page", "Dòng|Row", "Bản ghi vàng|Golden record", "Khớp bằng|Matched by")
    return Table("taken", view.say("Đã nhận", "Taken"), heads, rows)


def vanished(view: View, key: str) -> Table:
    """That a record under the key left its source, and when."""
    rows = [
        (Cell(flow, f"/sources/{flow}"), whereabouts(view, gone, held=held, closed=closed), at, run_link(flow, missed),
         run_link(flow, gone) if gone else None, entity)
        for flow, entity, missed, gone, held, closed, at in vanishing.of_key(view.hub, list(view.flows), key)
    ]  # fmt: skip
    heads = view.heads("Nguồn|Source", "Tình trạng|State", "Lúc|At", "Lần đọc không thấy|Missed by run", "Lần chạy kết luận|Gone with run")
    columns = (*heads, view.say("Bản ghi vàng", "Golden record"))
    return Table("vanished", view.say("Đã rời nguồn", "Left its source"), columns, rows)


def whereabouts(view: View, gone: str | None, *, held: bool, closed: bool) -> str:
    """Where a record stands that its source no longer holds."""
    if gone is None:
        return view.say("thiếu, chờ người xác nhận", "missing, held for a person's word") if held else view.say("thiếu", "missing")
    return view.say("đã rời nguồn, bản ghi vàng đã đóng", "gone, golden record closed") if closed else view.say("đã rời nguồn", "gone")


TAKEN = """
SELECT flow, run, n, idx, entity_id::text, rule, moment FROM hub.source_record WHERE flow = ANY(%(flows)s) AND source_key = %(key)s
UNION
SELECT s.flow, s.run, s.n, s.idx, s.entity_id::text, s.rule, s.moment FROM hub.identifier a JOIN hub.source_record s USING (entity_id)
WHERE a.entity = ANY(%(entities)s) AND a.kind = ANY(%(kinds)s) AND a.value = %(key)s AND s.flow = ANY(%(flows)s)
ORDER BY 1, 2 LIMIT 200
"""


def kinds() -> list[str]:
    """Every kind of identifier an entity is known by."""
    return sorted({name for entity in ENTITIES for name in (entity.key, *entity.aliases)})


PAGES = (Page("/search", form), Page("/search", search, posts=True))
