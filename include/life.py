"""The life of a row put aside: open → assigned → fixed at its source, or waived until a day → replayed. Nothing is ever deleted.

What the machine sees closes a row: its record came again and passed (fixed), came again and failed anew (superseded by a newer row), or was
taken through today's rules (replayed). What people decide is an act in the signed log: who, why, until when.
"""

from datetime import date

from include import acts
from include.errors import HubError
from include.hub import Hub

OPEN = ("open", "assigned", "waived")
STATES = (*OPEN, "fixed", "superseded", "replayed")


class Refused(HubError):
    """What was asked of a row is not possible; the message says why and what is."""


def assign(hub: Hub, number: int, who: str, assignee: str, comment: str) -> None:
    """Makes somebody at the source answer for the row."""
    name = given(assignee, "người xử lý · assignee")
    change(hub, number, who, "assign", "state = 'assigned', assignee = %s", [name], assignee=name, why=comment)


def waive(hub: Hub, number: int, who: str, until: date, why: str) -> None:
    """Lets the row be until a day, for a reason. It stays out of the records; it is not overdue meanwhile."""
    if until <= hub.today:
        raise Refused(f"ngày {until:%d/%m/%Y} đã qua, hãy chọn ngày sau hôm nay · {until} is past: choose a day to come")
    change(hub, number, who, "waive", "state = 'waived', waived_until = %s", [until], until=until.isoformat(), why=given(why, "lý do · reason"))


def reopen(hub: Hub, number: int, who: str, why: str) -> None:
    """Takes a waiver or an assignment back."""
    change(hub, number, who, "reopen", "state = 'open', waived_until = NULL, assignee = NULL", [], why=given(why, "lý do · reason"))


def change(hub: Hub, number: int, who: str, kind: str, setting: str, values: list[object], **facts: str) -> None:
    """One decision about one open row: the row and the act in one transaction."""
    with hub.db.transaction() as connection:
        done = connection.execute(f"UPDATE hub.quarantine SET {setting} WHERE id = %s AND closed_at IS NULL", [*values, number]).rowcount
        if not done:
            raise Refused(f"dòng {number} không có hoặc đã đóng · row {number} is not there, or closed already")
        acts.record(connection, hub, who, kind, f"quarantine/{number}", **facts)


def given(value: str, what: str) -> str:
    """The value, which may not be blank."""
    if not value.strip():
        raise Refused(f"còn thiếu · missing: {what}")
    return value.strip()
