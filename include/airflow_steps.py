"""What an Airflow task calls: a step by name, with the run's parameters. Knows nothing of Airflow itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from include import steps
from include.clock import HANOI
from include.counts import Counts
from include.delivery import push
from include.flows import Flow, flow, target
from include.hub import Hub
from include.runs import Wish, begin
from include.unexpected import discreet


def land(flow_id: str, run_id: str, params: dict[str, Any]) -> list[tuple[int, int]]:
    """Opens the run and lands it; returns the parts that may be refined side by side."""
    hub, of = Hub.connect(), flow(flow_id)
    begin(hub, of, run_id, wish(params))
    noted(hub, of, run_id, "land", steps.land)
    return steps.spans(hub, of, run_id)


def refine_span(flow_id: str, run_id: str, first: int, last: int) -> dict[str, int]:
    """Refines one part of a run, beside the others."""
    return noted(Hub.connect(), flow(flow_id), run_id, f"refine/{first}", lambda hub, of, run: steps.refine_span(hub, of, run, first, last))


def run(step: str, flow_id: str, run_id: str) -> dict[str, int]:
    """Runs a later step of a flow."""
    return noted(Hub.connect(), flow(flow_id), run_id, step, getattr(steps, step))


def noted(hub: Hub, of: Flow, run_id: str, step: str, work: Callable[[Hub, Flow, str], Counts]) -> dict[str, int]:
    """Does the work of a step, alone at it, and returns its counts; a failure is noted in the ledger, and raised."""
    part = step.partition("/")[2]
    with steps.noting(hub, of, run_id, step), discreet(), hub.only_one(f"flow:{of.id}:{part}" if part else f"flow:{of.id}"):
        document: dict[str, int] = work(hub, of, run_id).document()
    return document


@discreet()
def deliver(target_id: str, run_id: str) -> dict[str, int]:
    """Empties a target's outbox."""
    return push.deliver(Hub.connect(), target(target_id), run_id).document()


@discreet()
def fetch_papers() -> dict[str, int]:
    """Files of papers that are due; how many came to what."""
    from include.once.papers import fetch

    return dict(fetch(Hub.connect()))


@discreet()
def never_again() -> dict[str, int]:
    """The never-again indicator, for what changed."""
    from include.once.never_again import recompute

    done = recompute(Hub.connect())
    return {"dossiers": done.dossiers, "components": done.components}


@discreet()
def measure() -> dict[str, int]:
    """The service index, for what changed."""
    from include.indicators.facts import refresh

    return {"dossiers": refresh(Hub.connect()).dossiers}


@discreet()
def portal_count() -> dict[str, int]:
    """The portal's own count of the present month and the one before."""
    from include.indicators.reconcile import ask

    hub = Hub.connect()
    first = hub.today.replace(day=1)
    months = ((first - timedelta(days=1)).replace(day=1), first)
    return {f"{month:%Y-%m}": sum(ask(hub, hub.settings.endpoint("dvcqg"), month).values()) for month in months}


@discreet()
def notify(mail: Callable[[str, str, str], None]) -> dict[str, int]:
    """Tells owners what waits in quarantine."""
    from include.notices import notify as tell

    return tell(Hub.connect(), mail)


def wish(params: dict[str, Any]) -> Wish:
    """The DAG's parameters as the ledger understands them."""
    return Wish(bool(params.get("full")), moment(params.get("since")), moment(params.get("until")), bool(params.get("dry_run")))


def moment(value: str | None) -> datetime | None:
    """A date-time of a parameter; without a zone it is Việt Nam's."""
    if not value:
        return None
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=HANOI)
