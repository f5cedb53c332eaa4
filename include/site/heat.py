"""The heat map: sources by the five criteria of the index, in its colours."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from include import scores
from include.flows import Flow
from include.hub import Hub
from include.scores import Line
from include.site.table import Cell, Table, floored, score
from quality.dqi import CRITERIA

Say = Callable[[str, str], str]
CRITERIA_EN = {"Đúng": "Accurate", "Đủ": "Complete", "Sạch": "Clean", "Sống": "Alive", "Thống nhất": "Consistent"}


def criterion(say: Say, name: str) -> str:
    """A criterion's name in the reader's language."""
    return say(name, CRITERIA_EN.get(name, name))


def heat(say: Say, found: Sequence[Line], flows: Mapping[str, Flow], held: Mapping[str, tuple[int, int]]) -> Table:
    """One line for each source: its index, its criteria, its service level, what is open and what is overdue (``held``, by flow)."""
    by_flow, service = scores.by_flow(found), scores.service(found)
    columns = [say("Nguồn", "Source"), "DQI", *(criterion(say, name) for name in CRITERIA), say("Đúng hẹn %", "On time %")]
    columns += [say("Ngân sách lỗi %", "Error budget %"), say("Đang cách ly", "Quarantined"), say("Quá hạn", "Overdue")]
    rows = []
    for flow in flows.values():
        own, level = by_flow[flow.id], service.get(flow.id, scores.Service(0, 0))
        waiting, overdue = held.get(flow.id, (0, 0))
        rows.append([
            Cell(say(flow.dataset.vi, flow.dataset.en), f"/sources/{flow.id}"),
            score(own.total),
            *(score(own.criteria.get(name)) for name in CRITERIA),
            score(level.level),
            budget(level),
            Cell(waiting, f"/quarantine?flow={flow.id}" if waiting else ""),
            Cell(overdue, f"/quarantine?flow={flow.id}&state=overdue" if overdue else "", "bad" if overdue else ""),
        ])  # fmt: skip
    return Table("sources", say("Nguồn và tiêu chí", "Sources and criteria"), columns, rows)


def budget(level: scores.Service) -> Cell:
    """What is left of the error budget; overspent is red."""
    left = floored(level.budget) if level.runs else None
    return Cell(left, tone="none" if left is None else "bad" if left < 0 else "warn" if left < 50 else "good")


def held(hub: Hub, today: date) -> dict[str, tuple[int, int]]:
    """Flow → open rows, and those of them that are overdue: past their deadline and not waived."""
    rows = hub.db.rows(
        "SELECT flow, count(*), count(*) FILTER (WHERE fix_by < %s AND (waived_until IS NULL OR waived_until < %s))"
        " FROM hub.quarantine WHERE closed_at IS NULL GROUP BY flow",
        today,
        today,
    )
    return {flow: (waiting, overdue) for flow, waiting, overdue in rows}
