"""Agreements: their life, and that no sequence of grants and revocations ever shows a field that is not granted."""

import time
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from include.hub import Hub
from include.sharing import agreements, clients, seed
from include.sharing.terms import faults, read
from tests.include.sharing.conftest import World

pytestmark = pytest.mark.postgres
FIELDS = ("full_name", "birth_date", "sex", "phone", "address")


def terms(hub: Hub, **changes: Any) -> Any:
    return seed.terms_of(seed.sample(operations=("lookup",), visible=("full_name",), dossier="none", purposes=("1.009999",)) | changes, hub.today)


def test_an_agreement_walks_through_its_life(hub: Hub) -> None:
    clients.register(hub, "t", "a", "H05.16", "A", "a@b")
    made = agreements.request(hub, "t", "a", "person", terms(hub))
    assert (made.state, made.due_on) == ("requested", date(2026, 11, 26)), "two working days, of which the 24th is none"
    for step in ("sign", "activate", "revoke"):
        with pytest.raises(LookupError):
            agreements.move(hub, "t", made.agreement, step, "x")
    for step, state in (("approve", "approved"), ("sign", "signed"), ("activate", "active")):
        assert agreements.move(hub, "t", made.agreement, step).state == state
    with pytest.raises(LookupError, match="lý do"):
        agreements.move(hub, "t", made.agreement, "revoke")
    amended = agreements.amend(hub, "t", made.agreement, terms(hub, visible=("full_name", "sex")))
    assert [each.state for each in agreements.versions(hub, made.agreement)] == ["active", "requested"]
    for step in ("approve", "sign", "activate"):
        agreements.move(hub, "t", amended.agreement, step)
    assert [each.state for each in agreements.versions(hub, made.agreement)] == ["superseded", "active"]
    agreements.move(hub, "t", made.agreement, "revoke", "vi phạm")
    acts = hub.db.rows("SELECT document->>'step' FROM hub.act WHERE subject = %s ORDER BY seq", f"agreement/{made.agreement}")
    assert [row[0] for row in acts] == ["request", "approve", "sign", "activate", "request", "approve", "sign", "activate", "revoke"]


def test_what_is_over_expires(hub: Hub) -> None:
    clients.register(hub, "t", "a", "H05.16", "A", "a@b")
    over = terms(hub, valid_from="2020-01-01", valid_to="2020-12-31")
    made = seed.in_force(hub, "a", "person", over)
    assert agreements.expire(hub) == [made.agreement]
    assert agreements.versions(hub)[0].state == "expired"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"visible": ("full_name", "secret")}, "no field secret"),
        ({"masked": {"full_name": "last3"}}, "both visible and masked"),
        ({"masked": {"phone": "rot13"}}, "no mask rot13"),
        ({"operations": ("lookup", "delete")}, "no operation delete"),
        ({"communes": ("00000",)}, "not a commune"),
        ({"purposes": ("anything",)}, "not a procedure code"),
        ({"act": " "}, "legal basis"),
        ({"valid_to": "2000-01-01"}, "before valid_from"),
        ({"max_hits": 51}, "at most 50"),
        ({"dossier": "maybe"}, "dossier rule"),
    ],
)
def test_terms_that_promise_what_does_not_exist_are_refused(hub: Hub, changes: dict[str, Any], said: str) -> None:
    assert any(said in each for each in faults(terms(hub, **changes), "person"))


def test_terms_of_another_form_are_refused() -> None:
    with pytest.raises(LookupError):
        read({"operations": ["lookup"], "everything": True})


def test_a_revocation_is_in_force_within_a_second(world: World) -> None:
    made = seed.in_force(world.hub, "motcua", "person", terms(world.hub))
    world.settle()
    agency = world.agency()
    assert agency.person(1, ["full_name"], Purpose_Of_Use="1.009999").status_code == 200
    agreements.move(world.hub, "test", made.agreement, "revoke", "vi phạm")
    end = time.monotonic() + 1
    while agency.person(1, ["full_name"], Purpose_Of_Use="1.009999").status_code == 200:
        assert time.monotonic() < end, "still answered a second after the revocation"


class Life(RuleBasedStateMachine):
    """Grants, amendments and revocations in any order; after each, what is shown is what the books say is granted."""

    world: World
    purpose = 0

    @initialize()
    def begin(self) -> None:
        Life.purpose += 1
        self.code = f"1.{100000 + Life.purpose}"
        self.granted: dict[str, frozenset[str]] = {}
        self.pending: dict[str, tuple[str, frozenset[str]]] = {}
        self.agency = self.world.agency()

    @rule(fields=st.frozensets(st.sampled_from(FIELDS), min_size=1))
    def ask(self, fields: frozenset[str]) -> None:
        wanted = terms(self.world.hub, visible=tuple(sorted(fields)), purposes=(self.code,), per_second=10_000)
        if self.granted or self.pending:
            name = next(iter({**self.granted, **self.pending}))
            if name in self.pending:
                return
            agreements.amend(self.world.hub, "t", name, wanted)
        else:
            name = agreements.request(self.world.hub, "t", "motcua", "person", wanted).agreement
        self.pending[name] = ("approve", fields)

    @rule()
    def go_on(self) -> None:
        for name, (step, fields) in list(self.pending.items()):
            agreements.move(self.world.hub, "t", name, step)
            following = {"approve": "sign", "sign": "activate"}.get(step)
            if following:
                self.pending[name] = (following, fields)
            else:
                del self.pending[name]
                self.granted[name] = fields

    @rule()
    def refuse(self) -> None:
        for name in list(self.pending):
            agreements.move(self.world.hub, "t", name, "refuse", "không đủ căn cứ")
            del self.pending[name]

    @rule()
    def revoke(self) -> None:
        for name in list(self.granted):
            agreements.move(self.world.hub, "t", name, "revoke", "hết nhu cầu")
            del self.granted[name]

    @invariant()
    def shows_what_is_granted_and_nothing_else(self) -> None:
        if not hasattr(self, "code"):
            return
        self.world.settle()
        allowed = next(iter(self.granted.values()), frozenset())
        for field in FIELDS:
            answer = self.agency.person(1, [field], Purpose_Of_Use=self.code)
            for _ in range(5):  # a machine that stood still for three seconds does not know the agreements, and says so
                if answer.status_code == 503:
                    time.sleep(1)
                    answer = self.agency.person(1, [field], Purpose_Of_Use=self.code)
            assert (answer.status_code == 200) == (field in allowed), (field, allowed, answer.text)


def test_no_sequence_of_grants_and_revocations_shows_a_field_not_granted(world: World) -> None:
    Life.world = world
    options = settings(max_examples=6, stateful_step_count=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Life, settings=options)
