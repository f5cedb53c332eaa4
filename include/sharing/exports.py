"""Bulk exports: one snapshot, masked in SQL, piped from COPY into gzip files, with the audit rows of everybody in them.

Files and audit are read from the same exported snapshot by parallel connections; the audit commits before the manifest can be fetched.
"""

import asyncio
import hashlib
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from include.clock import HANOI, now
from include.hub import Hub
from include.sharing.cursors import cursor
from include.sharing.database import GONE, Connection, connect
from include.sharing.grants import Grant, grant_of
from include.sharing.limits import ADD, TODAY, hour_of
from include.sharing.masks import in_sql
from include.sharing.registry import GRANTS, months
from include.sharing.statements import HMAC, local
from include.sharing.vault import MonthKey, master_key, month_of
from include.store.transactions import ALL_OVER
from mappings.canonical import Field, Type

PARTS = ("00000000-0000-0000-0000-000000000000", "80000000-0000-0000-0000-000000000000")
"""Where each file begins; records lie evenly by their random ids."""
TAKE = """UPDATE hub.export_job SET state = 'running' WHERE id = (SELECT id FROM hub.export_job WHERE state = 'waiting' ORDER BY requested_at
FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING *"""
DONE = "UPDATE hub.export_job SET state = 'done', finished_at = now(), manifest = $2 WHERE id = $1 AND state = 'running'"
FAILED = "UPDATE hub.export_job SET state = 'failed', error = %s, finished_at = now() WHERE id = %s AND state = 'running'"
AGAIN = "UPDATE hub.export_job SET state = 'waiting' WHERE state = 'running'"
KEPT = """SELECT greatest($2::timestamptz, CASE WHEN EXISTS (SELECT FROM hub.change_swept WHERE entity = $1)
THEN coalesce((SELECT at FROM hub.change WHERE entity = $1 ORDER BY xid, id LIMIT 1), now()) END)"""
"""From when on, since a moment, the changes of an entity are all there."""
SETTLED = """SELECT least(now(), min(coalesce(xact_start, now() - interval '2 hours'))) FROM pg_stat_activity
WHERE backend_xid IS NOT NULL AND datname = current_database()"""
"""The moment up to which an export misses nothing: whatever is being written bears a later one. Of writers whose beginning may not be seen, the
longest a step may take before.
"""
COPY = {"format": "csv", "quote": "\x01", "delimiter": "\x02"}
"""JSON lines as they are: no control character stands in JSON, so CSV quotes nothing."""


class Failed(Exception):
    """The export cannot be made; ``kind`` of problem and message are for the agency."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}|{text}")


class Cancelled(Exception):
    """The agency deleted the export while it was being made: nothing of it remains, not even its audit rows, for nobody got it."""


@dataclass(slots=True)
class File:
    """A file being written."""

    path: Path
    hash: Any
    packer: Any
    rows: int = 0
    size: int = 0

    @classmethod
    def new(cls, path: Path) -> "File":
        """An empty one."""
        path.unlink(missing_ok=True)
        return cls(path, hashlib.sha256(), zlib.compressobj(1, zlib.DEFLATED, 31))

    def add(self, data: bytes) -> None:
        """Appends packed bytes."""
        with self.path.open("ab") as file:
            file.write(data)
        self.hash.update(data)
        self.size += len(data)


def value(grant: Grant, field: Field) -> str:
    """SQL giving a field as the agreement shows it."""
    if field.name in grant.terms.masked:
        return in_sql(grant.terms.masked[field.name], f"g.{field.name}::text")
    return local(f"g.{field.name}") if field.type is Type.MOMENT else f"g.{field.name}"


def query(grant: Grant, fields: list[str], first: str, last: str | None, since: str | None) -> tuple[str, str]:
    """The SELECT of JSON lines, and its condition. Who may read changes gets each record's id, by which they tell it."""
    names = ", ".join(f"{value(grant, grant.dataset.entity.field(name))} AS {name}" for name in fields)
    names += ", g.id AS record" if "changes" in grant.terms.operations else ""
    where = f"g.id >= '{first}'" + (f" AND g.id < '{last}'" if last else "") + f" AND {inside(grant, f'g.{grant.dataset.commune}')}"
    if since:
        where += f" AND g.updated_at >= '{since}'"
    table = f"golden.{grant.dataset.name} g"
    return f"SELECT row_to_json(t) FROM (SELECT {names} FROM {table} WHERE {where}) t", where


def inside(grant: Grant, commune: str) -> str:
    """SQL: whether the agreement reaches there."""
    return f"strpos('{grant.scope}', {commune}) > 0" if grant.scope and grant.dataset.commune else "true"


def parted(grant: Grant, since: str) -> str:
    """The SELECT of JSON lines of records that are gone since, or have left the agreement's communes: as the change feed has them."""
    name = grant.dataset.name
    still = f"EXISTS (SELECT FROM golden.{name} g WHERE g.id = c.record AND {inside(grant, f'g.{grant.dataset.commune}')})"
    changed = f"c.entity = '{name}' AND c.at >= '{since}' AND {inside(grant, 'c.commune_before')}"
    return f"SELECT row_to_json(t) FROM (SELECT DISTINCT c.record FROM hub.change c WHERE {changed} AND NOT {still}) t"


async def write(url: str, snapshot: str, sql: str, file: File) -> None:
    """Pipes one part into its file."""
    connection = await connect(url)

    async def sink(data: bytes) -> None:
        file.rows += data.count(b"\n")
        packed = file.packer.compress(data)
        if packed:
            file.add(packed)

    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            await connection.copy_from_query(sql, output=sink, timeout=3_600, **COPY)
        file.add(file.packer.flush())
    finally:
        await connection.close()


async def audit(connection: Connection, key: MonthKey, grant: Grant, job: Any, where: str) -> int:
    """One row for the export, and one for every data subject in it."""
    plan = grant.plan(tuple(job["fields"]))
    at = "infinity" if grant.terms.reveal_days < 0 else f"{grant.terms.reveal_days} days"
    visible = "'infinity'::timestamptz" if at == "infinity" else f"now() + interval '{at}'"
    number = await connection.fetchval(
        "INSERT INTO hub.access (key, client, agreement, version, operation, dataset, purpose, dossier, officer, represented, many, fields, outcome,"
        f" request_id, via, visible_at) VALUES ($1, $2, $3, $4, 'export', $5, $6, $7, $8, $11, true, $9, 200, $10, $12, {visible}) RETURNING id",
        key.name, job["client"], grant.agreement, grant.version, grant.dataset.name, job["purpose"], job["dossier"], job["officer"], plan.bits,
        job["request_id"], job["represented"], job["via"],
    )  # fmt: skip
    total = 0
    for subject in grant.dataset.subjects:
        each = "" if subject == grant.dataset.entity.key else "DISTINCT "
        done = await connection.execute(
            f"INSERT INTO hub.access_subject (access, key, subject_key) SELECT $4::bigint, $1::int, {HMAC.format(f'g.{subject}')}"
            f" FROM (SELECT {each}g.{subject} FROM golden.{grant.dataset.name} g WHERE g.{subject} IS NOT NULL AND {where}) g",
            key.name, *key.pads, number, timeout=3_600,
        )  # fmt: skip
        total += int(done.rpartition(" ")[2])
    return total


async def make(hub: Hub, connection: Connection, job: Any) -> None:
    """Makes an export."""
    rows = await connection.fetch(f"{GRANTS} AND agreement = $1", job["agreement"])
    grant = grant_of(rows[0]) if rows else None
    if grant is None or grant.version != job["version"] or not grant.in_force(now().date()):
        raise Failed("not-granted", "thỏa thuận không còn hiệu lực · the agreement is no longer in force")
    master = master_key(hub.settings.sharing_key_file)
    keys = await months(connection, master)
    folder = hub.settings.exports / str(job["id"])
    folder.mkdir(parents=True, exist_ok=True)
    since = job["since"].isoformat() if job["since"] else None
    files = [File.new(folder / f"{grant.dataset.name}-{place}.ndjson.gz") for place in range(1, len(PARTS) + 1)]
    follows = "changes" in grant.terms.operations
    gone = [File.new(folder / f"{grant.dataset.name}_deleted-1.ndjson.gz")] if follows and since else []
    at = hub.db.rows(SETTLED)[0][0]
    async with connection.transaction(isolation="repeatable_read"):
        snapshot, horizon = await connection.fetchrow(f"SELECT pg_export_snapshot(), {ALL_OVER}")
        _, where = query(grant, job["fields"], PARTS[0], None, since)
        ends = [*PARTS[1:], None]
        parts = [query(grant, job["fields"], first, last, since)[0] for first, last in zip(PARTS, ends, strict=True)]
        parts += [parted(grant, since or "") for _ in gone]
        copies = [write(hub.db.url, snapshot, sql, file) for sql, file in zip(parts, [*files, *gone], strict=True)]
        try:
            async with asyncio.TaskGroup() as group:  # one that fails ends the others: none writes on when the files are forgotten
                audited = group.create_task(audit(connection, keys[month_of(now())], grant, job, where))
                for each in copies:
                    group.create_task(each)
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        await counted(hub.db.url, grant, audited.result())
        more = {"changesCursor": cursor(master, grant.agreement, (horizon, 0))} if follows else {}
        if gone:
            more["deletedFrom"] = (await connection.fetchval(KEPT, grant.dataset.name, job["since"])).astimezone(HANOI).isoformat()
        try:
            done = await connection.execute(DONE, job["id"], manifest(job, at.isoformat(), files, gone, more))
        except asyncpg.SerializationError:
            raise Cancelled from None
        if done == "UPDATE 0":
            raise Cancelled


async def counted(url: str, grant: Grant, subjects: int) -> None:
    """Adds to the day's volume. Raises Failed when it is more than the agreement allows: then nothing of the export remains.

    In a transaction of its own: the workers add to the same row each second, which the snapshot of the export must not wait for.
    """
    connection = await connect(url)
    try:
        async with connection.transaction():
            hour = hour_of(now())
            await connection.execute(ADD, [grant.agreement], [hour], [subjects], [0])
            if {row[0]: row[1] for row in await connection.fetch(TODAY, hour.replace(hour=0))}[grant.agreement] > grant.terms.per_day:
                most = grant.terms.per_day
                raise Failed("too-many", f"quá {most} chủ thể dữ liệu mỗi ngày · more than {most} data subjects a day")
    finally:
        await connection.close()


def manifest(job: Any, at: str, files: list[File], gone: list[File], more: dict[str, str]) -> str:
    """What was made, as in FHIR Bulk Data, with what each file must hash to. ``more``: where to go on in the change feed, and from when on what
    is gone is known.
    """
    output, deleted = (
        [
            {"type": file.path.name.rpartition("-")[0], "url": f"/v1/exports/{job['id']}/files/{file.path.name}", "rows": file.rows,
             "bytes": file.size, "sha256": file.hash.hexdigest()}
            for file in each
        ]
        for each in (files, gone)
    )  # fmt: skip
    made = {"transactionTime": at, "request": "/v1/exports", "requiresAccessToken": True, "output": output, "deleted": deleted, "error": []}
    return msgspec.json.encode(made | ({"extension": more} if more else {})).decode()


async def work(hub: Hub) -> bool:
    """Makes the export that has waited longest; False when none waits."""
    connection = await connect(hub.db.url)
    try:
        job = await connection.fetchrow(TAKE)
        if job is None:
            return False
        why = ""
        try:
            await make(hub, connection, job)
        except Failed as failed:
            why = str(failed)
        except (*GONE, asyncpg.PostgresError, TimeoutError) as error:
            why = f"export-failed|{type(error).__name__}"
        except (Cancelled, FileNotFoundError):  # its files were deleted under it: either way nobody wants them
            forget(hub, job["id"])
        if why:
            forget(hub, job["id"])
            with hub.db.transaction() as fresh:  # its own connection may be what broke
                fresh.execute(FAILED, [why, job["id"]])
        return True
    finally:
        await connection.close()


def forget(hub: Hub, job: Any) -> None:
    """Deletes the files of an export."""
    shutil.rmtree(hub.settings.exports / str(job), ignore_errors=True)
