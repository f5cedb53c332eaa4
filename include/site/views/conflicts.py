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
from mappings.canonical import DOSSIER

SEES = frozenset({Role.AUDITOR, Role.STAFF})
MENU = (Entry("/conflicts", "Xung đột", "Conflicts", tuple(SEES)),)
STATES = {"open": ("chưa giải quyết", "open"), "settled": ("đã xác nhận giá trị được giữ", "settled: the value that stood is confirmed")}
TAKEN = ("đã lấy giá trị bị thay", "settled: the value overruled was taken")


def listing(view: View) -> Response:
    """The open conflicts, or with ``?state=all`` all of them. Values are shown nowhere: each row leads to the records that hold them."""
    everything = view.asked("state") == "all"
    fields = [view.say(DOSSIER.field(name).vi, DOSSIER.field(name).en) for name in APPLICANTS]
    return view.show("conflicts.html", table(view, conflicts.listed(view.hub, "" if everything else "open")), everything=everything, fields=fields)


def table(view: View, found: Sequence[Mapping[str, Any]]) -> Table:
    """Conflicts, with who settled them, how and why."""
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
            Cell(view.say(*(TAKEN if one["taken"] else STATES[one["state"]])), tone="warn" if one["state"] == "open" else "good"),
            one["settled_by"],
            one["settled_at"],
            one["reason"],
        )
        for one in found
    ]
    columns = view.heads(
        "Số|No.", "Hồ sơ|Dossier", "Trường|Field", "Giá trị được giữ của|Value that stood", "Sửa lúc|Changed", "Giá trị bị thay của|Value overruled",
        "Sửa lúc|Changed", "Quy tắc đã áp dụng|Rule applied", "Tình trạng|State", "Người giải quyết|Settled by", "Giải quyết lúc|At",
        "Lý do|Reason",
    )  # fmt: skip
    return Table("conflicts", view.say("Xung đột", "Conflicts"), columns, rows)


def system(view: View, flow_id: str) -> str:
    """The dataset a flow reads, in words."""
    dataset = find(flow_id).dataset
    return view.say(dataset.vi, dataset.en)


def settle(view: View) -> Response:
    """Somebody settles one, for the value that stands or the other, with a reason."""
    number = view.form.get("number", "")
    if not number.isdecimal():
        raise LookupError(view.say("không có xung đột này", "no such conflict"))
    settling.settle(view.hub, int(number), view.account.name, view.form.get("reason", ""), other=view.form.get("value") == "other")
    return view.back("/conflicts")


PAGES = (Page("/conflicts", listing, SEES), Page("/conflicts/settle", settle, SEES, posts=True))
