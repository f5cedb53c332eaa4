"""What leaves in bulk, by feed and by webhook; and what the citizen sees of it."""

import asyncio
import base64
import gzip
import hashlib
import http.server
import threading
import time
import uuid
from typing import Any, ClassVar

import psycopg
import pytest
import requests
import standardwebhooks

from include.clock import now
from include.proof.audit import verify
from include.proof.log import seal
from include.proof.merkle import leaf_hash, root_from_inclusion
from include.sharing import chores, exports, proofs, seed, vault, webhooks
from include.sharing.sequence import integrate_all
from include.sharing.targets import Refused, post
from tests.include.sharing.conftest import Agency, World, number

pytestmark = pytest.mark.postgres


def insert(connection: Any, place: int) -> None:
    connection.execute(
        "INSERT INTO golden.person (id, personal_number, full_name, birth_date, commune_code, provenance, version, updated_at, updated_run)"
        " VALUES (%s, %s, 'A B', '1990-01-01', '07210', '{}', 1, now(), 'r')",
        [str(uuid.uuid4()), f"9{place:011d}"],
    )


def test_the_feed_loses_and_repeats_nothing_of_50_000_under_four_writers(agency: Agency, world: World) -> None:
    """Transactions of the four overlap, and commit in another order than they began in."""
    commits, each, writers = 250, 50, 4
    insert_many = (
        "INSERT INTO golden.person (id, personal_number, full_name, birth_date, commune_code, provenance, version, updated_at, updated_run)"
        " SELECT gen_random_uuid(), '8' || lpad((%s::bigint + n)::text, 11, '0'), 'A B', '1990-01-01', '07210', '{}', 1, now(), 'r'"
        " FROM generate_series(0, %s - 1) n"
    )

    def write(worker: int) -> None:
        with psycopg.connect(world.hub.db.url) as connection:
            for place in range(commits):
                first = (worker * commits + place) * each
                connection.execute(insert_many, [first, each // 2])
                time.sleep(0.001 * (place * (worker + 3) % 7))
                connection.execute(insert_many, [first + each // 2, each // 2])
                connection.commit()

    before = world.hub.db.rows("SELECT coalesce(max(id), 0) FROM hub.change")[0][0]
    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[str] = []
    cursor, idle = "", 0
    while idle < 3:
        answer = agency.get(f"/v1/changes/persons?limit=1000{'&cursor=' + cursor if cursor else ''}")
        assert answer.status_code == 200, answer.text
        events = [event for event in answer.json() if int(event["id"].split("-")[1]) > before]
        seen += [event["data"]["personal_number"] for event in events]
        idle = 0 if answer.json() or any(thread.is_alive() for thread in threads) else idle + 1
        cursor = answer.headers["next-cursor"]
    assert len(seen) == len(set(seen)) == commits * each * writers == 50_000
    assert agency.post("/v1/changes/persons/acknowledgement", {"cursor": cursor}).status_code == 200
    assert agency.get("/v1/changes/persons").json() == []
    world.hub.db.rows("DELETE FROM golden.person WHERE personal_number LIKE '8%%' AND %s RETURNING 1", True)
    assert agency.get("/v1/changes/persons?cursor=AAAA").status_code == 400


def test_an_export_is_masked_hashed_resumable_and_everybody_in_it_audited(agency: Agency, world: World) -> None:
    asked = agency.post("/v1/exports", {"dataset": "person", "fields": ["personal_number", "phone"]}, Prefer="respond-async")
    assert (asked.status_code, agency.get(asked.headers["content-location"]).status_code) == (202, 202)
    assert asyncio.run(exports.work(world.hub))
    manifest = agency.get(asked.headers["content-location"]).json()
    lines: list[bytes] = []
    for part in manifest["output"]:
        whole = agency.get(part["url"]).content
        assert (hashlib.sha256(whole).hexdigest(), len(whole)) == (part["sha256"], part["bytes"])
        assert agency.get(part["url"], Range="bytes=10-").content == whole[10:]
        lines += gzip.decompress(whole).splitlines()
    total = world.hub.db.rows("SELECT count(*) FROM golden.person")[0][0]
    assert len(lines) == total == sum(part["rows"] for part in manifest["output"])
    assert any(b"*********001" in line for line in lines)
    assert not any(b"+8491" in line for line in lines)
    [row] = world.audit(asked.json().get("request_id", asked.headers["x-request-id"]))
    assert world.hub.db.rows("SELECT count(*) FROM hub.access_subject WHERE access = %s", row["id"])[0][0] == total


def test_a_file_comes_in_one_range_or_whole_and_what_is_not_there_is_told_as_ever(agency: Agency, world: World) -> None:
    asked = agency.post("/v1/exports", {"dataset": "person", "fields": ["phone"]}, Prefer="respond-async")
    assert asyncio.run(exports.work(world.hub))
    [part, *_] = agency.get(asked.headers["content-location"]).json()["output"]
    whole, size = agency.get(part["url"]), part["bytes"]
    for unread in ("bytes=5-2", "bytes=abc", "items=0-1", "bytes=-", "bytes", "bytes=0-1,3-4", "bytes=-x", f"bytes={'9' * 30}-"):
        answer = agency.get(part["url"], Range=unread)
        assert (answer.status_code, answer.content) == (200, whole.content), unread
    for wanted, first, last in (
        ("bytes=0-1", 0, 1),
        ("Bytes=5-99999999", 5, size - 1),
        ("bytes=-3", size - 3, size - 1),
        (f"bytes=-{size + 9}", 0, size - 1),
    ):
        answer = agency.get(part["url"], Range=wanted)
        assert (answer.status_code, answer.headers["content-range"]) == (206, f"bytes {first}-{last}/{size}")
        assert answer.content == whole.content[first : last + 1]
    for beyond in (f"bytes={size}-", f"bytes={size + 5}-{size + 9}", "bytes=-0"):
        answer = agency.get(part["url"], Range=beyond, X_Request_Id="beyond-the-end")
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
        assert (answer.json()["type"], answer.json()["request_id"]) == ("/problems/range", "beyond-the-end")
        assert agency.get(part["url"], Range=beyond, If_Range='"another"').status_code == 200
        assert agency.get(part["url"], Range=beyond, If_Range=whole.headers["etag"]).status_code == 416
    for path in world.hub.settings.exports.glob("*/*"):
        path.unlink()
    gone = agency.get(part["url"], X_Request_Id="gone-from-disk")
    assert (gone.status_code, gone.json()["type"], gone.json()["request_id"]) == (404, "/problems/not-found", "gone-from-disk")


def test_a_citizen_sees_who_looked_and_takes_the_proof_home(agency: Agency, world: World) -> None:
    asked = agency.person(9, X_Request_Id="who-looked-0001")
    portal = world.agency("congdan")
    me = {"Officer_Id": number(9)}
    told = portal.post("/v1/usage/findUsage", {"userCode": number(9)}, **me).json()
    [entry] = [each for each in told["usages"] if each["receiverSystem"] == "motcua" and each["action"].startswith("tra cứu")]
    assert (entry["receiverCode"], entry["legalBasis"]) == ("H05", "Nghị định 278/2025/NĐ-CP, Điều 7")
    assert set(entry["fields"]) == {"Họ và tên", "Ngày sinh", "Số điện thoại"}
    assert portal.post("/v1/usage/findUsage", {"userCode": number(9)}, Officer_Id=number(8)).status_code == 403
    assert portal.post("/v1/usage/proof", {"userCode": number(8), "id": entry["id"]}, Officer_Id=number(8)).status_code == 404
    assert portal.get("/v1/usage/heartbeat").json() == {"status": "OK"}
    assert integrate_all(world.hub) > 0
    seal(world.hub, "access")
    proof = portal.post("/v1/usage/proof", {"userCode": number(9), "id": entry["id"]}, **me).json()
    path = [base64.b64decode(step) for step in proof["path"]]
    head = root_from_inclusion(leaf_hash(proof["entry"].encode()), proof["index"], proof["size"], path)
    assert base64.b64encode(head or b"").decode() == proof["head"].splitlines()[2]
    assert asked.headers["x-request-id"] in proof["entry"]
    assert verify(world.hub, "access")[1] == []


def test_an_altered_audit_row_is_found(world: World) -> None:
    integrate_all(world.hub)
    seal(world.hub, "access")
    with world.hub.db.transaction() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM hub.access")
    with world.hub.db.session() as session:
        session.execute("SET session_replication_role = replica")
        session.execute("UPDATE hub.access SET outcome = 404 WHERE id = (SELECT min(id) FROM hub.access)")
    assert verify(world.hub, "access")[1]
    with world.hub.db.session() as session:
        session.execute("SET session_replication_role = replica")
        session.execute("UPDATE hub.access SET outcome = 200 WHERE id = (SELECT min(id) FROM hub.access)")


def test_an_erased_month_hides_its_subjects_for_ever_and_breaks_no_proof(agency: Agency, world: World) -> None:
    asked = agency.person(11, ["full_name"])
    integrate_all(world.hub)
    seal(world.hub, "access")
    [row] = world.audit(asked.headers["x-request-id"])
    month, before = row["key"], proofs.inclusion(world.hub, row["id"])
    assert world.service.registry.months[month].told(row["subject"]) == number(11)
    with world.hub.db.session() as session:
        kept = session.execute("SELECT wrapped FROM hub.access_key WHERE key = %s", [month]).fetchone()
    with world.hub.db.transaction() as connection:
        assert month in vault.erase(connection, month + 1, now())
        assert month not in vault.keys(connection, world.service.master), "no key is left to read or to search the month by"
    try:
        [after] = world.audit(asked.headers["x-request-id"])
        assert (after["subject"], after["subject_key"]) == (row["subject"], row["subject_key"]), "the log itself is as it was"
        assert verify(world.hub, "access")[1] == []
        again = proofs.inclusion(world.hub, row["id"])
        assert before
        assert again
        assert again["entry"] == before["entry"]
        path = [base64.b64decode(step) for step in again["path"]]
        head = root_from_inclusion(leaf_hash(again["entry"].encode()), again["index"], again["size"], path)
        assert base64.b64encode(head or b"").decode() == again["head"].splitlines()[2]
        assert number(11) not in again["entry"]
    finally:
        with world.hub.db.transaction() as connection:
            connection.execute("UPDATE hub.access_key SET wrapped = %s, erased_at = NULL WHERE key = %s", [kept[0] if kept else None, month])


class Receiver(http.server.BaseHTTPRequestHandler):
    taken: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Receiver.taken.append((dict(self.headers), body))
        self.send_response(Receiver.status)
        self.send_header("Location", "http://169.254.169.254/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def test_a_webhook_is_thin_signed_and_never_follows_a_redirect(agency: Agency, world: World) -> None:
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    from dataclasses import replace

    from include.settings import Settings

    inside = replace(world.hub, settings=Settings({**world.hub.settings.environment, "HUB_WEBHOOK_NETWORKS": "127.0.0.0/8"}))
    secret, name = b"k" * 32, uuid.uuid4()
    box = vault.sealed(vault.derived(world.service.master, "webhooks"), secret)
    agreement = world.service.registry.snapshot.grants["motcua", "person", "1.001193"][0].agreement
    with world.hub.db.transaction() as connection:
        connection.execute(
            "INSERT INTO hub.webhook VALUES (%s, %s, %s, %s, 'active', 0, NULL, 0, now() - interval '1 minute', NULL, now())",
            [name, agreement, f"http://127.0.0.1:{receiver.server_port}/h", box],
        )
        insert(connection, 77_777)
    Receiver.status = 302
    assert webhooks.deliver(inside) == 0
    assert world.hub.db.rows("SELECT state, attempt, last_status FROM hub.webhook WHERE id = %s", name) == [("active", 1, "302")]
    Receiver.status = 200
    world.hub.db.rows("UPDATE hub.webhook SET next_at = now() - interval '1 s' WHERE id = %s RETURNING 1", name)
    assert webhooks.deliver(inside) == 1
    (first, _), (headers, body) = Receiver.taken
    verified: Any = standardwebhooks.Webhook("whsec_" + base64.b64encode(secret).decode()).verify(body, headers)
    assert (verified["data"]["dataset"], first["webhook-id"]) == ("person", headers["webhook-id"])
    world.hub.db.rows("DELETE FROM hub.webhook WHERE id = %s RETURNING 1", name)
    receiver.shutdown()
    receiver.server_close()


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::ffff:127.0.0.1]/", "https://0x7f.1/", "https://10.0.0.1/", "https://169.254.169.254/", "http://8.8.8.8/",
            "https://a:b@8.8.8.8/", "https://localhost/", "https://8.8.8.8:22/", "file:///etc/passwd"],
)  # fmt: skip
def test_webhooks_reach_nothing_inside(url: str) -> None:
    with pytest.raises(Refused):
        post(url, b"{}", {}, [])


def test_a_correction_is_noted_once_per_key(agency: Agency, world: World) -> None:
    body = {"type": "personal_number", "value": number(1), "field": "address", "proposed": "Số 2", "reason": "Sổ hộ tịch"}
    key = {"Idempotency_Key": uuid.uuid4().hex}
    first, again = agency.post("/v1/persons/corrections", body, **key), agency.post("/v1/persons/corrections", body, **key)
    assert (first.status_code, first.json()) == (201, again.json())
    assert agency.post("/v1/persons/corrections", body | {"proposed": "Số 3"}, **key).status_code == 422
    assert world.hub.db.rows("SELECT count(*) FROM hub.correction WHERE proposed LIKE 'Số 2'")[0][0] == 1


def ask_export(agency: Agency) -> requests.Response:
    return agency.post("/v1/exports", {"dataset": "person", "fields": ["full_name"]}, Prefer="respond-async")


def test_an_export_is_made_while_the_workers_count_what_they_answer(agency: Agency, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ask_export(agency)
    real = exports.audit

    async def slow(connection: Any, key: Any, grant: Any, *rest: Any) -> int:
        world.hub.db.rows(
            "INSERT INTO hub.usage_hour VALUES (%s, date_trunc('hour', now()), 1, 0) ON CONFLICT (agreement, hour)"
            " DO UPDATE SET answered = usage_hour.answered + 1 RETURNING 1",
            grant.agreement,
        )
        return await real(connection, key, grant, *rest)

    monkeypatch.setattr(exports, "audit", slow)
    assert asyncio.run(exports.work(world.hub))
    assert agency.get(asked.headers["content-location"]).status_code == 200


def test_an_export_deleted_while_it_is_made_leaves_nothing(agency: Agency, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ask_export(agency)
    real = exports.audit

    async def cancelled(*given: Any) -> int:
        answer = await asyncio.to_thread(requests.delete, world.url + asked.headers["content-location"], headers=agency.headers(), timeout=20)
        assert answer.status_code == 202
        return await real(*given)

    monkeypatch.setattr(exports, "audit", cancelled)
    assert asyncio.run(exports.work(world.hub))
    assert agency.get(asked.headers["content-location"]).status_code == 404
    assert not list((world.hub.settings.exports / asked.json()["id"]).glob("*"))
    assert [row["operation"] for row in world.audit(asked.headers["x-request-id"])] == []


def test_an_export_beyond_the_days_volume_is_refused_and_one_left_behind_is_made_again(world: World) -> None:
    terms = seed.terms_of(seed.sample(operations=("export",), visible=("full_name",), per_day=5, purposes=("1.000002",)), world.hub.today)
    seed.in_force(world.hub, "motcua", "person", terms)
    world.settle()
    agency = world.agency()
    body = {"dataset": "person", "fields": ["full_name"]}
    asked = agency.post("/v1/exports", body, Prefer="respond-async", Purpose_Of_Use="1.000002")
    world.hub.db.rows("UPDATE hub.export_job SET state = 'running' WHERE id = %s RETURNING 1", asked.json()["id"])
    assert not asyncio.run(exports.work(world.hub))
    chores.resume(world.hub)
    assert asyncio.run(exports.work(world.hub))
    answer = agency.get(asked.headers["content-location"])
    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/too-many")
