"""Desks and agencies: the dossiers of a day, hand-overs both ways with how long each waits, who is in charge, and what need not be asked."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from starlette.responses import Response

from include.names import agencies, procedures
from include.reception import desk
from include.reception.authority import REASONS, Charge, in_charge
from include.reception.desk import Desk, Filed, HandOver
from include.site.accounts import Role
from include.site.period import NoPeriod
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View
from include.site.views.once_figures import components
from include.site.views.once_words import PROVIDED, what
from include.site.words import status

SEES = frozenset({Role.AUDITOR, Role.STAFF})
MENU = (Entry("/desks", "Quầy, cơ quan", "Desks and agencies", tuple(SEES)),)
LISTED = 200
Names = Mapping[str, str]


def asked_day(view: View) -> date:
    """The day of the address; today without one."""
    try:
        return date.fromisoformat(view.asked("day")) if view.asked("day") else view.hub.today
    except ValueError:
        raise NoPeriod(view.say("Ngày phải có dạng 2026-11-30.", "A day is written as 2026-11-30.")) from None


def every_desk(view: View) -> Response:
    """Every agency in one line; where most waits, first."""
    day = asked_day(view)
    found = desk.all_desks(view.hub, day)
    query = f"?day={day}" if day != view.hub.today else ""
    rows = [line(view, one, query) for one in found]
    columns = view.heads(
        "Cơ quan|Agency", "Mã|Code", "Tiếp nhận trong ngày|Received that day", "Giải quyết trong số đó|Handles of that day",
        "Chờ tiếp nhận bàn giao|Waits for it", "Đã chuyển, nơi kia chưa nhận|It waits for", "Chờ lâu nhất (giờ)|Longest wait (hours)",
    )  # fmt: skip
    note = view.say("Bàn giao đang chờ: tính đến lúc này, không theo ngày đã chọn.", "Hand-overs that wait: as of now, whatever day was chosen.")
    return view.show(
        "desks.html",
        Table("desks", view.say("Quầy, cơ quan", "Desks and agencies"), columns, rows, note),
        day=day,
        received=sum(one.received for one in found),
        waiting=sum(one.incoming for one in found),
        desks_waiting=sum(one.incoming > 0 for one in found),
    )


def line(view: View, one: Desk, query: str) -> tuple[object, ...]:
    """One agency."""
    longest = hours(view.hub.clock() - one.since) if one.since else None
    incoming = Cell(one.incoming, tone="warn" if one.incoming else "")
    return Cell(one.name or one.agency, f"/desks/{one.agency}{query}"), one.agency, one.received, one.handled, incoming, one.outgoing, longest


def one_desk(view: View) -> Response:
    """One agency."""
    agency, day = view.named("desk"), asked_day(view)
    called = agencies(view.hub)
    filed = desk.of_day(view.hub, agency, day)
    charges = {one.code: one for one in in_charge(view.hub, [each.code for each in filed])}
    incoming, outgoing = (handed_over(view, agency, side, called) for side in ("incoming", "outgoing"))
    return view.show(
        "desk.html",
        of_day(view, filed, charges, called),
        needless(view, agency, day),
        incoming[1],
        outgoing[1],
        name=called.get(agency, agency),
        desk=agency,
        day=day,
        dossiers=len(filed),
        papers=sum(one.needless for one in filed),
        again=sum(one.again for one in filed),
        misdirected=sum(one.misdirected for one in charges.values()),
        incoming=incoming[0],
        outgoing=outgoing[0],
    )


def of_day(view: View, filed: list[Filed], charges: Mapping[str, Charge], called: Names) -> Table:
    """The dossiers of the day: where each was received and is handled, who is in charge, and what need not be asked."""
    names = procedures(view.hub)
    rows = [
        (Cell(one.code, f"/dossiers/{one.code}"), one.at.strftime("%H:%M"), names.get(one.procedure[:8], one.procedure), status(view.say, one.status),
         called.get(one.desk or "", one.desk), called.get(one.handled_by or "", one.handled_by), charge(view, charges.get(one.code), called),
         one.due_at, one.needless, Cell(one.again, tone="bad" if one.again else ""))
        for one in filed
    ]  # fmt: skip
    columns = view.heads(
        "Hồ sơ|Dossier", "Giờ nộp|Filed", "Thủ tục|Procedure", "Trạng thái|Status", "Nơi tiếp nhận|Received by", "Nơi giải quyết|Handled by",
        "Thẩm quyền|In charge", "Hẹn trả|Due", "Giấy tờ không phải hỏi|Need not be asked", "Vẫn phải nộp|Handed in again",
    )  # fmt: skip
    return Table("today", view.say("Hồ sơ trong ngày", "Dossiers of the day"), columns, rows)


def charge(view: View, one: Charge | None, called: Names) -> Cell:
    """Whether the agency that handles a dossier is in charge; else which one is, or why nobody can say."""
    if one is None:
        return Cell("")
    if one.reason:
        return Cell(view.say(*REASONS[one.reason]), tone="warn")
    return Cell(called.get(one.agency, one.agency), tone="bad") if one.misdirected else Cell(view.say("đúng", "right"), tone="good")


def handed_over(view: View, agency: str, side: Literal["incoming", "outgoing"], called: Names) -> tuple[int, Table]:
    """Hand-overs of one side, those that wait first; and how many wait."""
    limit = LISTED * 100 if view.asked("export") else LISTED
    waiting, found = desk.handed_over(view.hub, agency, side, limit)
    title = {"incoming": view.say("Bàn giao đến", "Incoming hand-overs"), "outgoing": view.say("Bàn giao đi", "Outgoing hand-overs")}[side]
    other = {"incoming": view.say("Từ", "From"), "outgoing": view.say("Đến", "To")}[side]
    names = procedures(view.hub)
    rows = []
    for one in found:
        there = one.sender if side == "incoming" else one.receiver
        waited = one.waited(view.hub.clock())
        rows.append((Cell(one.code, f"/dossiers/{one.code}"), names.get(one.procedure[:8], one.procedure), called.get(there, there), state(view, one),
                     one.sent, one.accepted, one.returned, None if waited is None else hours(waited), one.due_at))  # fmt: skip
    columns = (
        *view.heads("Hồ sơ|Dossier", "Thủ tục|Procedure"), other,
        *view.heads("Tình trạng|State", "Chuyển lúc|Sent", "Nhận lúc|Accepted", "Trả lại lúc|Returned", "Chờ (giờ)|Waited (hours)", "Hẹn trả|Due"),
    )  # fmt: skip
    note = view.say(
        f"Việc chờ lâu nhất trước, tối đa {LISTED} dòng; tệp xuất chứa tới {LISTED * 100}. Chờ: từ lúc chuyển đến bước xử lý đầu tiên ở nơi nhận.",
        f"What waits longest first, at most {LISTED}; a file holds up to {LISTED * 100}. Waited: from sending to the first handling step there.",
    )
    return waiting, Table(side, title, columns, rows, note)


def state(view: View, one: HandOver) -> Cell:
    """What became of a hand-over."""
    if one.waits:
        late = one.due_at is not None and one.due_at < view.hub.clock()
        return (
            Cell(view.say("đang chờ, quá hẹn trả", "waits, past its due day"), tone="bad")
            if late
            else Cell(view.say("đang chờ", "waits"), tone="warn")
        )
    if one.returned:
        return Cell(view.say("đã trả lại", "returned"), tone="good")
    if one.accepted:
        return Cell(view.say("đã nhận", "accepted"), tone="good")
    return Cell(view.say("đã chuyển tiếp", "passed on") if one.passed_on else status(view.say, one.status))


def hours(span: timedelta) -> float:
    """To a tenth."""
    return round(span.total_seconds() / 3600, 1)


def needless(view: View, agency: str, day: date) -> Table:
    """What need not be asked of whoever filed with the desk that day, paper by paper."""
    rows = view.hub.db.rows(
        "SELECT code, filed_at, procedure, component, provided, what, since FROM hub.handed WHERE desk = %s AND filed_at >= %s::date"
        " AND filed_at < %s::date + 1 AND what IS NOT NULL ORDER BY filed_at, code, n",
        agency,
        day,
        day,
    )
    called = components()
    lines = [
        (Cell(code, f"/dossiers/{code}"), filed.strftime("%H:%M"), Cell(called.get(component, component), f"/procedures/{procedure}"),
         view.say(*PROVIDED[provided]), Cell(what(view.say, held), tone="bad" if provided == "new" else "good"), since.date())
        for code, filed, procedure, component, provided, held, since in rows
    ]  # fmt: skip
    columns = view.heads(
        "Hồ sơ|Dossier", "Giờ|Time", "Thành phần|Component", "Cách nộp|How it came", "Không phải hỏi, đã có|Need not be asked: held", "Từ ngày|Since"
    )
    title = view.say("Không phải hỏi: Nhà nước đã có", "Need not be asked: the state holds it")
    return Table("needless", title, columns, lines)


PAGES = (Page("/desks", every_desk, SEES), Page("/desks/{desk}", one_desk, SEES))
