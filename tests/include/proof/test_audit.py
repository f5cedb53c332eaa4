"""Whatever a superuser does to a log, ``hub audit verify`` says so and names the first entry that is not as it was signed."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from include import acts
from include.hub import Hub
from include.proof import log
from include.proof.audit import verify
from include.proof.keys import signing_key
from include.proof.merkle import root
from tests.conftest import NOW
from tests.include.proof.conftest import written

pytestmark = pytest.mark.postgres


def behind_its_back(hub: Hub, *statements: str) -> None:
    """As a superuser who switches the triggers off."""
    with hub.db.transaction() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)


def rewrite_heads(hub: Hub, key: Ed25519PrivateKey, *, files: bool = False) -> None:
    """Signs every head anew over what the table now holds."""
    if files:
        log.heads_file(hub, "runs").unlink()
    leaves = [row[0] for row in hub.db.rows("SELECT hash FROM hub.log_leaf ORDER BY seq")]
    with hub.db.transaction() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        for size, at in connection.execute("SELECT size, at FROM hub.log_head").fetchall():
            note = log.Head("runs", size, root(leaves[:size]), at).signed(key)
            connection.execute("UPDATE hub.log_head SET note = %s WHERE size = %s", [note, size])


EDIT = 'UPDATE hub.report SET document = \'{"run":"r9"}\' WHERE seq = 4'
REHASH = "UPDATE hub.log_leaf l SET hash = sha256('\\x00'::bytea || convert_to(document::text, 'UTF8')) FROM hub.report r WHERE r.seq::text = l.ref"
SWAP = "UPDATE hub.log_leaf SET seq = CASE seq WHEN 2 THEN 103 WHEN 3 THEN 102 END WHERE seq IN (2, 3)"
BACK = "UPDATE hub.log_leaf SET seq = seq - 100 WHERE seq > 100"
CUT = ("DELETE FROM hub.report WHERE seq > 5", "DELETE FROM hub.log_leaf WHERE seq > 4")

TAMPERINGS: dict[str, tuple[Callable[[Hub], None], int | None]] = {
    "an entry edited": (lambda hub: behind_its_back(hub, EDIT), 3),
    "an entry and its leaf edited": (lambda hub: behind_its_back(hub, EDIT, REHASH), 3),
    "an entry deleted": (lambda hub: behind_its_back(hub, "DELETE FROM hub.report WHERE seq = 3"), 2),
    "an entry deleted with its leaf": (
        lambda hub: behind_its_back(hub, "DELETE FROM hub.report WHERE seq = 3", "DELETE FROM hub.log_leaf WHERE seq = 2"),
        2,
    ),
    "two entries in another order": (lambda hub: behind_its_back(hub, SWAP, BACK), 2),
    "the end cut off": (lambda hub: behind_its_back(hub, *CUT), 5),
    "the end cut off with its heads": (lambda hub: behind_its_back(hub, *CUT, "DELETE FROM hub.log_head WHERE size > 5"), 5),
    "everything cut off": (lambda hub: behind_its_back(hub, "TRUNCATE hub.report, hub.log_leaf, hub.log_head"), 0),
    "an entry slipped in": (
        lambda hub: behind_its_back(hub, "INSERT INTO hub.report (flow, run, document, sha256, at) VALUES ('births', 'x', '{}', '', now())"),
        None,
    ),
    "signed anew with another key": (lambda hub: (behind_its_back(hub, EDIT, REHASH), rewrite_heads(hub, Ed25519PrivateKey.generate()))[0], 3),
    "signed anew with another key, files too": (lambda hub: rewrite_heads(hub, Ed25519PrivateKey.generate(), files=True), None),
    "signed anew with the stolen key": (lambda hub: (behind_its_back(hub, EDIT, REHASH), rewrite_heads(hub, signing_key(hub.settings)))[0], 3),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_is_found_where_it_begins(logged: Hub, what: str) -> None:
    tamper, position = TAMPERINGS[what]
    tamper(logged)
    _, findings = verify(logged, "runs")
    assert findings
    assert findings[0].position == position


@pytest.mark.parametrize("change", ["who = 'binh'", "kind = 'assign'", "subject = 'quarantine/9'", "at = at - interval '1 day'"])
def test_an_act_whose_columns_say_something_else_is_found(hub: Hub, change: str) -> None:
    """The page of the log shows them."""
    for number in range(3):
        with hub.db.transaction() as connection:
            acts.record(connection, hub, "an", "waive", f"quarantine/{number}", why="đã hỏi")
    assert verify(hub, "acts") == (3, [])
    behind_its_back(hub, f"UPDATE hub.act SET {change} WHERE subject = 'quarantine/1'")
    _, [finding] = verify(hub, "acts")
    assert (finding.position, "its columns" in finding.en) == (1, True)


def test_a_report_put_under_another_run_is_found(logged: Hub) -> None:
    behind_its_back(logged, "UPDATE hub.report SET run = 'r0' WHERE seq = 4")
    assert [finding.position for finding in verify(logged, "runs")[1]] == [3]


def test_an_act_of_any_moment_verifies(hub: Hub) -> None:
    odd = Hub(hub.db, hub.objects, hub.settings, lambda: NOW.replace(microsecond=1500))
    with hub.db.transaction() as connection:
        acts.record(connection, odd, "an", "waive", "quarantine/1")
    assert verify(hub, "acts") == (1, [])


def test_an_untouched_log_verifies_whole(logged: Hub) -> None:
    assert verify(logged, "runs") == (7, [])


def test_a_log_with_inner_nodes_verifies_whole_and_an_altered_node_is_found(hub: Hub) -> None:
    written(hub, "r0")
    with hub.db.transaction() as connection:
        query = (
            "WITH made AS (INSERT INTO hub.report (flow, run, document, sha256, at)"
            " SELECT 'births', 'b' || n, '{}', '', now() FROM generate_series(1, 600) n RETURNING seq, document)"
            " SELECT seq::text, convert_to(document::text, 'UTF8') FROM made ORDER BY seq"
        )
        rows = connection.execute(query).fetchall()
        log.append_bytes(connection, "runs", rows, hub.clock())
    assert log.seal(hub, "runs").size == 601
    assert verify(hub, "runs") == (601, [])
    behind_its_back(hub, "UPDATE hub.log_node SET hash = sha256('') WHERE index = 1")
    assert [finding.position for finding in verify(hub, "runs")[1]] == [256]


def test_an_empty_log_is_sound(hub: Hub) -> None:
    assert verify(hub, "runs") == (0, [])


def test_what_is_appended_but_not_yet_signed_is_sound(logged: Hub) -> None:
    with logged.db.transaction() as connection:
        query = "INSERT INTO hub.report (flow, run, document, sha256, at) VALUES ('births', 'x', '{}', '', now())"
        connection.execute(query)
        log.append_bytes(connection, "runs", [("8", b"{}")], logged.clock())
    assert verify(logged, "runs") == (8, [])
