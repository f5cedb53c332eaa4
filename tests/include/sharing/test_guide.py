"""What the integration guide hands out works as it stands: the Python client, the curl examples, the collection, the commands it names."""

import asyncio
import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from include.cli import app
from include.settings import ROOT
from include.sharing import collection, exports, seed
from include.sharing.app import ROUTES
from include.sharing.clients import add_key
from include.sharing.openapi import operations
from include.sharing.terms import faults, read
from tests.include.sharing.conftest import DOSSIER, PURPOSE, World, number

pytestmark = pytest.mark.postgres
GUIDES = [ROOT / "docs" / f"integration.{language}.md" for language in ("vi", "en")]


def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("example_client", ROOT / "docs" / "examples" / "client.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_example_client_does_what_the_guide_says(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    example = module()
    client = example.Client(world.url, "motcua", seed.KID, seed.key_file(world.hub, "motcua").read_bytes(), "CB.0001")
    found = client.lookup("persons", "personal_number", number(1), ["full_name", "phone"], PURPOSE, DOSSIER)
    assert found["data"] == {"full_name": "Nguyễn Văn B", "phone": "*********001"}
    with pytest.raises(example.Refused, match="404 /problems/not-found"):
        client.lookup("persons", "personal_number", number(1_193), ["full_name"], PURPOSE, DOSSIER)
    assert len(list(client.changes("persons", PURPOSE, DOSSIER))) >= 200
    assert list(client.changes("persons", PURPOSE, DOSSIER)) == [], "acknowledged"
    monkeypatch.setattr(example.time, "sleep", lambda _: asyncio.run(exports.work(world.hub)))
    rows = list(client.export("person", ["personal_number"], PURPOSE, DOSSIER))
    assert len(rows) == world.hub.db.rows("SELECT count(*) FROM golden.person")[0][0]


def test_the_key_the_guide_makes_is_one_the_hub_takes(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    example = module()
    example.make_key("2026-9")
    assert Path("2026-9.pem").stat().st_mode & 0o077 == 0
    add_key(world.hub, "an", "motcua", json.loads(Path("2026-9.jwk.json").read_text(encoding="utf-8")))
    world.settle()
    client = example.Client(world.url, "motcua", "2026-9", Path("2026-9.pem").read_bytes(), "CB.0001")
    assert client.lookup("persons", "personal_number", number(1), ["full_name"], PURPOSE, DOSSIER)["data"] == {"full_name": "Nguyễn Văn B"}
    with pytest.raises(FileExistsError):
        example.make_key("2026-9")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_examples_are_answered(world: World) -> None:
    given = {"HUB": world.url, "TOKEN": world.agency().token, "NUMBER": number(1), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([str(ROOT / "docs" / "examples" / "examples.sh")], env=given, capture_output=True, text=True, check=True, timeout=60)
    answers = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert [answers[0]["data"]["full_name"], answers[2]["match"], answers[3]["data"]["name"]] == ["Nguyễn Văn B", True, "Công ty A"]
    assert answers[1]["components"][0]["need_not_be_asked"]


def test_the_collection_is_fresh_and_holds_every_operation() -> None:
    assert collection.FILE.read_text(encoding="utf-8") == collection.text(), "stale: python -m include.sharing.collection"
    names = {item["name"] for folder in collection.collection()["item"] for item in folder["item"]}
    assert names == {f"{about.vi} · {about.en}" for _, about in operations(ROUTES) if not about.same_as}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_the_guide_names_what_exists(guide) -> None:
    text = guide.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (guide.parent / link).exists(), link
    for command in set(re.findall(r"\./hub (share [a-z]+|up|serve)", text)):
        assert CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0, command
    paths = {route.path for route in ROUTES}
    for path in re.findall(r"(?:GET|POST) (/[a-z0-9/-]+)", text):
        assert path in paths, path
    terms = json.loads(re.findall(r"```json\n(.*?)```", text, flags=re.DOTALL)[0])
    assert faults(read(terms), "person") == []
    assert text.count("\n## ") == 7
