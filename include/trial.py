"""A flow tried on a few pages: what was asked, what came, what it was understood as, what is wrong with it. Nothing is kept, landed or moved."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from connectors.errors import BadAnswer
from connectors.page import Page, Source
from connectors.transport import Answer
from include import masking, refining
from include.filing import Batch, Rows
from include.flows import Flow
from quality import suites
from quality.issues import held

LONGEST = 1500
"""Signs of a body that are shown."""


@dataclass(slots=True)
class Tried:
    """One page: the exchanges it took, the records in it, and what became of them. ``records`` and ``mapped`` are the first few."""

    number: int
    exchanges: list[dict[str, Any]]
    rows: int
    promised: int | None
    cursor: dict[str, Any]
    finished: bool
    trouble: str = ""
    mapped_rows: int = 0
    records: list[Any] = field(default_factory=list)
    mapped: list[dict[str, Any]] = field(default_factory=list)
    issues: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {name: getattr(self, name) for name in self.__slots__}


def tried(
    flow: Flow, source: Source, since: datetime, until: datetime, pages: int, *, today: date, show: bool = False, few: int = 2
) -> Iterator[Tried]:
    """The first ``pages`` pages of a window. Values are shown as their shape unless ``show``; credentials never."""
    heard: list[Answer] = []
    transport: Any = getattr(source, "transport", None)
    if transport is not None:
        transport.heard = heard.append
    if hasattr(source, "looking"):
        source.looking = True
    for number, page in enumerate(islice(source.pages({"since": since.isoformat()}, until), pages), 1):
        found = Tried(number, [exchange(one, show) for one in heard], page.rows, page.promised, page.after, page.finished, page.trouble)
        heard.clear()
        understood(flow, source, page, found, today=today, show=show, few=few)
        yield found


def exchange(answer: Answer, show: bool) -> dict[str, Any]:
    """Question and answer, credentials hidden."""
    asked = answer.asked
    body = asked.body if asked is not None and asked.body else b""
    sent = body.encode() if isinstance(body, str) else bytes(body)
    text = answer.body[: LONGEST * 4].decode("utf-8", errors="replace")[:LONGEST]
    return {
        "request": {
            "method": asked.method if asked is not None else "",
            "url": asked.url if asked is not None else "",
            "headers": masking.headers(asked.headers) if asked is not None else {},
            "body": masking.without_secrets(sent)[:LONGEST],
        },
        "response": {
            "status": answer.status,
            "headers": masking.headers(answer.headers),
            "bytes": len(answer.body),
            "body": text if show else masking.body_shape(answer.body, LONGEST),
        },
    }


def understood(flow: Flow, source: Source, page: Page, found: Tried, *, today: date, show: bool, few: int) -> None:
    """Decodes, maps and checks the rows of a page, as refining would."""
    if page.trouble or not page.rows:
        return
    raw = list(source.rows(page.body))
    batch = Batch(Rows([found.number] * len(raw), list(range(len(raw))), raw, []))
    refining.understand(flow, source, batch)
    checked = suites.check(flow.dataset.entity, "mapped", batch.columns, today=today)
    issues = refining.unique(batch.issues + checked.issues)
    found.issues = dict(Counter(f"{issue.code} {issue.field}".strip() for issue in issues).most_common())
    found.examples = [f"record {issue.row}: {issue.code} {issue.field}: {issue.why}" for issue in issues[:10]]
    found.mapped_rows = len(raw) - len(held(issues))
    for index, one in enumerate(raw[:few]):
        mapped = {name: str(column[index]) for name, column in batch.columns.items() if column[index] is not None}
        decoded = decode(source, one)
        found.records.append(decoded if show else masking.shape(decoded))
        found.mapped.append(mapped if show else {name: str(masking.shape(value)) for name, value in mapped.items()})


def decode(source: Source, raw: bytes) -> dict[str, Any]:
    """A record, or why it is none."""
    try:
        return source.decode(raw)
    except BadAnswer as error:
        return {"": str(error)}
