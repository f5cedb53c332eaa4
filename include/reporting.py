"""Report: the books of a run as a document and as a page, kept in an append-only log so that none can be changed or dropped unseen.

No personal data: record keys of persons are masked, reasons speak of form only, and each example points to (page, record), where an
authorised person finds the row.
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from include.counts import Counts
from include.errors import Unbalanced
from include.evidence import personal
from include.flows import TARGETS, Flow
from include.hub import Hub
from include.proof import log
from include.rulebook import fingerprints
from include.runs import Run, steps
from include.schema import changes
from include.site.pages import render
from include.versions import versions
from mappings.agencies import agency_name
from quality import rules as quality_rules
from quality import schema
from quality.issues import CATALOGUE

EXAMPLES = 5


def write(hub: Hub, flow: Flow, run: Run, counts: Counts) -> Path:
    """Writes the report of a run and returns its page. Raises Unbalanced when received ≠ new + changed + unchanged + quarantined."""
    if not counts.balanced:
        raise Unbalanced(f"{flow.id}, run {run.run}: {counts.document()} does not add up")
    document = compose(hub, flow, run, counts)
    archive(hub, run, document)
    page = page_of(hub, flow.id, run.run)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.with_suffix(".json").write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2))
    page.write_text(render("run.html", run=document), encoding="utf-8")
    return page


def page_of(hub: Hub, flow_id: str, run: str) -> Path:
    """Where the page of a run is, whatever characters its name has."""
    name = "".join(c if c.isalnum() or c in "-_" else "_" for c in run)
    return hub.settings.home / "reports" / flow_id / f"{name}.html"


def compose(hub: Hub, flow: Flow, run: Run, counts: Counts) -> dict[str, Any]:
    """The report as a JSON document."""
    done = steps(hub, flow.id, run.run)
    dataset = flow.dataset
    return {
        "flow": flow.id,
        "run": run.run,
        "vi": dataset.vi,
        "en": dataset.en,
        "entity": dataset.entity.name,
        "agency": agency_name(dataset.agency),
        "legal_basis": dataset.legal_basis,
        "full": run.full,
        "since": run.cursor["since"],
        "until": run.until.isoformat(),
        "counts": counts.document(),
        "steps": [
            {"step": name, "counts": step_counts.document(), "seconds": seconds} for name, (step_counts, seconds) in sorted(done.items(), key=order)
        ],
        "reasons": reasons(hub, flow, run),
        "warnings": warnings(hub, run),
        "schema": schema_of(hub, flow, run),
        "rules": rules(hub, flow, run),
        "deliveries": deliveries(hub, flow, run),
        "evidence": evidence(hub, run),
        "versions": versions(dataset.entity.name),
    }


def order(item: tuple[str, Any]) -> int:
    """Steps in the order they happen."""
    return ("land", "refine", "merge", "publish", "report").index(item[0])


def reasons(hub: Hub, flow: Flow, run: Run) -> list[dict[str, Any]]:
    """Why rows were put aside: each code with its words, its rows, and examples."""
    rows = hub.db.rows(
        "SELECT code, count(*), (array_agg(jsonb_build_object('id', id, 'page', n, 'record', idx, 'key', source_key, 'issues', issues)"
        " ORDER BY id))[1:%s] FROM hub.quarantine, unnest(codes) AS code WHERE flow = %s AND run = %s GROUP BY code ORDER BY count(*) DESC, code",
        EXAMPLES,
        run.flow,
        run.run,
    )
    return [explained(code) | {"rows": number, "examples": [example(flow, e, code) for e in found]} for code, number, found in rows]


def explained(code: str) -> dict[str, Any]:
    """A reason code in words."""
    kind = CATALOGUE[code]
    words = ("vi", "en", "remedy_vi", "remedy_en", "criterion")
    return {"code": code, "severity": str(kind.severity)} | {word: getattr(kind, word) for word in words}


def example(flow: Flow, found: dict[str, Any], code: str) -> dict[str, Any]:
    """One row put aside, masked."""
    issue = next((issue for issue in found["issues"] if issue["code"] == code), {"field": "", "why": ""})
    return {
        "id": found["id"],
        "page": found["page"],
        "record": found["record"],
        "key": shown(flow, flow.dataset.entity.key, found["key"] or ""),
        "field": issue["field"],
        "why": issue["why"],
    }


def shown(flow: Flow, name: str, value: str) -> str:
    """The value of a canonical field as a list may show it: masked when the field is personal, or the value is somebody's number (a household's
    tax code may be).
    """
    return masked(value) if personal(flow, name) or PERSONAL_NUMBER.search(value) else value


PERSONAL_NUMBER = re.compile(r"(?<!\d)\d{12}(?!\d)|^\d(?:[ .-]?\d){11}$")


def masked(value: str) -> str:
    """The first three and the last two characters of a key."""
    return f"{value[:3]}{'•' * max(0, len(value) - 5)}{value[-2:]}" if len(value) > 5 else "•" * len(value)


def warnings(hub: Hub, run: Run) -> list[dict[str, Any]]:
    """What was noted of rows that passed."""
    rows = hub.db.rows(
        "SELECT code, field, count(*) FROM hub.warning WHERE flow = %s AND run = %s GROUP BY code, field ORDER BY 3 DESC, 1, 2",
        run.flow,
        run.run,
    )
    return [explained(code) | {"field": field, "rows": number} for code, field, number in rows]


def schema_of(hub: Hub, flow: Flow, run: Run) -> dict[str, Any]:
    """What the source changed in its schema, and what its mode does then."""
    mode = schema.mode(flow.dataset.id)
    vi, en = schema.words(mode)
    found = changes(hub, run.flow, run.run)
    told = [explained(one["code"]) | {"field": one["field"], "rows": int(one["value"])} | one["detail"] for one in found]
    return {"mode": str(mode), "vi": vi, "en": en, "changes": told}


def rules(hub: Hub, flow: Flow, run: Run) -> list[dict[str, Any]]:
    """What every rule of the suites evaluated and failed."""
    rows = hub.db.rows(
        "SELECT step, rule, code, severity, sum(evaluated), sum(failed), max(status) FROM hub.rule_result WHERE flow = %s AND run = %s"
        " GROUP BY step, rule, code, severity ORDER BY step, sum(failed) DESC, rule",
        run.flow,
        run.run,
    )
    names = ("step", "rule", "code", "severity", "evaluated", "failed", "status")
    titles = {rule.id: {"vi": rule.vi, "en": rule.en} for rule in quality_rules.rules(flow.dataset.entity.name)}
    unknown, prints = {"vi": "", "en": ""}, fingerprints(flow.dataset.entity.name)
    found = [dict(zip(names, (*row[:4], int(row[4]), int(row[5]), row[6]), strict=True)) for row in rows]
    return [one | titles.get(one["rule"], unknown) | {"fingerprint": prints.get(one["rule"], "")} for one in found]


def deliveries(hub: Hub, flow: Flow, run: Run) -> list[dict[str, Any]]:
    """What each target said in this run."""
    found = []
    for target in TARGETS:
        if target.entity != flow.dataset.entity.name:
            continue
        rows = hub.db.rows(
            "SELECT outcome, code, count(*), (array_agg(reference ORDER BY d.id))[1:5] FROM hub.delivery d JOIN hub.delivery_result r USING (id)"
            " WHERE target = %s AND run = %s GROUP BY outcome, code ORDER BY count(*) DESC",
            target.id,
            f"{run.flow}/{run.run}",
        )
        outcomes = [{"outcome": outcome, "code": code, "rows": number, "references": refs} for outcome, code, number, refs in rows]
        found.append({"target": target.id, "vi": target.vi, "en": target.en, "outcomes": outcomes})
    return found


def evidence(hub: Hub, run: Run) -> dict[str, Any]:
    """What was landed and what the checks said, with one hash over each: sha256 of the parts' sha256 in order."""
    rows = hub.db.rows("SELECT sha256, bytes FROM hub.landed_page WHERE flow = %s AND run = %s ORDER BY n", run.flow, run.run)
    checks = hub.db.rows("SELECT sha256 FROM hub.validation WHERE flow = %s AND run = %s ORDER BY step", run.flow, run.run)
    return {"pages": len(rows), "bytes": sum(row[1] for row in rows), "sha256": over(rows), "checks": over(checks)}


def over(rows: Sequence[tuple[Any, ...]]) -> str:
    """One hash over hashes."""
    return hashlib.sha256("".join(row[0] for row in rows).encode()).hexdigest()


def archive(hub: Hub, run: Run, document: dict[str, Any]) -> None:
    """Appends the report to the log of runs and signs the log's new head. A report written again is a new entry."""
    data = msgspec.json.encode(document, order="sorted")
    with hub.db.transaction() as connection:
        row = connection.execute(
            "INSERT INTO hub.report (flow, run, document, sha256, at) VALUES (%s, %s, %s, %s, %s) RETURNING seq",
            [run.flow, run.run, data.decode(), hashlib.sha256(data).hexdigest(), hub.clock()],
        ).fetchone()
        log.append_bytes(connection, "runs", [(str(row[0]) if row else "", data)], hub.clock())
    log.seal(hub, "runs")
