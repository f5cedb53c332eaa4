"""Alarms that need more than one look-up to see: unusual volume, work out of hours. Enumeration is seen where it happens, in ``limits``."""

from include.hub import Hub
from include.sharing.terms import read
from mappings.working_days import is_working_day

TIMES = 3
"""More than so many times the usual hour is unusual."""
LEAST = 200
"""Data subjects in an hour below which nothing is unusual."""
OFFICE = range(6, 20)

UNUSUAL = f"""
WITH usual AS (SELECT agreement, avg(answered) AS mean FROM hub.usage_hour
               WHERE hour >= now() - interval '28 days' AND hour < date_trunc('hour', now()) GROUP BY agreement)
SELECT h.agreement, h.answered, round(u.mean) FROM hub.usage_hour h JOIN usual u USING (agreement)
WHERE h.hour = date_trunc('hour', now()) AND h.answered > {LEAST} AND h.answered > {TIMES} * u.mean
"""
NOW = "SELECT agreement, answered FROM hub.usage_hour WHERE hour = date_trunc('hour', now()) AND answered > 0"
RAISE = """INSERT INTO hub.alert (at, kind, agreement, detail, state)
SELECT now(), %(kind)s, %(agreement)s, jsonb_build_object('answered', %(answered)s::bigint), 'new'
WHERE NOT EXISTS (SELECT FROM hub.alert WHERE kind = %(kind)s AND agreement = %(agreement)s AND at >= date_trunc('hour', now()))"""


def look(hub: Hub) -> int:
    """Raises the alarms of this hour, each once; returns how many are new."""
    found = [("volume", agreement, answered) for agreement, answered, _ in hub.db.rows(UNUSUAL)]
    at = hub.clock()
    if at.hour not in OFFICE or not is_working_day(at.date()):
        query = "SELECT agreement, terms FROM hub.agreement_version WHERE state = 'active' AND (terms->>'office_hours')::boolean"
        bound = {agreement for agreement, terms in hub.db.rows(query) if read(terms).office_hours}
        found += [("off-hours", agreement, answered) for agreement, answered in hub.db.rows(NOW) if agreement in bound]
    raised = 0
    with hub.db.transaction() as connection:
        for kind, agreement, answered in found:
            raised += connection.execute(RAISE, {"kind": kind, "agreement": agreement, "answered": answered}).rowcount
    return raised
