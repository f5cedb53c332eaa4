"""``/_sandbox/…``: how tests and demonstrations reach behind a system. No real system has it.

``GET health``, ``GET calls``, ``GET|POST|DELETE faults``, ``GET records/<kind>?offset&limit``, ``POST change``, ``POST add``,
``POST remove``, ``POST clock``, ``POST reset`` (everything is again as the province was made).
"""

from collections import Counter
from datetime import datetime
from typing import Any

from msgspec import DecodeError, json
from starlette.responses import Response

from include.sandbox.bhxh import HANOI
from include.sandbox.calls import Call, System, json_answer
from include.sandbox.faults import Faults
from include.sandbox.moments import dmy, dmy_time, stamp
from include.sandbox.wire import DATASETS, Dataset, put

MARK = "/_sandbox/"
LARGEST_PAGE = 10_000


class BackDoor:
    """The back door of one system."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.faults = Faults()
        self.calls: Counter[str] = Counter()

    def handle(self, call: Call) -> Response:
        """The answer; 400 with ``error`` says what was wrong with the call."""
        what, _, rest = call.path.partition(MARK)[2].partition("/")
        try:
            return json_answer(self._answer(call, f"{call.method} {what}", rest))
        except (LookupError, ValueError, TypeError, DecodeError) as error:
            return json_answer({"error": str(error)}, 400)

    def _answer(self, call: Call, what: str, rest: str) -> Any:
        match what:
            case "GET health":
                return {"system": self._system.name, "ok": True}
            case "GET calls":
                return dict(self.calls)
            case "GET faults" | "POST faults" | "DELETE faults":
                return self._faults(call)
            case "GET records":
                return self._records(rest, int(call.query.get("offset", 0)), int(call.query.get("limit", 1000)))
            case "POST change":
                return self._change(json.decode(call.body))
            case "POST add":
                return self._add(json.decode(call.body))
            case "POST remove":
                return self._remove(json.decode(call.body))
            case "POST clock":
                return self._stand_still(json.decode(call.body))
            case "POST reset":
                self._system.store.forget()
                self._system.store.standing_at = None
                self.calls.clear()
                return {"ok": True}
        raise LookupError(f"no {what}")

    def _faults(self, call: Call) -> list[dict[str, Any]]:
        if call.method == "POST":
            self.faults.add(json.decode(call.body, type=list[dict[str, Any]]))
        elif call.method == "DELETE":
            self.faults.active.clear()
        return self.faults.active

    def _stand_still(self, wanted: Any) -> dict[str, bool]:
        """What is written to the system from now on happens at ``{"now"}`` (ISO), until the next reset."""
        self._system.store.standing_at = datetime.fromisoformat(wanted["now"]).astimezone(HANOI).replace(tzinfo=None)
        return {"ok": True}

    def _records(self, kind: str, offset: int, limit: int) -> dict[str, Any]:
        total, records = self._system.store.records(kind, max(0, offset), min(LARGEST_PAGE, max(0, limit)))
        return {"total": total, "records": records}

    def _change(self, wanted: Any) -> dict[str, int]:
        """Changes source rows: one ``{"dataset", "key", "set": {wire path: value}, "at"}``, or a list of them. ``at`` is the new change moment."""
        changes = wanted if isinstance(wanted, list) else [wanted]
        return {"changed": sum(self._change_one(each) for each in changes)}

    def _add(self, wanted: Any) -> dict[str, int]:
        """New source rows: one ``{"dataset", "row"}``, or a list of them; the row is as the system writes it, its moment included."""
        rows = wanted if isinstance(wanted, list) else [wanted]
        for each in rows:
            self._system.store.add(self._own(each["dataset"]).name, each["row"])
        return {"added": len(rows)}

    def _remove(self, wanted: Any) -> dict[str, int]:
        """Source rows that are no longer there: one ``{"dataset", "key"}``, or a list of them."""
        keys = wanted if isinstance(wanted, list) else [wanted]
        return {"removed": sum(self._system.store.remove(self._own(each["dataset"]).name, each["key"]) for each in keys)}

    def _own(self, name: str) -> Dataset:
        dataset = DATASETS[name]
        if dataset.system != self._system.name:
            raise LookupError(f"{dataset.name} is a dataset of {dataset.system}")
        return dataset

    def _change_one(self, wanted: dict[str, Any]) -> int:
        dataset = self._own(wanted["dataset"])
        found = self._system.store.fragments(dataset.name, wanted["key"])
        if not found:
            raise LookupError(f"{dataset.name} has no row {wanted['key']}")
        for number, fragment in found:
            row = dataset.parse(fragment)
            for path, value in wanted["set"].items():
                put(row, path, value)
            put(row, dataset.moment, moment_on_the_wire(dataset, wanted.get("at")))
            self._system.store.replace(dataset.name, number, row)
        return len(found)


def moment_on_the_wire(dataset: Dataset, at: str | None) -> str:
    """An ISO moment (now, when none is given) in the form the dataset writes."""
    moment = datetime.fromisoformat(at) if at else datetime.now(HANOI)
    moment = moment.astimezone(HANOI) if moment.tzinfo else moment.replace(tzinfo=HANOI)
    if dataset.name == "enterprises":
        return dmy(moment)
    if dataset.name == "portal_filed":
        return stamp(moment)
    return dmy_time(moment) if dataset.name == "births" else moment.isoformat(timespec="seconds")
