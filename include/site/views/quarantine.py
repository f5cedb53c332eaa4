"""Rows put aside: the list with its filters, and what can be done with many at once."""

from typing import Any

from starlette.responses import Response

from include import replay
from include.flows import flow as find
from include.life import STATES, Refused
from include.shelf import shown
from include.site.accounts import Role
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View, number
from include.site.words import ROW_STATES, reason
from quality.issues import CATALOGUE

MENU = (Entry("/quarantine", "Cách ly", "Quarantine"),)
PER_PAGE, EXPORTED = 100, 100_000
FILTERS = ("", "overdue", "closed", *STATES)
LIST = """
SELECT id, flow, run, source_key, codes, issues, state, at, fix_by, assignee, waived_until FROM hub.quarantine
WHERE flow = ANY(%(flows)s) AND (%(code)s::text = '' OR codes @> ARRAY[%(code)s::text]) AND id < %(before)s {state}
ORDER BY id DESC LIMIT %(limit)s
"""
WHERE = {
    "": "AND closed_at IS NULL",
    "overdue": "AND closed_at IS NULL AND fix_by < %(today)s AND (waived_until IS NULL OR waived_until < %(today)s)",
    "closed": "AND closed_at IS NOT NULL",
} | {state: f"AND state = '{state}'" for state in STATES}


def listing(view: View) -> Response:
    """The latest rows that meet the filters; ``?before=`` goes back."""
    exporting = bool(view.asked("export"))
    flow, code, state = view.asked("flow"), view.asked("code"), view.asked("state")
    found = rows(view, EXPORTED if exporting else PER_PAGE)
    heads = view.heads("Số|No.", "Nguồn|Source", "Khóa|Key", "Lý do|Reasons", "Trường|Fields", "Tình trạng|State", "Từ|Since", "Hạn sửa|Mend by")
    title = view.say("Các dòng bị cách ly", "Rows put aside")
    note = view.say(f"Tệp xuất có tối đa {EXPORTED} dòng.", f"A file holds at most {EXPORTED} rows.")
    table = Table("quarantine", title, (*heads, view.say("Người xử lý", "Assignee")), [line(view, row) for row in found], note)
    return view.show(
        "quarantine.html",
        table,
        flow=flow,
        code=code,
        state=state,
        states=[(name, view.say(*LABELS[name])) for name in FILTERS],
        codes=sorted((reason(view.say, name), name) for name, kind in CATALOGUE.items() if kind.severity != "warn"),
        older=view.link(before=str(found[-1][0])) if len(found) == PER_PAGE else "",
        done=view.asked("done"),
    )


LABELS = {"": ("đang mở", "open"), "overdue": ("quá hạn", "overdue"), "closed": ("đã đóng", "closed")} | ROW_STATES


def rows(view: View, limit: int) -> list[Any]:
    """The rows the filters ask for."""
    flow, state, before = view.asked("flow"), view.asked("state"), view.asked("before")
    flows = [view.flow(flow).id] if flow else list(view.flows)
    if state not in WHERE:
        raise LookupError(view.say(f"không có tình trạng {state}", f"no state {state}"))
    values = {
        "flows": flows,
        "code": view.asked("code"),
        "before": number(before) or 2**62,
        "today": view.hub.today,
        "limit": limit,
    }
    with view.hub.db.session() as connection:
        return connection.execute(LIST.format(state=WHERE[state]), values).fetchall()


def line(view: View, row: Any) -> list[Any]:
    """One row of the list; keys of persons are masked."""
    number, flow, _run, key, codes, issues, state, at, fix_by, assignee, waived = row
    late = fix_by and state in {"open", "assigned", "waived"} and fix_by < view.hub.today and not (waived and waived >= view.hub.today)
    return [
        Cell(number, f"/quarantine/{number}"), flow, shown(flow, key), "; ".join(reason(view.say, code) for code in codes),
        ", ".join(dict.fromkeys(issue["field"] for issue in issues if issue["field"])), view.say(*ROW_STATES[state]), at,
        Cell(fix_by, tone="bad" if late else ""), assignee,
    ]  # fmt: skip


def again(view: View) -> Response:
    """Takes all open rows of a source and reason, or of a run, through today's rules."""
    flow = view.flow(view.form.get("flow", ""))
    choice = replay.Choice(view.form.get("run", ""), view.form.get("code", ""))
    if not choice.code and not choice.run:
        raise Refused(view.say("Hãy chọn một lý do hoặc một lần chạy.", "Choose a reason or a run."))
    done = replay.replay(view.hub, find(flow.id), choice)
    rows = sum(counts.received for _, counts in done)
    return view.back(f"/quarantine?flow={flow.id}&code={choice.code}&done={rows}")


PAGES = (Page("/quarantine", listing), Page("/quarantine/replay", again, frozenset({Role.STAFF}), posts=True))
