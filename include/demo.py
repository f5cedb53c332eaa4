"""The demonstration: the whole main job on real protocols, through Airflow, read back from the other side and compared."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from rich.table import Table

from include.airflow_api import AirflowApi
from include.console import line, number, out
from include.flows import FLOWS, Flow
from include.hub import Hub
from include.indicators.card import card, scope_of
from include.indicators.card import total as total_points
from include.indicators.facts import refresh
from include.local import Sizes, make_province, sandbox_environment, the_only_one
from include.once.never_again import recompute, span, total
from include.readback import differences
from include.reporting import page_of
from include.runs import books, steps
from include.sandbox.run import start
from include.services import Services, admin_password, airflow_environment, free_port, migrate_airflow, start_airflow
from include.settings import Settings
from include.steps import STEPS
from include.store.database import database
from include.store.migrating import migrate


@contextmanager
def told(what: str) -> Iterator[None]:
    """Says what is being done, and how long it took."""
    started = time.monotonic()
    yield
    out.print(f"[dim]{what}: {time.monotonic() - started:.1f} s[/dim]")


def demo(sizes: Sizes, *, keep: bool = False, anew: bool = False) -> int:
    """Plays it; 0 when every number adds up and the other side holds exactly what it was sent."""
    settings = Settings.read()
    citizens, enterprises, dossiers = sizes
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what was started is stopped
    out.print(f"[bold]Bắc Ninh in small[/bold]: {citizens:,} citizens, {enterprises:,} enterprises, {dossiers:,} dossiers")
    try:
        with ExitStack() as stack:
            stack.enter_context(the_only_one(settings))
            return shown(settings, stack, sizes, keep=keep, anew=anew)
    except KeyboardInterrupt:
        out.print("\nstopped")
        return 130


def shown(settings: Settings, stack: ExitStack, sizes: Sizes, *, keep: bool, anew: bool) -> int:
    """Starts everything, plays, compares. What it started ends with ``stack``, however far it came."""
    started = time.monotonic()
    services = Services(settings.home / "logs")
    stack.callback(stop_database, settings)
    with told("PostgreSQL, the synthetic province, the schemas"):
        prepare(settings, sizes, anew=anew)
    systems = stack.enter_context(start(settings.home / "sandbox"))
    stack.callback(services.stop)
    environment = sandbox_environment(systems.addresses)
    hub = Hub.connect(Settings({**settings.environment, **environment}))
    with told("sandbox systems and Airflow"):
        airflow = airflow_environment(settings, free_port()) | environment | {"HUB_HOME": str(settings.home), "HUB_SCHEDULES": "off"}
        start_airflow(services, airflow)
    api = AirflowApi(airflow["AIRFLOW__API__BASE_URL"], "admin", admin_password(settings))
    runs = play(hub, api)
    out.print(final_table(hub, runs))
    out.print(once_only(hub))
    out.print(service_index(hub))
    different = differences(hub, systems.endpoints)
    verdict(hub, api, runs, different, time.monotonic() - started)
    if keep:
        out.print("Everything is left running until Ctrl-C or SIGTERM.")
        wait_for_interrupt()
    return 1 if different or not all(row[1] == "done" for row in runs.values()) else 0


def prepare(settings: Settings, sizes: Sizes, *, anew: bool) -> None:
    """PostgreSQL with both schemas, and the province, made side by side."""
    db = database(settings)
    with ThreadPoolExecutor() as pool:
        airflow = pool.submit(migrate_airflow, airflow_environment(settings, 0))
        make_province(settings, sizes, anew=anew)
        migrate(db)
        airflow.result()


def stop_database(settings: Settings) -> None:
    """Stops the embedded server; an external one is none of our business."""
    from include.store import embedded

    if not settings.database_url:
        embedded.stop(settings.home / "pgdata")


def wait_for_interrupt() -> None:
    """Until Ctrl-C."""
    while True:
        time.sleep(1)


Runs = dict[str, tuple[str, str, float]]
AT_ONCE = 3
"""Flows played side by side; each waits for those it links to."""


def play(hub: Hub, api: AirflowApi) -> Runs:
    """Triggers each flow once those it builds on have ended, and shows each step as it ends. Returns flow → (run, state, seconds)."""
    runs: Runs = {}
    playing: dict[str, Playing] = {}
    waiting = list(FLOWS)
    while playing or waiting:
        for flow in [flow for flow in waiting if ready(flow, runs)][: AT_ONCE - len(playing)]:
            waiting.remove(flow)
            playing[flow.id] = Playing(flow, api.trigger(flow.id, {"full": True}))
        for one in list(playing.values()):
            state = one.look(hub, api)
            if state in {"success", "failed"}:
                del playing[one.flow.id]
                runs[one.flow.id] = (one.run, "done" if state == "success" else state, time.monotonic() - one.started)
            if state == "failed":
                out.print(f"[red]{one.flow.id}: the run ended as {state}; ./hub status {one.flow.id} says why[/red]")
                waiting.clear()
        time.sleep(0.2)
    return {flow.id: runs[flow.id] for flow in FLOWS if flow.id in runs}


def ready(flow: Flow, runs: Runs) -> bool:
    """Whether everything the flow builds on has been played."""
    return all(other in runs for other in (*flow.after, *filter(None, [flow.pages_of])))


@dataclass(slots=True)
class Playing:
    """A run on its way, and the steps of it that were shown."""

    flow: Flow
    run: str
    started: float = field(default_factory=time.monotonic)
    seen: set[str] = field(default_factory=set)

    def look(self, hub: Hub, api: AirflowApi) -> str:
        """The run's state; prints the steps that have come into the ledger since."""
        state = api.state(self.flow.id, self.run)
        done = steps(hub, self.flow.id, self.run)
        for step in STEPS:
            if step in done and step not in self.seen:
                self.seen.add(step)
                counts, seconds = done[step]
                out.print(f"{self.flow.id:14s} {line(step, counts, sum(seconds.values()))}")
        return state


def final_table(hub: Hub, runs: Runs) -> Table:
    """One line per flow: the books."""
    head = ("flow", "received", "quarantined (top reasons)", "new", "changed", "unchanged", "published", "refused", "seconds")
    table = Table(title="Sổ sách · The books", title_justify="left", header_style="bold")
    for name in head:
        table.add_column(name, justify="left" if name in head[0:3:2] else "right")
    for flow, (run, _state, seconds) in runs.items():
        c = books(steps(hub, flow, run))
        reasons = top_reasons(hub, flow, run)
        aside = number(c.quarantined) + (f" ({reasons})" if reasons else "") + (f" + {c.held} held" if c.held else "")
        numbers = [number(value) for value in (c.new, c.changed, c.unchanged, c.published, c.refused)]
        table.add_row(flow, number(c.received), aside, *numbers, f"{seconds:.1f}")
    return table


def once_only(hub: Hub) -> str:
    """How many components were handed in with dossiers, and how many need not have been."""
    recompute(hub)
    found = total(hub, *span(hub))
    share = "–" if found.share is None else f"{100 * found.share:.1f} %"
    return (
        f"Chỉ nộp một lần · Once only: {number(found.handed)} components in dossiers, {number(found.equivalent)} the state already held;"
        f" {number(found.again)} of those need not have been handed in and were (never again: {share}). ./hub never-again --csv lists them"
    )


def service_index(hub: Hub) -> str:
    """Points of the year by QĐ 766, and which targets of the plan are met."""
    refresh(hub)
    lines = card(hub, scope_of(hub, ""))
    reached, best = total_points(lines)
    plan = [f"{each.code} {each.rate:.1f} % ({each.verdict})" for each in lines if each.verdict and each.rate is not None]
    return f"Chỉ số phục vụ · Service index {hub.today.year}: {reached:.1f} points of {best:.0f}; plan 717: {', '.join(plan)}. ./hub indicators show"


def top_reasons(hub: Hub, flow: str, run: str) -> str:
    """The three commonest reasons of a run."""
    rows = hub.db.rows(
        "SELECT code, count(*) FROM hub.quarantine, unnest(codes) AS code WHERE flow = %s AND run = %s GROUP BY code ORDER BY 2 DESC, 1 LIMIT 3",
        flow,
        run,
    )
    return ", ".join(f"{code} {count}" for code, count in rows)


def verdict(hub: Hub, api: AirflowApi, runs: Runs, different: list[str], seconds: float) -> None:
    """What was compared, what differs, where to look next."""
    if different:
        out.print("[red bold]The other side does not hold what it was sent:[/red bold]")
        for each in different[:20]:
            out.print(f"  {each}")
    else:
        out.print("[green]Read back: portal and one-stop system hold exactly the records that were published.[/green]")
    out.print(f"\n[bold]{seconds:.0f} s in all.[/bold] Where to look next:")
    for flow, (run, _state, _seconds) in runs.items():
        out.print(f"  report    {page_of(hub, flow, run)}", soft_wrap=True)
    out.print("  rows put aside   ./hub quarantine --limit 20")
    out.print(f"  leave it running ./hub up   (Airflow: admin / {api.password})")
