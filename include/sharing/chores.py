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

KEPT_CHANGES = "30 days"
KEPT_EXPORTS = "7 days"


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
            "WITH old AS (DELETE FROM hub.change WHERE at < now() - %s::interval RETURNING xid)"
            " UPDATE hub.change_horizon SET xid = greatest(xid, (SELECT max(xid) FROM old))",
            [KEPT_CHANGES],
        )
        query = (
            "UPDATE hub.export_job SET state = 'deleted', manifest = NULL WHERE state = 'done' AND finished_at < now() - %s::interval RETURNING id"
        )
        over = connection.execute(query, [KEPT_EXPORTS]).fetchall()
    for (job,) in over:
        exports.forget(hub, job)


def chores() -> list[Chore]:
    """All of them."""
    return [
        Chore(1, export),
        Chore(2, webhooks.deliver),
        Chore(5, integrate_all),
        Chore(60, sign),
        Chore(60, watch.look),
        Chore(3_600, prepare),
        Chore(3_600, sweep),
    ]


def end_with_parent() -> None:
    """Ends this process when standard input does."""

    def until_closed() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=until_closed, daemon=True).start()


def main() -> None:
    """Does what is due until the end; what fails because the database is away is tried again."""
    end_with_parent()
    settings = Settings.read()
    hub = Hub(Database(os.environ["HUB_SHARING_DATABASE"]), Objects(settings.objects_url), settings)
    todo = chores()
    while True:
        try:
            with hub.only_one("sharing chores"):
                resume(hub)
                while True:
                    round_of(hub, todo)
                    time.sleep(0.2)
        except (psycopg.Error, OSError, Busy) as error:
            sys.stderr.write(f"chores: {type(error).__name__}, again in 2 s\n")
            time.sleep(2)


def round_of(hub: Hub, todo: list[Chore]) -> None:
    """Each chore that is due, once."""
    for chore in todo:
        if chore.due <= time.monotonic():
            chore.do(hub)
            chore.due = time.monotonic() + chore.seconds


if __name__ == "__main__":
    main()
