"""The table of contents of the hub: what happens to a record, step by step.

======== ==================================================================== ============================================================
step     what happens                                                          module
======== ==================================================================== ============================================================
land     pages of the source, kept as received, with the cursor behind each    ``include.landing``
refine   bytes → records → contract → mapping → suite → staged or quarantined  ``include.refining``
merge    staged rows → golden records, history, crosswalk, outbox, cursor      ``include.registry.merge``
publish  outbox → portal and one-stop system, with intent and receipt          ``include.delivery.push``
report   the books must balance; the report is written and chained             ``include.reporting``
======== ==================================================================== ============================================================

Each step may be killed at any moment and run again under the same run name; it goes on where it was, and its result is the same.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.page import Source
from include import closing, landing, refining, reporting
from include.counts import Counts
from include.delivery import push
from include.errors import Busy, GateClosed, Lost
from include.flows import TARGETS, Flow
from include.hub import Hub
from include.registry import merge as registry
from include.runs import NORMAL, Run, Wish, begin, books, close, get, steps, write_step
from include.unexpected import foreseen

STEPS = ("land", "refine", "merge", "publish", "report")


def land(hub: Hub, flow: Flow, run: str) -> Counts:
    """Reads the source to the end of the run's window. A replay has its pages."""
    if replayed := refining.replayed(hub, get(hub, flow.id, run)):
        return timed(hub, flow, run, "land", lambda _: Counts(received=len(replayed.places)))
    if flow.pages_of:
        return timed(hub, flow, run, "land", lambda row: landing.borrow(hub, row, flow.pages_of))
    return timed(hub, flow, run, "land", lambda row: with_source(hub, flow, lambda source: landing.land(hub, row, source)))


def spans(hub: Hub, flow: Flow, run: str) -> list[tuple[int, int]]:
    """The parts of a large run that may be refined side by side, as first and last page."""
    return refining.spans(hub, get(hub, flow.id, run))


def refine_span(hub: Hub, flow: Flow, run: str, first: int, last: int) -> Counts:
    """Understands and checks one part."""
    row = get(hub, flow.id, run)
    return with_source(hub, flow, lambda source: refining.refine_span(hub, flow, row, source, first, last))


def refine(hub: Hub, flow: Flow, run: str) -> Counts:
    """Understands and checks what was landed. Raises GateClosed."""
    return timed(hub, flow, run, "refine", lambda row: with_source(hub, flow, lambda source: refining.refine(hub, flow, row, source)))


def merge(hub: Hub, flow: Flow, run: str) -> Counts:
    """Makes golden records of what passed. Refines again when PostgreSQL lost the staged rows in a crash."""
    try:
        return registry.merge(hub, flow, get(hub, flow.id, run))
    except Lost:
        refine(hub, flow, run)
        return registry.merge(hub, flow, get(hub, flow.id, run))


def publish(hub: Hub, flow: Flow, run: str) -> Counts:
    """Delivers what changed to every target of the entity."""

    def deliver_all(row: Run) -> Counts:
        if row.dry:
            return Counts()
        targets = [target for target in TARGETS if target.entity == flow.dataset.entity.name]
        return sum((push.deliver(hub, target, f"{flow.id}/{run}") for target in targets), Counts())

    return timed(hub, flow, run, "publish", deliver_all)


def report(hub: Hub, flow: Flow, run: str) -> Counts:
    """Closes the books. Raises Unbalanced when a row went missing."""
    row = get(hub, flow.id, run)
    counts = books(steps(hub, flow.id, run))
    reporting.write(hub, flow, row, counts)
    if row.dry:
        registry.forget_refinement(hub, flow, row)
    close(hub, row, "done")
    closing.after_run(hub, flow, row)
    return counts


Tell = Callable[[str, Counts], None]


def silent(_step: str, _counts: Counts) -> None:
    """Tells nobody."""


def run_flow(hub: Hub, flow: Flow, run: str, wish: Wish = NORMAL, tell: Tell = silent) -> Counts:
    """All steps in order, without Airflow. ``tell`` hears the counts of each. A failure is noted in the ledger and raised."""
    with hub.only_one(f"flow:{flow.id}"):
        begin(hub, flow, run, wish)
        counts = Counts()
        for name, step in zip(STEPS, (land, refine, merge, publish, report), strict=True):
            with noting(hub, flow, run, name):
                counts = step(hub, flow, run)
            tell(name, counts)
    return counts


@contextmanager
def noting(hub: Hub, flow: Flow, run: str, step: str) -> Iterator[None]:
    """Writes into the ledger what ends a step before its time, and raises it on. Who waits for a turn has not failed; a trial keeps nothing."""
    try:
        yield
    except Busy:
        raise
    except Exception as error:
        row = get(hub, flow.id, run)
        if row.dry:
            registry.forget_refinement(hub, flow, row)
        if isinstance(error, GateClosed):
            close(hub, row, "held", {"step": step, "reasons": error.reasons})
        else:
            close(hub, row, "failed", {"step": step, "error": type(error).__name__, "message": str(foreseen(error))})
        raise


def timed(hub: Hub, flow: Flow, run: str, step: str, work: Callable[[Run], Counts]) -> Counts:
    """Does the work and writes its line into the ledger."""
    row = get(hub, flow.id, run)
    started = time.perf_counter()
    counts = work(row)
    with hub.db.transaction() as connection:
        write_step(connection, row, step, counts, {step: time.perf_counter() - started}, hub.clock())
    return counts


def with_source(hub: Hub, flow: Flow, work: Callable[[Source], Counts]) -> Counts:
    """Opens the flow's source, and closes it again."""
    source = flow.source(hub.settings.endpoint(flow.system))
    try:
        return work(source)
    finally:
        source.close()
