"""The once-only marks of a dossier as it goes to the portal: what the hub can prove, over what the one-stop system said.

The golden dossier stays as its source wrote it; the marks are laid over it on the way out (docs/adr/0014). A component that came as a new file
was handed in, whatever evidence there is: it stays so. A claim of reuse nobody can prove goes out as it was made, and is listed
(``hub.handed``, *unbacked*): nothing is repaired in silence.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from include.store.database import Database
from mappings.requirements import catalogue

Record = Mapping[str, Any]
FROM_STORE, FROM_DATABASE = "1", "2"
_EVIDENCE = """
SELECT DISTINCT ON (e.dossier, e.component) e.dossier, e.component, e.what, e.records,
    (SELECT jsonb_object_agg(p.id, jsonb_build_object('path', p.path, 'type', p.paper_type, 'kind', p.kind))
     FROM jsonb_array_elements(e.records) AS r JOIN golden.paper p ON p.id = (r->>'id')::uuid WHERE r->>'entity' = 'paper')
FROM hub.evidence e WHERE e.dossier = ANY(%s) AND e.outcome IN ('paper', 'fact') ORDER BY e.dossier, e.component, e.at DESC
"""


def marked(db: Database, dossiers: Sequence[Record]) -> list[Record]:
    """The dossiers with their marks; one query for all of them."""
    found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for dossier, component, what, records, papers in db.rows(_EVIDENCE, [one["code"] for one in dossiers]):
        found[dossier][component] = (what, records, papers or {})
    return [_marked(one, found[one["code"]]) if one["code"] in found else one for one in dossiers]


def _marked(dossier: Record, proofs: Mapping[str, Any]) -> Record:
    parts = dossier.get("components") or []
    listed = {part.get("code") for part in parts}
    shown = [part if part.get("file_id") or part.get("code") not in proofs else part | _mark(*proofs[part["code"]]) for part in parts]
    shown += [{"code": code, "name": _name(code)} | _mark(*proof) for code, proof in sorted(proofs.items()) if code not in listed]
    uploaded = {part.get("code") for part in parts if part.get("file_id")}
    consulted = {one["code"] for one in dossier.get("linked_databases") or []}
    consulted |= {
        record["database"] for code, (_, records, _) in proofs.items() if code not in uploaded for record in records if record.get("database")
    }
    return {**dossier, "components": shown, "linked_databases": [{"code": code} for code in sorted(consulted)]}


def _mark(what: Sequence[str], records: Sequence[Mapping[str, Any]], papers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A paper of the provincial store is not one of the national store, so that flag is false."""
    only_papers = all(item.startswith("paper:") for item in what)
    mark: dict[str, Any] = {"reused": FROM_STORE if only_papers else FROM_DATABASE, "national_store": False}
    held = [papers[record["id"]] for record in records if record["id"] in papers]
    mark["replaced_by"] = next((paper["type"] for paper in held if paper["kind"] == "result"), None)
    mark["digitised"] = bool(held)
    return mark | ({"path": held[0]["path"]} if held and held[0]["path"] else {})


def _name(code: str) -> str | None:
    return next((part.name for one in catalogue().requirements for part in one.components if part.code == code), None)
