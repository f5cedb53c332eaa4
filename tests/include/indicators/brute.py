"""The formulas again, one dossier after the other in plain Python: written from QĐ 766's text, not from the SQL."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from include.clock import HANOI
from mappings.working_days import add_working_days
from tests.include.indicators.chance import AGENCIES, NOW, PROCEDURES, One


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def end_of(one: One) -> datetime | None:
    v = one.values
    events = [(at(step["at"]), step["status"]) for step in v["steps"] or [] if step["at"]]

    def first(*statuses: str) -> datetime | None:
        return min((moment for moment, status in events if status in statuses), default=None)

    return first("9") or v["finished_at"] or first("10") or v["returned_at"] or first("8", "3", "7") or v["refused_at"]


def deadline_of(one: One) -> datetime | None:
    v = one.values
    waited = timedelta()
    for each in v["supplements"] or []:
        if each["received_at"] and at(each["received_at"]) > at(each["requested_at"]):
            waited += at(each["received_at"]) - at(each["requested_at"])
    if v["due_at"]:
        return v["due_at"] + waited
    limit = PROCEDURES[v["procedure_code"]].get("working_days")
    if limit is None:
        return None
    received = v["received_at"].astimezone(HANOI)
    start = received.date()
    day = add_working_days(start, limit)
    return datetime.combine(day, received.time(), HANOI) + waited


def in_time(one: One, until: datetime, by_day: bool) -> bool:
    deadline, end = deadline_of(one), end_of(one)
    if deadline is None:
        return False
    if end is None:
        asked = one.values["supplements"] or []
        if one.values["status"] == "5" and len(asked) > 1:
            return False
        waiting = [each for each in asked if not each["received_at"]]
        end = at(waiting[0]["requested_at"]) if one.values["status"] == "5" and len(waiting) == 1 else until
    if by_day:
        return end.astimezone(HANOI).date() <= deadline.astimezone(HANOI).date()
    return end <= deadline


def late(one: One, until: datetime) -> bool:
    return deadline_of(one) is not None and not in_time(one, until, by_day=False)


def electronic(one: One) -> bool:
    return any(each["code"] and each["path"] for each in one.values["results"] or [])


def yields(one: One) -> bool:
    return bool(PROCEDURES[one.values["procedure_code"]].get("results"))


def part(one: One) -> list[dict[str, object]]:
    return one.values["components"] or []


def fee_due(one: One) -> bool:
    fees = [each["amount"] for each in one.values["fees"] or []]
    waived = any(amount == 0 for amount in fees) and all(amount in {0, None} for amount in fees)
    return bool(PROCEDURES[one.values["procedure_code"]].get("fee")) and not waived


def complained(one: One) -> bool:
    return any(complaint or score <= 2 for score, complaint in one.scores)


def units(one: One) -> int:
    return len({step["unit"] for step in one.values["steps"] or [] if step["unit"]})


Count = Callable[[One], bool]
TRUE: Count = lambda one: True  # noqa: E731
COUNTS: dict[str, tuple[Count, Count]] = {
    "1.4": (lambda one: bool(one.taken), TRUE),
    "4.1": (lambda one: yields(one) and electronic(one), yields),
    "4.2": (lambda one: any(each["file_id"] for each in part(one)) and electronic(one), TRUE),
    "4.3": (lambda one: any(each["reused"] in {"1", "2"} for each in part(one)), TRUE),
    "4.4": (lambda one: any(each["national_store"] for each in part(one)) or (electronic(one) and bool(one.taken)), TRUE),
    "4.5": (lambda one: bool(one.values["eid_verified"]) or any(each["code"] == "1" for each in one.values["linked_databases"] or []), TRUE),
    "3.6": (lambda one: fee_due(one) and one.values["online_payment"] in {"national", "local"}, fee_due),
    "P1": (lambda one: any(each["file_id"] for each in part(one)) and electronic(one), TRUE),
    "P2": (lambda one: one.values["channel"] == "online", TRUE),
    "P3": (lambda one: units(one) > 1, TRUE),
}
"""Numerator and denominator of the indicators that count single dossiers."""


def online(one: One) -> bool:
    return one.values["channel"] == "online" and (not yields(one) or electronic(one))


def figures(all_of_them: Iterable[One], until: datetime, *, by_day: bool = False) -> dict[str, tuple[float, float]]:
    """Code → (numerator, denominator), over dossiers that were received."""
    many = [one for one in all_of_them if one.values["received_at"]]
    found: dict[str, tuple[float, float]] = {
        code: (sum(map(part_of, filter(whole_of, many))), sum(map(whole_of, many))) for code, (part_of, whole_of) in COUNTS.items()
    }
    found["2.1"] = (sum(in_time(one, until, by_day) for one in many), len(many))
    taken = [(end - one.values["received_at"]).total_seconds() for one in many if (end := end_of(one))]
    found["2.2"] = (sum(taken) / 86_400, len(taken))
    found["5.3"] = (len(many) - sum(complained(one) or late(one, until) for one in many), len(many))
    synced = found["1.4"][0] / len(many) if many else 0
    found["3.3"] = (sum(map(online, many)) * synced, len(many))
    used = {one.values["procedure_code"] for one in many}
    services = {code for code, row in PROCEDURES.items() if row.get("service_level") in {"full", "partial"}}
    known = [code for code, row in PROCEDURES.items() if row]
    full = [code for code in known if PROCEDURES[code]["results"] and PROCEDURES[code]["working_days"] is not None]
    found["1.3"] = (len(full), len(known))
    found["3.1"] = (len(services), len(known))
    found["3.2"] = (len({one.values["procedure_code"] for one in many if one.values["channel"] == "online"} & services), len(services))
    with_fee = {one.values["procedure_code"] for one in many if fee_due(one)}
    found["3.5"] = (len({one.values["procedure_code"] for one in many if COUNTS["3.6"][0](one)}), len(with_fee))
    found["4.5b"] = (len({one.values["procedure_code"] for one in many if COUNTS["4.5"][0](one)}), len(used))
    return found


def month_of(one: One) -> date | None:
    received = one.values["received_at"]
    return received.astimezone(HANOI).date().replace(day=1) if received else None


def until_of(last_month: date) -> datetime:
    after = (last_month + timedelta(days=32)).replace(day=1)
    return min(datetime(after.year, after.month, 1, tzinfo=HANOI), NOW)


def level_of(one: One) -> str:
    return AGENCIES.get(one.values["handling_agency"]) or "?"
