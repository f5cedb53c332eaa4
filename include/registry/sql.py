"""The merge, as SQL put together from the canonical fields. Every statement works on all rows of a run at once.

``link`` is a temporary table with one line per staged row: the golden record it belongs to, the rule that said so, or the verdict that
keeps it out. ``turn`` orders several rows of one record, so that each is applied to the result of the one before.
"""

from include.registry.rules import agrees_in_run, rules, same_in_run
from include.store.tables import KEYS
from mappings.canonical import Entity, Merge

LINK = """
CREATE TEMP TABLE link (
    n int, idx int, source_key text, row_hash bytea, moment timestamptz,
    entity_id uuid, rule text, verdict text, created boolean DEFAULT false, turn int DEFAULT 1, outcome text
) ON COMMIT DROP
"""

RUN = "s.flow = %(flow)s AND s.run = %(run)s"


def fill_link(entity: Entity) -> str:
    """Every staged row; known ones with their golden record, repeats and overtaken ones with their verdict."""
    return f"""
INSERT INTO link (n, idx, source_key, row_hash, moment, entity_id, rule, verdict)
SELECT s.n, s.idx, s.source_key, s.row_hash, s.moment, r.entity_id, r.rule,
       CASE WHEN r.moment > s.moment THEN 'overtaken'
            WHEN row_number() OVER same > 1 THEN 'repeated'
            WHEN s.moment < max(s.moment) OVER key THEN 'overtaken'
            WHEN min(encode(s.row_hash, 'hex')) OVER moment <> max(encode(s.row_hash, 'hex')) OVER moment THEN 'duplicate_key' END
FROM staging.{entity.name} s LEFT JOIN hub.source_record r ON r.flow = s.flow AND r.source_key = s.source_key
WHERE {RUN}
WINDOW same AS (PARTITION BY s.source_key, s.row_hash ORDER BY s.n, s.idx), key AS (PARTITION BY s.source_key),
       moment AS (PARTITION BY s.source_key, s.moment)
"""


def find(entity: Entity) -> str:
    """Links rows that exactly one golden record answers to; two answers are ambiguous."""
    candidates = "\nUNION ALL\n".join(
        f"SELECT s.n, s.idx, g.id, {quoted(rule.name)} AS rule, {rank} AS rank"
        f" FROM link l JOIN staging.{entity.name} s ON {RUN} AND s.n = l.n AND s.idx = l.idx {rule.join}"
        f" WHERE l.entity_id IS NULL AND l.verdict IS NULL"
        for rank, rule in enumerate(rules(entity))
    )
    return f"""
WITH candidate AS ({candidates}),
answer AS (SELECT n, idx, count(DISTINCT id) AS found, (array_agg(id ORDER BY rank))[1] AS id, (array_agg(rule ORDER BY rank))[1] AS rule
           FROM candidate GROUP BY n, idx)
UPDATE link l SET entity_id = CASE WHEN found = 1 THEN id END, rule = answer.rule, verdict = CASE WHEN found > 1 THEN 'identity_ambiguous' END
FROM answer WHERE answer.n = l.n AND answer.idx = l.idx
"""


def conflict(entity: Entity) -> str:
    """Rows whose key belongs to another golden record than the one they are linked to, or to one no rule let them join."""
    return f"""
UPDATE link l SET verdict = 'identity_conflict', entity_id = NULL
FROM staging.{entity.name} s JOIN golden.{entity.name} g ON g.{entity.key} = s.{entity.key}
WHERE {RUN} AND s.n = l.n AND s.idx = l.idx AND l.verdict IS NULL AND g.id IS DISTINCT FROM l.entity_id
"""


def contradict(entity: Entity) -> str:
    """New rows of this run that share a key and contradict each other: none of them can be believed."""
    return f"""
WITH fresh AS (
    SELECT l.n, l.idx, min({agrees_in_run(entity)}) OVER grp <> max({agrees_in_run(entity)}) OVER grp AS bad
    FROM link l JOIN staging.{entity.name} s ON {RUN} AND s.n = l.n AND s.idx = l.idx
    WHERE l.entity_id IS NULL AND l.verdict IS NULL AND s.{entity.key} IS NOT NULL
    WINDOW grp AS (PARTITION BY s.{entity.key}))
UPDATE link l SET verdict = 'identity_conflict' FROM fresh WHERE fresh.bad AND fresh.n = l.n AND fresh.idx = l.idx
"""


def elect(entity: Entity, with_key: bool) -> str:
    """Gives new rows a new golden id, the same for rows that are the same thing; the first of them creates it."""
    presence = "IS NOT NULL" if with_key else "IS NULL"
    return f"""
WITH fresh AS (
    SELECT l.n, l.idx, row_number() OVER (PARTITION BY {same_in_run(entity)} ORDER BY s.moment, s.n, s.idx) AS place,
           {same_in_run(entity)} AS same
    FROM link l JOIN staging.{entity.name} s ON {RUN} AND s.n = l.n AND s.idx = l.idx
    WHERE l.entity_id IS NULL AND l.verdict IS NULL AND s.{entity.key} {presence}),
made AS (SELECT same, gen_random_uuid() AS id FROM fresh WHERE place = 1)
UPDATE link l SET entity_id = made.id, created = fresh.place = 1, rule = 'new', outcome = CASE WHEN fresh.place = 1 THEN 'new' END
FROM fresh JOIN made USING (same) WHERE fresh.n = l.n AND fresh.idx = l.idx
"""


def create(entity: Entity) -> str:
    """Inserts the golden records elected."""
    names = [*entity.names, *KEYS.get(entity.name, ())]
    provenance = ", ".join(f"CASE WHEN s.{name} IS NULL THEN 0 ELSE %(source)s END" for name in entity.names)
    return f"""
INSERT INTO golden.{entity.name} (id, {", ".join(names)}, provenance, latest_moment, version, updated_at, updated_run)
SELECT l.entity_id, {", ".join(f"s.{name}" for name in names)}, ARRAY[{provenance}]::smallint[], {gave_latest(entity)}, 1, %(at)s, %(run)s
FROM link l JOIN staging.{entity.name} s ON {RUN} AND s.n = l.n AND s.idx = l.idx
WHERE l.created AND l.outcome = 'new' AND NOT EXISTS (SELECT FROM golden.{entity.name} g WHERE g.id = l.entity_id)
"""


TURNS = """
WITH place AS (SELECT n, idx, row_number() OVER (PARTITION BY entity_id ORDER BY created DESC, moment, n, idx) AS turn
               FROM link WHERE verdict IS NULL AND NOT created)
UPDATE link l SET turn = place.turn FROM place WHERE place.n = l.n AND place.idx = l.idx AND place.turn > 1
"""


def gave_latest(entity: Entity) -> str:
    """SQL for the row's moment if it says anything of the fields that follow the latest source, else NULL."""
    fields = [f"s.{field.name}" for field in entity.fields if field.merge is Merge.LATEST]
    return f"CASE WHEN num_nonnulls({', '.join(fields)}) > 0 THEN s.moment END" if fields else "NULL::timestamptz"


def takes(entity: Entity, index: int) -> str:
    """SQL condition: the staged value of field ``index`` replaces the golden one."""
    field = entity.fields[index]
    given = f"s.{field.name} IS NOT NULL"
    if field.merge is Merge.LATEST:
        return f"{given} AND (g.{field.name} IS NULL OR g.latest_moment IS NULL OR s.moment >= g.latest_moment)"
    rank = f"coalesce((%(ranks)s::int[])[g.provenance[{index + 1}]], 1000)"
    return f"{given} AND (g.{field.name} IS NULL OR %(rank)s <= {rank})"


def apply_turn(entity: Entity) -> str:
    """Applies one row to each linked golden record: the surviving values, the history of what they replace, the row's outcome.

    A row that only confirms a value from a more trusted source moves the provenance, and is no change.
    """
    keys = KEYS.get(entity.name, ())
    chosen = [f"CASE WHEN t{i} THEN s.{name} ELSE g.{name} END AS {name}" for i, name in enumerate(entity.names)]
    chosen += [f"CASE WHEN t{entity.names.index('full_name')} THEN s.{key} ELSE g.{key} END AS {key}" for key in keys]
    provenance = ", ".join(f"CASE WHEN t{i} THEN %(source)s ELSE g.provenance[{i + 1}] END" for i in range(len(entity.names)))
    flags = ", ".join(f"{takes(entity, i)} AS t{i}" for i in range(len(entity.names)))
    names = list(entity.names)
    old, new = ", ".join(f"g.{name}" for name in names), ", ".join(f"m.{name}" for name in names)
    record = ", ".join(f"'{name}', g.{name}" for name in names)
    return f"""
WITH merged AS MATERIALIZED (
    SELECT l.n, l.idx, g.id, {", ".join(chosen)}, ARRAY[{provenance}]::smallint[] AS provenance,
           greatest(g.latest_moment, {gave_latest(entity)}) AS latest_moment
    FROM link l JOIN staging.{entity.name} s ON {RUN} AND s.n = l.n AND s.idx = l.idx JOIN golden.{entity.name} g ON g.id = l.entity_id
    CROSS JOIN LATERAL (SELECT {flags}) AS take
    WHERE l.turn = %(turn)s AND l.verdict IS NULL AND NOT l.created),
touched AS MATERIALIZED (
    SELECT m.*, ({new}) IS DISTINCT FROM ({old}) AS changed
    FROM merged m JOIN golden.{entity.name} g USING (id)
    WHERE ({new}, m.provenance) IS DISTINCT FROM ({old}, g.provenance)),
kept AS (
    INSERT INTO golden.{entity.name}_history (id, version, record, provenance, valid_from, valid_to, run)
    SELECT g.id, g.version, jsonb_strip_nulls(jsonb_build_object({record})), g.provenance, g.updated_at, %(at)s, %(run)s
    FROM touched t JOIN golden.{entity.name} g USING (id) WHERE t.changed),
written AS (
    UPDATE golden.{entity.name} g SET {", ".join(f"{name} = t.{name}" for name in [*names, *keys])}, provenance = t.provenance,
        latest_moment = t.latest_moment, version = g.version + t.changed::int,
        updated_at = CASE WHEN t.changed THEN %(at)s ELSE g.updated_at END, updated_run = CASE WHEN t.changed THEN %(run)s ELSE g.updated_run END
    FROM touched t WHERE t.id = g.id)
UPDATE link l SET outcome = CASE WHEN coalesce(t.changed, false) THEN 'changed' ELSE 'unchanged' END
FROM merged m LEFT JOIN touched t USING (n, idx) WHERE m.n = l.n AND m.idx = l.idx
"""


def aliases(entity: Entity) -> str:
    """Remembers every identifier of the rows that made or changed something."""
    each = "\nUNION ALL\n".join(
        f"SELECT DISTINCT '{entity.name}', '{kind}', s.{kind}, l.entity_id, %(run)s"
        f" FROM link l JOIN staging.{entity.name} s ON {RUN} AND s.n = l.n AND s.idx = l.idx"
        f" WHERE l.outcome IN ('new', 'changed') AND s.{kind} IS NOT NULL"
        for kind in entity.aliases
    )
    return f"INSERT INTO hub.alias (entity, kind, value, entity_id, run)\n{each}\nON CONFLICT DO NOTHING"


CROSSWALK = """
MERGE INTO hub.source_record r
USING (SELECT * FROM link WHERE verdict IS NULL) l ON r.flow = %(flow)s AND r.source_key = l.source_key
WHEN MATCHED THEN UPDATE SET row_hash = l.row_hash, moment = l.moment, entity_id = l.entity_id, rule = l.rule, run = %(run)s, n = l.n, idx = l.idx
WHEN NOT MATCHED THEN INSERT (flow, source_key, row_hash, moment, entity_id, rule, run, n, idx)
    VALUES (%(flow)s, l.source_key, l.row_hash, l.moment, l.entity_id, l.rule, %(run)s, l.n, l.idx)
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

ENQUEUE = """
INSERT INTO hub.outbox (target, entity_id, version, queued_run, queued_at)
SELECT target, g.id, g.version, %(run)s, %(at)s
FROM (SELECT DISTINCT entity_id FROM link WHERE outcome IN ('new', 'changed')) l
JOIN golden.{entity} g ON g.id = l.entity_id CROSS JOIN unnest(%(targets)s::text[]) AS target
ON CONFLICT (target, entity_id) DO UPDATE SET version = excluded.version, queued_run = excluded.queued_run, queued_at = excluded.queued_at
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
