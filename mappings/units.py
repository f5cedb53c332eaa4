"""Administrative units in time. Since 2025-07-01 the province has 99 communes, whose codes are all reused from the 313 before them."""

from collections.abc import Callable
from datetime import date

from mappings.codes import rows
from mappings.dates import iso_moment
from mappings.keys import name_key
from mappings.memo import reading
from mappings.refusal import Refusal
from mappings.text import clean

REFORM = "2025-07-01"
"""The first day of the new list (NQ 1658/NQ-UBTVQH15, QĐ 19/2025/QĐ-TTg)."""
BEFORE = "2025-06-30"
"""The last day of the old list."""
UNREAD = "unread"
"""A day that cannot be read: its own field tells."""
PROVINCE = "24"

CURRENT = {row["code"]: f"{row['kind'].capitalize()} {row['name']}" for row in rows("communes") if not row["valid_to"]}
"""Code to full name of each commune that exists today."""
_SUCCESSOR = {row["old_code"]: row["new_code"] for row in rows("commune_successors")}


def _today_code(old: str) -> str:
    code = _SUCCESSOR[old]
    return code if code in CURRENT else _SUCCESSOR[code]


OLD_TO_NEW = {old: _today_code(old) for old in _SUCCESSOR}


def current_commune(code: str | None, as_of: str | date | None) -> str | None:
    """The present code of the commune that had ``code`` on the day ``as_of`` (a canonical date or moment, or a date).

    Before the reform the old list holds, from it on the new one; without a day the new one. An old code met after the reform is refused
    with its successor as proposal.
    """
    written = (code or "").strip()
    if not written:
        return None
    before = as_of is not None and str(as_of)[:10] < REFORM
    found = OLD_TO_NEW.get(written) if before else written if written in CURRENT else None
    if found:
        return found
    vi, en = ("trước", "before") if before else ("từ", "since")
    raise Refusal(
        "unit_unknown",
        f"{{}} không phải xã/phường của tỉnh {vi} {REFORM}",
        f"{{}} is not a commune of the province {en} {REFORM}",
        value=written,
        proposal=OLD_TO_NEW.get(written),
    )


def in_force(form: Callable[[str | None], str | None]) -> Callable[[str | None], str | None]:
    """Reads a day or moment of the wire for the list in force on it: None without a day, else BEFORE, REFORM or UNREAD."""

    def read(value: str | None) -> str | None:
        try:
            day = form(value)
        except Refusal:
            return UNREAD
        return day and (BEFORE if day[:10] < REFORM else REFORM)

    return read


@reading(None, in_force(iso_moment))
def commune_when_changed(code: str | None, listed: str | None) -> str | None:
    """The present commune of a code that a source writes by the list in force at the record's last change (``xsd:dateTime``)."""
    return current_commune(code, known(listed))


def known(listed: str | None) -> str | None:
    """What ``in_force`` read, None when it could read nothing."""
    return None if listed == UNREAD else listed


def commune_name(code: str, as_of: str | date) -> str:
    """The full name of a present commune on a day since the reform: twelve of them became phường on 2026-09-20."""
    day = str(as_of)[:10]
    for row in rows("communes"):
        if row["code"] == code and row["valid_from"] <= day and (not row["valid_to"] or day <= row["valid_to"]):
            return f"{row['kind'].capitalize()} {row['name']}"
    raise Refusal("unit_unknown", f"{{}} không phải xã/phường của tỉnh ngày {day}", f"{{}} is not a commune of the province on {day}", value=code)


_KINDS = ("xã ", "phường ", "thị trấn ", "x. ", "p. ", "tt. ")


def _bare(name: str) -> str:
    key = name_key(name)
    for kind in _KINDS:
        key = key.removeprefix(kind)
    return key


def _by_bare_name(pairs: list[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, code in pairs:
        found.setdefault(_bare(name), set()).add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


_NEW_NAMES = _by_bare_name([(name, code) for code, name in CURRENT.items()])
_OLD_NAMES = _by_bare_name([(row["old_name"], OLD_TO_NEW[row["old_code"]]) for row in rows("commune_successors")])


def commune_by_name(name: str | None, as_of: str | date | None) -> str | None:
    """The present code of the commune called ``name`` on the day ``as_of``; the kind (xã, phường) may be missing or outdated."""
    written = clean(name or "")
    if not written:
        return None
    before = as_of is not None and str(as_of)[:10] < REFORM
    codes = (_OLD_NAMES if before else _NEW_NAMES).get(_bare(written), frozenset())
    if len(codes) == 1:
        return next(iter(codes))
    if codes:
        raise Refusal("unit_ambiguous", f"{len(codes)} xã/phường có tên {{}}", f"{len(codes)} communes are called {{}}", value=written)
    raise Refusal("unit_unknown", "không xã/phường nào của tỉnh có tên {}", "no commune of the province is called {}", value=written)
