"""``./hub indicators``: the index of QĐ 766, the plan's targets, and the dossiers behind each figure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from include.cli_params import Limit
from include.console import out, show

if TYPE_CHECKING:
    from include.indicators.reconcile import Line

indicators = typer.Typer(no_args_is_help=True, help="Service index 766 and the targets of plan 717, with the dossiers behind each figure.")
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Period = Annotated[str, typer.Argument(help="2026, 2026-Q3 or 2026-07; without it the present year.")]
Level = Annotated[str, typer.Option(help="province, commune")]
Agency = Annotated[str, typer.Option(help="Handling agency, its code.")]
Desk = Annotated[str, typer.Option(help="Receiving agency, its code.")]
Procedure = Annotated[str, typer.Option(help="Procedure code.")]
LISTED = 50
"""Dossiers named below the counts."""
Rule = Annotated[str, typer.Option(help="On-time rule: moment (QĐ 766) or day.")]


@indicators.command("refresh")
def refresh(whole: Annotated[bool, typer.Option(help="Compute everything anew.")] = False) -> None:
    """Measures the dossiers that changed since the last time."""
    from include.cli import connect
    from include.indicators.facts import refresh as measure

    found = measure(connect(), whole=whole)
    out.print(f"{found.dossiers:,} hồ sơ · dossiers, {found.seconds:.1f} s{', tính lại toàn bộ · all anew' if found.whole else ''}")


@indicators.command("show")
def show_figures(
    name: Period = "",
    level: Level = "",
    agency: Agency = "",
    desk: Desk = "",
    procedure: Procedure = "",
    rule: Rule = "moment",
    as_json: Json = False,
) -> None:
    """Every indicator of a period and place: figure, points, target."""
    from include.cli import connect
    from include.indicators.card import card, scope_of

    hub = connect()
    lines = card(hub, scope_of(hub, name, level=level, agency=agency, desk=desk, procedure=procedure, rule=rule))
    rows = [
        [each.code, each.vi, each.en, each.part, each.whole, each.rate, each.points, each.most or None, each.wanted, each.verdict] for each in lines
    ]
    show("Chỉ số · Indicators", ("code", "chỉ số", "indicator", "part", "whole", "%", "points", "of", "target %", "verdict"), rows, as_json)


@indicators.command("reconcile")
def reconcile(
    month: Annotated[str, typer.Argument(help="Such as 2026-10.")],
    ask: Annotated[bool, typer.Option(help="Ask the portal first; else its last answer counts.")] = True,
    as_json: Json = False,
) -> None:
    """Holds the hub's count of dossiers against the portal's own (1.4), with a reason for every difference."""
    from include.cli import connect
    from include.indicators import reconcile as held
    from include.names import agencies

    hub, first = connect(), held.month_of(month)
    if ask:
        held.ask(hub, hub.settings.endpoint("dvcqg"), first)
    found = held.lines(hub, first)
    rows = [[one.agency, one.ours, one.accepted, one.refused, one.waiting, one.unsent, one.theirs, one.elsewhere] for one in found]
    if as_json:
        show(month, ("agency", "ours", "accepted", "refused", "waiting", "unsent", "portal counts", "came another way"), rows, as_json)
        return
    names = agencies(hub)
    states = [f"{vi}\n{en}" for vi, en in held.STATES.values()]
    head = ("mã\ncode", "cơ quan\nagency", "hub giữ\nhub holds", *states, "Cổng đếm\nportal counts", "bằng đường khác\nanother way")
    title = f"Đối soát với Cổng, tháng {first:%m/%Y} · Held against the portal's own count"
    show(title, head, [[one.agency, names.get(one.agency, ""), *row[1:]] for one, row in zip(found, rows, strict=True)], as_json)
    missing = held.missing(hub, first, LISTED)
    if missing:
        told = [(code, names.get(agency, agency), " · ".join(held.STATES[state]), why) for code, agency, state, why in missing]
        show("Hồ sơ chưa có trên Cổng · Dossiers not on the portal", ("dossier", "agency", "state", "code of refusal"), told, as_json)
    out.print(concluded(found))


def concluded(found: "Sequence[Line]") -> str:
    """Whether the two counts agree, in a sentence."""
    ours, accepted = sum(one.ours for one in found), sum(one.accepted for one in found)
    if any(one.theirs is None for one in found):
        return f"{accepted:,}/{ours:,} hồ sơ đã có trên Cổng; chưa hỏi số Cổng đếm · dossiers on the portal; its own count was not asked"
    odd = [one for one in found if one.elsewhere]
    if not odd and accepted == ours:
        return f"Khớp: {ours:,} hồ sơ, cả hai bên đếm như nhau · The counts agree: {ours:,} dossiers on both sides"
    return (
        f"Lệch: hồ sơ chưa có trên Cổng: {ours - accepted:,}; cơ quan mà Cổng đếm khác số đã nhận từ hub: {len(odd)}"
        f" · Differs: dossiers not on the portal: {ours - accepted:,}; agencies the portal counts otherwise than it accepted from the hub: {len(odd)}"
    )


@indicators.command("behind")
def behind(
    code: Annotated[str, typer.Argument(help="An indicator, such as 2.1.")],
    name: Period = "",
    level: Level = "",
    agency: Agency = "",
    desk: Desk = "",
    procedure: Procedure = "",
    rule: Rule = "moment",
    counted: Annotated[bool, typer.Option(help="Those in the numerator; else those that miss it.")] = False,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """The dossiers that make a figure, or that keep it from being full."""
    from include.cli import connect
    from include.indicators.card import scope_of
    from include.indicators.catalogue import indicator
    from include.indicators.figures import behind as ask

    hub = connect()
    scope = scope_of(hub, name, level=level, agency=agency, desk=desk, procedure=procedure, rule=rule)
    found = ask(hub, scope, indicator(code), counted=counted, limit=limit)
    rows = [(one.code, one.procedure, one.agency, one.desk, one.received_at, one.deadline, one.end_at) for one in found]
    show(code, ("dossier", "procedure", "handled by", "received by", "received", "deadline", "end"), rows, as_json)
