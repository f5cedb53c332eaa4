"""Nobody reads a page without an account, an agency sees its own sources only, and no other site can send a form."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from include.hub import Hub
from include.site import login
from include.site.accounts import Role, UnknownAccount, accounts, add, enter, file_of
from include.site.app import create
from include.site.menu import pages
from tests.include.site.conftest import Visitor, csrf, send

pytestmark = pytest.mark.postgres


@pytest.fixture
def stranger(history: Hub) -> TestClient:
    login._wrong.clear()
    return TestClient(create(history), base_url="http://127.0.0.1", follow_redirects=False)


def test_no_page_answers_a_stranger(stranger: TestClient) -> None:
    for page in pages():
        path = page.path.replace("{flow}", "births").replace("{", "").replace("}", "").replace(":path", "")
        answer = stranger.request("POST" if page.posts else "GET", path)
        assert (answer.status_code, answer.headers["location"].startswith("/login")) == (303, True), path


def test_a_wrong_password_is_refused_and_five_close_the_door(history: Hub, stranger: TestClient) -> None:
    password = add(history.settings, "an", Role.AUDITOR)
    form = {"name": "an", "csrf": csrf(stranger, "/login")}
    for _ in range(5):
        assert stranger.post("/login", data={**form, "password": "no"}).status_code == 401
    assert stranger.post("/login", data={**form, "password": password}).status_code == 429


def test_a_session_ends_when_the_password_changes(history: Hub, visit: Visitor) -> None:
    client = visit()
    assert "Tổng quan" in client.get("/").text
    add(history.settings, "auditor", Role.AUDITOR)
    assert "Mật khẩu" in client.get("/").text


def test_logging_out_ends_every_session_of_the_account_and_of_nobody_else(history: Hub, visit: Visitor) -> None:
    client, other = visit(), visit(Role.STAFF)
    copied = client.cookies["session"]
    assert send(client, "/", "/logout").startswith("200")
    elsewhere = TestClient(create(history), base_url="http://127.0.0.1", follow_redirects=False)
    elsewhere.cookies.set("session", copied)
    assert elsewhere.get("/runs").status_code == 303
    assert "Tổng quan" in other.get("/").text
    assert "Tổng quan" in visit().get("/").text


def test_a_logout_from_elsewhere_ends_no_session(history: Hub, visit: Visitor) -> None:
    client = visit()
    copied = client.cookies["session"]
    client.post("/logout", data={"csrf": "x"})
    elsewhere = TestClient(create(history), base_url="http://127.0.0.1", follow_redirects=False)
    elsewhere.cookies.set("session", copied)
    assert elsewhere.get("/runs").status_code == 200


def test_accounts_changed_at_once_are_all_kept(history: Hub) -> None:
    names = [f"an{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: add(history.settings, name, Role.STAFF), names))
    assert set(names) <= accounts(history.settings).keys()


def test_an_account_noted_by_an_earlier_version_still_enters(history: Hub) -> None:
    password = add(history.settings, "an", Role.STAFF)
    noted = json.loads(file_of(history.settings).read_text())
    del noted["an"]["sessions"]
    file_of(history.settings).write_text(json.dumps(noted))
    assert enter(history.settings, "an", password)


def test_passwords_are_kept_as_scrypt_in_a_private_file(history: Hub) -> None:
    password = add(history.settings, "an", Role.STAFF)
    path = file_of(history.settings)
    assert password not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    assert enter(history.settings, "an", password)
    assert enter(history.settings, "nobody", password) is None


def test_an_agency_account_needs_an_agency_that_owns_a_flow(history: Hub) -> None:
    with pytest.raises(UnknownAccount, match="so-tu-phap"):
        add(history.settings, "x", Role.AGENCY, "nowhere")


def test_an_agency_sees_its_own_sources_only(visit: Visitor) -> None:
    client = visit(Role.AGENCY, "so-tu-phap")
    page = client.get("/").text
    assert "/sources/births" in page
    assert "/sources/dossiers" not in page
    assert client.get("/sources/dossiers").status_code == 404


def test_a_form_without_the_sessions_token_is_refused(visit: Visitor) -> None:
    client = visit()
    for page in pages():
        if page.posts and Role.AUDITOR in page.roles:
            assert client.post(page.path.replace("{", "").replace("}", ""), data={"csrf": "x"}).status_code == 403, page.path


def test_after_login_only_a_path_of_this_site_is_gone_to() -> None:
    assert [login.inside(path) for path in ("/runs", "//evil.example", "https://evil.example", "/\\evil")] == ["/runs", "/", "/", "/"]


def test_every_answer_forbids_scripts_and_foreign_frames(visit: Visitor) -> None:
    policy = visit().get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy


def test_the_language_is_kept(visit: Visitor) -> None:
    client = visit()
    assert 'lang="vi"' in client.get("/").text
    assert "Data quality" in client.get("/language/en?next=/").text
    assert "Data quality" in client.get("/").text
    assert send(client, "/", "/logout").startswith("200")


def test_an_error_nobody_expected_is_a_page_and_in_the_log_only_a_place(history: Hub, visit: Visitor, capfd: pytest.CaptureFixture[str]) -> None:
    client = visit()
    with history.db.transaction() as connection:
        connection.execute("ALTER TABLE hub.run RENAME TO gone")
    answer = client.get("/runs")
    assert (answer.status_code, "Hệ thống gặp lỗi" in answer.text) == (500, True)
    told = capfd.readouterr().err
    assert "UndefinedTable at " in told
    assert "include/site/" in told
    assert "hub.run" not in told
