"""What happens behind the answers goes on whatever fails, and holds nobody else up."""

import asyncio
import contextlib
import http.client
import ipaddress
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import psutil
import psycopg
import pytest

from include.sharing import chores, exports, server, targets
from include.sharing.chores import Chore, round_of
from include.sharing.statements import refusal
from tests.include.sharing.conftest import Agency, World, number
from tests.include.sharing.test_no_way_round import party

pytestmark = pytest.mark.postgres


def test_a_chore_that_fails_keeps_no_other_from_its_turn_and_quotes_nothing(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    done = []

    def fails(_: Any) -> None:
        raise UnicodeError(number(1))

    todo = [Chore(60, fails), Chore(60, done.append)]
    round_of(world.hub, todo)
    round_of(world.hub, todo)
    told = capfd.readouterr().err
    assert (len(done), "UnicodeError at" in told, number(1) in told) == (1, True, False)


def test_a_database_that_is_away_is_waited_for(world: World) -> None:
    def away(_: Any) -> None:
        raise psycopg.OperationalError

    todo = [Chore(60, away)]
    with pytest.raises(psycopg.OperationalError):
        round_of(world.hub, todo)
    assert todo[0].due == 0.0, "and then the chore is due again"


def test_what_takes_long_holds_up_only_its_own_kind() -> None:
    lanes = [{chore.do for chore in lane} for lane in chores.lanes().values()]
    assert all(len(lane & {chores.export, chores.webhooks.deliver, chores.integrate_all}) == 1 for lane in lanes)


@pytest.mark.parametrize(
    "url",
    ["https://" + "a" * 64 + ".example/hook", "https://x..example/", "https://x.example/đường", "https://["],
    ids=["label", "dots", "path", "bracket"],
)
def test_an_address_nothing_can_be_sent_to_is_refused_at_once(agency: Agency, url: str) -> None:
    assert agency.post("/v1/webhooks", {"dataset": "person", "url": url}).status_code == 400


@pytest.fixture
def dripping() -> Iterator[int]:
    """A receiver that answers a byte now and then, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while True:
                connection.sendall(b"a")
                time.sleep(0.05)

    serving = threading.Thread(target=serve)
    serving.start()
    with listener:
        yield listener.getsockname()[1]
        serving.join(20)


def test_a_receiver_that_answers_for_ever_is_cut_off(dripping: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "DEADLINE", 0.5)
    inside = [ipaddress.ip_network("127.0.0.0/8")]
    with contextlib.suppress(OSError, http.client.HTTPException):
        targets.post(f"http://127.0.0.1:{dripping}/", b"{}", {}, inside)


def swept(world: World, entity: str) -> None:
    """As if its changes were older than any is kept."""
    with world.hub.db.transaction() as connection:
        connection.execute("UPDATE hub.change SET at = now() - interval '40 days' WHERE entity = %s", [entity])
    chores.sweep(world.hub)


def test_a_reader_misses_nothing_when_other_records_changes_are_swept(world: World) -> None:
    persons, _ = party(world, operations=("changes",), visible=("full_name",))
    papers, _ = party(world, "paper", operations=("changes",), visible=("code",))
    with world.hub.db.transaction() as connection:
        connection.execute("UPDATE golden.paper SET version = version + 1")
        connection.execute("UPDATE golden.person SET version = version + 1 WHERE personal_number = %s", [number(1)])
    places = {
        "papers": (papers, papers.get("/v1/changes/papers?limit=1000").headers["next-cursor"]),
        "persons": (persons, persons.get("/v1/changes/persons?limit=1").headers["next-cursor"]),
    }
    swept(world, "person")
    statuses = {name: agency.get(f"/v1/changes/{name}?cursor={cursor}").status_code for name, (agency, cursor) in places.items()}
    assert statuses == {"papers": 200, "persons": 410}


def test_who_reads_an_empty_feed_is_never_late(world: World) -> None:
    agency, _ = party(world, "enterprise", operations=("changes",), visible=("name",))
    cursor = agency.get("/v1/changes/enterprises?limit=1000").headers["next-cursor"]
    with world.hub.db.transaction() as connection:
        connection.execute("UPDATE golden.enterprise SET version = version + 1")
    later = agency.get(f"/v1/changes/enterprises?limit=1000&cursor={cursor}")
    assert len(later.json()) == 1
    swept(world, "enterprise")
    assert agency.get(f"/v1/changes/enterprises?cursor={later.headers['next-cursor']}").status_code == 200


def test_an_export_says_where_the_feed_goes_on_and_the_audit_for_whom_it_was(world: World) -> None:
    agency, _ = party(world, "paper", operations=("changes", "export"), visible=("code",))
    body = {"dataset": "paper", "fields": ["code"]}
    asked = agency.post("/v1/exports", body, Prefer="respond-async", X_Road_Represented_Party="BN/GOV/H05")
    assert asyncio.run(exports.work(world.hub))
    cursor = agency.get(asked.headers["content-location"]).json()["extension"]["changesCursor"]
    assert agency.get(f"/v1/changes/papers?cursor={cursor}").json() == []
    with world.hub.db.transaction() as connection:
        connection.execute("UPDATE golden.paper SET version = version + 1")
    assert len(agency.get(f"/v1/changes/papers?cursor={cursor}").json()) == 1
    kept = next(row for row in world.audit(asked.headers["x-request-id"]) if row["operation"] == "export")
    assert (kept["via"], kept["represented"]) == ("token", "BN/GOV/H05")


def test_files_of_nobodys_export_are_swept(world: World) -> None:
    left = world.hub.settings.exports / str(uuid.uuid4())
    left.mkdir(parents=True)
    (left / "person-1.ndjson.gz").write_bytes(b"x")
    chores.sweep(world.hub)
    assert not left.exists()


def test_refusals_share_statements_as_questions_do() -> None:
    assert refusal("person") is refusal("person")


def test_an_export_since_the_last_misses_nothing_that_was_being_written_then(world: World) -> None:
    agency, _ = party(world, "paper", operations=("export",), visible=("code", "title"))

    def rows(since: str = "") -> tuple[int, str]:
        body = {"dataset": "paper", "fields": ["code"]} | ({"since": since} if since else {})
        asked = agency.post("/v1/exports", body, Prefer="respond-async")
        assert asyncio.run(exports.work(world.hub))
        manifest = agency.get(asked.headers["content-location"]).json()
        return sum(each["rows"] for each in manifest["output"]), manifest["transactionTime"]

    with psycopg.connect(world.hub.db.url) as writer:
        writer.execute("UPDATE golden.paper SET title = 'Giấy khai sinh (bản chính)', updated_at = clock_timestamp()")
        _, moment = rows()
        writer.commit()
    assert rows(moment)[0] == 1
    assert rows(rows()[1])[0] == 0


def test_the_process_behind_the_answers_is_started_again_when_it_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.environment(world.hub, world.url, 1).items():
        monkeypatch.setenv(name, value)

    def running() -> list[psutil.Process]:
        return [each for each in psutil.Process().children() if "include.sharing.chores" in each.cmdline()]

    def until_there() -> psutil.Process:
        end = time.monotonic() + 20
        while not (found := running()):
            assert time.monotonic() < end
            time.sleep(0.05)
        return found[0]

    with server.chores():
        first = until_there()
        first.kill()
        first.wait(10)
        assert until_there().pid != first.pid
    assert running() == []
