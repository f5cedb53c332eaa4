"""``resolve``: what of a procedure need not be asked of this person, with the proof of each answer.

One statement finds who is meant and everything held of them that the procedure could use; the judgement is ``answers.judge``; a second one
writes the evidence, in the same transaction: no evidence, no answer. Nobody, or more than one, matches: the question is refused.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import dict_row

from include.errors import HubError
from include.hub import Hub
from include.once import evidence
from include.once.answers import FormField, Holding, Verdict, judge, reason_of
from include.once.holdings import holdings, in_scope
from include.store.database import Connection
from mappings.canonical import entity
from mappings.identifiers import agency_code, personal_number, tax_code
from mappings.keys import name_key
from mappings.refusal import Refusal
from mappings.requirements import Catalogue, Requirement, catalogue


class NotIdentified(HubError):
    """Who is meant cannot be told: nobody matches, several do, or the name is another's; or who asks, for which agency. Nothing was answered;
    ask again with what the person can show. The message holds no personal data.
    """

    def __init__(self, reason: str, vi: str, en: str) -> None:
        super().__init__(f"{vi} · {en}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks what about whom. ``number`` is a personal number, an old identity card number or a tax code; without one, ``name`` and ``birth``
    must lead to one person. ``agency`` is the one in charge; ``dossier`` the code the one-stop system gave, when there is one.
    """

    procedure: str
    asker: str
    agency: str
    number: str = ""
    name: str = ""
    birth: str = ""
    dossier: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Per component what satisfies it, and the form filled in. ``request`` names the evidence rows."""

    request: UUID
    requirement: Requirement
    at: datetime
    agency: str
    verdicts: tuple[Verdict, ...]
    form: tuple[FormField, ...]
    catalogue: str

    @property
    def need_not_be_asked(self) -> int:
        """Components that are satisfied."""
        return sum(one.satisfied for one in self.verdicts)


@contextmanager
def desk(hub: Hub) -> Iterator[Connection]:
    """A connection that stays open for question after question: the statement of each procedure is planned once, which is most of its time.
    Nothing keeps it for ever, and its evidence is on disk before the answer.
    """
    with hub.db.session() as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan; SET synchronous_commit = on; SET statement_timeout = '5s'")
        connection.prepare_threshold = 0
        yield connection


def resolve(hub: Hub, question: Question, known: Catalogue | None = None, connection: Connection | None = None) -> Answer:
    """Answers, and commits the evidence first. ``connection`` is one of ``desk``; without it a connection is made for this question alone.

    Raises LookupError for a procedure that is not covered, NotIdentified for who is meant.
    """
    if connection is None:
        with hub.db.session() as alone:
            return resolve(hub, question, known, alone)
    known = known or catalogue()
    at = question.at or hub.clock()
    requirement = known.of(question.procedure, at.date())
    asked = _checked(question, requirement)
    with connection.transaction():
        _in_office(connection, asked.agency, at)
        subject, rows = _held(connection, known, requirement, asked, at)
        held = _judged(rows, at, asked.dossier)
        only = frozenset(known.facts[name].what for name in requirement.facts if known.facts[name].only)
        sure = bool(subject["exact"])
        verdicts = tuple(judge(component, held, only, sure=sure) for component in requirement.components)
        form = _form(known, requirement, held, sure)
        answer = Answer(uuid4(), requirement, at, asked.agency, verdicts, form, known.fingerprint)
        evidence.write(connection, hub, known, answer, asked.asker, asked.dossier, subject["number"])
    return answer


def _checked(question: Question, requirement: Requirement) -> Question:
    """The question with its number and its agency in canonical form."""
    if not question.asker.strip() or not question.agency.strip():
        raise NotIdentified("asker_missing", "thiếu người hỏi hoặc cơ quan giải quyết", "who asks, or the agency in charge, is missing")
    try:
        question = replace(question, agency=agency_code(question.agency) or "")
    except Refusal:
        raise NotIdentified(
            "agency_unknown", "cơ quan giải quyết không phải mã định danh như H05.201", "that is no agency code such as H05.201"
        ) from None
    if not question.number:
        if requirement.subject == "enterprise" or not (question.name and question.birth):
            raise NotIdentified("number_missing", "thiếu số định danh", "a number is needed, or a name and a birth date")
        return question
    try:
        number = tax_code(question.number) if requirement.subject == "enterprise" else _of_person(question.number)
    except Refusal:
        raise NotIdentified("number_invalid", "số định danh không hợp lệ", "that is not a valid number") from None
    return replace(question, number=number or "")


def _in_office(connection: Connection, agency: str, at: datetime) -> None:
    """Refuses an agency that is not there that day: its scope would be judged, and the evidence kept, of something that does not exist."""
    query = "SELECT FROM golden.agency WHERE code = %s AND %s BETWEEN coalesce(valid_from, '-infinity') AND coalesce(valid_to, 'infinity')"
    if connection.execute(query, [agency, at.date()]).fetchone() is None:
        raise NotIdentified(
            "agency_unknown", f"danh mục ngày {at:%d/%m/%Y} không có cơ quan {agency}", f"no agency {agency} is in office on {at.date()}"
        )


def _of_person(number: str) -> str | None:
    written = number.strip()
    return written if len(written) == 9 and written.isdigit() else personal_number(written)


_COLUMNS = "g.id, g.personal_number AS number, g.name_key, g.birth_date"
_PERSON = f"""SELECT {_COLUMNS}, true AS exact FROM golden.person g WHERE g.personal_number = %(asked)s
UNION SELECT {_COLUMNS}, g.personal_number = %(asked)s FROM golden.person g WHERE g.old_id_number = %(asked)s
UNION SELECT {_COLUMNS}, g.personal_number = %(asked)s FROM hub.alias a JOIN golden.person g ON g.id = a.entity_id
    WHERE a.entity = 'person' AND a.kind IN ('personal_number', 'old_id_number') AND a.value = %(asked)s
UNION SELECT {_COLUMNS}, true FROM golden.person g WHERE %(asked)s = '' AND g.name_key = %(name_key)s AND g.birth_date = %(birth)s"""
_ENTERPRISE = """SELECT g.id, g.tax_code AS number, NULL::text AS name_key, NULL::text AS birth_date, true AS exact
    FROM golden.enterprise g WHERE g.tax_code = %(asked)s"""


@lru_cache(maxsize=256)
def _statement(known: Catalogue, requirement: Requirement) -> str:
    """The one statement of a requirement: a line for who is meant, then a line for each thing held of them that could be used."""
    match = _ENTERPRISE if requirement.subject == "enterprise" else _PERSON
    facts = [known.facts[name] for name in sorted(requirement.facts)]
    return f"""
WITH match AS MATERIALIZED (SELECT id, number, name_key, birth_date, bool_or(exact) AS exact FROM ({match}) m GROUP BY 1, 2, 3, 4),
owner AS MATERIALIZED (
    SELECT number, '{requirement.subject}'::text AS subject FROM match WHERE number IS NOT NULL AND (SELECT count(*) FROM match) = 1),
holding AS ({holdings(facts, filled=True)}),
told AS (
    SELECT what, entity, id, version, since, until, status, scope, came_with, false AS wrong_owner, provenance, fills
    FROM holding WHERE what = ANY(%(whats)s)
    UNION ALL SELECT 'paper:' || g.paper_type, 'paper', g.id, g.version, g.digitised_at, g.valid_to, g.status, g.scope, g.dossier_code, true,
        g.provenance, '{{}}'::jsonb
    FROM golden.paper g WHERE %(dossier)s <> '' AND g.dossier_code = %(dossier)s AND 'paper:' || g.paper_type = ANY(%(whats)s)
        AND g.owner_number NOT IN (SELECT number FROM owner))
SELECT NULL::text AS what, 'match' AS entity, id, NULL::int AS version, number, name_key, birth_date, exact, NULL::timestamptz AS since,
    NULL::date AS until, NULL::text AS status, false AS in_scope, NULL::text AS came_with, false AS wrong_owner, NULL::smallint[] AS provenance,
    NULL::jsonb AS fills, NULL::text AS source, NULL::timestamptz AS as_of FROM match
UNION ALL
SELECT t.what, t.entity, t.id, t.version, NULL, NULL, NULL, NULL, t.since, t.until, t.status, {in_scope("t.scope", "%(agency)s::text")}, t.came_with,
    t.wrong_owner, t.provenance, t.fills, s.system, r.moment
FROM told t
LEFT JOIN LATERAL (SELECT flow, moment FROM hub.source_record WHERE entity_id = t.id ORDER BY moment DESC NULLS LAST LIMIT 1) r ON true
LEFT JOIN hub.source s ON s.flow = r.flow
"""


def _held(
    connection: Connection, known: Catalogue, requirement: Requirement, asked: Question, at: datetime
) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    """Who is meant, and what is held. Raises NotIdentified unless exactly one matches."""
    whats = {item for one in requirement.components for way in one.any for item in way} | {f"fact:{name}" for name in requirement.facts}
    values = {
        "asked": asked.number,
        "name_key": name_key(asked.name) if asked.name else None,
        "birth": asked.birth,
        "whats": sorted(whats),
        "dossier": asked.dossier,
        "agency": asked.agency,
        "at": at,
    }
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_statement(known, requirement).encode(), values).fetchall()
        sources: dict[int, str] = {row["id"]: row["system"] for row in cursor.execute("SELECT id, system FROM hub.source").fetchall()}
    matches = [row for row in rows if row["entity"] == "match"]
    if not matches:
        raise NotIdentified("nobody", "không tìm thấy ai phù hợp", "nobody matches")
    if len(matches) > 1:
        raise NotIdentified("several", f"có {len(matches)} người cùng phù hợp, không được phép đoán", f"{len(matches)} match; nothing is guessed")
    if asked.name and matches[0]["name_key"] is not None and matches[0]["name_key"] != name_key(asked.name):
        raise NotIdentified("name_differs", "họ tên không khớp với số định danh", "the name is not that of the number's owner")
    if matches[0]["number"] is None:
        raise NotIdentified("number_unknown", "chưa có số định danh cá nhân của người này", "the personal number of that person is not known yet")
    held = [row for row in rows if row["entity"] != "match"]
    for row in held:
        row["sources"] = _by_field(row, sources)
    return matches[0], held


def _by_field(row: Mapping[str, Any], sources: Mapping[int, str]) -> dict[str, str]:
    """Which system each filled value came from, by the golden record's provenance."""
    names = entity(row["entity"]).names
    return {name: sources.get(row["provenance"][names.index(name)], "") for name in row["fills"] or {}}


def _judged(rows: list[dict[str, Any]], at: datetime, dossier: str) -> dict[str, list[Holding]]:
    """Holdings by what they are; a record found by two of its numbers is one."""
    found: defaultdict[str, dict[UUID, Holding]] = defaultdict(dict)
    for row in rows:
        reason = reason_of(row, at, dossier)
        one = Holding(
            row["what"],
            row["entity"],
            row["id"],
            row["version"],
            row["since"],
            reason,
            row["source"] or "",
            row["as_of"],
            row["fills"] or {},
            row["sources"],
        )
        found[one.what][one.id] = one
    return {what: list(ones.values()) for what, ones in found.items()}


def _form(known: Catalogue, requirement: Requirement, held: Mapping[str, list[Holding]], sure: bool) -> tuple[FormField, ...]:
    """The fields that can be filled in; of a fact held several times none is, unless they agree."""
    fields = []
    for each in requirement.form:
        fact = known.facts[each.fact]
        good = [one for one in held.get(fact.what, ()) if not one.reason and one.fills.get(each.field) is not None]
        if not good or len({one.fills[each.field] for one in good}) > 1:
            continue
        one = good[0]
        confidence = "exact" if sure else "alias"
        fields.append(
            FormField(
                each.vi, one.fills[each.field], one.sources[each.field], one.as_of, fact.legal_basis, confidence, fact.id, one.entity, each.field
            )
        )
    return tuple(fields)
