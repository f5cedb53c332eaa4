"""What a request body may hold. One list per operation: reading it tells every fault at once, and OpenAPI shows the same list."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from include.clock import HANOI
from include.sharing.datasets import Dataset
from include.sharing.problems import Problem
from mappings.refusal import Refusal
from mappings.units import CURRENT

LONGEST = 200
MOST_FIELDS = 64
DIGITS = re.compile(r"[0-9]{1,18}")
"""At most as many as a bigint holds."""


@dataclass(frozen=True, slots=True)
class Input:
    """One member of a body. ``read`` turns the JSON value into what is used, or raises ValueError with a sentence that does not quote it."""

    name: str
    read: Callable[[Any], Any]
    schema: Mapping[str, Any]
    about: str
    required: bool = True


def read(document: Any, inputs: Sequence[Input]) -> dict[str, Any]:
    """The values by name; an optional one that is missing is None. Raises Problem with all faults at once."""
    if not isinstance(document, dict):
        raise Problem("invalid", "cần một đối tượng JSON · a JSON object is needed")
    known = {each.name for each in inputs}
    unknown = len(document.keys() - known)
    errors = [fault("?", f"{unknown} thành phần không biết, chỉ nhận · unknown members; taken are {', '.join(sorted(known))}")] if unknown else []
    found: dict[str, Any] = {}
    for each in inputs:
        value = document.get(each.name)
        if value is None:
            found[each.name] = None
            if each.required:
                errors.append(fault(each.name, "bắt buộc · required"))
            continue
        try:
            found[each.name] = each.read(value)
        except ValueError as error:
            errors.append(fault(each.name, str(error)))
    if errors:
        raise Problem("invalid", f"{len(errors)} lỗi · faults", errors)
    return found


def fault(name: str, detail: str) -> dict[str, str]:
    """One fault, as a pointer into the body. A name that is not one of ours is not quoted, for it may be a personal number: ``?`` stands for it."""
    return {"in": "body", "pointer": f"/{name}", "detail": detail}


def text(value: Any) -> str:
    """A text that PostgreSQL can hold."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or not value.isprintable():
        raise ValueError(f"văn bản 1–{LONGEST} ký tự · a text of 1 to {LONGEST} printable characters")
    return value.strip()


def digits(value: str) -> int:
    """A number of the address; -1 when it is written in anything but a few digits."""
    return int(value) if DIGITS.fullmatch(value) else -1


def moment(value: Any) -> str:
    """A moment with its offset, not in the future; given in the time of Việt Nam, for PostgreSQL does not know every offset."""
    try:
        at = datetime.fromisoformat(text(value))
    except ValueError:
        raise ValueError("thời điểm ISO 8601 · a moment of ISO 8601 such as 2026-11-23T09:00:00+07:00") from None
    if at.tzinfo is None or at > datetime.now(HANOI) or at.year < 1900:
        raise ValueError("phải có múi giờ và không ở tương lai · needs its offset and must not lie in the future")
    return at.astimezone(HANOI).isoformat()


def birth(value: Any) -> str:
    """YYYY, YYYY-MM or YYYY-MM-DD."""
    written = text(value)
    try:
        date.fromisoformat(f"{written}-01-01"[:10] if len(written) in (4, 7, 10) else "")
    except ValueError:
        raise ValueError("YYYY, YYYY-MM hoặc YYYY-MM-DD · YYYY, YYYY-MM or YYYY-MM-DD") from None
    return written


def commune(value: Any) -> str:
    """The code of a present commune."""
    if not isinstance(value, str) or value not in CURRENT:
        raise ValueError("mã xã/phường hiện hành · the code of a present commune")
    return value


def one_of(*words: str) -> Callable[[Any], str]:
    """One of a few words."""

    def check(value: Any) -> str:
        if value not in words:
            raise ValueError(f"một trong · one of {', '.join(words)}")
        return str(value)

    return check


def fields_of(dataset: Dataset) -> Input:
    """The mandatory list of fields."""
    names = frozenset(dataset.entity.names)

    def check(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_FIELDS or not all(isinstance(name, str) for name in value):
            raise ValueError(f"danh sách 1–{MOST_FIELDS} tên trường · a list of 1 to {MOST_FIELDS} field names")
        if unknown := sum(name not in names for name in value):
            raise ValueError(f"{unknown} tên không phải trường của · names are no fields of {dataset.name}")
        if len(set(value)) != len(value):
            raise ValueError("tên trường lặp lại · a field is named twice")
        return tuple(value)

    schema = {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_FIELDS,
        "uniqueItems": True,
        "items": {"type": "string", "enum": list(dataset.entity.names)},
    }
    return Input("fields", check, schema, "Các trường cần biết · The fields that are needed")


def lookup_inputs(dataset: Dataset) -> tuple[Input, ...]:
    """What a look-up holds. The value is read by the rule of its type afterwards."""
    names = tuple(key.name for key in dataset.keys)
    return (
        Input("type", one_of(*names), {"type": "string", "enum": list(names)}, "Loại số định danh · Kind of identifier"),
        Input("value", text, {"type": "string", "minLength": 1, "maxLength": LONGEST}, "Số định danh · The identifier"),
        fields_of(dataset),
        Input("as_of", moment, {"type": "string", "format": "date-time"}, "Dữ liệu vào thời điểm đó · The data as it was then", required=False),
    )


def identifier(dataset: Dataset, kind: str, value: str) -> str:
    """The identifier in its canonical form. Raises Problem, which does not quote it."""
    key = dataset.key(kind)
    try:
        found = key.read(value) if key else None
    except Refusal as refusal:
        raise Problem("invalid", "1 lỗi · fault", [fault("value", refusal.masked)]) from None
    if not found:
        raise Problem("invalid", "1 lỗi · fault", [fault("value", "trống · empty")])
    return found
