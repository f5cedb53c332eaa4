"""An IT officer adds a source in an afternoon: one short file, no change elsewhere, and it runs through every step."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from include.flows import Flow
from include.hub import Hub
from include.runs import begin
from include.settings import Settings
from include.steps import land, merge, refine, report
from tests.connectors.conftest import Say, Script, Seen, serving
from tests.scenarios.toys import rest_source, soap_source

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]

PEOPLE = [
    {"ma": "1", "cccd": "024085000126", "hoTen": "LÊ VĂN MẪU", "ngaySinh": "09/04/1985", "gioiTinh": "1"},
    {"ma": "2", "cccd": "027185000127", "hoTen": "TRẦN THỊ MẪU", "ngaySinh": "1985", "gioiTinh": "2"},
    {"ma": "3", "cccd": "27185000128", "hoTen": "SỐ THIẾU", "ngaySinh": "1985", "gioiTinh": "2"},
]
MOMENT = {"capNhat": "2026-11-01T08:00:00+07:00"}


def rest(request: Seen) -> Say:
    page = int(parse_qs(urlsplit(request.path).query)["trang"][0])
    rows = [person | MOMENT for person in PEOPLE[2 * page - 2 : 2 * page]]
    return Say(body=json.dumps({"tong": len(PEOPLE), "duLieu": rows}).encode())


def soap(_request: Seen) -> Say:
    people = [{**person, "ngaySinh": "19850409", **MOMENT} for person in PEOPLE]
    names = ("ma", "cccd", "hoTen", "ngaySinh", "capNhat")
    items = "".join("<chu>" + "".join(f"<{name}>{person[name]}</{name}>" for name in names) + "</chu>" for person in people)
    body = f'<DanhSachChuResponse xmlns="urn:toy:owners"><tong>{len(people)}</tong>{items}</DanhSachChuResponse>'
    envelope = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>'
    return Say(body=envelope.encode(), headers={"Content-Type": "text/xml; charset=utf-8"})


def at(hub: Hub, system: str, url: str) -> Hub:
    return replace(hub, settings=Settings({**hub.settings.environment, f"HUB_{system}_URL": url}))


@pytest.mark.parametrize("file", [rest_source.__file__, soap_source.__file__])
def test_a_source_is_under_80_lines(file: str) -> None:
    assert len(Path(file).read_text(encoding="utf-8").splitlines()) < 80


@pytest.mark.parametrize(("flow", "script"), [(rest_source.FLOW, rest), (soap_source.FLOW, soap)], ids=["rest", "soap"])
def test_a_new_source_runs_through_every_step(hub: Hub, flow: Flow, script: Script) -> None:
    """All but publish: the one-stop system is away here, and what changed waits in the outbox."""
    with serving(script) as server:
        hub = at(hub, flow.system.upper(), server.url)
        begin(hub, flow, "r1")
        for step in (land, refine, merge):
            step(hub, flow, "r1")
        counts = report(hub, flow, "r1")
    assert (counts.received, counts.new, counts.quarantined) == (3, 2, 1)
    assert hub.db.rows("SELECT codes FROM hub.quarantine") == [(["personal_number_lost_zero"],)]
    assert hub.db.rows("SELECT count(*) FROM hub.outbox") == [(2,)]
