"""A log grows by batches of any size, proves any entry, and refuses to be changed."""

from datetime import datetime
from decimal import Decimal

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.clock import HANOI
from include.hub import Hub
from include.proof import log
from include.proof.keys import Head, opened, signing_key
from include.proof.merkle import consistent, leaf_hash, root, root_from_inclusion

pytestmark = pytest.mark.postgres


def entries(first: int, number: int) -> list[tuple[str, bytes]]:
    return [(str(each), b"entry %d" % each) for each in range(first, first + number)]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.sampled_from([1, 2, 255, 256, 257, 700]), min_size=1, max_size=5), name=st.uuids())
def test_batches_of_any_size_give_the_tree_of_all_their_entries(hub: Hub, batches: list[int], name: object) -> None:
    with hub.db.transaction() as connection:
        size = 0
        for number in batches:
            assert log.append_bytes(connection, str(name), entries(size, number), hub.clock()) == range(size, size + number)
            size += number
        tree = log.Tree(connection, str(name))
        leaves = [leaf_hash(data) for _, data in entries(0, size)]
        assert tree.root(size) == root(leaves)
        old, index = (size + 1) // 2, size // 3
        assert root_from_inclusion(leaves[index], index, size, tree.inclusion(index, size)) == root(leaves)
        assert consistent(old, size, root(leaves[:old]), root(leaves), tree.consistency(old, size))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    number=st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12),
)
def test_entries_written_as_json_are_the_bytes_jsonb_would_write(hub: Hub, words: str, number: Decimal) -> None:
    """Heads signed over entries written as jsonb hold for them: either way the same leaf."""
    array = "_build_array(%(words)s::text, %(number)s::numeric, NULL::text, 7::bigint, true)::text"
    with hub.db.session() as connection:
        assert connection.execute(f"SELECT json{array} = jsonb{array}", {"words": words, "number": number}).fetchone() == (True,)


def test_seventy_thousand_entries_are_appended_in_one_statement_and_proved_from_a_few_hundred_hashes(hub: Hub) -> None:
    size = 70_000
    with hub.db.transaction() as connection:
        query = "SELECT n::text, convert_to('entry ' || n, 'UTF8') FROM generate_series(0, %s) AS g (n) ORDER BY g.n"
        assert log.append(connection, "access", query, [size - 1], hub.clock()) == range(size)
        tree = log.Tree(connection, "access")
        expected = root([leaf_hash(data) for _, data in entries(0, size)])
        assert tree.root(size) == expected
        assert root_from_inclusion(leaf_hash(b"entry 66000"), 66_000, size, tree.inclusion(66_000, size)) == expected
        row = connection.execute("SELECT count(*) FILTER (WHERE level = 8), count(*) FILTER (WHERE level = 16) FROM hub.log_node").fetchone()
    assert row == (273, 1)


def test_an_entry_is_appended_once(hub: Hub) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation), hub.db.transaction() as connection:
        log.append_bytes(connection, "runs", [("1", b"a"), ("1", b"b")], hub.clock())


def test_a_head_is_signed_once_per_size_and_opens_with_the_hubs_key_only(logged: Hub) -> None:
    first, again = log.seal(logged, "runs"), log.seal(logged, "runs")
    assert (first.size, first.root) == (again.size, again.root)
    note = log.heads_file(logged, "runs").read_text(encoding="utf-8").split("\n\n— ")[0]
    assert note.startswith("bacninh-hub/runs\n1\n")
    ((kept,),) = logged.db.rows("SELECT note FROM hub.log_head WHERE size = 7")
    key = signing_key(logged.settings)
    assert opened(kept, key.public_key()) == first
    assert opened(kept, Ed25519PrivateKey.generate().public_key()) is None


@settings(max_examples=60)
@given(at=st.integers(0), bit=st.integers(0, 7))
def test_a_head_with_one_bit_changed_does_not_open(at: int, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    note = bytearray(Head("runs", 12, b"r" * 32, datetime(2026, 11, 23, 9, tzinfo=HANOI)).signed(key).encode())
    note[at % len(note)] ^= 1 << bit
    assert opened(note.decode(errors="replace"), key.public_key()) is None


def test_the_signing_key_is_for_its_owner_only(logged: Hub) -> None:
    assert logged.settings.log_key_file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("table", ["report", "log_leaf", "log_node", "log_head"])
@pytest.mark.parametrize("statement", ["UPDATE hub.{} SET at = now()", "DELETE FROM hub.{}", "TRUNCATE hub.{}"])
def test_not_even_the_owner_changes_a_log_by_accident(logged: Hub, table: str, statement: str) -> None:
    if table == "log_node" and "UPDATE" in statement:
        statement = "UPDATE hub.{} SET hash = hash"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), logged.db.transaction() as connection:
        connection.execute(statement.format(table))


@pytest.mark.parametrize("statement", ["UPDATE hub.report SET run = ''", "DELETE FROM hub.log_leaf", "TRUNCATE hub.log_head"])
def test_the_writers_role_has_no_right_to_change_a_log(logged: Hub, statement: str) -> None:
    with logged.db.transaction() as connection:
        connection.execute("SET LOCAL ROLE hub_writer")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            connection.execute(statement)


def test_the_auditors_role_reads_the_log_and_nothing_personal(logged: Hub) -> None:
    with logged.db.transaction() as connection:
        connection.execute("SET LOCAL ROLE hub_auditor")
        row = connection.execute("SELECT count(*) FROM hub.log_leaf").fetchone()
        assert row == (7,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM golden.person")
