"""The statements of the service. Each takes many questions at once, writes their audit rows and reads the records, and commits once.

::

    ask    the questions, one row each                     found  the records that answer and may be seen
    gate   whether the dossier fits, where it must          kept   one audit row per question, with its outcome
                                                            others one narrow row per further data subject
"""

from dataclasses import dataclass
from functools import lru_cache

from include.sharing.datasets import Dataset, Key
from mappings.canonical import Field, Type

COLUMNS = (
    ("value", "text"),
    ("extra", "text"),
    ("place", "text"),
    ("scope", "text"),
    ("rule", "text"),
    ("purpose", "text"),
    ("dossier", "text"),
    ("client", "text"),
    ("agreement", "text"),
    ("version", "int"),
    ("operation", "text"),
    ("officer", "text"),
    ("represented", "text"),
    ("fields", "bigint"),
    ("request_id", "text"),
    ("via", "text"),
    ("subject", "bytea"),
    ("reveal", "int"),
    ("most", "int"),
    ("outcome", "int"),
)
"""What a question consists of, in the order of its tuple."""
BEFORE = 3
"""Parameters before the questions: the month's key, its inner and its outer HMAC block."""

ASK = (
    "ask AS MATERIALIZED (SELECT t.*, nextval('hub.access_id') AS access FROM unnest("
    + ", ".join(f"${place}::{kind}[]" for place, (_, kind) in enumerate(COLUMNS, BEFORE + 1))
    + f") WITH ORDINALITY AS t ({', '.join(name for name, _ in COLUMNS)}, n))"
)
HMAC = "substr(sha256($3::bytea || sha256($2::bytea || convert_to({0}, 'UTF8'))), 1, 16)"
"""HMAC-SHA256 from plain SHA-256, cut to 16 bytes: ``vault.MonthKey.keyed`` in SQL."""
INSERT = """INSERT INTO hub.access (id, key, client, agreement, version, operation, dataset, purpose, dossier, officer, represented,
    subject_key, subject, many, fields, outcome, request_id, via, visible_at)"""
VISIBLE = "CASE WHEN {0}.reveal < 0 THEN 'infinity'::timestamptz ELSE now() + make_interval(days => {0}.reveal) END"
SEARCH = Key("search", str, "golden.{table} g ON g.name_key = ask.value AND g.birth_date >= ask.extra AND g.birth_date < ask.extra || '~'", many=True)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and what its columns are. ``columns`` maps a field to its place in the rows."""

    sql: str
    columns: dict[str, int]
    many: bool

    def __hash__(self) -> int:
        return hash(self.sql)


FIXED = ("n", "permitted", "record", "version", "updated_at", "provenance", "doc", "matches")
"""The first columns of every answer; the fields follow."""


def shown(field: Field) -> str:
    """SQL giving a golden column in its canonical form; a list stays JSON text."""
    if field.type is Type.MOMENT:
        return f'to_char(g.{field.name}, \'YYYY-MM-DD"T"HH24:MI:SS"+07:00"\')'
    return f"g.{field.name}::text" if field.type in (Type.DATE, Type.LIST) else f"g.{field.name}"


@lru_cache(maxsize=256)
def lookup(dataset: Dataset, key: Key, fields: tuple[str, ...], as_of: bool = False) -> Statement:
    """Asks ``dataset`` by ``key`` for ``fields``; ``as_of``: as it was at the moment in ``ask.extra``, the values in ``doc``."""
    entity, many = dataset.entity, key.many or len(dataset.subjects) > 1
    columns = [] if as_of else [f"{shown(entity.field(name))} AS f_{name}" for name in fields]
    subjects = [f"g.{name} AS s{place}" for place, name in enumerate(dataset.subjects)]
    version, updated, provenance, doc, where = "g.version", "g.updated_at", "g.provenance", "NULL::text", ""
    commune = f"g.{dataset.commune}" if dataset.commune else "NULL"
    source = key.find.format(table=entity.name)
    if as_of:
        source += (
            f" LEFT JOIN golden.{entity.name}_history h ON h.id = g.id AND h.valid_from <= ask.extra::timestamptz AND ask.extra::timestamptz < h.valid_to"
        )
        version, updated = "coalesce(h.version, g.version)", "coalesce(h.valid_from, g.updated_at)"
        provenance, doc = "coalesce(h.provenance, g.provenance)", "coalesce(h.record, to_jsonb(g))::text"
        where = " AND (h.id IS NOT NULL OR g.updated_at <= ask.extra::timestamptz)"
        commune = f"CASE WHEN h.id IS NULL THEN {commune} ELSE h.record->>'{dataset.commune}' END" if dataset.commune else commune
    if dataset.commune:
        where += f" AND (ask.scope = '' OR strpos(ask.scope, {commune}) > 0) AND (ask.place = '' OR {commune} = ask.place)"
    own = key.name in dataset.subjects
    found = (
        f"found AS MATERIALIZED (SELECT ask.n, g.id AS record, {version} AS version, {updated} AS updated_at, {provenance} AS provenance, {doc} AS doc,"
        f" {', '.join([*subjects, *columns])} FROM gate ask JOIN {source}"
        f" WHERE ask.permitted AND (ask.rule <> 'applicant' OR ask.applicant IN ({', '.join('g.' + name for name in dataset.subjects)})){where})"
    )
    parts = [ASK, gate(own), found, TALLY, kept(dataset, many, single=not key.many), *([others(dataset)] if many else [])]
    values = "" if as_of else "".join(f", found.f_{name}" for name in fields)
    listed = ", ".join(f"found.{name}" for name in ["record", "version", "updated_at", "provenance", "doc"])
    sql = f"WITH {', '.join(parts)} SELECT gate.n, gate.permitted, {listed}, coalesce(tally.c, 0) AS matches{values} FROM gate LEFT JOIN tally USING (n) LEFT JOIN found ON found.n = gate.n AND {FITS}"
    return Statement(sql, {name: place for place, name in enumerate(fields, len(FIXED))} if not as_of else {}, key.many)


TALLY = "tally AS (SELECT n, count(*) AS c, min(s0) AS s FROM found GROUP BY n)"
FITS = "tally.c <= gate.most"
"""More records than may be shown are not shown at all."""


def gate(own: bool) -> str:
    """Whether the dossier fits; ``own``: the question names the subject, who must be the dossier's applicant."""
    fits = "d.applicant_number = ask.value" if own else "d.applicant_number IS NOT NULL"
    return (
        f"gate AS MATERIALIZED (SELECT ask.*, d.applicant_number AS applicant, ask.rule <> 'applicant' OR coalesce({fits}, false) AS permitted FROM ask"
        " LEFT JOIN golden.dossier d ON d.code = CASE WHEN ask.rule = 'applicant' THEN ask.dossier END AND d.procedure_code = ask.purpose)"
    )


def kept(dataset: Dataset, many: bool, *, single: bool) -> str:
    """The audit rows, with what became of each question."""
    over = "409" if single else "400"
    return (
        f"kept AS ({INSERT} SELECT access, $1::int, client, agreement, version, operation, '{dataset.name}', purpose, dossier, officer, represented,"
        f" {HMAC.format('coalesce(tally.s, value)')}, subject, {str(many).lower()}, fields,"
        f" CASE WHEN NOT permitted THEN 403 WHEN tally.c IS NULL THEN 404 WHEN tally.c > most THEN {over} ELSE 200 END,"
        f" request_id, via, {VISIBLE.format('gate')} FROM gate LEFT JOIN tally USING (n))"
    )


def others(dataset: Dataset) -> str:
    """One row for each subject of the records shown."""
    subjects = ", ".join(f"found.s{place}" for place in range(len(dataset.subjects)))
    return (
        f"others AS (INSERT INTO hub.access_subject (access, key, subject_key) SELECT DISTINCT gate.access, $1::int, {HMAC.format('who')}"
        f" FROM gate JOIN tally USING (n) JOIN found USING (n) CROSS JOIN LATERAL unnest(ARRAY[{subjects}]) AS who WHERE who IS NOT NULL AND {FITS})"
    )


def refusal(dataset: str) -> Statement:
    """Only writes the audit rows of questions that were refused before they reached a record."""
    row = (
        f"kept AS ({INSERT} SELECT access, $1::int, client, agreement, version, operation, '{dataset}', purpose, dossier, officer, represented,"
        f" CASE WHEN value <> '' THEN {HMAC.format('value')} END, subject, false, fields, outcome, request_id, via, {VISIBLE.format('ask')} FROM ask)"
    )
    return Statement(f"WITH {ASK}, {row} SELECT n, true FROM ask", {}, False)
