"""Empties the outbox of one target.

Before a call its intent is committed, after it its result. An intent without a result is a call whose answer was lost (the process died,
the line broke): before anything else is sent, the target is asked what became of it. A record whose content the target already has the
last word on is not sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import msgspec
from xxhash import xxh3_128_digest

from connectors.page import Item, Outcome, Receipt, Sink
from include.counts import Counts
from include.delivery import echoes
from include.dossiers import preflight
from include.dossiers.preflight import Failure
from include.failpoints import reached
from include.flows import FLOWS, Target
from include.hub import Hub
from include.store.database import Connection
from mappings.refusal import Refusal

encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One record on its way to a target."""

    entity_id: UUID
    version: int
    item: Item
    digest: bytes

    @property
    def unchanged(self) -> bool:
        """Whether the payload is the one that was sent: an intent found again carries the payload of today."""
        return xxh3_128_digest(encoder.encode(self.item.payload)) == self.digest


def deliver(hub: Hub, target: Target, run: str) -> Counts:
    """Resolves what is unknown, then pushes what is pending. Raises the connector's error when the target cannot be reached; run again later."""
    with hub.only_one(f"deliver:{target.id}"):
        sink = target.sink(hub.settings.endpoint(target.system))
        try:
            resolve_unknown(hub, target, sink)
            push_pending(hub, target, sink, run)
        finally:
            sink.close()
    return tally(hub, target, run)


def tally(hub: Hub, target: Target, run: str) -> Counts:
    """What the run's deliveries came to, and what still waits."""
    done = hub.db.rows(
        "SELECT count(*) FILTER (WHERE outcome = 'accepted'), count(*) FILTER (WHERE outcome = 'refused')"
        " FROM hub.delivery d JOIN hub.delivery_result r USING (id) WHERE d.target = %s AND d.run = %s",
        target.id,
        run,
    )[0]
    pending = hub.db.rows("SELECT count(*) FROM hub.outbox WHERE target = %s", target.id)[0][0]
    return Counts(published=done[0], refused=done[1], pending=pending)


def push_pending(hub: Hub, target: Target, sink: Sink, run: str) -> None:
    """Goes through the outbox once, in batches of the sink's size."""
    after = UUID(int=0)
    while rows := pending(hub, target, after, sink.batch):
        after = rows[-1][0]
        parcels, refusals = packed(target, completed(hub, target, rows), preflight.failing(hub, target, rows) if target.preflight else {})
        to_send = [parcel for parcel, receipt in zip(parcels, receipts(hub, target, parcels), strict=True) if receipt != parcel.digest]
        request_id = str(uuid4())
        intended = intend(hub, target, run, request_id, to_send + [parcel for parcel, _ in refusals])
        reached("publish.intended")
        answers = sink.push(request_id, [parcel.item for parcel in to_send]) if to_send else []
        reached("publish.pushed")
        settle(hub, target, intended, answers + [receipt for _, receipt in refusals])
        forget(hub, target, parcels)
        reached("publish.settled")


SEEN = """(SELECT coalesce(max(s.moment) FILTER (WHERE f.flow = ANY(%s)), max(s.moment))
    FROM hub.source_record s JOIN hub.source f USING (flow) WHERE s.entity_id = o.entity_id)"""
"""The newest change we know of: the target's own if it ever told us of the record, else anybody's."""


def pending(hub: Hub, target: Target, after: UUID, size: int) -> list[Any]:
    """(id, version, record, known, seen) of the next records waiting: the golden record as it is now."""
    own = [flow.id for flow in FLOWS if (flow.system, flow.dataset.entity.name) == (target.system, target.entity)]
    return hub.db.rows(
        f"SELECT o.entity_id, g.version, to_jsonb(g), r.outcome IS NOT DISTINCT FROM 'accepted', {SEEN if target.echo else 'NULL'}"
        f" FROM hub.outbox o JOIN golden.{target.entity} g ON g.id = o.entity_id"
        " LEFT JOIN hub.receipt r ON r.target = o.target AND r.entity_id = o.entity_id"
        " WHERE o.target = %s AND o.entity_id > %s ORDER BY o.entity_id LIMIT %s",
        *([own] if target.echo else []),
        target.id,
        after,
        size,
    )


def completed(hub: Hub, target: Target, rows: Sequence[Any]) -> list[Any]:
    """The same rows, their records completed by what the hub knows."""
    records = target.complete(hub.db, [row[2] for row in rows])
    return [(row[0], row[1], record, *row[3:]) for row, record in zip(rows, records, strict=True)]


def packed(target: Target, rows: Sequence[Any], failing: Mapping[UUID, Failure]) -> tuple[list[Parcel], list[tuple[Parcel, Receipt]]]:
    """Records as the target takes them; those that may not be sent come with the refusal, which is ours: by the mapping or by a rule."""
    parcels, refusals = [], []
    for entity_id, version, record, known, seen in rows:
        reference = str(record[target.reference])
        digest = xxh3_128_digest(encoder.encode(record))
        if failure := failing.get(entity_id):
            refusals.append((Parcel(entity_id, version, Item(reference, {}), digest), Receipt(reference, Outcome.REFUSED, failure.rule, failure.why)))
            continue
        try:
            payload = target.payload(record)
        except Refusal as refusal:
            parcel = Parcel(entity_id, version, Item(reference, {}), digest)
            refusals.append((parcel, Receipt(reference, Outcome.REFUSED, refusal.code, refusal.masked)))
            continue
        parcels.append(
            Parcel(entity_id, version, Item(reference, payload, known, seen.isoformat() if seen else ""), xxh3_128_digest(encoder.encode(payload)))
        )
    return parcels, refusals


def receipts(hub: Hub, target: Target, parcels: Sequence[Parcel]) -> list[bytes | None]:
    """The content each target last gave its word on, per parcel."""
    query = "SELECT entity_id, content_hash FROM hub.receipt WHERE target = %s AND entity_id = ANY(%s)"
    known = {row[0]: bytes(row[1]) for row in hub.db.rows(query, target.id, [parcel.entity_id for parcel in parcels])}
    return [known.get(parcel.entity_id) for parcel in parcels]


def intend(hub: Hub, target: Target, run: str, request_id: str, parcels: Sequence[Parcel]) -> dict[str, tuple[int, Parcel]]:
    """Commits the intent to send, and returns the delivery number of each reference."""
    at = hub.clock()
    with hub.db.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hub.delivery (target, run, request_id, entity_id, reference, version, content_hash, at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [(target.id, run, request_id, p.entity_id, p.item.reference, p.version, p.digest, at) for p in parcels],
        )
        cursor.execute("SELECT id, reference FROM hub.delivery WHERE target = %s AND run = %s AND request_id = %s", [target.id, run, request_id])
        numbers = {reference: number for number, reference in cursor.fetchall()}
    return {parcel.item.reference: (numbers[parcel.item.reference], parcel) for parcel in parcels}


def settle(hub: Hub, target: Target, intended: dict[str, tuple[int, Parcel]], answers: Sequence[Receipt]) -> None:
    """Commits results and receipts, and takes what has a final answer out of the outbox, unless it has changed meanwhile."""
    at = hub.clock()
    results = [(*intended[answer.reference], answer) for answer in answers]
    final = [(number, parcel, answer) for number, parcel, answer in results if answer.outcome is not Outcome.UNKNOWN]
    with hub.db.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hub.delivery_result (id, outcome, code, message, at) VALUES (%s, %s, %s, %s, %s)",
            [(number, answer.outcome, answer.code, answer.message, at) for number, _, answer in results],
        )
        write_receipts(connection, target, [(parcel, answer) for _, parcel, answer in final], at)
        echoes.remember(connection, target, [parcel for _, parcel, answer in final if answer.outcome is Outcome.ACCEPTED and parcel.unchanged], at)
        take_out(connection, target, [parcel for _, parcel, _ in final])


def write_receipts(connection: Connection, target: Target, final: Sequence[tuple[Parcel, Receipt]], at: Any) -> None:
    """The target's last word on each record."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hub.receipt (target, entity_id, outcome, code, content_hash, version, at) VALUES (%s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (target, entity_id) DO UPDATE SET outcome = excluded.outcome, code = excluded.code,"
            " content_hash = excluded.content_hash, version = excluded.version, at = excluded.at",
            [(target.id, p.entity_id, answer.outcome, answer.code, p.digest, p.version, at) for p, answer in final],
        )


def take_out(connection: Connection, target: Target, parcels: Sequence[Parcel]) -> None:
    """Out of the outbox, in the version that was handled."""
    connection.execute(
        "DELETE FROM hub.outbox o USING unnest(%s::uuid[], %s::int[]) AS done(id, version)"
        " WHERE o.target = %s AND o.entity_id = done.id AND o.version <= done.version",
        [[parcel.entity_id for parcel in parcels], [parcel.version for parcel in parcels], target.id],
    )


def forget(hub: Hub, target: Target, parcels: Sequence[Parcel]) -> None:
    """Takes records out of the outbox whose content the target already has the last word on."""
    same = [parcel for parcel, known in zip(parcels, receipts(hub, target, parcels), strict=True) if known == parcel.digest]
    with hub.db.transaction() as connection:
        take_out(connection, target, same)


def resolve_unknown(hub: Hub, target: Target, sink: Sink) -> None:
    """Asks the target about every intent without a result, one request at a time."""
    open_intents = hub.db.rows(
        "SELECT d.request_id, array_agg(d.id ORDER BY d.id) FROM hub.delivery d LEFT JOIN hub.delivery_result r USING (id)"
        " WHERE d.target = %s AND r.id IS NULL GROUP BY d.request_id ORDER BY min(d.id)",
        target.id,
    )
    for request_id, numbers in open_intents:
        parcels = intents(hub, target, numbers)
        answers = sink.resolve(request_id, [parcel.item for _, parcel in parcels])
        settle(hub, target, {parcel.item.reference: (number, parcel) for number, parcel in parcels}, answers)


def intents(hub: Hub, target: Target, numbers: Sequence[int]) -> list[tuple[int, Parcel]]:
    """Intents as parcels again. The payload is that of the record now: when it has changed since, the target's copy will not be equal to it
    and the record is sent anew, which is right. Of a record that was closed since there is none.
    """
    rows = hub.db.rows(
        "SELECT d.id, d.entity_id, d.version, d.reference, d.content_hash, CASE WHEN g.id IS NOT NULL THEN to_jsonb(g) END FROM hub.delivery d"
        f" LEFT JOIN golden.{target.entity} g ON g.id = d.entity_id WHERE d.id = ANY(%s) ORDER BY d.id",
        list(numbers),
    )
    records = iter(target.complete(hub.db, [row[5] for row in rows if row[5]]))
    found = []
    for number, entity_id, version, reference, digest, open_record in rows:
        try:
            payload = target.payload(next(records)) if open_record else {}
        except Refusal:
            payload = {}
        found.append((number, Parcel(entity_id, version, Item(reference, payload), bytes(digest))))
    return found
