"""``./hub findings``: what people should look at after a run, and what they decided."""

from typing import Annotated

import typer

from include.cli_params import Limit, OneFlow
from include.console import out, show


def findings(
    flow_id: OneFlow = "",
    number: Annotated[int, typer.Option("--id", help="The finding to triage.")] = 0,
    triage: Annotated[str, typer.Option(help="With --id: seen, normal (accepts a change of schema, or what held a run) or incident.")] = "",
    who: Annotated[str, typer.Option(help="Who decides; goes into the log of acts.")] = "",
    comment: Annotated[str, typer.Option(help="Why; seen needs none.")] = "",
    limit: Limit = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Signs of fabrication and drift, those nobody looked at first; or, with --id and --triage, a person's word on one."""
    from include import findings as found
    from include.cli import connect
    from include.life import given

    if bool(number) != bool(triage):
        raise typer.BadParameter("--id SỐ và --triage đi cùng nhau · --id NUMBER and --triage go together: ./hub findings lists the numbers")
    hub = connect()
    if number or triage:
        found.triage(hub, number, given(who, "người xem xét · --who"), triage, comment)
        out.print(f"phát hiện {number}: {triage} · finding {number}: {triage}")
        return
    names = ("id", "flow", "run", "code", "field", "agency", "value", "expected", "state")
    rows = [(*(one[name] for name in names), f"{one['at']:%Y-%m-%d %H:%M}") for one in found.listed(hub, flow_id, limit)]
    show("Phát hiện · Findings", (*names, "at"), rows, as_json)
