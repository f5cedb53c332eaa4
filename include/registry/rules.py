"""When are two records the same thing? Exact rules only, each safe by itself; what two rules answer differently is put aside.

The person rules are those that were measured at a precision of 0.9997 or better on a million records. An equal number counts only together with the
given name and the birth year, because one in a hundred belongs to somebody else; an old one of nine digits, which provinces gave out twice, with
either of them and no other sex.
"""

from dataclasses import dataclass

from mappings.canonical import Entity


@dataclass(frozen=True, slots=True)
class Rule:
    """``join`` finds golden rows ``g`` for staged rows ``s``; every part of it is served by an index."""

    name: str
    join: str


SAME_GIVEN = "g.given_key = s.given_key"
YEAR_WITHIN_1 = "abs(left(g.birth_date, 4)::int - left(s.birth_date, 4)::int) <= 1"
SAME_GIVEN_OR_YEAR = f"({SAME_GIVEN} OR left(g.birth_date, 4) = left(s.birth_date, 4))"
SEXES_AGREE = "(g.sex IS NULL OR s.sex IS NULL OR g.sex = s.sex)"
NUMBERS_AGREE = "(g.personal_number IS NULL OR s.personal_number IS NULL OR g.personal_number = s.personal_number)"

PERSON_RULES = (
    Rule("number", f"JOIN golden.person g ON g.personal_number = s.personal_number AND {SAME_GIVEN} AND {YEAR_WITHIN_1}"),
    Rule("old number", f"JOIN golden.person g ON g.old_id_number = s.old_id_number AND {SAME_GIVEN_OR_YEAR} AND {SEXES_AGREE} AND {NUMBERS_AGREE}"),
    Rule(
        "old number",
        "JOIN hub.alias a ON a.entity = 'person' AND a.kind = 'old_id_number' AND a.value = s.old_id_number"
        f" JOIN golden.person g ON g.id = a.entity_id AND {SAME_GIVEN_OR_YEAR} AND {SEXES_AGREE} AND {NUMBERS_AGREE}",
    ),
    Rule(
        "name, birth date, sex and commune",
        "JOIN golden.person g ON g.name_key = s.name_key AND g.birth_date = s.birth_date AND length(s.birth_date) = 10"
        f" AND g.sex = s.sex AND g.commune_code = s.commune_code AND {NUMBERS_AGREE}",
    ),
    Rule(
        "telephone and name",
        "JOIN golden.person g ON g.phone = s.phone AND g.name_key = s.name_key"
        f" AND (left(g.birth_date, 4) = left(s.birth_date, 4) OR g.commune_code = s.commune_code) AND {NUMBERS_AGREE}",
    ),
)


def rules(entity: Entity) -> tuple[Rule, ...]:
    """The matching rules of an entity. Enterprises and dossiers are named by their own key, and by nothing else."""
    if entity.name == "person":
        return PERSON_RULES
    return (Rule(entity.key, f"JOIN golden.{entity.name} g ON g.{entity.key} = s.{entity.key}"),)


SAME_PERSON = """CASE WHEN length(s.birth_date) = 10 AND s.sex IS NOT NULL AND s.commune_code IS NOT NULL
    THEN concat_ws('|', s.name_key, s.birth_date, s.sex, s.commune_code) END"""
"""SQL for what makes two new rows of one run the same new person when neither has a number; empty when too little is known."""


def agrees_in_run(entity: Entity) -> str:
    """SQL that is the same for rows that truly agree; rows with one key that differ in it contradict each other."""
    return "concat_ws('|', s.given_key, left(s.birth_date, 4))" if entity.name == "person" else "''"
