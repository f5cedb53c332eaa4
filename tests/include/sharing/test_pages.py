"""The citizen's and the agency's pages: opened once, seen by nobody else, in both languages, fit for a telephone."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from include.sharing import agreements, links, pages
from tests.include.once.conftest import put_into
from tests.include.sharing.conftest import PURPOSE, World, number

pytestmark = pytest.mark.postgres


def citizen(world: World, place: int = 21) -> tuple[str, requests.Session]:
    portal = world.agency("congdan")
    asked = portal.post("/v1/usage/links", {"userCode": number(place)}, Officer_Id=number(place))
    assert asked.status_code == 201, asked.text
    return asked.json()["url"], requests.Session()


def officer(world: World, client: str = "motcua") -> tuple[str, requests.Session]:
    return world.agency(client).post("/v1/agency-page-links", None).json()["url"], requests.Session()


def test_a_citizen_sees_who_looked_and_takes_a_proof(world: World) -> None:
    put_into(world.hub, "procedure", code=PURPOSE, name="Thủ tục mẫu", active=True)
    world.agency().person(21)
    url, browser = citizen(world)
    assert number(21) not in url
    shown = browser.get(url, timeout=20)
    assert (shown.status_code, shown.url) == (200, f"{world.url}/me?lang=vi"), "the link's text leaves the address bar"
    assert "Hệ thống một cửa điện tử (thử nghiệm)" in shown.text
    assert "Nghị định 278/2025/NĐ-CP, Điều 7" in shown.text
    assert f"({PURPOSE})" in shown.text, "procedures are called by their names"
    assert "<script" not in shown.text
    assert number(21) not in shown.text
    assert "Who looked at my data" in browser.get(f"{world.url}/me?lang=en", timeout=20).text
    found = re.findall(r"/me/proof\?id=(\d+)", shown.text)
    assert browser.get(f"{world.url}/me/proof?id={found[0]}", timeout=20).status_code in (200, 404), "signed within a minute"
    for odd in ("from=2030-01-01&to=x&page=zz", "from=0001-01-01&to=9999-12-31&page=0", f"page={'1' * 5_000}", "page=%D9%A3"):
        assert browser.get(f"{world.url}/me?{odd}", timeout=20).status_code == 200
    for odd in ("9" * 30, "%D9%A3", "-1", ""):
        assert browser.get(f"{world.url}/me/proof?id={odd}", timeout=20).status_code == 404
    rows = world.hub.db.rows("SELECT count(*) FROM hub.access WHERE operation = 'usage' AND via = 'link'")
    assert rows[0][0] >= 4, "the citizen's own looks are in the log"


def test_a_citizens_number_stands_nowhere_in_the_log_in_clear(world: World) -> None:
    """Not even as that of who asks: erasing the month's key must erase it."""
    url, browser = citizen(world, 27)
    assert browser.get(url, timeout=20).status_code == 200
    portal = world.agency("congdan")
    own = portal.post("/v1/usage/find-usage", {"userCode": number(27)}, Officer_Id=f"VN{number(27)}")
    others = portal.post("/v1/usage/find-usage", {"userCode": number(28)}, Officer_Id=number(27))
    refused = portal.post("/v1/usage/find-usage", {"userCode": number(27)}, Officer_Id=number(27), Purpose_Of_Use="9.999999")
    assert (own.status_code, others.status_code, refused.status_code) == (200, 403, 403)
    rows = world.hub.db.rows("SELECT to_jsonb(a)::text, officer FROM hub.access a WHERE operation = 'usage' AND client = 'congdan'")
    assert not [row for row in rows if number(27) in row[0]]
    assert {key.keyed(number(27)).hex() for key in world.service.registry.months.values()} & {row[1] for row in rows}, "the same asker is the same"


def test_a_look_at_where_a_link_leads_does_not_open_it(world: World) -> None:
    for url, browser in (citizen(world), officer(world)):
        for _ in range(2):
            seen = requests.head(url, allow_redirects=False, timeout=20)
            assert (seen.status_code, "set-cookie" in seen.headers) == (200, False)
        assert browser.get(url, timeout=20).status_code == 200


def test_a_link_opens_once_and_a_session_is_nobody_elses(world: World) -> None:
    url, browser = citizen(world)
    assert browser.get(url, timeout=20).status_code == 200
    assert requests.get(url, timeout=20).status_code == 401, "opened before"
    assert requests.get(f"{world.url}/me", timeout=20).status_code == 401
    assert requests.get(f"{world.url}/me/AAAA", timeout=20).status_code == 401
    cookie = browser.cookies["hub_me"]
    for wrong in (cookie[:-2] + "AA", "", "x" * 2_000):
        assert requests.get(f"{world.url}/me", cookies={"hub_me": wrong}, timeout=20).status_code == 401
    assert requests.get(f"{world.url}/agency", cookies={"hub_agency": cookie}, timeout=20).status_code == 401, "a citizen's session is no agency's"
    kept = requests.get(citizen(world)[0], allow_redirects=False, timeout=20).headers["set-cookie"]
    assert all(word in kept for word in ("HttpOnly", "SameSite=Lax", "Path=/me"))
    other = world.agency("congdan").post("/v1/usage/links", {"userCode": number(21)}, Officer_Id=number(22))
    assert other.status_code == 403
    world.agency().person(26)
    entry = world.hub.db.rows("SELECT id FROM hub.access WHERE operation = 'lookup' AND NOT subject_key = ANY(%s) LIMIT 1",
                              [key.keyed(number(21)) for key in world.service.registry.months.values()])[0][0]  # fmt: skip
    assert browser.get(f"{world.url}/me/proof?id={entry}", timeout=20).status_code == 404


def test_an_agency_sees_its_own_and_tries_through_the_same_door(world: World) -> None:
    world.agency().person(23, ["ethnicity"])
    url, browser = officer(world)
    shown = browser.get(url, timeout=20)
    assert shown.status_code == 200, shown.text
    for words in ("TT-0001/1", "đang hiệu lực", "phone (last3)", "2026-1", "403", "Thử tra cứu"):
        assert words in shown.text
    assert "TT-0005" not in shown.text, "another agency's agreement"
    english = browser.get(f"{world.url}/agency?lang=en", timeout=20).text
    assert "Try a look-up" in english
    assert ("5.000/giây" in shown.text, "5,000/s" in english) == (True, True), "numbers as the reader writes them"
    csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', shown.text)[0]
    form = {"csrf": csrf, "dataset": "person", "type": "personal_number", "value": number(1), "dossier": "H05.16-261101-0001"}
    tried = browser.post(f"{world.url}/agency/try", data=form, timeout=20).text
    assert "*********001" in tried
    assert "/problems/invalid" in browser.post(f"{world.url}/agency/try", data=form | {"value": "<b>"}, timeout=20).text
    assert browser.post(f"{world.url}/agency/try", data=form | {"csrf": "x"}, timeout=20).status_code == 403
    many = {f"p{each}": "1" for each in range(30)}
    assert browser.post(f"{world.url}/agency/try", data=form | many, timeout=20).status_code == 400
    assert "/problems/not-granted" in browser.post(f"{world.url}/agency/try", data=form | {"dataset": "land_certificate"}, timeout=20).text


def test_a_revoked_agreement_ends_the_citizens_page(world: World) -> None:
    url, browser = citizen(world)
    assert browser.get(url, timeout=20).status_code == 200
    agreement = world.service.registry.held_by("congdan")[0]
    agreements.move(world.hub, "an", agreement.agreement, "revoke", "thử")
    world.settle()
    assert browser.get(f"{world.url}/me", timeout=20).status_code == 403
    from include.sharing import seed

    seed.in_force(world.hub, "congdan", "person", agreement.terms)
    world.settle()


def pictured(chromium: str, html: str, width: int, folder: Path, name: str) -> Path:
    """A picture of a page as wide as that. Chromium's own window is never narrower than 500, so the page stands in a frame."""
    picture, inner, outer = folder / f"{name}-{width}.png", folder / f"{name}.html", folder / f"{name}-frame.html"
    inner.write_text(html.replace('<link rel="stylesheet" href="/hub.css">', f"<style>{pages.STYLE.read_text()}</style>"), encoding="utf-8")
    outer.write_text(f'<body style="margin:0"><iframe src="{inner.name}" style="width:{width}px;height:2400px;border:0"></iframe>', encoding="utf-8")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder / 'profile'}"]
    command = [chromium, *options, f"--window-size={max(width, 500)},2400", f"--screenshot={picture}", outer.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert picture.exists(), done.stderr[-500:]
    return picture


@pytest.mark.parametrize("width", [360, 1440])
def test_pages_can_be_drawn_on_a_telephone_and_a_desk(world: World, width: int, tmp_path: Path) -> None:
    """HUB_PICTURES names a folder to keep the pictures in, for whoever wants to look."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    world.agency().person(24)
    for name, url in {
        "docs": f"{world.url}/docs", "problem": f"{world.url}/problems/narrow", "me": citizen(world, 24)[0], "agency": officer(world)[0],
    }.items():  # fmt: skip
        picture = pictured(chromium, requests.Session().get(url, timeout=20).text, width, tmp_path, name)
        assert picture.stat().st_size > 15_000
        if kept := os.environ.get("HUB_PICTURES"):
            shutil.copy(picture, kept)


def test_a_link_lasts_five_minutes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "OPEN", -1)
    url, browser = citizen(world)
    monkeypatch.undo()
    assert browser.get(url, timeout=20).status_code == 401
