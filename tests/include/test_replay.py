"""Rows put aside are played again, whatever ends a replay on the way: none is lost, none is played that was not chosen."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from include import steps
from include.counts import Counts
from include.errors import Busy
from include.flows import Flow
from include.hub import Hub
from include.replay import Choice, replay
from include.runs import begin, close, get, unfinished
from tests.include.shelf import shelved
from tests.include.test_merge import BORN, birth, golden

pytestmark = pytest.mark.postgres
STATES = "SELECT run, source_key, state FROM hub.quarantine ORDER BY id"


@pytest.fixture(autouse=True)
def nobody_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "publish", lambda *_: Counts())


@pytest.fixture
def held(hub: Hub) -> Flow:
    """A flow with a good row and two put aside for their sex; the mapping that is returned understands the first of these."""
    rows = [birth("A"), birth("B", **BORN | {"nks__GioiTinh": "9"}), birth("C", nks__GioiTinh="8")]
    flow = replace(shelved("births", rows), max_bad=1.0)
    begin(hub, flow, "r1")
    for step in (steps.land, steps.refine, steps.merge):
        step(hub, flow, "r1")
    close(hub, get(hub, "births", "r1"), "done")
    old = next(one.convert for one in flow.dataset.fields if one.field == "sex")

    def convert(value: Any) -> Any:
        return "male" if value == "9" else old(value)  # type: ignore[operator]

    fields = tuple(replace(one, convert=convert) if one.field == "sex" else one for one in flow.dataset.fields)
    return replace(flow, dataset=replace(flow.dataset, fields=fields))


def first_time(monkeypatch: pytest.MonkeyPatch, what: str, instead: Callable[..., Any]) -> None:
    """Does something else instead of a step, once."""
    real = getattr(steps, what)

    def once(*given: Any) -> Any:
        monkeypatch.setattr(steps, what, real)
        return instead(real, *given)

    monkeypatch.setattr(steps, what, once)


def killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_only_the_rows_chosen_are_played(hub: Hub, held: Flow) -> None:
    [(number,)] = hub.db.rows("SELECT id FROM hub.quarantine WHERE source_key = 'B'")
    [(run, counts)] = replay(hub, held, Choice(ids=(number,)))
    assert (run, counts.received, counts.new) == ("r1~1", 1, 1)
    assert hub.db.rows(STATES) == [("r1", "B", "replayed"), ("r1", "C", "open")]
    assert golden(hub, "full_name") == [("Lê Văn Mẫu",), ("Nguyễn An Nhiên",)]


def test_one_killed_before_its_merge_is_gone_on_with(hub: Hub, held: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    first_time(monkeypatch, "merge", killed)
    with pytest.raises(KeyboardInterrupt):
        replay(hub, held, Choice())
    assert ("r1", "B", "open") in hub.db.rows(STATES)
    (first, _), *_ = replay(hub, held, Choice())
    assert first == "r1~1"
    assert ("r1", "B", "replayed") in hub.db.rows(STATES)
    assert ("Lê Văn Mẫu",) in golden(hub, "full_name")


def test_what_the_database_forgot_is_played_again_and_nothing_else(hub: Hub, held: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    def after_a_crash(merge: Callable[..., Counts], *given: Any) -> Counts:
        with hub.db.transaction() as connection:
            connection.execute("TRUNCATE staging.person")
        return merge(*given)

    first_time(monkeypatch, "merge", after_a_crash)
    [(_, counts)] = replay(hub, held, Choice(run="r1"))
    assert (counts.received, counts.new, counts.quarantined) == (2, 1, 1)


def test_the_next_sync_does_not_go_on_with_a_replay(hub: Hub, held: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    first_time(monkeypatch, "merge", killed)
    with pytest.raises(KeyboardInterrupt):
        replay(hub, held, Choice())
    assert unfinished(hub, "births") is None


def test_while_the_flow_is_busy_nothing_is_begun(hub: Hub, held: Flow) -> None:
    with hub.only_one("flow:births"), pytest.raises(Busy):
        replay(hub, held, Choice())
    assert hub.db.rows("SELECT run FROM hub.run") == [("r1",)]
    assert [run for run, _ in replay(hub, held, Choice())] == ["r1~1"]
