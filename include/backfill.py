"""Reading a long time again in slices: each a run of its own, named by its days, that can be run again alone and is done once.

A slice ahead of where the flow has come does not move its cursor: what lies between is still read by the next ordinary run.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from connectors.errors import ConnectorError
from include.clock import HANOI
from include.counts import Counts
from include.errors import HubError
from include.flows import Flow
from include.hub import Hub
from include.runs import Wish, books, steps
from include.steps import Tell, run_flow


@dataclass(frozen=True, slots=True)
class Slice:
    """From midnight to midnight in Việt Nam, the end not included."""

    since: datetime
    until: datetime

    @property
    def name(self) -> str:
        """The run's name."""
        return f"backfill-{self.since:%Y%m%d}-{self.until:%Y%m%d}"


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of a slice: ``done``, ``before`` (it was done already), or the error."""

    slice: Slice
    state: str
    counts: Counts
    why: str = ""


def planned(first: datetime, end: datetime, count: int) -> list[Slice]:
    """``count`` slices of whole days, as even as days allow, without gap or overlap. Raises LookupError when there is nothing to cut."""
    begin, until = (moment.astimezone(HANOI).replace(hour=0, minute=0, second=0, microsecond=0) for moment in (first, end))
    days = (until - begin).days
    if days < 1 or count < 1:
        raise LookupError(f"nothing to read between {begin:%Y-%m-%d} and {until:%Y-%m-%d}, the end not included")
    count = min(count, days)
    edges = [begin + timedelta(days=days * number // count) for number in range(count + 1)]
    return [Slice(*edge) for edge in pairwise(edges)]


def backfill(hub: Hub, flow: Flow, slices: list[Slice], tell: Callable[[Slice], Tell]) -> Iterator[Filled]:
    """Runs each slice that was not done before. One that fails does not keep the others from being read."""
    for each in slices:
        state = hub.db.rows("SELECT state FROM hub.run WHERE flow = %s AND run = %s", flow.id, each.name)
        if state and state[0][0] == "done":
            yield Filled(each, "before", books(steps(hub, flow.id, each.name)))
            continue
        try:
            yield Filled(each, "done", run_flow(hub, flow, each.name, Wish(since=each.since, until=each.until), tell(each)))
        except (ConnectorError, HubError) as error:
            yield Filled(each, type(error).__name__, books(steps(hub, flow.id, each.name)), str(error))
