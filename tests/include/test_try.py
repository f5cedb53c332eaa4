"""``hub check`` and ``hub try``: everything resolved before the first request, and pages shown without a secret or a person in them."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.auth import Basic
from connectors.page import Cursor
from connectors.paging import Whole
from connectors.rest import JsonRecords, RestSource
from connectors.transport import Request, Transport
from include import masking
from include.cli import app
from include.flows import FLOWS, flow
from include.local import sandbox_environment
from include.preflight import NEEDS, Line, left_open, preflight
from include.sandbox.accounts import ACCOUNTS
from include.sandbox.run import Running, start
from include.settings import Settings
from include.store.database import Database

Run = Callable[..., tuple[int, str]]
JSON_ROWS = JsonRecords("rows")


def asked(_cursor: Cursor) -> Request:
    return Request("GET", "https://new.vn")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start(tmp_path_factory.mktemp("sandbox"), citizens=900, enterprises=60, dossiers=80) as running:
        yield running


@pytest.fixture
def environment(sandbox: Running, tmp_path: Path) -> dict[str, str]:
    """The sandbox as an agency's settings would describe it."""
    return {"HUB_HOME": str(tmp_path / "hub"), **sandbox_environment(sandbox.addresses)}


@pytest.fixture
def hub(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """``hub("check", "births", HUB_LGSP_USER="")`` runs a command with settings changed: (exit code, output)."""

    def run(*arguments: str, **changed: str) -> tuple[int, str]:
        for name, value in (environment | changed).items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(app, list(arguments), terminal_width=250)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


def wrong(environment: dict[str, str], flow_id: str, **changed: str) -> list[Line]:
    return [line for line in preflight(Settings(environment | changed), flow(flow_id)) if not line.ok]


@pytest.mark.parametrize("flow_id", [each.id for each in FLOWS])
def test_every_flow_of_the_sandbox_is_in_order_before_the_first_request(environment: dict[str, str], flow_id: str) -> None:
    assert wrong(environment, flow_id) == []


def test_what_each_system_needs_is_what_the_sandbox_gives() -> None:
    assert {system: set(needs) for system, needs in NEEDS.items()} == {system: set(account) for system, account in ACCOUNTS.items()}


@pytest.mark.parametrize(
    ("flow_id", "changed", "detail", "where"),
    [
        ("social", {"HUB_BTXH_WAIT": "a minute"}, "a whole number of seconds is needed", "HUB_BTXH_…, or include/sources.py"),
        ("births", {"HUB_LGSP_URL": ""}, "HUB_LGSP_URL is not set", "HUB_LGSP_URL"),
        ("births", {"HUB_LGSP_USER": ""}, "is not set", "HUB_LGSP_USER"),
        ("births", {"HUB_LGSP_SECRET": ""}, "is not set", "HUB_LGSP_SECRET or HUB_LGSP_SECRET_FILE"),
        ("births", {"HUB_LGSP_SECRET": "", "HUB_LGSP_SECRET_FILE": "/nowhere"}, "cannot be read", "HUB_LGSP_SECRET_FILE"),
        ("births", {"HUB_LGSP_URL": "lgsp.bacninh.gov.vn"}, "not an address", "HUB_LGSP_URL"),
        ("births", {"HUB_LGSP_URL": "https://hub:pw@lgsp"}, "user and password stand in the address", "HUB_LGSP_URL"),
        ("births", {"HUB_LGSP_URL": "https://{host}/x"}, "a placeholder was not filled in: {host}", "HUB_LGSP_URL"),
        ("births", {"HUB_LGSP_SECRET": "changeme"}, "a placeholder was not filled in", "HUB_LGSP_SECRET"),
        ("births", {"HUB_LGSP_CA_FILE": "/nowhere.pem"}, "names a file that is not there", "HUB_LGSP_CA_FILE"),
        ("births", {"HUB_LGSP_KEY_FILE": "/nowhere.pem"}, "names a file that is not there", "HUB_LGSP_KEY_FILE"),
        ("taxpayers", {"HUB_THUE_CLIENT": ""}, "is not set", "HUB_THUE_CLIENT"),
        ("social", {"HUB_BTXH_ENCODING": "vps"}, "no encoding 'vps'", "HUB_BTXH_…, or include/sources.py"),
        ("dossiers", {"HUB_DVCQG_DSTCODE": ""}, "is not set", "HUB_DVCQG_DSTCODE"),
    ],
)
def test_what_is_missing_is_told_with_where_to_set_it(
    environment: dict[str, str], flow_id: str, changed: dict[str, str], detail: str, where: str
) -> None:
    found = wrong(environment, flow_id, **changed)
    assert any(detail in line.detail and line.where == where for line in found), found


def test_a_system_the_sandbox_has_not_is_not_looked_for_there(environment: dict[str, str]) -> None:
    new = replace(flow("births"), system="new", source=lambda endpoint: RestSource(Transport(auth=Basic(endpoint)), asked, Whole(), JSON_ROWS))
    [unset] = [line for line in preflight(Settings(environment), new) if not line.ok]
    assert (unset.where, "HUB_NEW_URL" in unset.detail, "sandbox" in unset.detail) == ("HUB_NEW_URL", True, False)
    assert "sandbox start" in wrong(environment, "births", HUB_LGSP_URL="")[0].detail
    lacking = [line for line in preflight(Settings(environment | {"HUB_NEW_URL": "https://new.vn"}), new) if not line.ok]
    assert [line.where for line in lacking] == ["HUB_NEW_USER", "HUB_NEW_SECRET or HUB_NEW_SECRET_FILE"]


@pytest.mark.postgres
def test_an_entity_without_rules_or_tables_is_told_before_the_first_run(environment: dict[str, str], db: Database) -> None:
    births = flow("births")
    new = replace(births, dataset=replace(births.dataset, entity=replace(births.dataset.entity, name="pension")))
    found = {line.what: line for line in preflight(Settings(environment | {"HUB_DATABASE_URL": db.url}), new) if not line.ok}
    assert (found["rules"].where, found["tables"].detail) == ("quality/rules/pension.yaml", "there is no table golden.pension, staging.pension")
    assert "./hub db migrate" in found["tables"].where
    assert wrong(environment | {"HUB_DATABASE_URL": db.url}, "births") == []


@pytest.mark.parametrize("name", ["HUB_BATCH_ROWS", "HUB_SPAN_ROWS", "HUB_GX_ENGINE", "HUB_DATABASE_URL"])
def test_a_setting_of_no_use_is_told(environment: dict[str, str], name: str) -> None:
    assert [(line.what, line.where) for line in wrong(environment, "births", **{name: "abc"})] == [("setting", name)]


def test_a_contract_that_is_not_the_pinned_one_is_told(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.errors import BadAnswer

    def other(path: Path) -> None:
        raise BadAnswer(f"{path.name} is not the contract pinned in SHA256SUMS")

    monkeypatch.setattr("include.preflight.pinned", other)
    assert [line.what for line in wrong(environment, "insurance")] == ["source bhxh: contract", "target onestop_citizens: contract"]


def test_nobody_is_called(environment: dict[str, str]) -> None:
    away = {name: "http://127.0.0.1:9" for name in environment if name.endswith("_URL") and environment[name].startswith("http")}
    for each in FLOWS:
        assert wrong(environment, each.id, **away) == []


@pytest.mark.parametrize("text", ["${TOKEN}", "https://{host}", "<secret>", "CHANGE_ME", "change-me", "TODO"])
def test_a_placeholder_is_seen(text: str) -> None:
    assert left_open(text)
    assert not left_open("https://lgsp.bacninh.gov.vn/token?x=1")


def test_check_all_tells_every_flow_and_ends_well(hub: Run) -> None:
    code, told = hub("check", "all", "--json")
    lines = json.loads(told)
    assert code == 0
    assert {line["flow"] for line in lines} == {each.id for each in FLOWS}
    assert all(line["ok"] for line in lines)


def test_check_ends_badly_when_something_is_missing(hub: Run) -> None:
    code, told = hub("check", "births", HUB_LGSP_USER="")
    assert code == 1
    assert "HUB_LGSP_USER" in told


@pytest.mark.parametrize("flow_id", ["enterprises", "births", "insurance", "taxpayers", "papers", "land", "social", "units", "dossiers"])
def test_a_try_shows_pages_without_a_secret_or_a_person(hub: Run, environment: dict[str, str], flow_id: str) -> None:
    code, told = hub("try", flow_id, "--pages", "2", "--json")
    assert code == 0
    pages: list[dict[str, Any]] = json.loads(told)
    assert 1 <= len(pages) <= 2
    assert any(page["rows"] for page in pages) or flow_id == "enterprises"
    for page in pages:
        assert page["cursor"]["since"]
        assert page["mapped_rows"] <= page["rows"]
        assert all(name in {"request", "response"} for one in page["exchanges"] for name in one)
    assert flow_id == "social" or all(page["exchanges"][-1]["response"]["status"] == 200 for page in pages)
    bodies = [page["records"] + page["mapped"] + [one["response"]["body"] for one in page["exchanges"]] for page in pages]
    assert not re.search(r"[0-8]\d{8}|Nguyễn|NGUYỄN", json.dumps(bodies, ensure_ascii=False)), "only the shape of values is shown"
    for name, value in environment.items():
        assert not name.endswith("_SECRET") or value not in told


def test_a_try_counts_what_would_be_taken_and_why_not(hub: Run) -> None:
    pages = json.loads(hub("try", "insurance", "--pages", "1", "--json")[1])
    page = pages[0]
    assert 0 < page["mapped_rows"] <= page["rows"]
    assert page["mapped_rows"] < page["rows"] or not page["issues"]
    assert page["records"][0]["hoTen"] == masking.shape(page["records"][0]["hoTen"])


def test_a_try_for_people_reads_as_a_page(hub: Run) -> None:
    _, told = hub("try", "insurance", "--pages", "1")
    assert "→ POST http://127.0.0.1" in told
    assert "Authorization: …" in hub("try", "dossiers", "--pages", "1")[1]
    assert "cursor: {" in told


def test_a_try_leaves_files_where_they_are(hub: Run, sandbox: Running, tmp_path: Path) -> None:
    folder = tmp_path / "drops"
    folder.mkdir()
    (folder / "a.csv").write_text("x")
    code, told = hub("try", "social", "--json", HUB_BTXH_URL=folder.as_uri())
    assert (code, json.loads(told)[0]["trouble"]) == (0, "a.csv: no row holds the column 'Số hồ sơ'")
    assert (folder / "a.csv").exists()


def test_values_are_not_shown_without_a_reason(hub: Run) -> None:
    code, told = hub("try", "insurance", "--show")
    assert code == 2
    assert "hoTen" not in told


@pytest.mark.postgres
def test_values_are_shown_for_a_reason_that_is_kept(hub: Run, db: Database) -> None:
    code, told = hub("try", "insurance", "--pages", "1", "--show", "--reason", "so sánh ngày sinh với Bảo hiểm", "--json", HUB_DATABASE_URL=db.url)
    assert code == 0
    assert re.search(r"\d{10}", json.dumps(json.loads(told)[0]["records"]))
    [(act,)] = db.rows("SELECT document FROM hub.act")
    assert (act["kind"], act["subject"], act["reason"]) == ("values_shown", "flow:insurance", "so sánh ngày sinh với Bảo hiểm")


def test_a_shape_keeps_length_and_kinds_and_nothing_else() -> None:
    assert masking.shape({"a": "Nguyễn An 1", "b": [12.5, None, True], "c": "01/02/1999"}) == {
        "a": "Xxxxxx Xx 9",
        "b": ["99.9", None, True],
        "c": "99/99/9999",
    }


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"session":"abc","service":"X","data":[{"password":"p"}]}', '{"session":"…","service":"X","data":[{"password":"…"}]}'),
        (b"<a><Password>p</Password><n>1</n></a>", "<a><Password>…</Password><n>1</n></a>"),
        (b"grant_type=x&client_secret=y", "(28 bytes)"),
        (b"", ""),
    ],
)
def test_a_request_s_body_hides_what_is_named_like_a_secret(body: bytes, shown: str) -> None:
    assert masking.without_secrets(body) == shown


def test_an_answer_s_body_keeps_its_names_and_hides_values_and_attributes() -> None:
    xml = '<a xmlns="urn:a" so="027"><ten>Nguyễn</ten></a>'
    assert masking.body_shape(xml.encode(), 500) == '<a xmlns="urn:a" so="999"><ten>Xxxxxx</ten></a>'
    assert masking.body_shape(b'{"Ten": "An: \\"B\\"", "So": 27}', 500) == '{"Ten": "Xx: \\"X\\"", "So": 99}'
