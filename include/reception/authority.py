"""Which agency is in charge of a dossier, as of the day it was filed. One answer or a reason for review: never a guess.

A commune's procedure belongs to the agency that serves the commune of the matter (``golden.dossier.commune_code``, already in today's codes);
one closed since hands over to its successor. A provincial procedure belongs to a provincial agency, but no register says which department
handles which procedure: the handling agency is confirmed when it is a provincial one in office that day, else a person has to look.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from include import findings
from include.hub import Hub
from include.runs import Run
from include.store.database import Connection
from quality.fabrication import Finding

REASONS = {
    "procedure_unknown": ("Thủ tục hoặc cấp thực hiện chưa có trong danh mục", "The procedure or its level is not in the catalogue"),
    "commune_unknown": ("Hồ sơ không ghi xã, phường của vụ việc", "The dossier does not say which commune the matter lies in"),
    "no_agency": ("Không cơ quan nào phụ trách trong ngày nộp", "No agency was in charge on the day of filing"),
    "several_agencies": ("Nhiều cơ quan cùng phụ trách", "Several agencies are in charge"),
    "department_unknown": ("Thủ tục cấp tỉnh, chưa rõ sở nào phụ trách", "A provincial procedure, and no register says which department"),
}
"""Why a person has to look, in both languages."""

FIND = """
WITH RECURSIVE asked AS (
    SELECT d.id, d.code, d.commune_code, d.handling_agency, d.receiving_agency, p.level, coalesce(d.submitted_at, d.received_at)::date AS day
    FROM golden.dossier d LEFT JOIN golden.procedure p ON p.code = left(d.procedure_code, 8)
    WHERE {only} AND coalesce(d.submitted_at, d.received_at) IS NOT NULL),
office AS (
    SELECT a.id, a.day, o.code, o.valid_from, o.valid_to, o.successor_code, 1 AS hop
    FROM asked a JOIN golden.agency o ON a.level = 'commune' AND o.level = 'commune' AND o.commune_code = a.commune_code
    UNION
    SELECT f.id, f.day, o.code, o.valid_from, o.valid_to, o.successor_code, f.hop + 1
    FROM office f JOIN golden.agency o ON o.code = f.successor_code WHERE f.valid_to < f.day AND f.hop < 10),
charge AS (
    SELECT id, array_agg(DISTINCT code ORDER BY code) AS codes FROM office
    WHERE coalesce(valid_from, '-infinity') <= day AND coalesce(valid_to, 'infinity') >= day GROUP BY id)
SELECT a.id, a.code, a.receiving_agency, a.handling_agency,
    CASE WHEN a.level = 'commune' THEN CASE WHEN cardinality(c.codes) = 1 THEN c.codes[1] END ELSE o.code END AS agency,
    CASE WHEN a.level IS NULL OR a.level NOT IN ('commune', 'province') THEN 'procedure_unknown'
         WHEN a.level = 'province' THEN CASE WHEN o.code IS NULL THEN 'department_unknown' END
         WHEN a.commune_code IS NULL THEN 'commune_unknown'
         WHEN c.codes IS NULL THEN 'no_agency'
         WHEN cardinality(c.codes) > 1 THEN 'several_agencies' END AS reason
FROM asked a LEFT JOIN charge c USING (id)
LEFT JOIN golden.agency o ON a.level = 'province' AND o.level = 'province' AND o.code = a.handling_agency
    AND coalesce(o.valid_from, '-infinity') <= a.day AND coalesce(o.valid_to, 'infinity') >= a.day
ORDER BY a.code
"""


@dataclass(frozen=True, slots=True)
class Charge:
    """Who is in charge of a dossier: ``agency``, or empty with a ``reason`` of ``REASONS``."""

    code: str
    desk: str
    handled_by: str
    agency: str
    reason: str

    @property
    def misdirected(self) -> bool:
        """Another agency handles it than the one in charge."""
        return bool(self.agency and self.handled_by and self.agency != self.handled_by)


def in_charge(hub: Hub, codes: Sequence[str]) -> list[Charge]:
    """The authority of each dossier, in the order of their codes; a dossier without a day of filing is left out."""
    rows = hub.db.rows(FIND.format(only="d.code = ANY(%s)"), list(codes))
    return [Charge(code, desk or "", handled or "", agency or "", reason or "") for _, code, desk, handled, agency, reason in rows]


def of_agency(hub: Hub, agency: str) -> list[Charge]:
    """The same for every dossier an agency received or handles."""
    rows = hub.db.rows(FIND.format(only="%s IN (d.receiving_agency, d.handling_agency)"), agency)
    return [Charge(code, desk or "", handled or "", found or "", reason or "") for _, code, desk, handled, found, reason in rows]


MISDIRECTED = """
SELECT g.handling_agency, count(*), (array_agg(g.code ORDER BY g.code))[:%(named)s] FROM hub.warning w JOIN link l USING (n, idx)
JOIN golden.dossier g ON g.id = l.entity_id WHERE w.flow = %(flow)s AND w.run = %(run)s AND w.code = 'misdirected' GROUP BY 1 ORDER BY 1
"""
NAMED = 50
"""Dossiers a finding names."""


def note(connection: Connection, hub: Hub, run: Run) -> None:
    """Makes a finding per agency of what the rule CON-004 warned of in a merge, for the owner of the flow and the auditors. Nothing is held back."""
    rows = connection.execute(MISDIRECTED, {"flow": run.flow, "run": run.run, "named": NAMED}).fetchall()
    found = [Finding("misdirected", "handling_agency", agency, count, 0, {"dossiers": codes}) for agency, count, codes in rows]
    findings.keep(connection, hub, run, "reception", found)
