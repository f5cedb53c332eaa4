"""Hand-overs between the desk that received a dossier and the agency that handles it, as events nobody can change afterwards.

``sent`` when a dossier received at one agency goes to another, at the moment it was received; ``accepted`` at the first handling step there;
``returned`` when the result is back at the desk. An agency changed in a later version is a hand-over of its own, from the former to the new one,
which accepts it at its own first step.
"""

from include.hub import Hub
from include.store.database import Connection

EVENTS = {"sent": ("chuyển đi", "sent"), "accepted": ("đã nhận", "accepted"), "returned": ("trả lại", "returned")}
FOLLOW = """
INSERT INTO hub.handover (dossier, code, event, from_agency, to_agency, moment, version, noted_at)
SELECT d.id, d.code, e.event, e.sender, e.receiver, e.moment, d.version, %(at)s
FROM golden.dossier d
LEFT JOIN LATERAL (
    SELECT h.record->>'handling_agency' AS agency, h.valid_to AS until FROM golden.dossier_history h
    WHERE h.id = d.id AND h.record->>'receiving_agency' IS NOT NULL AND h.record->>'handling_agency' <> d.handling_agency
    ORDER BY h.version DESC LIMIT 1) former ON true
CROSS JOIN LATERAL (
    SELECT 'sent' AS event, coalesce(former.agency, d.receiving_agency) AS sender, d.handling_agency AS receiver,
        coalesce(former.until, d.received_at) AS moment
    UNION ALL
    SELECT 'accepted', coalesce(former.agency, d.receiving_agency), d.handling_agency, min((s->>'at')::timestamptz)
    FROM jsonb_array_elements(CASE jsonb_typeof(d.steps) WHEN 'array' THEN d.steps ELSE '[]' END) AS s
    WHERE s->>'status' = '4' AND (s->>'at')::timestamptz >= coalesce(former.until, '-infinity')
    UNION ALL
    SELECT 'returned', d.handling_agency, d.receiving_agency, d.returned_at
) e
WHERE d.id IN (SELECT entity_id FROM link WHERE outcome IN ('new', 'changed')) AND d.receiving_agency IS NOT NULL
  AND e.moment IS NOT NULL AND e.sender IS NOT NULL AND e.receiver IS NOT NULL AND e.sender <> e.receiver
ON CONFLICT DO NOTHING
"""
"""``former``: the agency that handled the dossier before, once a desk had received it, and until when."""


def follow(connection: Connection, hub: Hub) -> int:
    """Notes the hand-overs that the dossiers of a merge show (``link`` of ``registry.sql``); how many were new. Noted twice, they stand once."""
    return connection.execute(FOLLOW, {"at": hub.clock()}).rowcount


def of_agency(hub: Hub, agency: str, limit: int = 500) -> list[tuple[str, str, str, str, object]]:
    """(event, dossier code, from, to, moment) of what an agency sent or received, the latest first."""
    query = "SELECT event, code, from_agency, to_agency, moment FROM hub.handover WHERE %s IN (from_agency, to_agency) ORDER BY moment DESC LIMIT %s"
    return [tuple(row) for row in hub.db.rows(query, agency, limit)]


def of_dossier(hub: Hub, code: str) -> list[tuple[str, str, str, object]]:
    """(event, from, to, moment) of one dossier, in the order of time."""
    query = "SELECT event, from_agency, to_agency, moment FROM hub.handover JOIN golden.dossier d ON d.id = dossier WHERE d.code = %s"
    return [tuple(row) for row in hub.db.rows(f"{query} ORDER BY moment, handover.id", code)]
