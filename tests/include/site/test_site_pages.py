"""Every page answers, in both languages; what it shows is what the tables say; what people do there stands in the log."""

import csv
import io
import re

import openpyxl
import pytest
from starlette.testclient import TestClient

from include import acts, gating
from include.hub import Hub
from include.proof.audit import verify
from include.proof.verify import verify as sound
from include.runs import get
from include.site.accounts import Role
from include.site.menu import pages
from quality.gate import RunCounts, decide
from tests.include.site.conftest import Visitor, send
from tests.include.site.history import KEYS, PERSONAL, report

pytestmark = pytest.mark.postgres
PLACES = {"flow": "births", "field": "full_name", "rule": "PER-010", "run": "r20261123", "number": "1", "month": "2026-11"}
PLACES |= {"indicator": "2.1", "procedure": "1.000894", "desk": "H05.16", "code": KEYS["dossiers"], "page": "1", "record": "7"}


def addresses() -> list[str]:
    found = []
    for page in pages():
        if not page.posts:
            path = re.sub(r"\{(\w+)(:path)?\}", lambda match: PLACES[match[1]], page.path)
            found.append(path)
    return found


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_answers_in_both_languages(visit: Visitor, language: str) -> None:
    client = visit()
    for path in addresses():
        answer = client.get(path, params={"lang": language})
        assert answer.status_code == 200, f"{path}: {answer.text[:500]}"
        if answer.headers["content-type"].startswith("text/html"):
            assert f'<html lang="{language}">' in answer.text, path
            assert "<script" not in answer.text, path
            assert len(re.findall("<h1", answer.text)) == 1, path


def test_every_link_of_the_overview_leads_somewhere(visit: Visitor) -> None:
    client = visit()
    links = set(re.findall(r'href="(/[^"]*)"', client.get("/").text.replace("&amp;", "&")))
    assert {"/sources/births", "/quarantine?flow=births"} <= links
    for link in links:
        assert client.get(link).status_code == 200, link


def test_the_overview_counts_what_is_open_and_overdue(visit: Visitor, history: Hub) -> None:
    client = visit()
    text = client.get("/?export=sources.csv").text
    row = next(each for each in csv.reader(io.StringIO(text)) if "khai sinh từ CSDL" in each[0])
    overdue = history.db.rows("SELECT count(*) FROM hub.quarantine WHERE flow = 'births' AND fix_by < '2026-11-23'")[0][0]
    assert row[-2:] == ["90", str(overdue)]
    assert overdue > 0


def test_an_error_budget_is_spent_by_runs_that_did_not_come_whole(visit: Visitor) -> None:
    row = next(each for each in csv.reader(io.StringIO(visit().get("/?export=sources.csv").text)) if "khai sinh từ CSDL" in each[0])
    on_time, left = float(row[7]), float(row[8])
    assert on_time == pytest.approx(100 * 29 / 30, abs=0.01)
    assert left == pytest.approx(100 * (1 - 1 / 0.3), abs=0.02)


def test_keys_of_persons_are_masked_until_a_reason_is_given(visit: Visitor) -> None:
    client = visit()
    for path in addresses():
        assert PERSONAL[:-2] not in client.get(path).text, path
    assert PERSONAL[:-2] not in client.get("/quarantine/1?export=issues.csv").text
    assert PERSONAL in send(client, "/quarantine/1", "/quarantine/1/reveal", why="khiếu nại 12/2026")


def test_every_export_is_harmless_and_stands_in_the_log(visit: Visitor, history: Hub) -> None:
    client = visit()
    answer = client.get("/quarantine?export=quarantine.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.active is not None
    assert book.active.max_row == 181
    assert client.get("/quarantine?export=quarantine.csv").content.startswith(b"\xef\xbb\xbf")
    assert [act["format"] for act in acts.of(history, "table/quarantine")] == ["csv", "xlsx"]
    assert client.get("/quarantine?export=other.csv").status_code == 404


def test_a_search_is_logged_by_keyed_hash_and_finds_the_row(visit: Visitor, history: Hub) -> None:
    client = visit()
    text = send(client, "/search", "/search", key=f"{PERSONAL[:-2]}00", why="khiếu nại 12/2026")
    assert text.startswith("200")
    assert text.count('href="/quarantine/') == 30
    noted = history.db.rows("SELECT subject, document::text FROM hub.act WHERE kind = 'search'")
    assert len(noted) == 1
    assert PERSONAL[:-2] not in noted[0][1]
    assert re.fullmatch("key/[0-9a-f]{32}", noted[0][0])
    assert send(client, "/search", "/search", key="x", why=" ").startswith("400")


def test_a_month_is_signed_with_the_hash_of_its_figures(visit: Visitor, history: Hub) -> None:
    client = visit()
    read = shown_hash(client, "/months/2026-11")
    form = {"subject": "month/2026-11", "decision": "approve", "comment": "Đã đối chiếu", "sha256": read}
    assert "Đã đối chiếu" in send(client, "/months/2026-11", "/sign", **form)
    (act,) = acts.of(history, "month/2026-11")
    assert act["sha256"] == read
    assert client.get("/months/november").status_code == 400


def shown_hash(client: TestClient, path: str) -> str:
    """The SHA-256 the sign-off form of a page carries; the page shows the same."""
    text = client.get(path).text
    found = re.search(r'name="sha256" value="([0-9a-f]{64})"', text)
    assert found
    assert f"<code>{found[1]}</code>" in text
    return found[1]


def test_figures_that_changed_since_they_were_read_are_not_signed(visit: Visitor, history: Hub) -> None:
    client = visit()
    month, run = "month/2026-11", "run/births/r20261123"
    pages = {month: "/months/2026-11", run: "/runs/births/r20261123"}
    read = {subject: shown_hash(client, path) for subject, path in pages.items()}
    with history.db.transaction() as connection:
        connection.execute("UPDATE hub.score_day SET failed = evaluated WHERE day >= '2026-11-01'")
        report(connection, history, "births", "r20261123", note="written again")
    for subject, path in pages.items():
        form = {"subject": subject, "decision": "approve", "comment": "đã đọc"}
        answer = send(client, path, "/sign", sha256=read[subject], **form)
        assert answer.startswith("400")
        assert "đã thay đổi từ khi trang được mở" in answer
        assert send(client, path, "/sign", **form).startswith("400")
        assert acts.of(history, subject) == []
        assert "đã đọc" in send(client, path, "/sign", sha256=shown_hash(client, path), **form)


def test_the_monthly_pdf_embeds_its_fonts(visit: Visitor) -> None:
    body = visit().get("/months/2026-11.pdf").content
    assert body.startswith(b"%PDF-")
    assert b"/FontFile3" in body or b"/FontFile2" in body
    assert b"Libertinus" in body


def test_only_auditors_sign_and_only_staff_waive(visit: Visitor) -> None:
    staff, auditor = visit(Role.STAFF), visit(Role.AUDITOR)
    assert send(staff, "/", "/sign", subject="month/2026-11", decision="approve", comment="x").startswith("403")
    assert send(auditor, "/", "/quarantine/1/waive", until="2027-01-01", why="x").startswith("403")


def test_a_row_is_assigned_waived_and_reopened_from_its_page(visit: Visitor, history: Hub) -> None:
    client = visit(Role.STAFF)
    assert "so-tu-phap" in send(client, "/quarantine/1", "/quarantine/1/assign", assignee="so-tu-phap")
    assert "chờ cải chính" in send(client, "/quarantine/1", "/quarantine/1/waive", until="2027-01-01", why="chờ cải chính")
    assert send(client, "/quarantine/1", "/quarantine/1/waive", until="soon", why="x").startswith("400")
    assert send(client, "/quarantine/1", "/quarantine/1/reopen", why="đủ giấy tờ").startswith("200")
    assert [act["kind"] for act in acts.of(history, "quarantine/1")] == ["reopen", "waive", "assign"]


def test_an_agency_cannot_touch_anothers_row(visit: Visitor, history: Hub) -> None:
    other = history.db.rows("SELECT min(id) FROM hub.quarantine WHERE flow = 'dossiers'")[0][0]
    client = visit(Role.AGENCY, "so-tu-phap")
    for action in ("assign", "reveal", "reopen"):
        assert send(client, "/", f"/quarantine/{other}/{action}", assignee="x", why="x").startswith("404")
    assert client.get("/log").status_code == 403
    assert acts.of(history, f"quarantine/{other}") == []


def test_a_finding_is_triaged_with_a_comment(visit: Visitor, history: Hub) -> None:
    client = visit()
    assert "kỳ nghỉ" in send(client, "/findings/1", "/findings/1/triage", state="normal", comment="kỳ nghỉ")
    assert send(client, "/findings/1", "/findings/1/triage", state="incident", comment="").startswith("400")
    assert history.db.rows("SELECT state FROM hub.finding WHERE id = 1") == [("normal",)]


def test_why_a_run_was_held_stands_on_the_page_of_its_finding(visit: Visitor, history: Hub) -> None:
    [(flow, run)] = history.db.rows("SELECT flow, run FROM hub.run ORDER BY started_at LIMIT 1")
    [reason] = decide(RunCounts(100, 30)).reasons
    gating.tell(history, get(history, flow, run), [reason])
    number = history.db.rows("SELECT max(id) FROM hub.finding")[0][0]
    client = visit()
    assert "lượt đồng bộ bị chặn" in client.get("/findings").text
    assert reason.vi in client.get(f"/findings/{number}").text
    client.get("/language/en?next=/")
    assert reason.en in client.get(f"/findings/{number}").text


def test_the_log_page_verifies_the_logs(visit: Visitor) -> None:
    client = visit()
    assert "nguyên vẹn" in send(client, "/log", "/log/verify")


def test_a_proof_pack_from_the_site_is_sound(visit: Visitor, history: Hub) -> None:
    client = visit()

    page = f"/runs/births/{PLACES['run']}"
    token = re.search(r'name="csrf" value="([^"]+)"', client.get(page).text)
    assert token
    answer = client.post("/proof", data={"csrf": token[1], "kind": "run", "subject": f"births/{PLACES['run']}"})
    assert answer.headers["content-type"] == "application/zip", answer.text
    assert sound(answer.content)[0] == f"subject: run/births/{PLACES['run']}"
    assert verify(history, "acts")[1] == []


def test_figures_of_a_chart_stand_beside_it(visit: Visitor) -> None:
    text = visit().get("/").text
    assert 'role="img"' in text
    assert "Số liệu của biểu đồ" in text


def test_a_page_asked_for_nonsense_says_so(visit: Visitor) -> None:
    client = visit()
    asked = {
        "/?from=x&to=y": 400,
        "/quarantine?state=x": 404,
        "/quarantine/x": 404,
        "/rules/NO-1": 404,
        "/sources/births/fields/x": 404,
        "/nowhere": 404,
    }
    assert {path: client.get(path).status_code for path in asked} == asked


def test_a_run_tells_its_warnings_and_leads_to_the_first_row_of_each(visit: Visitor) -> None:
    client, run = visit(), PLACES["run"]
    assert exported(client, f"/runs/births/{run}", "warnings") == [["Số điện thoại sai hoặc đầu số lạ", "phone_invalid", "phone", "2", "1, 7"]]
    assert f'href="/warned/births/1/7/{run}"' in client.get(f"/runs/births/{run}").text
    assert "8 digits" in client.get(f"/warned/births/1/7/{run}").text
    for nowhere in (f"/warned/births/1/9/{run}", f"/warned/births/x/7/{run}", "/warned/births/1/7/none", f"/warned/births/1/{'9' * 30}/{run}"):
        assert client.get(nowhere).status_code == 404, nowhere
    assert visit(Role.AGENCY, "so-noi-vu").get(f"/warned/births/1/7/{run}").status_code == 404


def test_states_and_steps_of_a_run_are_words(visit: Visitor) -> None:
    client, run = visit(), f"/runs/births/{PLACES['run']}"
    assert {row[3] for row in exported(client, run, "held")} == {"chưa xử lý"}
    assert {row[0] for row in exported(client, run, "rules")} <= {"sau ánh xạ"}


def test_what_was_handed_in_again_is_told_by_desk_procedure_and_dossier(visit: Visitor) -> None:
    client = visit()
    rows = list(csv.reader(io.StringIO(client.get("/once?export=desks.csv").text)))
    assert rows[1][:5] == ["H05.16", "3", "2", "1", "50.0"]
    page = client.get("/once").text
    for link in ("/desks/H05.16", "/procedures/1.000894", f"/dossiers/{KEYS['dossiers']}"):
        assert f'href="{link}"' in page
    dossier = client.get(f"/dossiers/{KEYS['dossiers']}").text
    assert "Thông tin căn cước" in dossier
    assert client.get("/dossiers/H05.16-261123-9999").status_code == 404


def exported(client: TestClient, path: str, table: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(f"{path}?export={table}.csv").text)))[1:]


def test_a_desk_sees_its_day_what_it_sent_and_what_need_not_be_asked(visit: Visitor) -> None:
    client = visit()
    (today,) = exported(client, "/desks/H05.16", "today")
    assert (today[0], today[3], today[-2:]) == (KEYS["dossiers"], "Được tiếp nhận", ["2", "1"])
    (sent,) = exported(client, "/desks/H05.16", "outgoing")
    assert (sent[2], sent[3], sent[7]) == ("H05.201", "đang chờ", "1.0")
    assert len(exported(client, "/desks/H05.16", "needless")) == 2
    assert f'href="/dossiers/{KEYS["dossiers"]}"' in client.get("/desks/H05.16").text


def test_the_agency_a_dossier_waits_for_stands_first(visit: Visitor) -> None:
    client = visit()
    assert exported(client, "/desks", "desks")[0] == ["H05.201", "H05.201", "0", "1", "1", "0", "1.0"]
    assert exported(client, "/desks/H05.201", "incoming")[0][2:4] == ["H05.16", "đang chờ"]
    assert client.get("/desks?day=soon").status_code == 400


def test_a_conflict_is_looked_at_and_settled_from_its_page_for_a_reason(visit: Visitor, history: Hub) -> None:
    client = visit()
    assert 'value="other"' not in client.get("/conflicts/1").text
    assert send(client, "/conflicts/1", "/conflicts/1/reveal", why=" ").startswith("400")
    assert send(client, "/conflicts/1", "/conflicts/1/reveal", why="người nộp hỏi").startswith("200")
    assert "the authority in charge" in send(client, "/conflicts/1", "/conflicts/1/settle", value="other", reason="Cổng đúng")
    assert "đã đối chiếu" in send(client, "/conflicts/1", "/conflicts/1/settle", value="kept", reason="đã đối chiếu")
    assert [act["kind"] for act in acts.of(history, "conflict/1")] == ["settle", "reveal"]
    assert client.get("/conflicts/9").status_code == client.get("/conflicts/99999999999999999999").status_code == 404


def test_agencies_that_provide_data_do_not_see_other_desks(visit: Visitor) -> None:
    assert visit(Role.AGENCY, "so-tu-phap").get("/once").status_code == 403


def test_an_agency_sees_its_own_findings_however_many_others_have(visit: Visitor, history: Hub) -> None:
    columns = "flow, run, kind, code, field, agency, value, detail, at"
    kept = "'drift', 'drift_rows', '', '', 1, '{}', now()"
    with history.db.transaction() as connection:
        connection.execute("DELETE FROM hub.finding")
        connection.execute(f"INSERT INTO hub.finding ({columns}) VALUES ('births', 'r', {kept})")
        connection.execute(f"INSERT INTO hub.finding ({columns}) SELECT 'dossiers', 'r' || n, {kept} FROM generate_series(1, 500) n")
    own = history.db.rows("SELECT id FROM hub.finding WHERE flow = 'births'")[0][0]
    client = visit(Role.AGENCY, "so-tu-phap")
    for path in ("/", "/findings"):
        assert re.findall(r'href="/findings/(\d+)"', client.get(path).text) == [str(own)], path


def test_an_address_no_page_ever_gave_is_answered_in_a_sentence(visit: Visitor) -> None:
    client, long = visit(), "9" * 5000
    for path in (f"/quarantine/{long}", f"/findings/{long}", f"/conflicts/{long}", f"/warned/births/{long}/1/r"):
        assert client.get(path).status_code == 404, path
    for path in ("/runs?before=x", "/runs?before=2026-11-31"):
        assert client.get(path).status_code == 400, path
    for path in (f"/quarantine?before={long}", f"/log?before={long}", f"/?days={long}"):
        assert client.get(path).status_code == 200, path
    assert send(client, "/log", "/proof", kind="row", subject=long, why="x").startswith("400")


def test_runs_go_back_page_by_page(visit: Visitor) -> None:
    client = visit()
    assert "r20261123" in client.get("/runs").text
    older = client.get("/runs", params={"before": "2026-11-10T00:00:00+07:00"}).text
    assert ("r20261109" in older, "r20261110" in older) == (True, False)
