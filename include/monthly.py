"""The monthly report: the index of every source, what was put aside and mended, on a page to print and sign."""

import hashlib
import json
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from include import scores
from include.errors import HubError
from include.flows import Flow
from include.hub import Hub
from include.numbers import spoken
from quality.dqi import CRITERIA, colour, roll_up
from quality.issues import CATALOGUE

TEMPLATE = Path(__file__).with_name("monthly.typ")


class NoMonth(HubError):
    """What was asked for is no month."""


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month, ``2026-11``."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Source:
    """One source in a month. ``held`` rows were put aside in it, ``closed`` left quarantine in it."""

    flow: str
    vi: str
    en: str
    total: float | None
    criteria: dict[str, float]
    evaluated: int
    failed: int
    held: int
    closed: int


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a month. ``reasons`` are (words, rows), the most frequent first."""

    month: str
    total: float | None
    sources: Sequence[Source]
    reasons: Sequence[tuple[str, int]]

    @property
    def sha256(self) -> str:
        """Of all figures: what an approval approves."""
        return hashlib.sha256(msgspec.json.encode(asdict(self), order="sorted")).hexdigest()


def month_of(name: str) -> Month:
    """The month called ``2026-11``. Raises NoMonth."""
    try:
        first = date.fromisoformat(f"{name}-01")
    except ValueError:
        raise NoMonth(f"{name} không phải tháng, ví dụ 2026-11 · {name} is no month such as 2026-11") from None
    return Month(name, first, first.replace(day=monthrange(first.year, first.month)[1]))


def compose(hub: Hub, month: Month, flows: Sequence[Flow]) -> Report:
    """The figures, of the sources given."""
    wanted = {flow.id: flow for flow in flows}
    lines = scores.lines(hub, month.first, month.last, wanted)
    by_flow, moved = scores.by_flow(lines), movements(hub, month)
    sources = [
        Source(
            flow.id,
            flow.dataset.vi,
            flow.dataset.en,
            rounded(by_flow[flow.id].total),
            {name: round(value, 4) for name, value in by_flow[flow.id].criteria.items()},
            sum(line.evaluated for line in lines if line.flow == flow.id and line.rule != "RUN"),
            sum(line.failed for line in lines if line.flow == flow.id and line.rule != "RUN"),
            *moved.get(flow.id, (0, 0)),
        )
        for flow in flows
    ]
    return Report(month.name, rounded(roll_up([scores.tally(line) for line in lines]).total), sources, reasons(hub, month, list(wanted)))


def rounded(value: float | None) -> float | None:
    """To four decimals, so that the same figures hash the same."""
    return None if value is None else round(value, 4)


def movements(hub: Hub, month: Month) -> dict[str, tuple[int, int]]:
    """Flow → rows put aside in the month, rows that left quarantine in it."""
    rows = hub.db.rows(
        "SELECT flow, sum(came)::int, sum(went)::int FROM ("
        " SELECT flow, count(*) AS came, 0 AS went FROM hub.quarantine WHERE at >= %s AND at < %s::date + 1 GROUP BY flow UNION ALL"
        " SELECT flow, 0, count(*) FROM hub.quarantine WHERE closed_at >= %s AND closed_at < %s::date + 1 GROUP BY flow) AS moved GROUP BY flow",
        month.first, month.last, month.first, month.last,
    )  # fmt: skip
    return {flow: (came, went) for flow, came, went in rows}


def reasons(hub: Hub, month: Month, flows: list[str]) -> list[tuple[str, int]]:
    """The ten commonest reasons of the month, in words."""
    rows = hub.db.rows(
        "SELECT code, sum(rows)::bigint FROM (SELECT codes, count(*) AS rows FROM hub.quarantine"
        " WHERE at >= %s AND at < %s::date + 1 AND flow = ANY(%s) GROUP BY codes) AS alike, unnest(codes) AS code"
        " GROUP BY code ORDER BY 2 DESC, 1 LIMIT 10",
        month.first,
        month.last,
        flows,
    )
    return [(f"{CATALOGUE[code].vi} · {CATALOGUE[code].en}", number) for code, number in rows]


def pdf(hub: Hub, report: Report) -> bytes:
    """The report typeset, fonts embedded; the same figures on the same day give the same bytes."""
    import typst

    inputs = {"report": json.dumps(printed(hub, report), ensure_ascii=False)}
    made: bytes = typst.compile(TEMPLATE.read_bytes(), ignore_system_fonts=True, sys_inputs=inputs)
    return made


def printed(hub: Hub, report: Report) -> dict[str, Any]:
    """What the template prints."""
    rows = [
        {
            "name": one.vi,
            "en": one.en,
            "scores": [cell(one.total), *(cell(one.criteria.get(name)) for name in CRITERIA)],
            "numbers": [spoken(one.evaluated), spoken(one.failed), spoken(one.held), spoken(one.closed)],
        }
        for one in report.sources
    ]
    year, month = report.month.split("-")
    return {
        "month": f"{month}/{year}",
        "made": f"{hub.clock():%d/%m/%Y %H:%M}",
        "total": cell(report.total),
        "criteria": list(CRITERIA),
        "sources": rows,
        "reasons": [{"words": words, "rows": spoken(number)} for words, number in report.reasons],
        "sha256": report.sha256,
    }


def cell(value: float | None) -> dict[str, str]:
    """A score as text, and its colour."""
    return {"text": "–" if value is None else f"{int(value * 100) / 100:.2f}".replace(".", ","), "colour": colour(value)}
