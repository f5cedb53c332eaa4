"""``./hub conflicts`` and ``./hub desk``: where the two sides of a dossier contradict each other, and what goes from desk to desk."""

from typing import Annotated, Any

import typer

from include.console import out, show

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def hub() -> Any:
    """The hub as configured."""
    from include.cli import connect

    return connect()


def conflicts(
    everything: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
    settle: Annotated[int, typer.Option(help="Confirm the value that stands in the conflict of this number; no value is changed by it.")] = 0,
    who: Annotated[str, typer.Option(help="Who settles it; goes into the log of acts.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is right as it stands, or where it was mended.")] = "",
    limit: int = 50,
    as_json: Json = False,
) -> None:
    """Fields of dossiers that portal and one-stop system say differently: which, whose value stands by which rule, and how it was settled.

    Settling confirms the value that stands. Where the other one is right, the one-stop system must be corrected: the next reading takes that.
    """
    from include.dossiers import conflicts as found
    from include.life import given

    connected = hub()
    if settle:
        found.settle(connected, settle, given(who, "người giải quyết · --who"), reason)
        out.print(
            f"xung đột {settle} đã giải quyết, giá trị đang giữ được xác nhận · conflict {settle} is settled, the value that stands is confirmed"
        )
        return
    rows = [
        (one["id"], one["code"], one["field"], one["kept_flow"], f"{one['kept_moment']:%Y-%m-%d %H:%M:%S}", one["other_flow"],
         f"{one['other_moment']:%Y-%m-%d %H:%M:%S}", " · ".join(found.RULES[one["rule"]]), one["state"], one["reason"] or "")
        for one in found.listed(connected, "" if everything else "open", limit)
    ]  # fmt: skip
    head = ("id", "dossier", "field", "stands", "since", "against", "of", "rule", "state", "reason")
    show("Xung đột · Conflicts", head, rows, as_json)


def desk(agency: Annotated[str, typer.Argument(help="An agency code, such as H05.201.")], limit: int = 50, as_json: Json = False) -> None:
    """What an agency has sent and received, which of its dossiers another agency should handle, and which a person has to look at."""
    from include.reception.authority import REASONS, of_agency
    from include.reception.handover import of_agency as events

    connected = hub()
    words = {"sent": "chuyển đi · sent", "accepted": "đã nhận · accepted", "returned": "trả lại · returned"}
    rows = [
        ("đến · incoming" if receiver == agency else "đi · outgoing", words[event], code, sender, receiver, f"{moment:%Y-%m-%d %H:%M}")
        for event, code, sender, receiver, moment in events(connected, agency, limit)
    ]
    show("Bàn giao · Hand-overs", ("way", "event", "dossier", "from", "to", "at"), rows, as_json)
    if as_json:
        return
    charges = of_agency(connected, agency)
    wrong = [(one.code, one.handled_by, one.agency) for one in charges if one.misdirected][:limit]
    show("Xử lý không đúng thẩm quyền · Handled by another than the one in charge", ("dossier", "handled by", "in charge"), wrong, as_json)
    review = [(one.code, " · ".join(REASONS[one.reason])) for one in charges if one.reason][:limit]
    show("Cần xem lại · To be reviewed", ("dossier", "why"), review, as_json)
