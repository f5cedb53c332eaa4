"""One row put aside: what came, what was understood, why it is held, who does what by when. Personal data only for a stated reason."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from starlette.responses import Response

from include import acts, life, replay
from include.evidence import Evidence, Place, at, personal, veiled
from include.life import Refused, given
from include.reporting import PERSONAL_NUMBER
from include.shelf import one
from include.site.accounts import Role
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View
from include.site.view import number as typed
from include.site.words import ROW_STATES, reason, remedy, sentence
from mappings.canonical import Entity

MENU: tuple[Entry, ...] = ()
ANSWERS = frozenset({Role.STAFF, Role.AGENCY})
KINDS = {
    "assign": ("giao xử lý", "assigned"),
    "waive": ("miễn có hạn", "waived"),
    "reopen": ("mở lại", "reopened"),
    "reveal": ("xem dữ liệu cá nhân", "looked at personal data"),
    "replay": ("chạy lại", "replayed"),
    "prove": ("lập gói bằng chứng", "made a proof pack"),
}
"""Of acts on a row."""


def row(view: View) -> Response:
    """The row, veiled."""
    return page(view, number(view), revealed=False)


def reveal(view: View) -> Response:
    """The row whole, this once: the look is noted with its reason before anything is shown."""
    which = number(view)
    own(view, which)
    why = given(view.form.get("why", ""), view.say("lý do xem", "reason"))
    with view.hub.db.transaction() as connection:
        acts.record(connection, view.hub, view.account.name, "reveal", f"quarantine/{which}", why=why)
    return page(view, which, revealed=True)


def page(view: View, which: int, *, revealed: bool) -> Response:
    """The page, with or without what is personal."""
    facts = own(view, which, whole=revealed)
    flow = view.flow(facts["flow"])
    found = at(view.hub, Place(facts["flow"], facts["run"], facts["page"], facts["record"])) if facts["sha256"] else None
    return view.show(
        "row.html",
        issues(view, facts["issues"], view.say("Vì sao bị cách ly", "Why it is held")),
        mapped(view, found, flow.dataset.entity, revealed=revealed),
        history(view, which),
        row=facts,
        flow=flow,
        state=view.say(*ROW_STATES[facts["state"]]),
        open=facts["state"] in life.OPEN,
        revealed=revealed,
        raw=told(found, revealed=revealed),
        late=facts["fix_by"] and facts["state"] in life.OPEN and facts["fix_by"] < view.hub.today,
    )


def own(view: View, which: int, *, whole: bool = False) -> dict[str, Any]:
    """The row's facts, when it is of a source the account may see; what is personal in them masked unless ``whole``."""
    facts = one(view.hub, which, whole=whole)
    view.flow(facts["flow"])
    extra = view.hub.db.rows("SELECT verify_by, fix_by, assignee, waived_until FROM hub.quarantine WHERE id = %s", which)[0]
    return facts | dict(zip(("verify_by", "fix_by", "assignee", "waived_until"), extra, strict=True))


def number(view: View) -> int:
    """The row's number in the address."""
    found = typed(view.named("number"))
    if found is None:
        raise LookupError(view.say("không có dòng này", "no such row"))
    return found


def told(found: Evidence | None, *, revealed: bool) -> str:
    """The record as received."""
    if found is None:
        return ""
    if found.record is None:
        return found.raw[:4000].decode(errors="replace") if revealed else f"{len(found.raw)} bytes"
    return json.dumps(found.record if revealed else veiled(found.record), ensure_ascii=False, indent=2, default=str)


def issues(view: View, found: Sequence[Mapping[str, Any]], title: str) -> Table:
    """All reasons, with what to do."""
    rows = [
        (
            reason(view.say, each["code"]),
            each["code"],
            each["field"],
            sentence(view.say, each["why"]),
            each.get("proposal", ""),
            remedy(view.say, each["code"]),
        )
        for each in found
    ]
    heads = view.heads("Lý do|Reason", "Mã|Code", "Trường|Field", "Cụ thể|In particular", "Đề xuất|Proposal", "Cách xử lý|What to do")
    return Table("issues", title, heads, rows)


def mapped(view: View, found: Evidence | None, entity: Entity, *, revealed: bool) -> Table:
    """What today's mapping reads in it."""
    values = found.mapped if found else {}
    flow = view.flow(found.place.flow) if found else None
    rows = []
    for field in entity.fields:
        value = values.get(field.name)
        text = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else value
        hidden = flow is not None and not revealed and (personal(flow, field.name) or PERSONAL_NUMBER.search(str(text)))
        rows.append((view.say(field.vi, field.en), field.name, "••••" if hidden and text is not None else Cell(text)))
    columns = view.heads("Trường|Field", "Tên kỹ thuật|Technical name", "Giá trị|Value")
    return Table("mapped", view.say("Được hiểu là", "Understood as"), columns, rows)


def history(view: View, which: int) -> Table:
    """Everything anybody did with the row."""
    rows = [
        (
            act["at"][:16].replace("T", " "),
            act["who"],
            view.say(*KINDS.get(act["kind"], (act["kind"],) * 2)),
            act.get("why", ""),
            act.get("assignee", "") or act.get("until", ""),
        )
        for act in acts.of(view.hub, f"quarantine/{which}")
    ]
    columns = view.heads("Lúc|At", "Ai|Who", "Việc|What", "Lý do|Why", "Giao cho, đến|To, until")
    return Table("history", view.say("Đã làm gì", "What was done"), columns, rows)


def assign(view: View) -> Response:
    """Gives it to somebody."""
    which = number(view)
    own(view, which)
    life.assign(view.hub, which, view.account.name, view.form.get("assignee", ""), view.form.get("why", ""))
    return view.back(f"/quarantine/{which}")


def waive(view: View) -> Response:
    """Lets it be until a day."""
    which = number(view)
    own(view, which)
    try:
        until = date.fromisoformat(view.form.get("until", ""))
    except ValueError:
        raise Refused(view.say("Hãy chọn ngày hết hạn miễn.", "Choose until when.")) from None
    life.waive(view.hub, which, view.account.name, until, view.form.get("why", ""))
    return view.back(f"/quarantine/{which}")


def reopen(view: View) -> Response:
    """Takes a decision back."""
    which = number(view)
    own(view, which)
    life.reopen(view.hub, which, view.account.name, view.form.get("why", ""))
    return view.back(f"/quarantine/{which}")


def again(view: View) -> Response:
    """Takes it through today's mapping and rules."""
    which = number(view)
    facts = own(view, which)
    with view.hub.db.transaction() as connection:
        acts.record(connection, view.hub, view.account.name, "replay", f"quarantine/{which}")
    replay.replay(view.hub, view.flow(facts["flow"]), replay.Choice(ids=(which,)))
    return view.back(f"/quarantine/{which}")


PAGES = (
    Page("/quarantine/{number}", row),
    Page("/quarantine/{number}/reveal", reveal, posts=True),
    Page("/quarantine/{number}/assign", assign, ANSWERS, posts=True),
    Page("/quarantine/{number}/waive", waive, frozenset({Role.STAFF}), posts=True),
    Page("/quarantine/{number}/reopen", reopen, ANSWERS, posts=True),
    Page("/quarantine/{number}/replay", again, frozenset({Role.STAFF}), posts=True),
)
