"""A stranger reads the OpenAPI document and tries every operation: whatever comes back is as the document says, and never a failure of ours."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from include.sharing import seed
from include.sharing.app import ROUTES
from include.sharing.openapi import document
from tests.include.sharing.conftest import DOSSIER, PURPOSE, World, number

pytestmark = pytest.mark.postgres
TRIES = 20
CHECKS: list[Callable[..., Any]] = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
WORDS = st.sampled_from([number(place) for place in range(40)] + ["2300123454", DOSSIER, "AB100001", "0123456789", "123456789", "GT-1"])
"""Identifiers somebody has: what a stranger makes up is nobody's, and would never get behind the first check."""


@pytest.fixture(scope="module")
def api(world: World) -> Iterator[Any]:
    """The document of the running service, for a caller with wide rights."""
    for dataset in ("land_certificate", "insurance_participation"):
        seed.in_force(world.hub, "motcua", dataset, seed.terms_of(seed.SAMPLES[1].grants[dataset], world.hub.today))
    world.settle()
    return schemathesis.openapi.from_url(f"{world.url}/v1/openapi.json")


OPERATIONS = [(path, name) for path, item in document("http://x", ROUTES)["paths"].items() for name in item if name != "servers"]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_what_the_document_says_is_what_happens(api: Any, world: World, path: str, method: str) -> None:
    asked = api[path][method.upper()]
    headers = world.agency().headers()

    @given(asked.as_strategy(), st.none() | WORDS)
    @settings(max_examples=TRIES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    def tried(case: Any, value: str | None) -> None:
        if value and isinstance(case.body, dict) and "value" in case.body:
            case.body["value"] = value
        case.headers = {**(case.headers or {}), **headers}
        case.call_and_validate(checks=CHECKS, timeout=20)

    tried()


def test_known_identifiers_are_answered_as_described(api: Any, world: World) -> None:
    """The look-ups with identifiers that exist: their good answers too are as described."""
    good = {
        "persons": ("personal_number", number(1)),
        "enterprises": ("tax_code", "2300123454"),
        "dossiers": ("code", DOSSIER),
        "papers": ("owner_number", number(1)),
        "land-certificates": ("owner_number", number(1)),
        "insurance-participations": ("personal_number", number(1)),
    }
    for path, (kind, value) in good.items():
        asked = api[f"/{path}/lookup"]["POST"]
        grants = world.service.registry.snapshot.grants
        dataset = asked.definition.raw["requestBody"]["content"]["application/json"]["schema"]
        fields = next(grant.terms.fields for (client, _, purpose), each in grants.items() for grant in each
                      if (client, purpose, grant.dataset.path) == ("motcua", PURPOSE, path))  # fmt: skip
        assert set(fields) <= set(dataset["properties"]["fields"]["items"]["enum"])
        case = asked.Case(
            body={"type": kind, "value": value, "fields": list(fields)}, headers=world.agency().headers(), media_type="application/json"
        )
        answer = case.call_and_validate(checks=CHECKS, timeout=20)
        assert answer.status_code == 200, answer.text
