"""Conflicts: what portal and one-stop system say differently of a dossier, whose value stands, and how a person settled it."""

from starlette.responses import Response

from include.dossiers import conflicts
from include.flows import flow as find
from include.site.accounts import Role
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View
from mappings.canonical import DOSSIER

SEES = frozenset({Role.AUDITOR, Role.STAFF})
MENU = (Entry("/conflicts", "Xung đột", "Conflicts", tuple(SEES)),)
STATES = {"open": ("chưa giải quyết", "open"), "settled": ("đã giải quyết", "settled")}


def listing(view: View) -> Response:
    """The open conflicts, or with ``?state=all`` all of them. Values are shown nowhere: each row leads to the records that hold them."""
    everything = view.asked("state") == "all"
    rows = [
        (
            one["id"],
            Cell(one["code"], f"/dossiers/{one['code']}"),
            view.say(DOSSIER.field(one["field"]).vi, DOSSIER.field(one["field"]).en),
            system(view, one["kept_flow"]),
            one["kept_moment"],
            system(view, one["other_flow"]),
            one["other_moment"],
            view.say(*conflicts.RULES[one["rule"]]),
            Cell(view.say(*STATES[one["state"]]), tone="warn" if one["state"] == "open" else "good"),
            one["reason"],
        )
        for one in conflicts.listed(view.hub, "" if everything else "open")
    ]
    columns = view.heads(
        "Số|No.", "Hồ sơ|Dossier", "Trường|Field", "Giá trị được giữ của|Value that stands", "Sửa lúc|Changed", "Giá trị bị thay của|Value overruled",
        "Sửa lúc|Changed", "Quy tắc đã áp dụng|Rule applied", "Tình trạng|State", "Lý do|Reason",
    )  # fmt: skip
    return view.show("conflicts.html", Table("conflicts", view.say("Xung đột", "Conflicts"), columns, rows), everything=everything)


def system(view: View, flow_id: str) -> str:
    """The dataset a flow reads, in words."""
    dataset = find(flow_id).dataset
    return view.say(dataset.vi, dataset.en)


def settle(view: View) -> Response:
    """Somebody settles one, with a reason."""
    number = view.form.get("number", "")
    if not number.isdecimal():
        raise LookupError(view.say("không có xung đột này", "no such conflict"))
    conflicts.settle(view.hub, int(number), view.account.name, view.form.get("reason", ""))
    return view.back("/conflicts")


PAGES = (Page("/conflicts", listing, SEES), Page("/conflicts/settle", settle, SEES, posts=True))
