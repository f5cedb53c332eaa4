"""Conflicts: what portal and one-stop system say differently of a dossier, whose value stands, and how a person settled it."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from include.dossiers import conflicts, settling
from include.dossiers.settling import APPLICANTS
from include.flows import flow as find
from include.site.accounts import Role
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View
from include.site.view import number as typed
from mappings.canonical import DOSSIER

SEES = frozenset({Role.AUDITOR, Role.STAFF})
MENU = (Entry("/conflicts", "Xung đột", "Conflicts", tuple(SEES)),)
STATES = {"open": ("chưa giải quyết", "open"), "settled": ("đã xác nhận giá trị được giữ", "settled: the value that stood is confirmed")}
SYSTEMS = {"motcua": ("hệ thống một cửa", "one-stop system"), "dvcqg": ("Cổng DVC quốc gia", "national portal")}
TAKEN = ("đã lấy giá trị bị thay", "settled: the value overruled was taken")


def listing(view: View) -> Response:
    """The open conflicts, or with ``?state=all`` all of them. No values: they are on the page of each, for a stated reason."""
    everything = view.asked("state") == "all"
    return view.show("conflicts.html", table(view, conflicts.listed(view.hub, "" if everything else "open")), everything=everything)


def page(view: View) -> Response:
    """One conflict, and how to settle it."""
    return shown(view, number(view))


def reveal(view: View) -> Response:
    """The same with both values, this once: the look is noted with its reason before anything is shown."""
    which = number(view)
    return shown(view, which, settling.revealed(view.hub, which, view.account.name, view.form.get("why", "")))


def shown(view: View, which: int, values: tuple[object, object] | None = None) -> Response:
    """The page, with or without the values."""
    found = conflicts.listed(view.hub, "", number=which)
    if not found:
        raise LookupError(view.say("không có xung đột này", "no such conflict"))
    fields = [view.say(DOSSIER.field(name).vi, DOSSIER.field(name).en).split(",")[0].lower() for name in APPLICANTS]
    return view.show(
        "conflict.html",
        table(view, found),
        number=which,
        open=found[0]["state"] == "open",
        takes=found[0]["field"] in APPLICANTS,
        fields=fields,
        values=values,
    )


def number(view: View) -> int:
    """The conflict's number in the address."""
    found = typed(view.named("number"))
    if found is None:
        raise LookupError(view.say("không có xung đột này", "no such conflict"))
    return found


def table(view: View, found: Sequence[Mapping[str, Any]]) -> Table:
    """Conflicts; where any is settled, with who settled them, how and why."""
    settled = any(one["state"] == "settled" for one in found)
    rows = [
        (
            Cell(one["id"], f"/conflicts/{one['id']}"),
            Cell(one["code"], f"/dossiers/{one['code']}"),
            view.say(DOSSIER.field(one["field"]).vi, DOSSIER.field(one["field"]).en),
            system(view, one["kept_flow"]),
            one["kept_moment"],
            system(view, one["other_flow"]),
            one["other_moment"],
            view.say(*conflicts.RULES[one["rule"]]),
            Cell(view.say(*(TAKEN if one["taken"] else STATES[one["state"]])), tone="warn" if one["state"] == "open" else "good"),
            *((one["settled_by"], one["settled_at"], one["reason"]) if settled else ()),
        )
        for one in found
    ]
    columns = view.heads(
        "Số|No.", "Hồ sơ|Dossier", "Trường|Field", "Giá trị được giữ của|Value that stood", "Sửa lúc|Changed", "Giá trị bị thay của|Value overruled",
        "Sửa lúc|Changed", "Quy tắc đã áp dụng|Rule applied", "Tình trạng|State",
        *(("Người giải quyết|Settled by", "Giải quyết lúc|At", "Lý do|Reason") if settled else ()),
    )  # fmt: skip
    return Table("conflicts", view.say("Xung đột", "Conflicts"), columns, rows)


def system(view: View, flow_id: str) -> str:
    """The system a flow reads, in words."""
    return view.say(*SYSTEMS[find(flow_id).dataset.system])


def settle(view: View) -> Response:
    """Somebody settles one, for the value that stands or the other, with a reason."""
    which = number(view)
    settling.settle(view.hub, which, view.account.name, view.form.get("reason", ""), other=view.form.get("value") == "other")
    return view.back(f"/conflicts/{which}")


PAGES = (
    Page("/conflicts", listing, SEES),
    Page("/conflicts/{number}", page, SEES),
    Page("/conflicts/{number}/reveal", reveal, SEES, posts=True),
    Page("/conflicts/{number}/settle", settle, SEES, posts=True),
)
