"""Every append-only log of the hub, and how to read its entries again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Log:
    """A log's entries as SQL giving ``(ref text, data bytea)``: the very bytes that were appended.

    ``lazy``: entries come first and are appended now and then; those that still wait are no finding.
    """

    entries: str
    lazy: bool = False


LOGS: dict[str, Log] = {
    "runs": Log("SELECT seq::text AS ref, convert_to(document::text, 'UTF8') AS data FROM hub.report"),
    "acts": Log("SELECT seq::text AS ref, convert_to(document::text, 'UTF8') AS data FROM hub.act"),
}
