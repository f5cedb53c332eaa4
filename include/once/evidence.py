"""The evidence of every answer: which record satisfied which component, who asked, for which dossier. No personal value; the subject is a keyed
hash under the month's key of the audit log (``sharing.vault``), so that erasing the key erases who it was.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from include.hub import Hub
from include.sharing import vault
from include.store.database import Connection
from mappings.requirements import Catalogue

if TYPE_CHECKING:
    from include.once.resolve import Answer

_INSERT = """
INSERT INTO hub.evidence (id, request, at, procedure, component, outcome, what, records, asker, agency, dossier, key, subject, catalogue)
SELECT r.id, %(request)s, %(at)s, %(procedure)s, r.component, r.outcome, ARRAY(SELECT jsonb_array_elements_text(r.what)), r.records, %(asker)s,
       %(agency)s, nullif(%(dossier)s, ''), %(key)s, %(subject)s, %(catalogue)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(id uuid, component text, outcome text, what jsonb, records jsonb)
"""
_CATALOGUE = "INSERT INTO hub.requirement_version (fingerprint, document, at) VALUES (%s, %s::jsonb, %s) ON CONFLICT DO NOTHING"
_WAITING = """
INSERT INTO hub.outbox (target, entity_id, version, queued_run, queued_at)
SELECT target, g.id, g.version, 'evidence', %(at)s FROM golden.dossier g CROSS JOIN unnest(%(targets)s::text[]) AS target WHERE g.code = %(dossier)s
ON CONFLICT (target, entity_id) DO UPDATE SET version = excluded.version, queued_run = excluded.queued_run, queued_at = excluded.queued_at
"""


def write(connection: Connection, hub: Hub, known: Catalogue, answer: "Answer", asker: str, dossier: str, number: str) -> None:
    """One row per component, and the dossier's marks go out anew if it is here already."""
    now = hub.clock()
    key = month_key(connection, hub.settings.sharing_key_file, now)
    remember(connection, known, now)
    rows = [
        {
            "id": str(uuid4()),
            "component": one.component.code,
            "outcome": one.outcome,
            "what": one.way,
            "records": [proof.document() | _database(known, proof.what) for proof in one.proofs],
        }
        for one in answer.verdicts
    ]
    values = {
        "request": answer.request,
        "at": answer.at,
        "procedure": answer.requirement.procedure,
        "asker": asker,
        "agency": answer.agency,
        "dossier": dossier,
        "key": key.name,
        "subject": key.keyed(number),
        "catalogue": known.fingerprint,
        "rows": msgspec.json.encode(rows).decode(),
    }
    connection.execute(_INSERT, values)
    if dossier:
        from include.flows import TARGETS, as_they_are

        targets = [target.id for target in TARGETS if target.entity == "dossier" and target.complete is not as_they_are]
        connection.execute(_WAITING, {"at": now, "targets": targets, "dossier": dossier})


def _database(known: Catalogue, what: str) -> dict[str, str]:
    """The portal's code of the database a fact is from."""
    kind, _, name = what.partition(":")
    return {"database": known.facts[name].database} if kind == "fact" else {}


def remember(connection: Connection, known: Catalogue, at: datetime) -> None:
    """Keeps the catalogue as it was used, once."""
    row = connection.execute("SELECT 1 FROM hub.requirement_version WHERE fingerprint = %s", [known.fingerprint]).fetchone()
    if row is None:
        connection.execute(_CATALOGUE, [known.fingerprint, _document(known), at])


def _document(known: Catalogue) -> str:
    facts = {name: asdict(fact) for name, fact in known.facts.items()}
    said: Mapping[str, Any] = {"facts": facts, "requirements": [asdict(one) for one in known.requirements], "uncovered": known.uncovered}
    return msgspec.json.encode(said, order="deterministic").decode()


def month_key(connection: Connection, path: Path, at: datetime) -> vault.MonthKey:
    """The key of the month; made when nobody made it yet."""
    name = vault.month_of(at)
    wrapped = connection.execute("SELECT wrapped FROM hub.access_key WHERE key = %s", [name]).fetchone()
    if wrapped is None:
        vault.prepare(connection, vault.master_key(path), at)
        wrapped = connection.execute("SELECT wrapped FROM hub.access_key WHERE key = %s", [name]).fetchone()
    if wrapped is None or wrapped[0] is None:
        raise LookupError(f"khóa tháng {name} của nhật ký đã bị xóa · the audit log's key of {name} was erased")
    return _opened(name, bytes(wrapped[0]), path)


@lru_cache(maxsize=24)
def _opened(name: int, wrapped: bytes, path: Path) -> vault.MonthKey:
    secret = vault.unsealed(vault.derived(vault.master_key(path), "month keys"), wrapped)
    if secret is None:
        raise LookupError("HUB_SHARING_KEY_FILE không phải khóa của cơ sở dữ liệu này · is not the key this database was written with")
    return vault.MonthKey(name, secret)
