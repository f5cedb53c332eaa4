"""The files of digitised papers (NĐ 118/2025/NĐ-CP): fetched from the papers store, checked, kept once.

They lie in object storage, any fsspec URL (``HUB_PAPERS_URL``), named by the sha256 of their content, which every reading verifies. What is not a
PDF, PNG or JPEG by its content, or has another hash than the store says, is refused and told. A paper no longer in force is neither fetched nor
handed out.
"""

import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from connectors.dialects import wso2
from connectors.errors import TooLarge
from connectors.page import Endpoint
from connectors.tokens import ClientCredentials
from connectors.transport import Answer, Request, Transport
from include.errors import HubError
from include.hub import Hub
from include.store.objects import Objects

ACCEPTED = frozenset({"application/pdf", "image/png", "image/jpeg"})
LARGEST = 20 * 2**20
"""Bytes of the largest file that is taken."""
BATCH = 200
_DUE = """
SELECT p.id, p.version, p.code, p.sha256 FROM golden.paper p LEFT JOIN hub.paper_fetch f ON f.paper = p.id
WHERE p.path IS NOT NULL AND (p.valid_to IS NULL OR p.valid_to >= %s) AND (f.paper IS NULL OR f.version <> p.version) AND p.id > %s
ORDER BY p.id LIMIT %s"""


class PaperUnavailable(HubError):
    """A paper's file cannot be handed out: unknown, never stored, or no longer in force. Ask the person, or fetch it again."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file turned out to be. ``outcome`` is ``stored`` or why not."""

    outcome: str
    media_type: str = ""
    signatures: int = 0


def store(hub: Hub) -> Objects:
    """Where files lie."""
    return Objects(hub.settings.papers_url)


def fetch(hub: Hub, endpoint: Endpoint | None = None) -> Counter[str]:
    """Fetches every file that is due, and returns how many came to what. What failed is tried again when the paper changes."""
    objects, outcomes = store(hub), Counter[str]()
    transport = Transport(verdict, ClientCredentials(endpoint := endpoint or hub.settings.endpoint("lgsp")), cap=LARGEST)
    try:
        for batch in _due(hub):
            results = [(*paper, *_one(transport, endpoint, objects, *paper[2:])) for paper in batch]
            _write(hub, results)
            outcomes.update(checked.outcome for *_, checked in results)
    finally:
        transport.close()
    return outcomes


def verdict(answer: Answer) -> None:
    """A missing file is an answer; everything else is the gateway's matter."""
    if answer.status != 404:
        wso2.verdict(answer)


def _due(hub: Hub) -> Iterator[list[Any]]:
    after = UUID(int=0)
    while batch := hub.db.rows(_DUE, hub.today, after, BATCH):
        after = batch[-1][0]
        yield batch


def _one(transport: Transport, endpoint: Endpoint, objects: Objects, code: str, expected: str | None) -> tuple[str | None, int, Checked]:
    """(sha256, bytes, what it is) of one paper's file; stored when it is good."""
    try:
        answer = transport.send(Request("GET", f"{endpoint.url}/apiKhoGiayTo/1.0/tep", params={"ma": code}))
    except TooLarge:
        return None, 0, Checked("too_large")
    if answer.status == 404:
        return None, 0, Checked("absent")
    checked = check(answer.body, expected)
    stored = objects.put(answer.body) if checked.outcome == "stored" else None
    return stored, len(answer.body), checked


def check(body: bytes, expected: str | None) -> Checked:
    """Hash first, then the type by content; of a PDF, whether it can be opened and how many signature fields are filled."""
    if expected is not None and hashlib.sha256(body).hexdigest() != expected:
        return Checked("altered")
    media_type = type_of(body)
    if media_type not in ACCEPTED:
        return Checked("type_refused", media_type)
    if media_type != "application/pdf":
        return Checked("stored", media_type)
    count = signatures(body)
    return Checked("type_refused", media_type) if count is None else Checked("stored", media_type, count)


def type_of(body: bytes) -> str:
    """The media type by content; empty when it is none that is known."""
    import puremagic

    try:
        return str(puremagic.from_string(body[:4096], mime=True))
    except (puremagic.PureError, ValueError):
        return ""


def signatures(body: bytes) -> int | None:
    """Filled signature fields of a PDF (ISO 32000-1 §12.8); None when it cannot be opened. Presence only: nothing is said of their validity."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(body)) as document:
            fields = document.Root.get("/AcroForm", pikepdf.Dictionary()).get("/Fields", pikepdf.Array())
            return sum(1 for field in _all(list(fields), 0) if field.get("/FT") == pikepdf.Name.Sig and "/V" in field)
    except (pikepdf.PdfError, AttributeError, TypeError, ValueError):
        return None


DEEPEST = 20
"""Levels of a form's fields that are followed."""


def _all(fields: list[Any], depth: int) -> Iterator[Any]:
    for field in fields:
        yield field
        if depth < DEEPEST and "/Kids" in field:
            yield from _all(list(field["/Kids"]), depth + 1)


def _write(hub: Hub, results: list[Any]) -> None:
    at = hub.clock()
    files = [(sha256, size, checked.media_type, checked.signatures, at) for *_, sha256, size, checked in results if sha256]
    fetches = [(paper, version, checked.outcome, sha256, at) for paper, version, _, _, sha256, _, checked in results]
    with hub.db.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hub.paper_file (sha256, bytes, media_type, signatures, stored_at) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING", files
        )
        cursor.executemany(
            "INSERT INTO hub.paper_fetch (paper, version, outcome, sha256, at) VALUES (%s, %s, %s, %s, %s) ON CONFLICT (paper) DO UPDATE"
            " SET version = excluded.version, outcome = excluded.outcome, sha256 = excluded.sha256, at = excluded.at",
            fetches,
        )


def read(hub: Hub, code: str, on: date | None = None) -> bytes:
    """The file of a paper in force ``on`` that day (today). Raises PaperUnavailable with the reason, Altered when the stored bytes changed."""
    rows = hub.db.rows(
        "SELECT p.valid_to, f.outcome, f.sha256 FROM golden.paper p LEFT JOIN hub.paper_fetch f ON f.paper = p.id WHERE p.code = %s", code
    )
    if not rows:
        raise PaperUnavailable(f"{code}: không có giấy tờ này · there is no such paper")
    valid_to, outcome, sha256 = rows[0]
    if valid_to is not None and valid_to < (on or hub.today):
        raise PaperUnavailable(f"{code}: hết hiệu lực từ {valid_to:%d/%m/%Y} · no longer in force since {valid_to}")
    if outcome != "stored":
        raise PaperUnavailable(f"{code}: tệp chưa được lưu ({outcome or 'chưa lấy'}) · the file is not stored ({outcome or 'not fetched'})")
    return store(hub).get(sha256)
