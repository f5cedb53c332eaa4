"""The statements of the service. Each takes many questions at once, writes their audit rows and reads the records, and commits once.

::

    ask    the questions, one row each                     found  the records that answer and may be seen
    gate   whether the dossier fits, where it must          kept   one audit row per question, with its outcome
                                                            others one narrow row per further data subject
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from include.sharing.datasets import Dataset, Key
from mappings.canonical import Field, Type

OWN = (("head", "int"), ("value", "text"), ("dossier", "text"), ("officer", "text"), ("request_id", "text"), ("subject", "bytea"))
"""What each question brings itself, in the order of its tuple; ``head`` is its place among the heads."""
HEAD = (
    ("extra", "text"),
    ("place", "text"),
    ("scope", "text"),
    ("rule", "text"),
    ("purpose", "text"),
    ("client", "text"),
    ("agreement", "text"),
    ("version_", "int"),
    ("operation", "text"),
    ("represented", "text"),
    ("fields", "bigint"),
    ("via", "text"),
    ("reveal", "int"),
    ("most", "int"),
    ("outcome", "int"),
)
"""What many questions of a batch have in common. It goes to the server once, as one JSON text that is nearly always at hand (``heads``)."""
BEFORE = 3
"""Parameters before the questions: the month's key, its inner and its outer HMAC block."""
PARAMETERS = BEFORE + len(OWN) + 1


@lru_cache(maxsize=256)
def heads(given: tuple[tuple[Any, ...], ...]) -> str:
    """The heads of a batch as the server takes them."""
    return msgspec.json.encode([dict(zip((name for name, _ in HEAD), head, strict=True)) for head in given]).decode()


OWN_NAMES, HEAD_NAMES = (", ".join(name for name, _ in columns) for columns in (OWN, HEAD))
OWN_ARRAYS = ", ".join(f"${place}::{kind}[]" for place, (_, kind) in enumerate(OWN, BEFORE + 1))
ASK = f"""ask AS MATERIALIZED (SELECT own.*, {HEAD_NAMES}, nextval('hub.access_id') AS access
    FROM unnest({OWN_ARRAYS}) WITH ORDINALITY AS own ({OWN_NAMES}, n)
    JOIN ROWS FROM (json_to_recordset(${PARAMETERS}::json) AS ({", ".join(map(" ".join, HEAD))}))
    WITH ORDINALITY AS head ({HEAD_NAMES}, at) ON head.at = own.head)"""
HMAC = "substr(sha256($3::bytea || sha256($2::bytea || convert_to({0}, 'UTF8'))), 1, 16)"
"""HMAC-SHA256 from plain SHA-256, cut to 16 bytes: ``vault.MonthKey.keyed`` in SQL."""
INSERT = """INSERT INTO hub.access (id, key, client, agreement, version, operation, dataset, purpose, dossier, officer, represented,
    subject_key, subject, many, fields, outcome, request_id, via, visible_at)"""
VISIBLE = "CASE WHEN {0}.reveal < 0 THEN 'infinity'::timestamptz ELSE now() + make_interval(days => {0}.reveal) END"
SEARCH = Key("search", str, "golden.{table} g ON g.name_key = ask.value AND g.birth_date >= ask.extra AND g.birth_date < ask.extra || '~'", many=True)


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement and what its columns are. ``columns`` maps a field to its place in the rows."""

    sql: str
    columns: dict[str, int]


FIXED = ("n", "permitted", "record", "version", "updated_at", "provenance", "doc", "matches")
"""The first columns of every answer; the fields follow."""


def local(moment: str) -> str:
    """SQL giving a moment in its canonical form; the session is in Việt Nam."""
    return f'to_char({moment}, \'YYYY-MM-DD"T"HH24:MI:SS"+07:00"\')'


def shown(field: Field) -> str:
    """SQL giving a golden column in its canonical form; a list stays JSON text."""
    if field.type is Type.MOMENT:
        return local(f"g.{field.name}")
    return f"g.{field.name}::text" if field.type in (Type.DATE, Type.LIST) else f"g.{field.name}"


def lookup(dataset: Dataset, key: Key, fields: tuple[str, ...], as_of: bool = False) -> Statement:
    """Asks ``dataset`` by ``key`` for ``fields``; ``as_of``: as it was at the moment in ``ask.extra``, the values in ``doc``.

    One pass: each question meets its records beside it, so that no result is joined with another (of which the planner would know nothing).
    """
    entity, many = dataset.entity, key.many or len(dataset.subjects) > 1
    values = [] if as_of else [f"{shown(entity.field(name))} AS f_{name}" for name in fields]
    whose = [f"CASE WHEN h.id IS NULL THEN g.{name} ELSE h.record->>'{name}' END" if as_of else f"g.{name}" for name in dataset.subjects]
    subjects = [f"{sql} AS s{place}" for place, sql in enumerate(whose)]
    version, updated, provenance, doc, where = "g.version", "g.updated_at", "g.provenance::text", "NULL::text", ""
    commune = f"g.{dataset.commune}" if dataset.commune else "NULL"
    source = key.find.format(table=entity.name)
    if as_of:
        source += f" LEFT JOIN golden.{entity.name}_history h ON h.id = g.id AND {THEN}"
        version, updated = "coalesce(h.version, g.version)", "coalesce(h.valid_from, g.updated_at)"
        provenance, doc = "coalesce(h.provenance, g.provenance)::text", "coalesce(h.record, to_jsonb(g))::text"
        where = " AND (h.id IS NOT NULL OR g.updated_at <= ask.extra::timestamptz)"
        commune = f"CASE WHEN h.id IS NULL THEN {commune} ELSE h.record->>'{dataset.commune}' END" if dataset.commune else commune
    if dataset.commune:
        where += f" AND (ask.scope = '' OR strpos(ask.scope, {commune}) > 0) AND (ask.place = '' OR {commune} = ask.place)"
    own, owners = key.name in dataset.subjects, ", ".join(whose)
    columns = ["g.id AS record", f"{version} AS version", f"{local(updated)} AS updated_at", f"{provenance} AS provenance", f"{doc} AS doc"]
    record = (
        f"SELECT {', '.join([*columns, *subjects, *values])} FROM (SELECT) one JOIN {source}"
        f" WHERE ask.permitted AND (ask.rule <> 'applicant' OR ask.applicant IN ({owners})){where}"
    )
    counts, window = (ONE, "") if key.name == entity.key and not as_of else (SEVERAL, WINDOW)
    found = f"found AS MATERIALIZED (SELECT ask.*, record.*, {counts} FROM gate ask LEFT JOIN LATERAL ({record}) record ON true{window})"
    parts = [ASK, gate(own), found, kept(dataset, many, single=not key.many), *([others(dataset)] if many else [])]
    listed = "".join(f", CASE WHEN {FITS} THEN {name} END" for name in ["record", "version", "updated_at", "provenance", "doc"])
    listed += ", c AS matches" + ("" if as_of else "".join(f", f_{name}" for name in fields))
    sql = f"WITH {', '.join(parts)} SELECT n, permitted{listed} FROM found WHERE {FITS} OR r = 1"
    return Statement(sql, {name: place for place, name in enumerate(fields, len(FIXED))} if not as_of else {})


THEN = "h.valid_from <= ask.extra::timestamptz AND ask.extra::timestamptz < h.valid_to"
ONE = "CASE WHEN record IS NULL THEN 0 ELSE 1 END AS c, s0 AS s, 1 AS r"
"""Of the identifier a record has alone: how many records answer, their first subject, and the record's place among them."""
SEVERAL = "count(record.record) OVER own AS c, min(record.s0) OVER own AS s, row_number() OVER own AS r"
WINDOW = " WINDOW own AS (PARTITION BY ask.n)"
FITS = "c <= most"
"""More records than may be shown are not shown at all."""


def gate(own: bool) -> str:
    """Whether the dossier fits; ``own``: the question names the subject, who must be the dossier's applicant."""
    fits = "d.applicant_number = ask.value" if own else "d.applicant_number IS NOT NULL"
    return (
        f"gate AS (SELECT ask.*, d.applicant_number AS applicant, ask.rule <> 'applicant' OR coalesce({fits}, false) AS permitted"
        " FROM ask"
        " LEFT JOIN LATERAL (SELECT applicant_number FROM golden.dossier WHERE ask.rule = 'applicant' AND code = ask.dossier"
        " AND procedure_code = ask.purpose LIMIT 1) d ON true)"
    )


def kept(dataset: Dataset, many: bool, *, single: bool) -> str:
    """The audit rows, with what became of each question."""
    over = "409" if single else "400"
    return (
        f"kept AS ({INSERT} SELECT access, $1::int, client, agreement, version_, operation, '{dataset.name}', purpose, dossier, officer, represented,"
        f" {HMAC.format('CASE WHEN c > most THEN value ELSE coalesce(s, value) END')}, subject, {str(many).lower()}, fields,"
        f" CASE WHEN NOT permitted THEN 403 WHEN c = 0 THEN 404 WHEN c > most THEN {over} ELSE 200 END,"
        f" request_id, via, {VISIBLE.format('found')} FROM found WHERE r = 1)"
    )


def others(dataset: Dataset) -> str:
    """One row for each subject of the records shown."""
    subjects = ", ".join(f"found.s{place}" for place in range(len(dataset.subjects)))
    return (
        f"others AS (INSERT INTO hub.access_subject (access, key, subject_key) SELECT DISTINCT access, $1::int, {HMAC.format('who')}"
        f" FROM found CROSS JOIN LATERAL unnest(ARRAY[{subjects}]) AS who WHERE who IS NOT NULL AND {FITS})"
    )


@lru_cache
def refusal(dataset: str) -> Statement:
    """Only writes the audit rows of questions that were refused before they reached a record."""
    row = (
        f"kept AS ({INSERT} SELECT access, $1::int, client, agreement, version_, operation, '{dataset}', purpose, dossier, officer, represented,"
        f" CASE WHEN value <> '' THEN {HMAC.format('value')} END, subject, false, fields, outcome, request_id, via, {VISIBLE.format('ask')} FROM ask)"
    )
    return Statement(f"WITH {ASK}, {row} SELECT n, true FROM ask", {})
