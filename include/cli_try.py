"""Commands for whoever connects a system: everything in order before the first request, then a few pages looked at."""

import getpass
import json
from datetime import datetime
from typing import Annotated, Any

import typer

from include.console import err, out, show

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def settings() -> Any:
    """The settings; a running sandbox lends its addresses."""
    from include.local import with_local_endpoints
    from include.settings import Settings

    return with_local_endpoints(Settings.read())


def check(flow_id: Annotated[str, typer.Argument(help="A flow of ./hub flows, or all.")], as_json: Json = False) -> None:
    """Resolves every address, secret, contract, request and target of a flow, without calling anybody, and says where to set what is missing."""
    from include.flows import FLOWS
    from include.flows import flow as find
    from include.preflight import preflight

    flows = list(FLOWS) if flow_id == "all" else [find(flow_id)]
    found = [line for flow in flows for line in preflight(settings(), flow)]
    rows = [(line.flow, line.what, line.ok, line.detail, line.where if not line.ok else "") for line in found]
    show("Kiểm tra trước · Preflight", ("flow", "what", "ok", "detail", "where to set it"), rows, as_json)
    if not all(line.ok for line in found):
        raise typer.Exit(1)


def try_(
    flow_id: Annotated[str, typer.Argument(help="A flow of ./hub flows.")],
    pages: Annotated[int, typer.Option(help="How many pages to read.", min=1, max=100)] = 2,
    since: Annotated[datetime | None, typer.Option(help="Read what changed since then; the flow's own beginning unless given.")] = None,
    values: Annotated[bool, typer.Option("--show", help="Show values, not their shape (personal data!); needs --reason.")] = False,
    reason: Annotated[str, typer.Option(help="Why values are looked at; kept in the log of acts.")] = "",
    as_json: Json = False,
) -> None:
    """Reads a few pages and shows for each: request, response, records, mapped records, issues, cursor. Nothing is kept."""
    from include.cli_meaning import tell_schema
    from include.clock import HANOI, now
    from include.flows import flow as find
    from include.trial import tried

    flow = find(flow_id)
    if values:
        note(flow_id, reason)
    source = flow.source(settings().endpoint(flow.system))
    begin = since.replace(tzinfo=HANOI) if since else flow.start
    told: list[dict[str, Any]] = []
    if not as_json:
        tell_schema(flow_id, data=False)
    try:
        for page in tried(flow, source, begin, now(), pages, today=now().date(), show=values):
            if as_json:
                told.append(page.document())
            else:
                tell(page.document())
    finally:
        source.close()
        if as_json:
            print(json.dumps(told, ensure_ascii=False, indent=2, default=str))  # noqa: T201 that is the output


def fill(flow_id: str, first: datetime | None, end: datetime | None, slices: int, as_json: bool) -> None:
    """Reads a long time again in slices; ends badly when one of them did."""
    from include.backfill import backfill, planned
    from include.cli import connect
    from include.clock import HANOI, now
    from include.console import line
    from include.flows import flow as find

    hub, flow = connect(), find(flow_id)
    begin, until = (moment.replace(tzinfo=HANOI) if moment else None for moment in (first, end))
    plan = planned(begin or flow.start, until or now(), slices)
    done = list(backfill(hub, flow, plan, lambda part: lambda step, counts: err.print(f"{part.name} {line(step, counts, 0.0)}")))
    rows = [(one.slice.name, one.state, one.counts.received, one.counts.new, one.counts.changed, one.counts.unchanged, one.why) for one in done]
    show("Đọc lại · Backfill", ("run", "state", "received", "new", "changed", "unchanged", "why"), rows, as_json)
    if any(one.why for one in done):
        raise typer.Exit(1)


def note(flow_id: str, reason: str) -> None:
    """Writes into the log of acts who looks at values and why. Without a reason nobody does."""
    from include import acts
    from include.cli import connect

    if len(reason.strip()) < 5:
        err.print("--show shows personal data: say why with --reason")
        raise typer.Exit(2)
    hub = connect()
    with hub.db.transaction() as connection:
        acts.record(connection, hub, getpass.getuser(), "values_shown", f"flow:{flow_id}", reason=reason.strip())


def tell(page: dict[str, Any]) -> None:
    """One page, for people."""
    out.print(f"[bold]trang · page {page['number']}[/bold]", highlight=False)
    for one in page["exchanges"]:
        asked, came = one["request"], one["response"]
        lines = [f"→ {asked['method']} {asked['url']}", *(f"  {name}: {value}" for name, value in asked["headers"].items()), f"  {asked['body']}"]
        lines += [f"← {came['status']}, {came['bytes']:,} bytes", f"  {came['body']}"]
        for line in lines:
            out.print(line, markup=False, highlight=False)
    promised = "" if page["promised"] is None else f" of {page['promised']:,} promised"
    out.print(f"  {page['rows']:,} rows{promised}, {page['mapped_rows']:,} would be taken {page['trouble']}", markup=False, highlight=False)
    for title in ("records", "mapped"):
        for record in page[title]:
            out.print(f"  {title}: {json.dumps(record, ensure_ascii=False)}", markup=False, highlight=False)
    for name, count in page["issues"].items():
        out.print(f"  {count:,} × {name}", markup=False, highlight=False)
    for line in page["examples"]:
        out.print(f"    {line}", markup=False, highlight=False)
    out.print(f"  cursor: {json.dumps(page['cursor'])}{' (finished)' if page['finished'] else ''}", markup=False, highlight=False)
