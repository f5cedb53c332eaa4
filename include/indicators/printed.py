"""The score card on paper: the same figures as on the page, to print and sign."""

import hashlib
import json
from pathlib import Path
from typing import Any

from include.hub import Hub
from include.indicators.card import Line, card, total
from include.indicators.catalogue import INDICATORS, PLAN
from include.indicators.figures import Scope, sums
from include.names import agencies
from include.numbers import spoken

TEMPLATE = Path(__file__).with_name("printed.typ")
WORST = 15
RULES = {
    "moment": "Đúng hạn so đến giây (QĐ 766). In time to the second.",
    "day": "Đúng hạn so theo ngày (như Cổng). In time by the day, as the portal compares.",
}


def pdf(hub: Hub, scope: Scope) -> bytes:
    """The score card typeset, fonts embedded."""
    import typst

    inputs = {"report": json.dumps(printed(hub, scope), ensure_ascii=False)}
    made: bytes = typst.compile(TEMPLATE.read_bytes(), ignore_system_fonts=True, sys_inputs=inputs)
    return made


def printed(hub: Hub, scope: Scope) -> dict[str, Any]:
    """What the template prints; the hash is that of the figures."""
    lines = card(hub, scope)
    reached, best = total(lines)
    figures = {
        "points": spoken(reached),
        "best": spoken(best),
        "dossiers": spoken(next((line.whole for line in lines if line.code == "1.4"), 0)),
        "plan": [row(line) for line in lines if line.indicator.group == PLAN],
        "index": [row(line) for line in lines if line.indicator.group != PLAN],
        "places": places(hub, scope),
    }
    place = [f"{name} {value}" for name in ("level", "agency", "desk", "procedure") if (value := getattr(scope, name))]
    return figures | {
        "period": scope.name,
        "place": ", ".join(place) or "toàn tỉnh · the province",
        "made": f"{hub.clock():%d/%m/%Y %H:%M}",
        "rule": RULES[scope.rule],
        "sha256": hashlib.sha256(json.dumps(figures, ensure_ascii=False, sort_keys=True).encode()).hexdigest(),
    }


def row(line: Line) -> dict[str, str]:
    """One indicator as text."""
    values = {"part": line.part, "whole": line.whole, "rate": line.rate, "wanted": line.wanted, "points": line.points, "most": line.most or None}
    return {"code": line.code, "vi": line.vi, "en": line.en, "verdict": line.verdict or "none"} | {
        name: spoken(value) for name, value in values.items()
    }


def places(hub: Hub, scope: Scope) -> list[dict[str, str]]:
    """The agencies with the most dossiers that are not in time."""
    one = INDICATORS["2.1"]
    names = agencies(hub)
    found = [(key, one.figure(part)) for key, part in sums(hub, scope, "agency").items() if part.get("dossiers")]
    found.sort(key=lambda pair: -(pair[1].whole - pair[1].part))
    return [
        {"name": names.get(key, key), "dossiers": spoken(figure.whole), "missed": spoken(figure.whole - figure.part), "rate": spoken(figure.rate)}
        for key, figure in found[:WORST]
        if figure.part < figure.whole
    ]
