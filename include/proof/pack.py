"""Proof packs: a ZIP that shows what came, what was checked, what was decided, and that the record of it is the one that was signed.

The manifest's hash becomes an entry of the log of acts before the pack leaves: every bit of it is bound by two signed heads. See ``verify``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import msgspec
import zstandard

from include import acts, evidence
from include.evidence import Place
from include.hub import Hub
from include.proof.keys import public_bytes, signing_key
from include.proof.log import Tree, seal
from include.proof.verify import canonical, packed
from include.store.database import Connection

Files = dict[str, bytes]


def of_run(hub: Hub, who: str, flow: str, run: str, why: str = "") -> bytes:
    """The pack of a run: its report, the hashes of its pages, the results of its checks. No personal data."""
    return sealed(hub, who, f"run/{flow}/{run}", why, run_files(hub, flow, run, checks=True))


def of_row(hub: Hub, who: str, number: int, why: str) -> bytes:
    """The pack of a row put aside: its page and bytes, what was understood, why it is held. LookupError when there is none."""
    names = (
        "flow",
        "run",
        "n",
        "idx",
        "codes",
        "issues",
        "state",
        "at",
        "verify_by",
        "fix_by",
        "assignee",
        "waived_until",
        "closed_at",
        "closed_run",
    )
    rows = hub.db.rows(f"SELECT {', '.join(names)} FROM hub.quarantine WHERE id = %s", number)
    if not rows:
        raise LookupError(f"không có dòng {number} · there is no row {number} in quarantine")
    verdict = dict(zip(names, rows[0], strict=True)) | {"id": number, "verdict": "quarantined"}
    place = Place(verdict["flow"], verdict["run"], verdict["n"], verdict["idx"])
    return sealed(hub, who, f"row/{number}", why, run_files(hub, place.flow, place.run) | record_files(hub, place, verdict))


def of_record(hub: Hub, who: str, flow: str, key: str, why: str) -> bytes:
    """The pack of a record taken: its page and bytes, what was understood, which golden record it became. LookupError when there is none."""
    names = ("run", "n", "idx", "entity_id", "rule", "moment")
    rows = hub.db.rows(f"SELECT {', '.join(names)} FROM hub.source_record WHERE flow = %s AND source_key = %s", flow, key)
    if not rows:
        raise LookupError(f"nguồn {flow} không có bản ghi này · {flow} has no such record")
    verdict = dict(zip(names, rows[0], strict=True)) | {"flow": flow, "key": key, "verdict": "taken"}
    place = Place(flow, verdict["run"], verdict["n"], verdict["idx"])
    subject = f"record/{flow}/{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return sealed(hub, who, subject, why, run_files(hub, flow, place.run) | record_files(hub, place, verdict))


def run_files(hub: Hub, flow: str, run: str, *, checks: bool = False) -> Files:
    """The report and its proof, the hashes of pages and checks; with ``checks`` also what Great Expectations said."""
    rows = hub.db.rows(
        "SELECT seq, convert_to(document::text, 'UTF8') FROM hub.report WHERE flow = %s AND run = %s ORDER BY seq DESC LIMIT 1", flow, run
    )
    if not rows:
        raise LookupError(f"{flow}/{run} chưa có báo cáo · has no report yet")
    head = seal(hub, "runs")
    with hub.db.transaction() as connection:
        proof = proven(connection, "runs", str(rows[0][0]), head.size) | {"head": head.signed(signing_key(hub.settings))}
    pages = hub.db.rows("SELECT sha256 FROM hub.landed_page WHERE flow = %s AND run = %s ORDER BY n", flow, run)
    results = hub.db.rows("SELECT step, sha256, document FROM hub.validation WHERE flow = %s AND run = %s ORDER BY step", flow, run)
    files = {
        "report.json": bytes(rows[0][1]),
        "run.json": canonical(proof),
        "pages.txt": lines(row[0] for row in pages),
        "checks.txt": lines(row[1] for row in results),
    }
    if checks:
        files |= {f"checks/{step}.json": zstandard.decompress(document) for step, _, document in results}
    return files


def lines(hashes: Any) -> bytes:
    """One hash a line."""
    return "".join(f"{each}\n" for each in hashes).encode()


def record_files(hub: Hub, place: Place, verdict: Mapping[str, Any]) -> Files:
    """The page as received, the record cut out of it, what today's mapping reads in it, and what became of it."""
    found = evidence.at(hub, place)
    return {
        "page.bin": found.page,
        "raw.bin": found.raw,
        "mapped.json": msgspec.json.encode(dict(found.mapped), order="sorted"),
        "verdict.json": msgspec.json.encode(dict(verdict) | {"place": asdict(place)}, order="sorted"),
    }


def proven(connection: Connection, log: str, ref: str, size: int) -> dict[str, Any]:
    """Where an entry stands in a log, and the proof that it does."""
    row = connection.execute("SELECT seq FROM hub.log_leaf WHERE log = %s AND ref = %s", [log, ref]).fetchone()
    if row is None:
        raise LookupError(f"mục {ref} không có trong nhật ký {log} · entry {ref} is not in the log {log}: ./hub audit verify")
    return {"index": row[0], "path": [each.hex() for each in Tree(connection, log).inclusion(row[0], size)]}


def sealed(hub: Hub, who: str, subject: str, why: str, files: Files) -> bytes:
    """The pack, its manifest an entry of the log of acts."""
    listed = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    key = signing_key(hub.settings)
    manifest = canonical({"subject": subject, "files": listed, "key": public_bytes(key).hex(), "made": hub.clock().isoformat()})
    with hub.db.transaction() as connection:
        number = acts.record(connection, hub, who, "prove", subject, why=why, manifest=hashlib.sha256(manifest).hexdigest())
    head = seal(hub, "acts")
    with hub.db.transaction() as connection:
        entry = connection.execute("SELECT document::text FROM hub.act WHERE seq = %s", [number]).fetchone()
        proof = proven(connection, "acts", str(number), head.size)
    proof |= {"head": head.signed(key), "entry": entry[0] if entry else ""}
    return packed(files | {"manifest.json": manifest, "seal.json": canonical(proof)})
