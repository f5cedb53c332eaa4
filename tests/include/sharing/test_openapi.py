"""The OpenAPI document: valid, complete, by the design rules of others, kept by the running service; and the pages made from it."""

import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
import requests
from openapi_spec_validator import OpenAPIV31SpecValidator

from include.sharing.app import ROUTES
from include.sharing.openapi import BASE, document, operations
from include.sharing.problems import KINDS
from tests.include.sharing.conftest import World

pytestmark = pytest.mark.postgres
ISSUER = "https://chia-se.bacninh.example"
RULES = Path(__file__).parent / "api-design.yaml"


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(document(ISSUER, ROUTES)).validate()


def test_every_route_is_in_it_or_is_another_address_of_one_that_is() -> None:
    made = document(ISSUER, ROUTES)
    ids = [each["operationId"] for item in made["paths"].values() for name, each in item.items() if name != "servers"]
    assert len(ids) == len(set(ids))
    known = operations(ROUTES)
    assert len(known) == len(ROUTES), "a route carries no operation"
    for route, about in known:
        if about.same_as:
            assert about.same_as in ids, route.path
        else:
            method = ({*(route.methods or ())} - {"HEAD"}).pop().lower()
            assert made["paths"][route.path.removeprefix(BASE)][method]["operationId"] == about.id


def test_the_design_rules_of_others_find_nothing(tmp_path: Path) -> None:
    spectral = shutil.which("spectral")
    if spectral is None:
        pytest.skip("spectral is not installed: npm install -g @stoplight/spectral-cli")
    path = tmp_path / "openapi.json"

    def found(made: dict, rules: str) -> str:
        path.write_text(json.dumps(made), encoding="utf-8")
        done = subprocess.run([spectral, "lint", "-F", "warn", "-r", rules, str(path)], capture_output=True, text=True, check=False, timeout=120)
        return "" if done.returncode == 0 else done.stdout + done.stderr

    for rules in filter(None, (str(RULES), os.environ.get("HUB_SPECTRAL_RULES"))):
        assert found(document(ISSUER, ROUTES), rules) == ""
    wrong = document("http://chia-se.bacninh.example", ROUTES)
    wrong["paths"]["/findUsage"] = wrong["paths"].pop("/usage/find-usage")
    wrong["components"]["schemas"]["Person"]["properties"]["birth_date"].pop("format")
    del next(each["get"] for each in wrong["paths"].values() if each.get("get", {}).get("parameters"))["responses"]["400"]
    told = found(wrong, str(RULES))
    assert all(rule in told for rule in ("https-only", "paths-are-kebab-case", "dates-have-a-format", "invalid-input-is-400"))


def test_a_known_caller_is_shown_what_its_agreements_grant(world: World) -> None:
    for address in ("/openapi.json", "/v1/openapi.json"):
        whole = requests.get(world.url + address, timeout=20)
        assert (whole.status_code, whole.headers["api-version"], whole.json()["servers"][0]["url"]) == (200, "1.0.0", f"{world.url}/v1")
    own = world.agency("datdai").get("/v1/openapi.json").json()
    OpenAPIV31SpecValidator(own).validate()
    assert "/land-certificates/lookup" in own["paths"]
    assert "/persons/search" not in own["paths"]
    asked = own["paths"]["/persons/lookup"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]["fields"]
    assert sorted(asked["items"]["enum"]) == ["birth_date", "full_name", "personal_number"]
    assert requests.get(f"{world.url}/v1/openapi.json", headers={"Authorization": "Bearer x"}, timeout=20).status_code == 401


class Links(HTMLParser):
    """Every address a page names, and every place in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "action"):
                self.found.add(value or "")
            if name == "id":
                self.ids.add(value or "")
        assert tag != "script"


@pytest.mark.parametrize("path", ["/docs", "/problems", *(f"/problems/{name}" for name in KINDS)])
def test_pages_are_in_both_languages_and_no_link_is_broken(world: World, path: str) -> None:
    pages = {lang: requests.get(f"{world.url}{path}?lang={lang}", timeout=20) for lang in ("vi", "en")}
    assert pages["vi"].text != pages["en"].text
    for lang, answer in pages.items():
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert f'<html lang="{lang}">' in answer.text
        links = Links()
        links.feed(answer.text)
        assert not [each for each in links.found if re.match(r"https?:", each)], "the page needs nothing from elsewhere"
        for each in links.found:
            if each.startswith("#"):
                assert each[1:] in links.ids
            elif each.startswith("/"):
                assert requests.get(world.url + each, timeout=20).status_code == 200, each


def test_home_leads_to_the_docs_and_every_problem_told_has_its_page(world: World) -> None:
    assert requests.get(world.url, timeout=20).url == f"{world.url}/docs"
    told = requests.post(f"{world.url}/v1/persons/lookup", json={}, timeout=20).json()
    assert requests.get(world.url + told["type"], timeout=20).status_code == 200
    assert requests.get(f"{world.url}/problems/nothing", timeout=20).status_code == 404
    assert requests.get(f"{world.url}/v1/health", timeout=20).json() == {"status": "OK"}
