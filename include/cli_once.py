"""``./hub resolve``, ``./hub never-again``, ``./hub requirements``: nobody hands in what the state already holds."""

import csv
import json
import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from include.cli_params import there_is
from include.console import err, out, show

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def hub() -> Any:
    """The hub as configured."""
    from include.cli import connect

    return connect()


def resolve(
    procedure: Annotated[str, typer.Argument(help="National procedure code, such as 1.001193.")],
    agency: Annotated[str, typer.Option(help="The agency in charge, such as H05.201.")],
    who: Annotated[str, typer.Option(help="Who asks; goes into the evidence.")],
    dossier: Annotated[str, typer.Option(help="The dossier code the one-stop system gave.")] = "",
    at: Annotated[datetime | None, typer.Option(help="As of another moment.")] = None,
    form: Annotated[bool, typer.Option(help="Also the form, filled in (personal data!).")] = False,
    as_json: Json = False,
) -> None:
    """What of a procedure need not be asked of somebody. The number is read from standard input, or asked for unseen: never an argument."""
    from include.clock import HANOI
    from include.once.answers import OUTCOMES
    from include.once.resolve import Question
    from include.once.resolve import resolve as answer_of

    number = typer.prompt("Số định danh · number", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
    answer = answer_of(hub(), Question(procedure, who, agency, number, dossier=dossier, at=at and at.replace(tzinfo=HANOI)))
    rows = [
        (one.component.code, one.component.name, one.outcome if as_json else " · ".join(OUTCOMES[one.outcome]), ", ".join(one.way), told(one))
        for one in answer.verdicts
    ]
    if form:
        fields = [(one.vi, one.value, one.source, str(one.as_of or ""), one.legal_basis, one.confidence) for one in answer.form]
        show("Biểu mẫu · Form", ("field", "value", "source", "as of", "legal basis", "confidence"), fields, as_json)
    show(f"{procedure} {answer.requirement.name}", ("component", "name", "outcome", "by", "why not"), rows, as_json)
    if not as_json:
        err.print(f"evidence {answer.request} · {answer.need_not_be_asked}/{len(answer.verdicts)} không phải nộp · need not be handed in")


def told(verdict: Any) -> str:
    """Why the other lists did not hold."""
    from include.once.answers import REASONS

    lines = [f"{what}: {' · '.join(REASONS[reason])}" for failed in verdict.failed for what, reason in failed.reasons]
    if not verdict.satisfied and verdict.component.when:
        lines.append(f"chỉ khi · only if: {verdict.component.when}")
    if not lines and verdict.component.why:
        lines.append(verdict.component.why)
    return "; ".join(lines)


def never_again(
    week: Annotated[str, typer.Option(help="An ISO week, such as 2026-W47; default: everything.")] = "",
    by: Annotated[str, typer.Option(help="Sums by desk, agency, procedure or day.")] = "desk",
    whole: Annotated[bool, typer.Option(help="Compute everything anew, not only what changed.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The list of what was handed in again, as CSV.")] = False,
    as_json: Json = False,
) -> None:
    """What was handed in although the state held it: by desk, and one by one. Dossier codes, no personal data."""
    from include.once import never_again as indicator

    connected = hub()
    done = indicator.recompute(connected, whole=whole)
    first, last = indicator.week_of(week) if week else indicator.span(connected)
    if as_csv:
        write_csv(indicator.offences(connected, first, last))
        return
    found = indicator.sums(connected, by, first, last)
    rows = [(one.key, one.handed, one.equivalent, one.again, one.percent, one.reused, one.unbacked, one.unidentified) for one in found]
    head = (by, "handed in", "state held", "again", "never again %", "reused", "claims nothing shows", "owner unknown")
    show(f"Chỉ nộp một lần · Once only, {first} – {last}", head, rows, as_json)
    if not as_json:
        err.print(f"{done.dossiers} hồ sơ được tính lại · dossiers recomputed in {done.seconds:.1f} s")


def write_csv(offences: list[Any]) -> None:
    """One line per component."""
    writer = csv.writer(sys.stdout)
    writer.writerow(("dossier", "procedure", "component", "desk", "agency", "filed_at", "held", "since"))
    for one in offences:
        head = (one.code, one.procedure, one.component, one.desk, one.agency, one.filed_at.isoformat())
        writer.writerow((*head, " + ".join(one.what), one.since.isoformat()))


def papers(as_json: Json = False) -> None:
    """Fetches the files of papers that are due, checks them, and tells what lies in the store."""
    from include.once.papers import fetch

    connected = hub()
    fetched = fetch(connected)
    rows = connected.db.rows("SELECT outcome, count(*) FROM hub.paper_fetch GROUP BY 1 ORDER BY 1")
    told = [(outcome, fetched.get(outcome, 0), count) for outcome, count in rows]
    show("Tệp giấy tờ · Files of papers", ("outcome", "now", "in all"), told, as_json)


def requirements(procedure: Annotated[str, typer.Argument(help="Only this procedure.")] = "", as_json: Json = False) -> None:
    """The catalogue of requirements, and whether it fits the portal's catalogue of procedures."""
    from mappings.requirements import catalogue, missing

    known = catalogue()
    there_is(procedure, {one.procedure for one in known.requirements} | set(known.uncovered), "./hub requirements")
    rows = [
        (one.procedure, component.code, component.name, " | ".join(" + ".join(way) for way in component.any), str(component.none), component.when)
        for one in known.requirements
        if procedure in {"", one.procedure}
        for component in one.components
    ]
    show("Danh mục yêu cầu · Requirements", ("procedure", "component", "name", "satisfied by", "otherwise", "if"), rows, as_json)
    query = "SELECT code, coalesce(jsonb_path_query_array(components, '$[*].code'), '[]') FROM golden.procedure WHERE active IS NOT FALSE"
    portal = {code: frozenset(components) for code, components in hub().db.rows(query)}
    if faults := missing(known, portal) if portal else []:
        err.print("[red]Không khớp với danh mục thủ tục · does not fit the portal's catalogue[/red]")
        for each in faults:
            err.print(f"  {each}")
        raise typer.Exit(1)
    if not as_json:
        out.print(json.dumps({"fingerprint": known.fingerprint, "procedures": len(known.versions), "uncovered": sorted(known.uncovered)}))
