"""Runs: what one received and what became of it, as its signed report says, and where that report stands in the log."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from include import acts
from include.flows import Flow
from include.life import Refused
from include.reporting import masked
from include.runs import books, get, steps
from include.site.table import Cell, Table, score
from include.site.view import Entry, Page, View
from include.site.views.sources import tone
from include.site.words import ROW_STATES, STATES, reason, rule_link, rule_title, run_link, step

MENU = (Entry("/runs", "Lần chạy", "Runs"),)
PER_PAGE = 100


def listing(view: View) -> Response:
    """The latest runs of all sources; ``?before=`` goes back."""
    flow, before = view.asked("flow"), moment(view)
    found = view.hub.db.rows(
        "SELECT flow, run, state, started_at, finished_at, whole, dry FROM hub.run WHERE flow = ANY(%s) AND (%s = '' OR flow = %s)"
        " AND (%s::timestamptz IS NULL OR started_at < %s) ORDER BY started_at DESC LIMIT %s",
        list(view.flows), flow, flow, before, before, PER_PAGE,
    )  # fmt: skip
    rows = [
        (run_link(of, run), Cell(of, f"/sources/{of}"), Cell(view.say(*STATES[state]), tone=tone(state)), started, ended, kind(view, whole, dry))
        for of, run, state, started, ended, whole, dry in found
    ]
    columns = view.heads("Lần chạy|Run", "Nguồn|Source", "Tình trạng|State", "Bắt đầu|Started", "Kết thúc|Ended", "Kiểu|Kind")
    older = view.link(before=found[-1][3].isoformat()) if len(found) == PER_PAGE else ""
    return view.show("runs.html", Table("runs", view.say("Các lần chạy", "Runs"), columns, rows), older=older)


def moment(view: View) -> datetime | None:
    """The moment of ``?before=``."""
    text = view.asked("before")
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(view.say("Thời điểm phải có dạng 2026-11-30T08:00:00.", "A moment is written as 2026-11-30T08:00:00.")) from None


def kind(view: View, whole: bool, dry: bool) -> str:
    """Full or incremental; a trial."""
    return view.say("chạy thử", "trial") if dry else view.say("đọc toàn bộ", "full read") if whole else view.say("phần thay đổi", "changes")


def run(view: View) -> Response:
    """One run."""
    flow, name = view.flow(view.named("flow")), view.named("run")
    row, found = get(view.hub, flow.id, name), view.hub.db.rows(REPORT, flow.id, name)
    document: dict[str, Any] = found[0][1] if found else {}
    counts = books(steps(view.hub, flow.id, name)).document()
    return view.show(
        "run_page.html",
        rules(view, document),
        reasons(view, flow.id, name),
        warnings(view, flow, name),
        flow=flow,
        run=row,
        state=view.say(*STATES[row.state]),
        note=view.hub.db.rows("SELECT note FROM hub.run WHERE flow = %s AND run = %s", flow.id, name)[0][0],
        counts=counts,
        document=document,
        place=found[0][0] if found else None,
        sha256=found[0][2] if found else "",
        signatures=[act for act in acts.of(view.hub, f"run/{flow.id}/{name}") if act["kind"] == "sign"],
    )


REPORT = """
SELECT l.seq, r.document, r.sha256 FROM hub.report r JOIN hub.log_leaf l ON l.log = 'runs' AND l.ref = r.seq::text
WHERE r.flow = %s AND r.run = %s ORDER BY r.seq DESC LIMIT 1
"""


def rules(view: View, document: dict[str, Any]) -> Table:
    """What every rule evaluated."""
    rows = []
    for one in document.get("rules", ()):
        passed = 100 * (one["evaluated"] - one["failed"]) / one["evaluated"] if one["evaluated"] else None
        verdict = view.say("quy tắc hỏng (CNTT)", "rule broken (IT)") if one["status"] == "error" else one["code"]
        title = rule_title(view.say, one["rule"])
        rows.append((step(view.say, one["step"]), rule_link(one["rule"]), title, verdict, one["evaluated"], one["failed"], score(passed)))
    heads = view.heads("Bước|Step", "Quy tắc|Rule", "Nội dung|What it says", "Mã|Code", "Đã xét|Evaluated", "Không đạt|Failed", "Đạt %|Passed %")
    return Table("rules", view.say("Các phép kiểm tra", "Checks"), heads, rows)


def reasons(view: View, flow: str, run: str) -> Table:
    """Why rows of the run were put aside."""
    found = view.hub.db.rows("SELECT id, source_key, codes, state FROM hub.quarantine WHERE flow = %s AND run = %s ORDER BY id LIMIT 500", flow, run)
    rows = [
        (Cell(number, f"/quarantine/{number}"), masked(key or ""), ", ".join(reason(view.say, code) for code in codes), view.say(*ROW_STATES[state]))
        for number, key, codes, state in found
    ]
    columns = view.heads("Số|No.", "Khóa (che)|Key (masked)", "Lý do|Reasons", "Tình trạng|State")
    return Table("held", view.say("Các dòng bị cách ly (tối đa 500)", "Rows put aside (at most 500)"), columns, rows)


def warnings(view: View, flow: Flow, run: str) -> Table:
    """What was noted of rows that were taken, by code and field, with the first row of each."""
    found = view.hub.db.rows(
        "SELECT code, field, count(*), min(array[n, idx]) FROM hub.warning WHERE flow = %s AND run = %s GROUP BY code, field ORDER BY 3 DESC, 1, 2",
        flow.id,
        run,
    )
    rows = [
        (reason(view.say, code), code, field, count, Cell(f"{n}, {idx}", f"/warned/{flow.id}/{n}/{idx}/{quote(run, safe='')}"))
        for code, field, count, (n, idx) in found
    ]
    heads = view.heads("Nội dung|What", "Mã|Code", "Trường|Field", "Số dòng|Rows", "Dòng đầu tiên (trang, dòng)|First row (page, row)")
    return Table("warnings", view.say("Cảnh báo (dòng vẫn được nhận)", "Warnings (rows were taken)"), heads, rows)


PAGES = (Page("/runs", listing), Page("/runs/{flow}/{run:path}", run))
