"""Figures and names the once-only pages share."""

from collections.abc import Sequence

from include.names import agencies
from include.once import never_again as indicator
from include.once.never_again import Offence, Sum
from include.site.period import Period
from include.site.table import Cell, Table, score
from include.site.view import View
from include.site.views.once_words import what
from mappings.requirements import catalogue

SHOWN = 500
"""Lines of the list on the page; the export of ``./hub never-again --csv`` has them all."""


def sums(view: View, by: str, chosen: Period) -> list[Sum]:
    """The indicator in the period, by ``by``."""
    return indicator.sums(view.hub, by, chosen.since, chosen.until)


def heads(view: View) -> tuple[str, ...]:
    """Of the figures of a sum."""
    return view.heads(
        "Giấy tờ nộp|Handed in", "Nhà nước đã có|State held", "Vẫn phải nộp|Again", "Không phải nộp lại (%)|Never again (%)",
        "Nói là tái sử dụng|Reused", "Không có bằng chứng|Unbacked", "Không rõ chủ|Owner unknown",
    )  # fmt: skip


def figures(one: Sum) -> tuple[object, ...]:
    """The cells of a sum."""
    return (one.handed, one.equivalent, one.again, score(one.percent), one.reused, one.unbacked, one.unidentified)


def offences(view: View, found: Sequence[Offence]) -> Table:
    """The list to act on."""
    names, called = agencies(view.hub), components()
    rows = [
        (
            Cell(one.code, f"/dossiers/{one.code}"),
            one.filed_at,
            Cell(called.get(one.component, one.component), f"/procedures/{one.procedure}"),
            what(view.say, one.what),
            one.since.date(),
            names.get(one.desk, one.desk),
        )
        for one in found
    ]
    columns = view.heads(
        "Hồ sơ|Dossier", "Nộp lúc|Filed", "Giấy tờ phải nộp|Handed in again", "Nhà nước đã có|The state held", "Từ ngày|Since", "Quầy|Desk"
    )
    note = view.say(f"Mới nhất trước, tối đa {SHOWN} dòng.", f"Newest first, {SHOWN} lines at most.")
    return Table("offences", view.say("Phải nộp lại: danh sách cần xử lý", "Handed in again: the list to act on"), columns, rows, note)


def components() -> dict[str, str]:
    """Names of components by code."""
    return {part.code: part.name for one in catalogue().requirements for part in one.components}


def desks(view: View, chosen: Period, **only: str) -> Table:
    """One line per desk that received dossiers."""
    names, found = agencies(view.hub), indicator.sums(view.hub, "desk", chosen.since, chosen.until, **only)
    rows = [(Cell(names.get(one.key, one.key or "–"), f"/desks/{one.key}" if one.key else ""), *figures(one)) for one in found]
    return Table("desks", view.say("Theo quầy tiếp nhận", "By desk"), (view.say("Quầy", "Desk"), *heads(view)), rows)
