"""What procedures ask: the catalogue of requirements, and how often what need not be handed in was handed in all the same."""

from starlette.responses import Response

from include.names import procedures
from include.once import never_again as indicator
from include.site.accounts import Role
from include.site.period import Period, period
from include.site.table import Cell, Table, score
from include.site.view import Entry, Page, View
from include.site.views.once_figures import SHOWN, desks, offences, sums
from include.site.views.once_words import NoMatchWords, ways
from mappings.requirements import Requirement, catalogue

SEES = frozenset({Role.AUDITOR, Role.STAFF})
MENU = (Entry("/procedures", "Thủ tục cần gì", "What procedures ask", tuple(SEES)),)


def catalogue_page(view: View) -> Response:
    """Every procedure the catalogue covers, and those it does not, with the reason."""
    chosen, known = period(view), catalogue()
    counted = {one.key: one for one in sums(view, "procedure", chosen)}
    rows = []
    for one in known.requirements:
        coverable = sum(bool(component.any) for component in one.components)
        told = counted.get(one.procedure)
        cells = (Cell(one.name, f"/procedures/{one.procedure}"), Cell(one.procedure, f"/procedures/{one.procedure}"), len(one.components), coverable)
        rows.append((*cells, told.handed if told else 0, told.again if told else 0, score(told.percent if told else None)))
    columns = view.heads(
        "Thủ tục|Procedure", "Mã|Code", "Thành phần|Components", "Có thể không phải nộp|May be needless", "Giấy tờ nộp|Handed in",
        "Vẫn phải nộp|Again", "Không phải nộp lại (%)|Never again (%)",
    )  # fmt: skip
    names = procedures(view.hub)
    left = [(names.get(code, code), code, view.say(*why.split(" · ", 1))) for code, why in known.uncovered.items()]
    return view.show(
        "once_procedures.html",
        Table("procedures", view.say("Được bao phủ", "Covered"), columns, rows),
        Table("uncovered", view.say("Chưa bao phủ", "Not covered"), view.heads("Thủ tục|Procedure", "Mã|Code", "Vì sao|Why"), left),
        period=chosen,
        fingerprint=known.fingerprint,
    )


def procedure_page(view: View) -> Response:
    """What one procedure asks for, what satisfies it, and how often it was handed in all the same."""
    code, chosen = view.named("procedure"), period(view)
    versions = catalogue().versions.get(code)
    if not versions:
        raise LookupError(view.say(f"{code}: không có trong danh mục yêu cầu", f"{code}: not in the catalogue of requirements"))
    requirement = versions[-1]
    found = indicator.total(view.hub, chosen.since, chosen.until, procedure=code)
    columns = view.heads(
        "Thành phần|Component",
        "Được thay bằng|Satisfied by",
        "Nếu không có|Otherwise",
        "Đã nộp|Handed in",
        "Nhà nước đã có|State held",
        "Vẫn phải nộp|Again",
    )
    return view.show(
        "once_procedure.html",
        Table("components", view.say("Thành phần hồ sơ", "Components"), columns, component_rows(view, requirement, chosen)),
        offences(view, indicator.offences(view.hub, chosen.since, chosen.until, SHOWN, procedure=code)),
        desks(view, chosen, procedure=code),
        requirement=requirement, period=chosen, found=found, share=found.percent,
    )  # fmt: skip


def component_rows(view: View, requirement: Requirement, chosen: Period) -> list[tuple[object, ...]]:
    """One line per component."""
    counted = {
        row[0]: row[1:]
        for row in view.hub.db.rows(
            "SELECT component, count(*), count(what), count(what) FILTER (WHERE provided = 'new') FROM hub.handed"
            " WHERE procedure = %s AND filed_at >= %s::date AND filed_at < %s::date + 1 GROUP BY 1",
            requirement.procedure,
            chosen.since,
            chosen.until,
        )
    }
    none = NoMatchWords(view.say)
    return [(f"{one.code} · {one.name}", ways(view.say, one), none.told(one), *counted.get(one.code, (0, 0, 0))) for one in requirement.components]


PAGES = (
    Page("/procedures", catalogue_page, SEES),
    Page("/procedures/{procedure}", procedure_page, SEES),
)
