"""Every append-only log of the hub, and how to read its entries again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Log:
    """A log's entries as SQL giving ``(ref text, data bytea)``: the very bytes that were appended.

    ``due``: of entries that come first and are appended now and then, which must have been; the others still wait, and are no finding.
    ``beside``: SQL giving the ``ref`` of entries that columns beside their document, which pages show and look up by, tell otherwise.
    """

    entries: str
    due: str = "true"
    beside: str = ""


ACCESS = """SELECT id::text AS ref, convert_to(json_build_array(id, extract(epoch FROM at), xid, key, client, agreement, version, operation, dataset,
    purpose, dossier, officer, represented, encode(subject_key, 'hex'), encode(sha256(subject), 'hex'), fields, outcome, request_id, via,
    CASE WHEN visible_at = 'infinity' THEN 'never' ELSE extract(epoch FROM visible_at)::text END,
    CASE WHEN many THEN (SELECT encode(sha256(string_agg(s.subject_key, ''::bytea ORDER BY s.subject_key)), 'hex')
                         FROM hub.access_subject s WHERE s.access = a.id) END)::text, 'UTF8') AS data FROM hub.access a"""
"""Who looked at whose data. The subject's ciphertext is under its hash and all further subjects are under one, so that erasing a month's key breaks
no proof and altering a subject breaks it."""
REPORTS = """SELECT seq::text AS ref FROM hub.report
    WHERE (flow, run) IS DISTINCT FROM (coalesce(document->>'flow', flow), coalesce(document->>'run', run))"""
ACTS = """SELECT seq::text AS ref FROM hub.act
    WHERE (who, kind, subject, replace(to_char(at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '') || '+07:00')
        IS DISTINCT FROM (document->>'who', document->>'kind', document->>'subject', document->>'at')"""
"""The moment as text: an altered document may hold none."""
LOGS: dict[str, Log] = {
    "runs": Log("SELECT seq::text AS ref, convert_to(document::text, 'UTF8') AS data FROM hub.report", beside=REPORTS),
    "acts": Log("SELECT seq::text AS ref, convert_to(document::text, 'UTF8') AS data FROM hub.act", beside=ACTS),
    "access": Log(ACCESS, due="(xid, id) <= (SELECT xid, id FROM hub.access_cursor)"),
}
