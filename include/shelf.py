"""Looking at rows put aside."""

from collections.abc import Mapping
from typing import Any

from include import acts, evidence, reporting
from include.flows import flow
from include.hub import Hub
from include.life import given


def listed(hub: Hub, flow_id: str, code: str, limit: int) -> list[tuple[Any, ...]]:
    """(id, flow, run, page, record, key, codes, why, since) of open rows, latest first. Keys of persons are masked."""
    rows = hub.db.rows(
        "SELECT id, flow, run, n, idx, source_key, codes, issues, at FROM hub.quarantine"
        " WHERE closed_at IS NULL AND (%s = '' OR flow = %s) AND (%s = '' OR %s = ANY(codes)) ORDER BY id DESC LIMIT %s",
        flow_id,
        flow_id,
        code,
        code,
        limit,
    )
    return [
        (number, of, run, n, idx, shown(of, key), " ".join(codes), "; ".join(f"{i['field']}: {i['why']}" for i in issues), f"{at:%Y-%m-%d %H:%M}")
        for number, of, run, n, idx, key, codes, issues, at in rows
    ]


def shown(flow_id: str, key: str | None) -> str:
    """The key as a list may show it."""
    of = flow(flow_id)
    return reporting.shown(of, of.dataset.entity.key, key or "")


def veiled(flow_id: str, issue: Mapping[str, Any]) -> dict[str, Any]:
    """A reason, its proposal as a list may show it."""
    return {**issue, "proposal": reporting.shown(flow(flow_id), issue["field"], issue["proposal"])} if issue.get("proposal") else dict(issue)


def reveal(hub: Hub, number: int, who: str, why: str) -> dict[str, Any]:
    """One row whole, with its bytes as received; the look is an act, noted before anything is shown."""
    one(hub, number)
    with hub.db.transaction() as connection:
        acts.record(connection, hub, given(who, "người xem · --who"), "reveal", f"quarantine/{number}", why=given(why, "lý do · --reason"))
    found = one(hub, number, whole=True)
    found["raw"] = evidence.at(hub, evidence.Place(found["flow"], found["run"], found["page"], found["record"])).raw.decode(errors="replace")
    return found


def one(hub: Hub, number: int, *, whole: bool = False) -> dict[str, Any]:
    """One row put aside, with all its reasons; what is personal in them masked unless ``whole``. LookupError when there is none."""
    names = ("id", "flow", "run", "page", "record", "source_key", "codes", "issues", "state", "at", "closed_at", "closed_run", "sha256")
    rows = hub.db.rows(
        "SELECT q.id, q.flow, q.run, q.n, q.idx, q.source_key, q.codes, q.issues, q.state, q.at, q.closed_at, q.closed_run, p.sha256"
        " FROM hub.quarantine q LEFT JOIN hub.landed_page p USING (flow, run, n) WHERE q.id = %s",
        number,
    )
    if not rows:
        raise LookupError(f"no row {number} in quarantine; ./hub quarantine lists those there are")
    found = dict(zip(names, rows[0], strict=True))
    if not whole:
        found["source_key"] = shown(found["flow"], found["source_key"])
        found["issues"] = [veiled(found["flow"], issue) for issue in found["issues"]]
    return found
