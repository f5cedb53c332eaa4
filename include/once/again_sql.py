"""The never-again indicator as SQL, in steps over temporary tables. ``never_again`` runs them in this order, in one transaction.

Definition (ours; no official index measures it, domain/vietnam.md §6): of every component handed in with a dossier, did the state hold a valid
equivalent at the moment of filing? An equivalent is what the catalogue of requirements in force that day names: one whole list of items, each
a paper of the same owner that is approved, in force that day, counts at the agency in charge, was digitised before the filing and not with
this dossier; or a fact known before the day of filing. ``never again = 1 − handed in again / components with a valid equivalent``.
"""

from collections.abc import Iterable

from include.once.holdings import holdings, in_scope
from include.store.transactions import ALL_OVER
from mappings.requirements import Catalogue, Fact

ALL_STALE = "CREATE TEMP TABLE stale ON COMMIT DROP AS SELECT id FROM golden.dossier UNION SELECT DISTINCT dossier FROM hub.handed"


def changed_stale(known: Catalogue) -> str:
    """Dossiers that changed, and those of owners of whom something the catalogue looks at changed: now or in an earlier version."""
    owners = {(fact.entity, owner) for fact in known.facts.values() for owner in fact.owners} | {("paper", "owner_number")}
    numbers = [
        f"SELECT g.{owner} FROM changed c JOIN golden.{name} g ON g.id = c.record WHERE c.entity = '{name}'"
        f" UNION SELECT h.record->>'{owner}' FROM changed c JOIN golden.{name}_history h ON h.id = c.record WHERE c.entity = '{name}'"
        for name, owner in sorted(owners)
    ]
    return f"""
CREATE TEMP TABLE stale ON COMMIT DROP AS
WITH changed AS MATERIALIZED (SELECT DISTINCT entity, record, gone FROM hub.change WHERE xid >= %(xid)s),
numbers(number) AS ({" UNION ".join(numbers)})
SELECT record AS id FROM changed WHERE entity = 'dossier'
UNION SELECT d.id FROM numbers n JOIN golden.dossier d ON d.applicant_number = n.number
UNION SELECT h.dossier FROM hub.handed h
    WHERE EXISTS (SELECT FROM changed WHERE gone) AND h.records && ARRAY(SELECT record FROM changed WHERE gone)"""


LINES = """
CREATE TEMP TABLE line ON COMMIT DROP AS
SELECT d.id AS dossier, c.n::smallint AS n, d.code, left(d.procedure_code, 8) AS procedure, c.one->>'code' AS component,
    coalesce(d.handling_agency, '') AS agency, coalesce(d.receiving_agency, d.handling_agency, '') AS desk,
    coalesce(d.submitted_at, d.received_at) AS filed_at,
    CASE WHEN c.one->>'reused' IN ('1', '2') THEN 'reused'
         WHEN c.one->>'reused' = '0' OR c.one->>'file_id' IS NOT NULL THEN 'new' ELSE 'unsaid' END AS provided,
    CASE d.applicant_number_kind WHEN 'personal_number' THEN 'person' WHEN 'tax_code' THEN 'enterprise' END AS subject, d.applicant_number AS number
FROM stale s JOIN golden.dossier d USING (id) CROSS JOIN LATERAL jsonb_array_elements(d.components) WITH ORDINALITY AS c(one, n)
WHERE coalesce(d.submitted_at, d.received_at) IS NOT NULL AND jsonb_typeof(d.components) = 'array'"""
"""Every component of the stale dossiers. A component that neither says whether it was reused nor brings a file says nothing."""

ITEMS = """
CREATE TEMP TABLE item ON COMMIT DROP AS
SELECT * FROM jsonb_to_recordset(%(items)s::jsonb)
    AS i(procedure text, subject text, component text, valid_from date, valid_to date, way int, items int, place int, what text, only_one boolean)"""


ASKED = "SELECT DISTINCT i.what FROM item i WHERE i.procedure IN (SELECT DISTINCT procedure FROM line) AND i.what LIKE 'fact:%'"
"""The facts those lines can be judged by; the others need not be looked up."""


def held(facts: Iterable[Fact]) -> str:
    """Everything held of the owners of those lines."""
    return f"""
CREATE TEMP TABLE holding ON COMMIT DROP AS
WITH owner AS MATERIALIZED (SELECT DISTINCT number, subject FROM line WHERE number IS NOT NULL AND subject IS NOT NULL)
{holdings(facts)}"""


ANALYZE = "ANALYZE line; ANALYZE item; ANALYZE holding"

EQUIVALENTS = f"""
CREATE TEMP TABLE equivalent ON COMMIT DROP AS
WITH whole_item AS (
    SELECT l.dossier, l.n, i.way, i.items, i.place, i.what, min(h.since) AS since, (array_agg(h.id ORDER BY h.since, h.id))[1] AS id
    FROM line l
    JOIN item i ON i.procedure = l.procedure AND i.component = l.component AND i.subject = l.subject
        AND l.filed_at::date BETWEEN i.valid_from AND coalesce(i.valid_to, 'infinity')
    JOIN holding h ON h.number = l.number AND h.subject = l.subject AND h.what = i.what AND h.since <= l.filed_at
        AND (h.until IS NULL OR h.until >= l.filed_at::date) AND h.status = 'approved' AND h.came_with IS DISTINCT FROM l.code
        AND {in_scope("h.scope", "l.agency")}
    GROUP BY l.dossier, l.n, i.way, i.items, i.place, i.what, i.only_one HAVING NOT i.only_one OR count(DISTINCT h.id) = 1),
whole_way AS (
    SELECT dossier, n, way, max(since) AS since, array_agg(what ORDER BY place) AS what, array_agg(id ORDER BY place) AS records
    FROM whole_item GROUP BY dossier, n, way, items HAVING count(*) = items)
SELECT DISTINCT ON (dossier, n) dossier, n, since, what, records FROM whole_way ORDER BY dossier, n, since, way"""
"""Of several whole lists the one that was whole first: that is since when nobody need have asked."""

DAYS = """
CREATE TEMP TABLE day ON COMMIT DROP AS
SELECT filed_at::date AS day FROM hub.handed JOIN stale ON stale.id = dossier UNION SELECT filed_at::date FROM line"""

FORGET = "DELETE FROM hub.handed h USING stale WHERE h.dossier = stale.id"

WRITE = """
INSERT INTO hub.handed (dossier, n, code, procedure, component, agency, desk, filed_at, provided, identified, what, records, since)
SELECT l.dossier, l.n, l.code, l.procedure, coalesce(l.component, ''), l.agency, l.desk, l.filed_at, l.provided,
       l.number IS NOT NULL AND l.subject IS NOT NULL, e.what, e.records, e.since
FROM line l LEFT JOIN equivalent e USING (dossier, n) ORDER BY l.dossier, l.n"""

ROLL_UP = (
    "DELETE FROM hub.reuse_day USING day WHERE reuse_day.day = day.day",
    """
INSERT INTO hub.reuse_day (day, agency, desk, procedure, handed, equivalent, again, reused, unbacked, unidentified)
SELECT d.day, h.agency, h.desk, h.procedure, count(*), count(h.what), count(h.what) FILTER (WHERE h.provided = 'new'),
       count(*) FILTER (WHERE h.provided = 'reused'), count(*) FILTER (WHERE h.provided = 'reused' AND h.what IS NULL),
       count(*) FILTER (WHERE NOT h.identified)
FROM day d JOIN hub.handed h ON h.filed_at >= d.day::timestamptz AND h.filed_at < (d.day + 1)::timestamptz
GROUP BY d.day, h.agency, h.desk, h.procedure""",
)

HORIZON = f"SELECT {ALL_OVER}, (SELECT xid FROM hub.change_horizon)"
STATE = """
INSERT INTO hub.once_state (one, xid, catalogue, at) VALUES (true, %(xid)s, %(catalogue)s, %(at)s)
ON CONFLICT (one) DO UPDATE SET xid = excluded.xid, catalogue = excluded.catalogue, at = excluded.at"""
