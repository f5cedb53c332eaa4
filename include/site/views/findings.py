"""Findings: what looks made up or has drifted, and what people say of it."""

from typing import Any

from starlette.responses import Response

from include import acts, findings
from include.site.accounts import Role
from include.site.table import Cell, Table, floored
from include.site.view import Entry, Page, View, number
from include.site.words import reason, run_link
from quality.issues import CATALOGUE

MENU = (Entry("/findings", "Phát hiện", "Findings"),)
STATES = {"new": ("chưa xem", "new"), "seen": ("đã xem", "seen"), "normal": ("bình thường", "normal"), "incident": ("sự cố", "incident")}
TONES = {"new": "warn", "seen": "", "normal": "good", "incident": "bad"}
KINDS = {
    "fabrication": ("dấu hiệu bịa số liệu", "sign of fabrication"),
    "drift": ("khác quá khứ của nguồn", "drift"),
    "gate": ("lượt đồng bộ bị chặn", "a run was held"),
    "reception": ("hồ sơ sai nơi", "dossiers in the wrong place"),
}


def listing(view: View) -> Response:
    """All findings, those nobody looked at first."""
    rows = [
        (
            Cell(one["id"], f"/findings/{one['id']}"),
            reason(view.say, one["code"]),
            view.say(*KINDS[one["kind"]]),
            one["flow"],
            one["field"],
            one["agency"],
            floored(one["value"]),
            None if one["expected"] is None else floored(one["expected"]),
            Cell(view.say(*STATES[one["state"]]), tone=TONES[one["state"]]),
            one["at"],
        )
        for one in findings.listed(view.hub, view.asked("flow"), 500, flows=view.flows)
    ]
    heads = view.heads("Số|No.", "Phát hiện|Finding", "Loại|Kind", "Nguồn|Source", "Trường|Field", "Cơ quan|Agency", "Đo được|Measured")
    more = view.heads("Thường là|Usual", "Phân loại|Triage", "Lúc|At")
    return view.show("findings.html", Table("findings", view.say("Phát hiện", "Findings"), (*heads, *more), rows))


def one(view: View) -> Response:
    """One finding, what it means, and what was said of it."""
    found = own(view)
    rows = [
        (act["at"][:16].replace("T", " "), act["who"], view.say(*STATES[act["state"]]), act["why"])
        for act in acts.of(view.hub, f"finding/{found['id']}")
    ]
    columns = view.heads("Lúc|At", "Ai|Who", "Phân loại|Triage", "Nhận xét|Comment")
    history = Table("history", view.say("Nhận xét", "Comments"), columns, rows)
    told = found["detail"]
    said = [(view.say("vì sao", "why"), view.say(told["vi"], told["en"]))] if told.keys() == {"vi", "en"} else sorted(told.items())
    detail = Table("detail", view.say("Chi tiết", "Detail"), view.heads("Tên|Name", "Giá trị|Value"), said)
    return view.show(
        "finding.html",
        detail,
        history,
        found=found,
        kind=CATALOGUE[found["code"]],
        state=view.say(*STATES[found["state"]]),
        what=view.say(*KINDS[found["kind"]]),
        run=run_link(found["flow"], found["run"]),
        choices=[(name, view.say(*STATES[name])) for name in findings.TRIAGE],
    )


def own(view: View) -> dict[str, Any]:
    """The finding, when it is of a source the account may see."""
    names = ("id", "flow", "run", "kind", "code", "field", "agency", "value", "expected", "detail", "state", "at")
    which = number(view.named("number"))
    rows = view.hub.db.rows(f"SELECT {', '.join(names)} FROM hub.finding WHERE id = %s", which)
    if not rows or rows[0][1] not in view.flows:
        raise LookupError(view.say("không có phát hiện này", "no such finding"))
    return dict(zip(names, rows[0], strict=True))


def triage(view: View) -> Response:
    """Somebody says what it is."""
    found = own(view)
    findings.triage(view.hub, found["id"], view.account.name, view.form.get("state", ""), view.form.get("comment", ""))
    return view.back(f"/findings/{found['id']}")


PAGES = (
    Page("/findings", listing),
    Page("/findings/{number}", one),
    Page("/findings/{number}/triage", triage, frozenset({Role.AUDITOR, Role.STAFF}), posts=True),
)
