"""How a masked field is shown, once in Python for answers and once in SQL for exports; ``test_masks`` holds both against each other, text by text."""

from collections.abc import Callable
from typing import Any

Mask = Callable[[Any], Any]


def last(count: int) -> Mask:
    """Only the last letters or digits; never more than half of them."""

    def mask(value: Any) -> Any:
        text = str(value)
        shown = min(count, len(text) // 2)
        return "*" * (len(text) - shown) + text[len(text) - shown :]

    return mask


def year(value: Any) -> Any:
    """Only the year of a date."""
    return str(value)[:4]


def initials(value: Any) -> Any:
    """The first letter of each syllable."""
    return " ".join(f"{part[:1]}." for part in str(value).split(" ") if part)


def present(_value: Any) -> Any:
    """Only that there is a value."""
    return "***"


MASKS: dict[str, Mask] = {"last3": last(3), "last4": last(4), "year": year, "initials": initials, "present": present}
LAST = "repeat('*', length({0}) - least({1}, length({0}) / 2)) || right({0}, least({1}, length({0}) / 2))"
SQL: dict[str, str] = {
    "last3": LAST.replace("{1}", "3"),
    "last4": LAST.replace("{1}", "4"),
    "year": "left({0}, 4)",
    "initials": r"regexp_replace(regexp_replace(btrim({0}, ' '), '([^ ])[^ ]*', '\1.', 'g'), ' +', ' ', 'g')",
    "present": "CASE WHEN {0} IS NOT NULL THEN '***' END",
}


def in_sql(mask: str, expression: str) -> str:
    """SQL showing ``expression``, a text, under the mask."""
    return SQL[mask].replace("{0}", f"({expression})")
