"""The merge, as SQL put together from the canonical fields. Every statement works on all rows of a run at once.

``link`` is a temporary table with one line per staged row: the golden record it belongs to, the rule that said so, or the verdict that
keeps it out. A row nothing is known of gets an id of its own at once and is ``new``; only those found to belong elsewhere are touched
again, so that a first load writes each line once. ``turn`` orders several rows of one record: each is applied to the result of the one before.
``at`` is where the staged row stands (its ctid: nobody rewrites staged rows), so that planner and executor deal with one small key.
"""

from include.registry.both_ways import HELD, SAID, TOLD
from include.registry.rules import agrees_in_run, rules
from include.store.tables import KEYS
from mappings.canonical import Entity, Merge

LINK = """
CREATE TEMP TABLE link (
    at tid, n int, idx int, source_key text, row_hash bytea, moment timestamptz, key text, known boolean,
    entity_id uuid, rule text, verdict text, turn int DEFAULT 1, outcome text
) ON COMMIT DROP
"""

RUN = "s.flow = %(flow)s AND s.run = %(run)s"
STAGED = "JOIN staging.{entity} s ON s.ctid = l.at"


def staged(entity: Entity) -> str:
    """SQL joining the staged row of each line."""
    return STAGED.format(entity=entity.name)


def fill_link(entity: Entity) -> str:
    """Every staged row; known ones with their golden record, overtaken ones with their verdict, the others with an id of their own.

    Ids are UUIDv7 (RFC 9562 §6.2, a counter behind the run's moment and random bits), so that indexes grow at one end.
    """
    return f"""
INSERT INTO link (at, n, idx, source_key, row_hash, moment, key, known, entity_id, rule, verdict, outcome)
SELECT s.ctid, s.n, s.idx, s.source_key, s.row_hash, s.moment, s.{entity.key}, r.entity_id IS NOT NULL,
       coalesce(r.entity_id, (%(ids)s || lpad(to_hex(row_number() OVER ()), 12, '0'))::uuid), coalesce(r.rule, 'new'),
       CASE WHEN r.moment > s.moment THEN 'overtaken' END, CASE WHEN r.entity_id IS NULL THEN 'new' END
FROM staging.{entity.name} s LEFT JOIN hub.source_record r ON r.flow = %(flow)s AND r.source_key = s.source_key
WHERE {RUN}
"""


REPEATS = """
UPDATE link l SET verdict = found.verdict, outcome = NULL
FROM (SELECT at, CASE WHEN row_number() OVER same > 1 THEN 'repeated'
                          WHEN moment < max(moment) OVER of_key THEN 'overtaken'
                          WHEN min(encode(row_hash, 'hex')) OVER tie <> max(encode(row_hash, 'hex')) OVER tie THEN 'duplicate_key' END AS verdict
      FROM link WHERE source_key IN (SELECT source_key FROM link GROUP BY source_key HAVING count(*) > 1)
      WINDOW same AS (PARTITION BY source_key, row_hash ORDER BY n, idx), of_key AS (PARTITION BY source_key),
             tie AS (PARTITION BY source_key, moment)
     ) found
WHERE found.at = l.at AND found.verdict IS NOT NULL AND l.verdict IS NULL
"""


def find(entity: Entity, only: str = "true") -> str:
    """Links new rows that exactly one golden record answers to; two answers are ambiguous."""
    new = f"FROM link l {staged(entity)}"
    candidates = "\nUNION ALL\n".join(
        f"SELECT l.at, g.id, {quoted(rule.name)} AS rule, {rank} AS rank {new} {rule.join} WHERE l.outcome = 'new' AND {only}"
        for rank, rule in enumerate(rules(entity))
    )
    return f"""
WITH candidate AS ({candidates}),
answer AS (SELECT at, count(DISTINCT id) AS found, (array_agg(id ORDER BY rank))[1] AS id, (array_agg(rule ORDER BY rank))[1] AS rule
           FROM candidate GROUP BY at)
UPDATE link l SET entity_id = answer.id, rule = answer.rule, outcome = NULL, verdict = CASE WHEN found > 1 THEN 'identity_ambiguous' END
FROM answer WHERE answer.at = l.at
"""


def conflict(entity: Entity) -> str:
    """Rows whose key belongs to another golden record than the one they are linked to, or to one no rule let them join."""
    return f"""
UPDATE link l SET verdict = 'identity_conflict', outcome = NULL
FROM golden.{entity.name} g WHERE g.{entity.key} = l.key AND l.verdict IS NULL AND g.id <> l.entity_id
"""


CROWDED = """
WITH taken AS (SELECT DISTINCT key, entity_id FROM link WHERE verdict IS NULL AND outcome IS NULL AND key IS NOT NULL),
crowded AS (SELECT DISTINCT t.key FROM taken t JOIN link o ON o.key = t.key AND o.verdict IS NULL AND o.entity_id <> t.entity_id)
UPDATE link l SET verdict = 'identity_conflict', outcome = NULL FROM crowded WHERE crowded.key = l.key AND l.verdict IS NULL
"""
"""Rows of this run that share a key and lead to different records, one of them known: the key can be given to one at the most."""

DIVIDED = """
WITH divided AS (SELECT entity_id FROM link WHERE verdict IS NULL AND outcome IS NULL AND entity_id IN (
    SELECT entity_id FROM link WHERE NOT known AND verdict IS NULL AND outcome IS NULL) GROUP BY entity_id HAVING count(DISTINCT key) > 1)
UPDATE link l SET verdict = 'identity_ambiguous' FROM divided WHERE divided.entity_id = l.entity_id AND NOT l.known AND l.verdict IS NULL
"""
"""Rows of this run nobody knew, found to belong to one record, that name it by different keys: two things, and which is the record is not known."""


def contradict(entity: Entity) -> str:
    """New rows of this run that share a key and contradict each other: none of them can be believed."""
    return f"""
WITH fresh AS (
    SELECT l.at, min({agrees_in_run(entity)}) OVER grp <> max({agrees_in_run(entity)}) OVER grp AS bad
    FROM link l {staged(entity)}
    WHERE l.outcome = 'new' AND l.key IN (SELECT key FROM link WHERE outcome = 'new' GROUP BY key HAVING count(*) > 1)
    WINDOW grp AS (PARTITION BY l.key))
UPDATE link l SET verdict = 'identity_conflict', outcome = NULL FROM fresh WHERE fresh.bad AND fresh.at = l.at
"""


def elect(entity: Entity, only: str, same: str) -> str:
    """Of new rows that are the same thing (``same``), the first creates the record and the others join it."""
    rows = f"link l {staged(entity)}" if "s." in same else "link l"
    return f"""
WITH fresh AS NOT MATERIALIZED (SELECT l.at, l.n, l.idx, l.moment, l.entity_id, {same} AS same FROM {rows} WHERE l.outcome = 'new' AND {only}),
place AS (SELECT at, first_value(entity_id) OVER grp AS first, row_number() OVER grp AS place
          FROM fresh WHERE same IN (SELECT same FROM fresh GROUP BY same HAVING count(*) > 1)
          WINDOW grp AS (PARTITION BY same ORDER BY moment, n, idx))
UPDATE link l SET entity_id = place.first, outcome = NULL FROM place WHERE place.place > 1 AND place.at = l.at
"""


def create(entity: Entity, only: str) -> str:
    """Inserts the golden records of the rows that are new."""
    names = [*entity.names, *KEYS.get(entity.name, ())]
    provenance = ", ".join(f"CASE WHEN s.{name} IS NULL THEN 0::smallint ELSE %(source)s::smallint END" for name in entity.names)
    return f"""
INSERT INTO golden.{entity.name} (id, {", ".join(names)}, provenance, latest_moment, version, updated_at, updated_run)
SELECT l.entity_id, {", ".join(f"s.{name}" for name in names)}, ARRAY[{provenance}], {gave_latest(entity)}, 1, %(at)s, %(run)s
FROM link l {staged(entity)} WHERE l.outcome = 'new' AND {only}
"""


TURNS = """
WITH place AS (
    SELECT at, row_number() OVER (PARTITION BY entity_id ORDER BY moment, n, idx) AS turn FROM link
    WHERE verdict IS NULL AND outcome IS NULL AND entity_id IN (
        SELECT entity_id FROM link WHERE verdict IS NULL AND outcome IS NULL GROUP BY entity_id HAVING count(*) > 1))
UPDATE link l SET turn = place.turn FROM place WHERE place.at = l.at AND place.turn > 1
"""

LAST_TURN = "SELECT coalesce(max(turn), 0) FROM link WHERE verdict IS NULL AND outcome IS NULL"


def gave_latest(entity: Entity) -> str:
    """SQL for the row's moment if it says anything of the fields that follow the latest source, else NULL."""
    fields = [f"s.{field.name}" for field in entity.fields if field.merge is Merge.LATEST]
    return f"CASE WHEN num_nonnulls({', '.join(fields)}) > 0 THEN s.moment END" if fields else "NULL::timestamptz"


def takes(entity: Entity, index: int, *, echoing: bool = False) -> str:
    """SQL condition: the staged value of field ``index`` replaces the golden one. What a source only repeats, or a person overruled, is not taken."""
    field = entity.fields[index]
    given = f"s.{field.name} IS NOT NULL"
    if echoing:
        given += f" AND (e.told IS NULL OR s.{field.name} IS DISTINCT FROM e.{field.name}) AND ('{field.name}' = ANY(h.fields)) IS NOT TRUE"
    if field.merge is Merge.LATEST:
        return f"{given} AND (g.{field.name} IS NULL OR g.latest_moment IS NULL OR s.moment >= g.latest_moment)"
    rank = f"coalesce((%(ranks)s::int[])[g.provenance[{index + 1}]], 1000)"
    return f"{given} AND (g.{field.name} IS NULL OR %(rank)s <= {rank})"


def withdraws(entity: Entity, index: int) -> str:
    """SQL condition: the source of the golden value of field ``index`` has stopped saying it, and it was no echo that is missing now."""
    name = entity.names[index]
    return f"s.{name} IS NULL AND g.{name} IS NOT NULL AND g.provenance[{index + 1}] = %(source)s AND (e.told IS NULL OR e.{name} IS NOT NULL)"


def remember_said(entity: Entity) -> str:
    """Keeps the newest row of a less trusted source in its own words: what it only repeats is as it was."""
    words = ", ".join(
        f"'{name}', CASE WHEN e.told IS NOT NULL AND s.{name} IS NOT DISTINCT FROM e.{name} THEN p.record->'{name}' ELSE to_jsonb(s.{name}) END"
        for name in entity.names
    )
    return f"""
INSERT INTO hub.said (flow, entity_id, record, moment)
SELECT %(flow)s, l.entity_id, jsonb_strip_nulls(jsonb_build_object({words})), l.moment FROM link l {staged(entity)}
LEFT JOIN hub.said p ON p.flow = %(flow)s AND p.entity_id = l.entity_id {TOLD.format(entity=entity.name)}
WHERE l.verdict IS NULL
ON CONFLICT (flow, entity_id) DO UPDATE SET record = excluded.record, moment = excluded.moment
"""


def apply_turn(entity: Entity, *, echoing: bool = False) -> str:
    """Applies one row to each linked golden record: the surviving values, the history of what they replace, the row's outcome.

    A row that only confirms a value from a more trusted source moves the provenance, and is no change. Of records told both ways
    (``echoing``) the newest row of each source alone counts: a value its source has stopped giving goes, and a less trusted one's comes forth.
    """
    keys = KEYS.get(entity.name, ())
    gone = [f"WHEN x{i} THEN y.{name}" if echoing else "" for i, name in enumerate(entity.names)]
    chosen = [f"CASE WHEN t{i} THEN s.{name} {gone[i]} ELSE g.{name} END AS {name}" for i, name in enumerate(entity.names)]
    chosen += [f"CASE WHEN t{entity.names.index('full_name')} THEN s.{key} ELSE g.{key} END AS {key}" for key in keys]
    by = [f"WHEN x{i} THEN CASE WHEN y.{name} IS NULL THEN 0 ELSE y.by END" if echoing else "" for i, name in enumerate(entity.names)]
    provenance = ", ".join(f"CASE WHEN t{i} THEN %(source)s {by[i]} ELSE g.provenance[{i + 1}] END" for i in range(len(entity.names)))
    flags = ", ".join(f"{takes(entity, i, echoing=echoing)} AS t{i}" for i in range(len(entity.names)))
    if echoing:
        flags += ", " + ", ".join(f"{withdraws(entity, i)} AS x{i}" for i in range(len(entity.names)))
    names = list(entity.names)
    old, new = ", ".join(f"g.{name}" for name in names), ", ".join(f"m.{name}" for name in names)
    numbers = ", ".join(f"g.{kind} AS was_{kind}, s.{kind} AS said_{kind}" for kind in entity.aliases)
    return f"""
WITH merged AS MATERIALIZED (
    SELECT l.at, g.id, m.*, {numbers}, ({new}) IS DISTINCT FROM ({old}) AS changes,
           ({new}, m.provenance) IS DISTINCT FROM ({old}, g.provenance) AS touches
    FROM link l {staged(entity)} JOIN golden.{entity.name} g ON g.id = l.entity_id
    {(TOLD + HELD + SAID).format(entity=entity.name) if echoing else ""}
    CROSS JOIN LATERAL (SELECT {flags}) AS take
    CROSS JOIN LATERAL (SELECT {", ".join(chosen)}, ARRAY[{provenance}]::smallint[] AS provenance,
                               greatest(g.latest_moment, {gave_latest(entity)}) AS latest_moment) AS m
    WHERE l.turn = %(turn)s AND l.verdict IS NULL AND l.outcome IS NULL),
kept AS ({keep_version(entity, f"merged m JOIN golden.{entity.name} g USING (id) WHERE m.changes")}),
remembered AS (
    INSERT INTO hub.alias (entity, kind, value, entity_id, run)
    {other_identifiers(entity)}
    ON CONFLICT DO NOTHING),
written AS (
    UPDATE golden.{entity.name} g SET {", ".join(f"{name} = m.{name}" for name in [*names, *keys])}, provenance = m.provenance,
        latest_moment = m.latest_moment, version = g.version + m.changes::int,
        updated_at = CASE WHEN m.changes THEN %(at)s ELSE g.updated_at END, updated_run = CASE WHEN m.changes THEN %(run)s ELSE g.updated_run END
    FROM merged m WHERE m.touches AND m.id = g.id)
UPDATE link l SET outcome = CASE WHEN m.changes THEN 'changed' ELSE 'unchanged' END FROM merged m WHERE m.at = l.at
"""


def keep_version(entity: Entity, which: str) -> str:
    """Keeps the present version of golden records in the history, before it is replaced or closed. ``which``: SQL that gives them as ``g``."""
    record = ", ".join(f"'{name}', g.{name}" for name in entity.names)
    return f"""
    INSERT INTO golden.{entity.name}_history (id, version, record, provenance, valid_from, valid_to, run)
    SELECT g.id, g.version, jsonb_strip_nulls(jsonb_build_object({record})), g.provenance, g.updated_at, %(at)s, %(run)s FROM {which}"""


def other_identifiers(entity: Entity) -> str:
    """SQL for every identifier that points to a record and is not, or no longer, the one it carries."""
    numbers = ", ".join(f"('{kind}', m.was_{kind}, m.{kind}), ('{kind}', m.said_{kind}, m.{kind})" for kind in entity.aliases)
    return f"""SELECT '{entity.name}', number.kind, number.value, m.id, %(run)s
    FROM merged m CROSS JOIN LATERAL (VALUES {numbers}) AS number (kind, value, carried)
    WHERE number.value IS NOT NULL AND number.value IS DISTINCT FROM number.carried"""


KNOWN = """
UPDATE hub.source_record r SET row_hash = l.row_hash, moment = l.moment, entity_id = l.entity_id, rule = l.rule, run = %(run)s, n = l.n, idx = l.idx
FROM link l WHERE l.known AND l.verdict IS NULL AND r.flow = %(flow)s AND r.source_key = l.source_key
"""

MET = """
INSERT INTO hub.source_record (flow, source_key, row_hash, moment, entity_id, rule, run, n, idx)
SELECT %(flow)s, source_key, row_hash, moment, entity_id, rule, %(run)s, n, idx FROM link WHERE NOT known AND verdict IS NULL
"""

PUT_ASIDE = """
INSERT INTO hub.quarantine (flow, run, n, idx, source_key, row_hash, codes, issues, at, verify_by, fix_by)
SELECT %(flow)s, %(run)s, n, idx, source_key, row_hash, ARRAY[verdict],
       jsonb_build_array(jsonb_build_object('code', verdict, 'field', 'source_key', 'why', (%(why)s::jsonb)->>verdict)),
       %(at)s, %(verify_by)s, %(fix_by)s
FROM link WHERE verdict IN ('duplicate_key', 'identity_conflict', 'identity_ambiguous')
ON CONFLICT DO NOTHING
"""

SUPERSEDE = """
UPDATE hub.quarantine q SET state = CASE WHEN l.verdict IS NULL THEN 'fixed' ELSE 'superseded' END, closed_at = %(at)s, closed_run = %(run)s
FROM link l WHERE q.flow = %(flow)s AND q.run <> %(run)s AND q.closed_at IS NULL AND q.source_key = l.source_key
  AND l.verdict IS DISTINCT FROM 'overtaken'
"""

CLOSE_REPLAYED = """
UPDATE hub.quarantine q SET state = 'replayed', closed_at = %(at)s, closed_run = %(run)s FROM hub.replayed p
WHERE p.flow = %(flow)s AND p.run = %(run)s AND q.flow = p.flow AND q.run = p.origin AND q.n = p.n AND q.idx = p.idx AND q.state <> 'replayed'
"""

ENQUEUE_NEW = """
INSERT INTO hub.outbox (target, entity_id, version, queued_run, queued_at)
SELECT target, entity_id, 1, %(run)s, %(at)s FROM link CROSS JOIN unnest(%(targets)s::text[]) AS target WHERE outcome = 'new'
"""

ENQUEUE_CHANGED = """
INSERT INTO hub.outbox (target, entity_id, version, queued_run, queued_at)
SELECT target, g.id, g.version, %(run)s, %(at)s
FROM (SELECT DISTINCT entity_id FROM link WHERE outcome = 'changed') l
JOIN golden.{entity} g ON g.id = l.entity_id CROSS JOIN unnest(%(targets)s::text[]) AS target
ON CONFLICT (target, entity_id) DO UPDATE SET version = excluded.version, queued_run = excluded.queued_run, queued_at = excluded.queued_at
"""


OWN_WORD = """
UPDATE hub.receipt r SET content_hash = ''::bytea FROM link l
WHERE r.target = ANY(%(own)s) AND r.entity_id = l.entity_id AND l.outcome = 'changed'
"""
"""A system that has changed its copy no longer holds what it accepted last: the same content may have to be sent again."""


def known_there(entity: Entity) -> str:
    """Takes out of the outbox what would tell a system only what it has just said itself."""
    same = " AND ".join(f"g.{name} IS NOT DISTINCT FROM s.{name}" for name in entity.names)
    return f"""
DELETE FROM hub.outbox o USING link l {staged(entity)} JOIN golden.{entity.name} g ON g.id = l.entity_id
WHERE o.target = ANY(%(own)s) AND o.entity_id = l.entity_id AND l.verdict IS NULL AND {same}
"""


TALLY = """
SELECT count(*) FILTER (WHERE outcome = 'new'), count(*) FILTER (WHERE outcome = 'changed'),
       count(*) FILTER (WHERE outcome = 'unchanged' OR verdict IN ('repeated', 'overtaken')),
       count(*) FILTER (WHERE verdict IN ('duplicate_key', 'identity_conflict', 'identity_ambiguous')), count(*)
FROM link
"""


def quoted(text: str) -> str:
    """A string literal of our own text."""
    return "'" + text.replace("'", "''") + "'"
