"""``./hub indicators``: the index of QĐ 766, the plan's targets, and the dossiers behind each figure."""

from typing import Annotated

import typer

from include.console import out, show

indicators = typer.Typer(no_args_is_help=True, help="Service index 766 and the targets of plan 717, with the dossiers behind each figure.")
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Period = Annotated[str, typer.Argument(help="2026, 2026-Q3 or 2026-07; without it the present year.")]
Level = Annotated[str, typer.Option(help="province, commune")]
Agency = Annotated[str, typer.Option(help="Handling agency, its code.")]
Desk = Annotated[str, typer.Option(help="Receiving agency, its code.")]
Procedure = Annotated[str, typer.Option(help="Procedure code.")]
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
    from include.indicators.figures import period

    hub, first = connect(), period(month).first
    if ask:
        held.ask(hub, hub.settings.endpoint("dvcqg"), first)
    rows = [[one.agency, one.ours, one.accepted, one.refused, one.waiting, one.unsent, one.theirs, one.elsewhere] for one in held.lines(hub, first)]
    show(month, ("agency", "ours", "accepted", "refused", "waiting", "unsent", "portal counts", "came another way"), rows, as_json)


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
    limit: int = 50,
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
