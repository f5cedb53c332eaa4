"""What happens behind the answers, in one process: exports are made, the log is sealed, months prepared, old things swept.

Ends when its standard input does, so that it never outlives the service. One hub has one such process at work; others wait for their turn.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from include.clock import now
from include.errors import Busy
from include.hub import Hub
from include.proof.log import seal
from include.settings import Settings
from include.sharing import agreements, exports, vault, watch, webhooks
from include.sharing.sequence import integrate_all
from include.store.database import Database
from include.store.objects import Objects
from include.unexpected import place

KEPT_CHANGES = "30 days"
KEPT_EXPORTS = "7 days"
HOLD = 30
"""Seconds a lane keeps its lock."""


@dataclass(slots=True)
class Chore:
    """Something to do every ``seconds``."""

    seconds: float
    do: Callable[[Hub], object]
    due: float = 0.0


def sign(hub: Hub) -> None:
    """All that was answered so far stands under a signed head."""
    integrate_all(hub)
    seal(hub, "access")


def export(hub: Hub) -> None:
    """Makes the exports that wait."""
    while asyncio.run(exports.work(hub)):
        pass


def resume(hub: Hub) -> None:
    """Exports that an earlier process did not finish wait again."""
    with hub.db.transaction() as connection:
        connection.execute(exports.AGAIN)


def prepare(hub: Hub) -> None:
    """Keys and partitions of this month and the next; agreements whose time is over."""
    with hub.db.transaction() as connection:
        vault.prepare(connection, vault.master_key(hub.settings.sharing_key_file), now())
    agreements.expire(hub)


def sweep(hub: Hub) -> None:
    """Forgets what has served its time: nonces, idempotency keys, changes, export files."""
    with hub.db.transaction() as connection:
        connection.execute("DELETE FROM hub.nonce WHERE expires_at < now()")
        connection.execute("DELETE FROM hub.idempotency WHERE at < now() - interval '2 days'")
        connection.execute(
            "WITH old AS (DELETE FROM hub.change WHERE at < now() - %s::interval RETURNING entity, xid, id), swept AS (INSERT INTO hub.change_swept"
            " SELECT DISTINCT ON (entity) entity, xid, id FROM old ORDER BY entity, xid DESC, id DESC ON CONFLICT (entity)"
            " DO UPDATE SET xid = excluded.xid, id = excluded.id WHERE (change_swept.xid, change_swept.id) < (excluded.xid, excluded.id))"
            " UPDATE hub.change_horizon SET xid = greatest(xid, (SELECT max(xid) FROM old))",
            [KEPT_CHANGES],
        )
        query = "UPDATE hub.export_job SET state = 'deleted', manifest = NULL WHERE state = 'done' AND finished_at < now() - %s::interval"
        connection.execute(query, [KEPT_EXPORTS])
    there = [folder.name for folder in hub.settings.exports.glob("*")]  # first: one made afterwards has its job, but is not in this list
    kept = {str(row[0]) for row in hub.db.rows("SELECT id FROM hub.export_job WHERE state IN ('waiting', 'running', 'done')")}
    for name in there:
        if name not in kept:
            exports.forget(hub, name)


def lanes() -> dict[str, list[Chore]]:
    """All of them, by what may hold up what: an export of a million rows or a receiver that does not answer holds up only its own kind."""
    return {
        "exports": [Chore(30, resume), Chore(1, export)],
        "webhooks": [Chore(2, webhooks.deliver)],
        "the log": [Chore(5, integrate_all), Chore(60, sign), Chore(60, watch.look), Chore(3_600, prepare), Chore(3_600, sweep)],
    }


def end_with_parent() -> None:
    """Ends this process when standard input does."""

    def until_closed() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=until_closed, daemon=True).start()


def main() -> None:
    """Does what is due until the end."""
    end_with_parent()
    settings = Settings.read()
    hub = Hub(Database(os.environ["HUB_SHARING_DATABASE"]), Objects(settings.objects_url), settings)
    working = [threading.Thread(target=work, args=(hub, name, todo), name=name) for name, todo in lanes().items()]
    for each in working:
        each.start()


def work(hub: Hub, name: str, todo: list[Chore]) -> None:
    """One lane, for good: takes its lock, and takes it anew now and then, for a server that was started again has forgotten it."""
    while True:
        try:
            with hub.only_one(f"sharing chores: {name}"):
                until = time.monotonic() + HOLD
                while time.monotonic() < until:
                    round_of(hub, todo)
                    time.sleep(0.2)
        except (psycopg.Error, Busy) as error:
            sys.stderr.write(f"chores, {name}: {type(error).__name__}, again in 2 s\n")
            time.sleep(2)


def round_of(hub: Hub, todo: list[Chore]) -> None:
    """Each chore that is due, once. One that fails is told by its place, and keeps no other from its turn. Raises psycopg.OperationalError when the
    database is away.
    """
    for chore in todo:
        if chore.due <= time.monotonic():
            chore.due = time.monotonic() + chore.seconds
            try:
                chore.do(hub)
            except psycopg.OperationalError:
                chore.due = 0.0
                raise
            except Exception as error:  # noqa: BLE001 whatever it is, the others go on
                place(error)


if __name__ == "__main__":
    main()
