"""One dossier: where it is and who is in charge, its hand-overs, each component and what the state held, conflicts, evidence. No personal data."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from include.dossiers import conflicts
from include.names import agencies, procedures
from include.once.answers import OUTCOMES
from include.reception import handover
from include.reception.authority import in_charge
from include.site.accounts import Role
from include.site.table import Cell, Table
from include.site.view import Entry, Page, View
from include.site.views.conflicts import table as conflict_table
from include.site.views.desks import charge
from include.site.views.once_figures import components
from include.site.views.once_words import PROVIDED, what
from include.site.words import status
from mappings.requirements import catalogue

SEES = frozenset({Role.AUDITOR, Role.STAFF})
MENU: tuple[Entry, ...] = ()
FACTS = """
SELECT procedure_code, status, receiving_agency, handling_agency, coalesce(submitted_at, received_at), received_at, due_at, version, updated_run
FROM golden.dossier WHERE code = %s
"""
NAMES = ("procedure", "status", "desk", "agency", "filed_at", "received_at", "due_at", "version", "run")


def page(view: View) -> Response:
    """The page of a code, which a question may have been asked for before the dossier came. LookupError when nothing is known of it."""
    code, called = view.named("code"), agencies(view.hub)
    rows, proofs = view.hub.db.rows(FACTS, code), evidence(view, code)
    if not rows and not proofs.rows:
        raise LookupError(view.say(f"không có hồ sơ {code}", f"no dossier {code}"))
    facts: dict[str, Any] = dict(zip(NAMES, rows[0], strict=True)) if rows else dict.fromkeys(NAMES)
    procedure, charges = (facts["procedure"] or "")[:8], in_charge(view.hub, [code])
    return view.show(
        "dossier.html",
        handed_in(view, code),
        hand_overs(view, code, called),
        conflict_table(view, conflicts.listed(view.hub, "", code=code)),
        proofs,
        code=code,
        facts=facts,
        procedure=procedure,
        named=procedures(view.hub).get(procedure, procedure),
        covered=procedure in catalogue().versions,
        status=status(view.say, facts["status"]) if rows else "",
        desk=called.get(facts["desk"], facts["desk"]),
        agency=called.get(facts["agency"], facts["agency"]),
        charge=charge(view, charges[0] if charges else None, called),
    )


def handed_in(view: View, code: str) -> Table:
    """Each component, and what the state held when it was filed."""
    rows = view.hub.db.rows("SELECT component, provided, what, since FROM hub.handed WHERE code = %s ORDER BY n", code)
    called = components()
    lines = [
        (
            called.get(component, component),
            view.say(*PROVIDED[provided]),
            Cell(what(view.say, held) if held else "", tone="bad" if held and provided == "new" else "good" if held else ""),
            since,
        )
        for component, provided, held, since in rows
    ]
    columns = view.heads("Thành phần|Component", "Cách nộp|How it came", "Nhà nước đã có|The state held", "Từ lúc|Since")
    return Table("components", view.say("Thành phần hồ sơ", "Components"), columns, lines)


def hand_overs(view: View, code: str, called: Mapping[str, str]) -> Table:
    """From agency to agency, in the order of time."""
    rows = [
        (view.say(*handover.EVENTS[event]), called.get(sender, sender), called.get(receiver, receiver), moment)
        for event, sender, receiver, moment in handover.of_dossier(view.hub, code)
    ]
    columns = view.heads("Việc|Event", "Từ|From", "Đến|To", "Lúc|At")
    return Table("handovers", view.say("Bàn giao", "Hand-overs"), columns, rows)


def evidence(view: View, code: str) -> Table:
    """Every question asked for the dossier."""
    rows = view.hub.db.rows(
        "SELECT component, outcome, what, records, asker, at, id::text FROM hub.evidence WHERE dossier = %s ORDER BY at, component", code
    )
    called = components()
    kept = [
        (called.get(component, component), view.say(*OUTCOMES[outcome]), what(view.say, items), sources(records), asker, at, number)
        for component, outcome, items, records, asker, at, number in rows
    ]
    columns = view.heads(
        "Thành phần|Component", "Kết quả|Outcome", "Nhờ|By", "Nguồn|Source", "Người hỏi|Asked by", "Lúc|At", "Mã bằng chứng|Evidence"
    )
    return Table("evidence", view.say("Bằng chứng đã lưu", "Evidence kept"), columns, kept)


def sources(records: Sequence[dict[str, str]]) -> str:
    """Which registers the proofs are from, in which version."""
    return "; ".join(f"{one['source']} v{one['version']}" for one in records)


PAGES = (Page("/dossiers/{code}", page, SEES),)
