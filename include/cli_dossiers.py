"""``./hub conflicts`` and ``./hub desk``: where the two sides of a dossier contradict each other, and what goes from desk to desk."""

from datetime import datetime
from typing import Annotated, Any

import typer

from include.cli_params import Limit
from include.console import out, show

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def hub() -> Any:
    """The hub as configured."""
    from include.cli import connect

    return connect()


def conflicts(
    everything: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
    settle: Annotated[int, typer.Option(help="Settle the conflict of this number: confirm the value that stands, which changes none.")] = 0,
    take_other: Annotated[bool, typer.Option("--take-other", help="With --settle: take the other side's value; every side is told it.")] = False,
    who: Annotated[str, typer.Option(help="Who settles it; goes into the log of acts.")] = "",
    reason: Annotated[str, typer.Option(help="Why the one value is right and not the other.")] = "",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Fields of dossiers that portal and one-stop system say differently: which, whose value stands by which rule, and how it was settled.

    Only what the applicant says of themselves (name, telephone, e-mail, summary) can be settled for the other side's value; the rest is
    corrected in the one-stop system, and the next reading takes that.
    """
    from include.dossiers import conflicts as found
    from include.dossiers import settling
    from include.life import Refused, given

    if take_other and not settle:
        raise Refused("--take-other cần --settle SỐ · --take-other needs --settle NUMBER")
    connected = hub()
    if settle:
        settling.settle(connected, settle, given(who, "người giải quyết · --who"), reason, other=take_other)
        done = "đã lấy giá trị kia · the other value was taken" if take_other else "đã xác nhận giá trị đang giữ · the value that stands is confirmed"
        out.print(f"xung đột {settle}: {done}")
        return
    rows = [
        (one["id"], one["code"], one["field"], one["kept_flow"], moment(one["kept_moment"]), one["other_flow"],
         moment(one["other_moment"]), " · ".join(found.RULES[one["rule"]]), one["state"] + ", other taken" * one["taken"],
         one["settled_by"] or "", one["reason"] or "")
        for one in found.listed(connected, "" if everything else "open", limit)
    ]  # fmt: skip
    head = ("id", "dossier", "field", "stands", "since", "against", "of", "rule", "state", "by", "reason")
    show("Xung đột · Conflicts", head, rows, as_json)


def moment(at: datetime | None) -> str:
    """A moment of a source; some sources give none."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""


def desk(agency: Annotated[str, typer.Argument(help="An agency code, such as H05.201.")], limit: Limit = 50, as_json: Json = False) -> None:
    """What an agency has sent and received, which of its dossiers another agency should handle, and which a person has to look at."""
    from include.names import agencies
    from include.reception.authority import REASONS, of_agency
    from include.reception.handover import EVENTS
    from include.reception.handover import of_agency as events

    connected = hub()
    if agency not in agencies(connected):
        raise LookupError(f"danh mục không có cơ quan {agency!r} · no agency {agency!r} in the catalogue, which ./hub run agencies reads")
    rows = [
        ("đến · incoming" if receiver == agency else "đi · outgoing", " · ".join(EVENTS[event]), code, sender, receiver, f"{moment:%Y-%m-%d %H:%M}")
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
