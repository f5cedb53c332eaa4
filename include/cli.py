"""The command line: ``./hub --help``."""

import json
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

import typer

from include import cli_dossiers, cli_findings, cli_meaning, cli_once, cli_sharing, cli_try
from include.cli_audit import audit
from include.cli_indicators import indicators
from include.cli_params import FlowId, Limit, OneFlow, code, flow, there_is
from include.cli_proof import proof
from include.console import err, line, out, show
from include.site.serve import site

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False, help=__doc__)
db = typer.Typer(no_args_is_help=True, help="The hub's PostgreSQL.")
sandbox = typer.Typer(no_args_is_help=True, help="Runnable systems that speak the real protocols.")
app.add_typer(db, name="db")
app.add_typer(sandbox, name="sandbox")
app.add_typer(audit, name="audit")
app.add_typer(indicators, name="indicators")
app.add_typer(proof, name="proof")
app.add_typer(site, name="site")
app.add_typer(cli_sharing.share, name="share")
for command in (cli_meaning.explain, cli_meaning.lineage, cli_meaning.docs, cli_sharing.serve):
    app.command()(command)
app.command("check")(cli_try.check)
app.command("findings")(cli_findings.findings)
app.command("try")(cli_try.try_)
app.command("resolve")(cli_once.resolve)
app.command("never-again")(cli_once.never_again)
app.command("papers")(cli_once.papers)
app.command("requirements")(cli_once.requirements)
app.command("conflicts")(cli_dossiers.conflicts)
app.command("desk")(cli_dossiers.desk)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def connect() -> Any:
    """The hub as configured; a running ``./hub up`` or sandbox lends its addresses."""
    from include.hub import Hub
    from include.local import with_local_endpoints
    from include.settings import Settings
    from include.store.migrating import migrate

    hub = Hub.connect(with_local_endpoints(Settings.read()))
    migrate(hub.db)
    return hub


@app.command()
def flows(as_json: Json = False) -> None:
    """Everything the hub syncs."""
    from include.flows import FLOWS, TARGETS

    rows = [(f.id, f.dataset.vi, f.system, f.dataset.entity.name, f.schedule, f.owner) for f in FLOWS]
    show("Nguồn · Sources", ("flow", "dataset", "system", "entity", "schedule", "owner"), rows, as_json)
    if not as_json:
        show("Nơi nhận · Targets", ("target", "what", "system", "entity"), [(t.id, t.vi, t.system, t.entity) for t in TARGETS], as_json)


@app.command()
def run(
    flow_id: FlowId,
    full: Annotated[bool, typer.Option(help="Read everything, not only what changed.")] = False,
    since: Annotated[datetime | None, typer.Option(help="Read what changed since then.")] = None,
    until: Annotated[datetime | None, typer.Option(help="And before then.")] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Do everything, keep nothing but the report.")] = False,
    name: Annotated[str, typer.Option("--run", help="Name of the run; an unfinished one is gone on with.")] = "",
    first: Annotated[datetime | None, typer.Option("--from", help="Read a long time again, from this day,")] = None,
    end: Annotated[datetime | None, typer.Option("--to", help="to this day, not included,")] = None,
    slices: Annotated[int, typer.Option(help="in so many runs, each of which can be run again alone.", min=1)] = 1,
    as_json: Json = False,
) -> None:
    """Runs one flow through all its steps, without Airflow."""
    if first or end:
        cli_try.fill(flow_id, first, end, slices, as_json)
        return
    from include.clock import HANOI
    from include.flows import flow as find
    from include.reporting import page_of
    from include.runs import NORMAL, Wish, steps, unfinished
    from include.steps import run_flow

    hub, flow = connect(), find(flow_id)
    wish = Wish(full, since and since.replace(tzinfo=HANOI), until and until.replace(tzinfo=HANOI), dry)
    going_on = unfinished(hub, flow_id) if wish == NORMAL and not name else None
    if going_on:
        err.print(f"đi tiếp lần chạy · going on with run {going_on}")
    run_name = name or going_on or hub.clock().strftime("%Y%m%dT%H%M%S")

    def tell(step: str, counts: Any) -> None:
        seconds = sum(steps(hub, flow_id, run_name).get(step, (None, {}))[1].values())
        err.print(f"{flow_id:12s} {line(step, counts, seconds)}")

    counts = run_flow(hub, flow, run_name, wish, tell)
    report = page_of(hub, flow_id, run_name)
    if as_json:
        print(json.dumps({"flow": flow_id, "run": run_name, "counts": counts.document(), "report": str(report)}))  # noqa: T201 that is the output
    else:
        out.print(f"run {run_name} · report {report}")


@app.command()
def status(flow_id: OneFlow = "", limit: Limit = 20, as_json: Json = False) -> None:
    """The latest runs and what came of them."""
    from include.runs import books, steps

    hub = connect()
    found = hub.db.rows(
        "SELECT flow, run, state, dry, started_at, note FROM hub.run WHERE (%s = '' OR flow = %s) ORDER BY started_at DESC LIMIT %s",
        flow_id,
        flow_id,
        limit,
    )
    rows = []
    for of, name, state, dry, started, note in found:
        c = books(steps(hub, of, name))
        trial = "thử · trial" if dry else ""
        why = json.dumps(note, ensure_ascii=False) if note else ""
        told = (c.received, c.quarantined, c.new, c.changed, c.unchanged, c.published, c.refused)
        rows.append((of, name, state, trial, f"{started:%Y-%m-%d %H:%M}", *told, why))
    head = ("flow", "run", "state", "trial", "started", "received", "quarantined", "new", "changed", "unchanged", "published", "refused", "note")
    show("Các lần chạy · Runs", head, rows, as_json)


@app.command()
def quarantine(
    number: Annotated[int | None, typer.Argument(help="Show one row whole.")] = None,
    flow_id: Annotated[str, typer.Option("--flow", callback=flow)] = "",
    reason_code: Annotated[str, typer.Option("--code", help="Only this reason code.", callback=code)] = "",
    limit: Limit = 50,
    raw: Annotated[bool, typer.Option(help="With a number: unmasked, and the bytes as received (personal data!); needs --who and --reason.")] = False,
    who: Annotated[str, typer.Option(help="Who looks; goes into the log of acts.")] = "",
    reason: Annotated[str, typer.Option(help="Why personal data is looked at; kept in the log of acts.")] = "",
    as_json: Json = False,
) -> None:
    """Rows put aside: which, why, where they stand."""
    from include import shelf

    if raw and (number is None or not who.strip() or not reason.strip()):
        raise typer.BadParameter('--raw cho xem dữ liệu cá nhân · shows personal data: ./hub quarantine SỐ --raw --who … --reason "…"')
    hub = connect()
    if number is not None:
        found = shelf.reveal(hub, number, who, reason) if raw else shelf.one(hub, number)
        print(json.dumps(found, ensure_ascii=False, indent=2, default=str))  # noqa: T201 that is the output
        return
    head = ("id", "flow", "run", "page", "record", "key", "codes", "why", "since")
    show("Cách ly · Quarantine (open)", head, shelf.listed(hub, flow_id, reason_code, limit), as_json)


@app.command()
def replay(
    flow_id: FlowId,
    reason_code: Annotated[str, typer.Option("--code", help="Only rows with this reason.", callback=code)] = "",
    run_name: Annotated[str, typer.Option("--run", help="Only rows of this run.")] = "",
    ids: Annotated[list[int] | None, typer.Option("--id", help="Only this row; may be repeated.")] = None,
    as_json: Json = False,
) -> None:
    """Takes rows out of quarantine through today's mapping and rules again."""
    from include.flows import flow as find
    from include.replay import Choice, replay

    hub = connect()
    done = replay(hub, find(flow_id), Choice(run_name, reason_code, tuple(ids or ())))
    if not done:
        explain_none(hub, flow_id, run_name, ids or [])
    rows = [(name, c.received, c.new, c.changed, c.unchanged, c.quarantined) for name, c in done]
    show("Chạy lại · Replayed", ("run", "received", "new", "changed", "unchanged", "quarantined"), rows, as_json)


def explain_none(hub: Any, flow_id: str, run_name: str, ids: list[int]) -> None:
    """Raises BadParameter when nothing was replayed because there is no such run of the flow, or no such open row."""
    if run_name and not hub.db.rows("SELECT FROM hub.run WHERE flow = %s AND run = %s", flow_id, run_name):
        there_is(run_name, (row[0] for row in hub.db.rows("SELECT DISTINCT run FROM hub.quarantine WHERE flow = %s AND closed_at IS NULL", flow_id)))
    aside = hub.db.rows("SELECT id FROM hub.quarantine WHERE flow = %s AND closed_at IS NULL AND id = ANY(%s)", flow_id, ids)
    for number in set(ids) - {row[0] for row in aside}:
        raise typer.BadParameter(
            f"không có dòng đang mở số {number} · there is no open row {number} of {flow_id}: ./hub quarantine --flow {flow_id} lists those there are"
        )


@app.command()
def vanished(
    flow_id: OneFlow = "",
    confirm: Annotated[bool, typer.Option(help="Let go what is held because too much was missing at once.")] = False,
    who: Annotated[str, typer.Option(help="Who says so; goes into the log of acts.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is right.")] = "",
    as_json: Json = False,
) -> None:
    """Records that are no longer at their source: missing since the last full read, held, gone, and golden records closed by it."""
    from include.flows import flow as find
    from include.life import given
    from include.registry import vanishing

    if flow_id or confirm:
        find(given(flow_id, "nguồn · flow"))
    hub = connect()
    if confirm:
        count = vanishing.confirm(hub, find(flow_id), given(who, "người xác nhận · --who"), reason)
        out.print(f"{count} bản ghi sẽ đóng ở lần đọc tới · {count} records are closed by the next read")
        return
    rows = [row for row in vanishing.states(hub) if flow_id in {"", row[0]}]
    show("Không còn ở nguồn · No longer at the source", ("flow", "missing", "held", "gone", "closed"), rows, as_json)


@app.command()
def deliver(target_id: Annotated[str, typer.Argument(help="A target of ./hub flows.")], as_json: Json = False) -> None:
    """Sends what still waits for a target."""
    from include.delivery.push import deliver as push
    from include.flows import target

    hub = connect()
    counts = push(hub, target(target_id), hub.clock().strftime("%Y%m%dT%H%M%S"))
    show(
        "Gửi đi · Delivered", ("target", "published", "refused", "pending"), [(target_id, counts.published, counts.refused, counts.pending)], as_json
    )


@app.command()
def doctor(as_json: Json = False) -> None:
    """Tries every system step by step and says whose side is at fault."""
    from include.doctor import examine

    rows = list(examine(connect()))
    show("Khám · Doctor", ("system", "for", "what", "ok", "detail", "whose side"), rows, as_json)
    if not all(row[3] for row in rows):
        raise typer.Exit(1)


@db.command("migrate")
def db_migrate() -> None:
    """Brings the schema up to date."""
    connect()
    out.print("the schema is up to date")


@db.command("revision")
def db_revision(about: Annotated[str, typer.Argument(help="What changes, such as: pensions.")]) -> None:
    """Writes a migration from the tables of this database to those the code describes. For developers: read it before it is used."""
    from include.store.migrating import revise

    path = revise(connect().db, about)
    out.print(f"{path}: đọc lại, ruff format, rồi · read it, ruff format, then ./hub db migrate" if path else "không có gì đổi · nothing changes")


@db.command("url")
def db_url() -> None:
    """The database's URL, for psql and the like."""
    out.print(connect().db.url, soft_wrap=True)


@db.command("stop")
def db_stop() -> None:
    """Stops the embedded server."""
    from include.settings import Settings
    from include.store.embedded import stop

    stop(Settings.read().home / "pgdata")


Citizens = Annotated[int | None, typer.Option(min=1, help="Default: the province that is there, else 20,000.")]
Enterprises = Annotated[int | None, typer.Option(min=1, help="Default: a tenth of the citizens.")]
Dossiers = Annotated[int | None, typer.Option(min=1, help="Default: a quarter of the citizens.")]
Anew = Annotated[bool, typer.Option("--anew", help="Make the province anew and empty the embedded database, signed logs included.")]


def sizes(citizens: int | None, enterprises: int | None, dossiers: int | None) -> tuple[int, int, int]:
    """How large a province is asked for."""
    from include.sandbox.run import size
    from include.settings import Settings

    return size(Settings.read().home / "sandbox", citizens, enterprises, dossiers)


@sandbox.command("start")
def sandbox_start(citizens: Citizens = None, enterprises: Enterprises = None, dossiers: Dossiers = None, anew: Anew = False) -> None:
    """Starts the sandbox systems and leaves them running; ``./hub down`` ends them."""
    from include.local import sandbox as start

    for system, url in start(sizes(citizens, enterprises, dossiers), anew=anew).items():
        out.print(f"{system:8s} {url}")


@app.command()
def demo(
    citizens: Citizens = None,
    enterprises: Enterprises = None,
    dossiers: Dossiers = None,
    keep: Annotated[bool, typer.Option(help="Leave everything running afterwards, until Ctrl-C or SIGTERM.")] = False,
    anew: Anew = False,
) -> None:
    """The main job end to end: sandbox systems → hub → portal and one-stop, through Airflow, read back and compared."""
    from include.demo import demo as play

    raise typer.Exit(play(sizes(citizens, enterprises, dossiers), keep=keep, anew=anew))


@app.command()
def up(citizens: Citizens = None, enterprises: Enterprises = None, dossiers: Dossiers = None, anew: Anew = False) -> None:
    """Starts PostgreSQL, the sandbox, Airflow, the auditors' site and the sharing service, and leaves them running."""
    from include.local import up as start

    start(sizes(citizens, enterprises, dossiers), anew=anew)


@app.command()
def down() -> None:
    """Ends what ``up`` or ``sandbox start`` left running, and the embedded PostgreSQL."""
    from include.local import down as end

    end()


def main() -> None:
    """Runs the command; what goes wrong is told in a sentence, not a traceback."""
    try:
        app()
    except Exception as error:  # noqa: BLE001 whatever it is, it is told so that it quotes no record
        from rich.markup import escape

        from include.unexpected import foreseen

        known = foreseen(error)
        err.print(f"[red]{type(known).__name__}[/red]: {escape(str(known))}")
        raise SystemExit(1) from None


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
