"""A field of a dossier that both sides say something else of: a record with the rule that was applied, never a silent last write.

Found in the merge, before a row is applied. The values are not copied: each stands in the landed page the record points at (flow, run, page,
record). The value of the more trusted source stands at once, so that the dossier goes on; the other side is told it, and a person settles
the record with a reason (``dossiers.settling``).
"""

from collections.abc import Sequence
from typing import Any

from include.hub import Hub
from include.registry.both_ways import HELD, TOLD
from include.registry.sql import staged
from include.store.database import Connection
from mappings.canonical import Entity

RULES = {
    "both_changed": (
        "Hai bên cùng sửa từ lần thống nhất gần nhất; giá trị của hệ thống một cửa được giữ",
        "Both sides changed it since they last agreed; the one-stop system's value stands",
    ),
    "owner_holds": (
        "Cổng sửa trường do hệ thống một cửa giữ; giá trị của hệ thống một cửa được giữ",
        "The portal changed what the one-stop system holds; the one-stop system's value stands",
    ),
    "never_agreed": (
        "Hai bên chưa từng thống nhất và bên kia không biết lần sửa này; giá trị của hệ thống một cửa được giữ",
        "The two never agreed, and neither knew of the other's value; the one-stop system's value stands",
    ),
    "settled": (
        "Một người đã chọn giá trị kia; hệ thống này đã được báo mà vẫn ghi lại giá trị cũ; giá trị đã chọn được giữ",
        "A person settled for the other value; this side was told and set its old one again; the value settled for stands",
    ),
}
"""By name: what happened and what was done, in both languages."""
STATES = ("open", "settled")


def search(entity: Entity) -> str:
    """SQL: one conflict per field in which a row of the run and a value of another source contradict each other, and one of them is new.

    ``v.new`` is the row's value, ``v.old`` the golden one, ``v.told`` what the row's source was told last, ``v.said`` what it said before.
    """
    names = [name for name in entity.names if name != entity.key]
    fields = ", ".join(
        f"('{name}', to_jsonb(s.{name}), to_jsonb(g.{name}), to_jsonb(e.{name}), p.record->'{name}', g.provenance[{entity.names.index(name) + 1}])"
        for name in names
    )
    return f"""
INSERT INTO hub.conflict (dossier, code, field, kept_flow, kept_run, kept_n, kept_idx, kept_moment,
    other_flow, other_run, other_n, other_idx, other_moment, version, rule, at)
SELECT g.id, g.code, v.field, k.*, o.*, g.version, found.rule, %(at)s
FROM link l {staged(entity)} JOIN golden.{entity.name} g ON g.id = l.entity_id {TOLD.format(entity=entity.name)} {HELD}
LEFT JOIN hub.said p ON p.flow = %(flow)s AND p.entity_id = g.id
CROSS JOIN LATERAL (VALUES {fields}) AS v(field, new, old, told, said, by)
JOIN hub.source f ON f.id = v.by AND f.flow <> %(flow)s
JOIN hub.source_record r ON r.flow = f.flow AND r.entity_id = g.id
CROSS JOIN LATERAL (SELECT (v.field = ANY(h.fields)) IS TRUE AS held) AS x
CROSS JOIN LATERAL (SELECT %(rank)s < (%(ranks)s::int[])[v.by] AND NOT x.held AS wins) AS w
CROSS JOIN LATERAL (SELECT CASE
    WHEN x.held THEN CASE WHEN v.told IS NOT DISTINCT FROM v.old THEN 'settled' END
    WHEN e.told IS NULL AND p.record IS NULL THEN CASE WHEN w.wins = (l.moment < r.moment) AND l.moment <> r.moment THEN 'never_agreed' END
    WHEN w.wins THEN CASE WHEN v.told IS DISTINCT FROM v.old THEN 'both_changed' END
    WHEN v.told IS NOT DISTINCT FROM v.old THEN 'owner_holds'
    WHEN e.told IS NOT NULL OR v.said IS DISTINCT FROM v.new THEN 'both_changed' END AS rule) AS found
CROSS JOIN LATERAL (SELECT %(flow)s::text AS flow, %(run)s::text AS run, l.n, l.idx, l.moment) AS mine
CROSS JOIN LATERAL (SELECT r.flow, r.run, r.n, r.idx, r.moment) AS theirs
CROSS JOIN LATERAL (SELECT (CASE WHEN wins THEN mine.flow ELSE theirs.flow END), (CASE WHEN wins THEN mine.run ELSE theirs.run END),
    (CASE WHEN wins THEN mine.n ELSE theirs.n END), (CASE WHEN wins THEN mine.idx ELSE theirs.idx END),
    (CASE WHEN wins THEN mine.moment ELSE theirs.moment END)) AS k
CROSS JOIN LATERAL (SELECT (CASE WHEN wins THEN theirs.flow ELSE mine.flow END), (CASE WHEN wins THEN theirs.run ELSE mine.run END),
    (CASE WHEN wins THEN theirs.n ELSE mine.n END), (CASE WHEN wins THEN theirs.idx ELSE mine.idx END),
    (CASE WHEN wins THEN theirs.moment ELSE mine.moment END)) AS o
WHERE l.verdict IS NULL AND l.outcome IS NULL AND v.new IS NOT NULL AND v.new <> v.old AND found.rule IS NOT NULL
  AND (e.told IS NULL OR v.new IS DISTINCT FROM v.told)
ON CONFLICT DO NOTHING
"""


TELL = """
INSERT INTO hub.outbox (target, entity_id, version, queued_run, queued_at)
SELECT DISTINCT target, g.id, g.version, %(run)s, %(at)s::timestamptz
FROM hub.conflict c JOIN golden.{entity} g ON g.id = c.dossier CROSS JOIN unnest(%(own)s::text[]) AS target
WHERE c.other_flow = %(flow)s AND c.other_run = %(run)s
ON CONFLICT (target, entity_id) DO UPDATE SET version = excluded.version, queued_run = excluded.queued_run, queued_at = excluded.queued_at
"""
"""The side whose value does not stand is told the one that does."""
OVERRULED = """
UPDATE hub.receipt r SET content_hash = ''::bytea FROM hub.conflict c
WHERE c.other_flow = %(flow)s AND c.other_run = %(run)s AND r.target = ANY(%(own)s) AND r.entity_id = c.dossier
"""
"""It has changed its copy: that it accepted this very content before counts no more."""


def find(connection: Connection, entity: Entity, known: dict[str, Any]) -> None:
    """Writes down the conflicts of a run's rows, before they are applied."""
    connection.execute(search(entity), known)


def tell(connection: Connection, entity: Entity, known: dict[str, Any]) -> None:
    """Queues what the overruled side must hear, after the rows are applied."""
    connection.execute(OVERRULED, known)
    connection.execute(TELL.format(entity=entity.name), known)


_NAMES = (
    "id", "code", "field", "kept_flow", "kept_moment", "other_flow", "other_moment", "rule", "state", "at",
    "settled_by", "settled_at", "reason",
)  # fmt: skip
_QUERY = f"""
SELECT {", ".join(_NAMES)}, taken IS NOT NULL FROM hub.conflict
WHERE %(state)s IN ('', state) AND %(code)s IN ('', code) AND %(number)s IN (0, id) ORDER BY id DESC LIMIT %(limit)s
"""


def listed(hub: Hub, state: str = "open", limit: int = 500, code: str = "", number: int = 0) -> Sequence[dict[str, Any]]:
    """The latest conflicts: of a state, of a dossier, the one of a number, or (empty) all. ``taken``: a person settled for the other value."""
    with hub.db.session() as connection:
        rows = connection.execute(_QUERY, {"state": state, "code": code, "number": number, "limit": limit}).fetchall()
    return [dict(zip((*_NAMES, "taken"), row, strict=True)) for row in rows]
