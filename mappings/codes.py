"""Code lists: what a source's code means. An unknown code is refused; an empty one says nothing."""

import csv
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mappings.keys import name_key
from mappings.refusal import Refusal
from mappings.text import clean

FOLDER = Path(__file__).parent / "codes"


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of ``codes/<name>.csv``."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _decoder(what: str, values: dict[str, str | None], code: str = "code_unknown") -> Callable[[str | None], str | None]:
    expected = ", ".join(values)

    def decode(value: str | None) -> str | None:
        written = (value or "").strip()
        if not written:
            return None
        if written not in values:
            raise Refusal(code, f"{written} is not a code of {what} ({expected})", value=written)
        return values[written]

    decode.__doc__ = f"The canonical value of a code of {what}: {expected}."
    return decode


def _sex(source: str) -> Callable[[str | None], str | None]:
    return _decoder(f"sex at {source}", {row["code"]: row["value"] or None for row in rows("sex") if row["source"] == source})


hotich_sex = _sex("hotich")
bhxh_sex = _sex("bhxh")


def _dossier(name: str) -> dict[str, str]:
    return {row["code"]: row["value"] for row in rows("dossier_values") if row["list"] == name}


CHANNELS, APPLICANT_KINDS, PLACES, PAYMENTS = _dossier("channel"), _dossier("applicant_kind"), _dossier("place"), _dossier("payment")
channel = _decoder("channel", dict(CHANNELS))
applicant_kind = _decoder("applicant kind", dict(APPLICANT_KINDS))
place = _decoder("place of filing", dict(PLACES))
payment = _decoder("payment", dict(PAYMENTS))


class DossierStatus(NamedTuple):
    """One of the national portal's ten statuses; ``moves`` are the statuses that may follow it."""

    code: str
    vi: str
    en: str
    terminal: bool
    moves: frozenset[str]


DOSSIER_STATUSES = {
    row["code"]: DossierStatus(row["code"], row["vi"], row["en"], row["terminal"] == "1", frozenset(row["next"].split()))
    for row in rows("dossier_statuses")
}
dossier_status = _decoder("dossier status", {code: code for code in DOSSIER_STATUSES}, "status_unknown")


def may_follow(before: str, after: str) -> bool:
    """Whether a dossier may go from status ``before`` to ``after`` (the same again is no move)."""
    return before == after or after in DOSSIER_STATUSES[before].moves


ETHNIC_GROUPS = {row["code"]: row["name"] for row in rows("ethnic_groups")}
_ETHNIC_BY_NAME = {name_key(name): row["code"] for row in rows("ethnic_groups") for name in (row["name"], *filter(None, row["aliases"].split(";")))}


def ethnicity(value: str | None) -> str | None:
    """The code of QĐ 121-TCTK/PPCĐ, from that code or from the group's name (another order of codes circulates)."""
    written = clean(value or "")
    if not written or written in ETHNIC_GROUPS:
        return written or None
    if code := _ETHNIC_BY_NAME.get(name_key(written)):
        return code
    padded = "0" + written
    raise Refusal(
        "code_unknown",
        f"{written} is not a code or name of an ethnic group",
        value=written,
        proposal=padded if padded in ETHNIC_GROUPS else None,
    )


LEGAL_STATUSES = {row["code"]: row["vi"] for row in rows("legal_statuses")}
_STATUS_BY_TEXT = {name_key(text): code for code, text in LEGAL_STATUSES.items()} | {
    name_key(row["text"]): row["code"] for row in rows("legal_status_aliases")
}


def legal_status(value: str | None) -> str | None:
    """The legal status 1–7 of NĐ 168/2025 Đ35 from its wording; the registry's numbers for them are not published."""
    written = clean(value or "")
    if not written:
        return None
    if code := _STATUS_BY_TEXT.get(name_key(written)):
        return code
    raise Refusal("code_unknown", f"{written} is not one of the seven legal statuses", value=written)


_COUNTRY = re.compile(r"[A-Z]{2}")
_VIETNAM = frozenset({"việt nam", "vietnam", "viet nam"})


def nationality(value: str | None) -> str | None:
    """ISO 3166-1 alpha-2."""
    written = clean(value or "")
    if not written or _COUNTRY.fullmatch(written):
        return written or None
    if written.casefold() in _VIETNAM:
        return "VN"
    raise Refusal("code_unknown", f"{written} is not a country code of two capital letters", value=written)


def flag(value: str | None) -> bool | None:
    """0 or 1."""
    written = (value or "").strip()
    if not written:
        return None
    if written not in {"0", "1"}:
        raise Refusal("code_unknown", f"{written} is neither 0 nor 1", value=written)
    return written == "1"


reuse = _decoder("reuse of a paper", {"0": "0", "1": "1", "2": "2"})

_ACTIVITY = re.compile(r"[0-9]{4,5}")


def activity_code(value: str | None) -> str | None:
    """A VSIC code of 4 or 5 digits; 3 digits have lost a zero on a way through numbers."""
    written = (value or "").strip()
    if not written or _ACTIVITY.fullmatch(written):
        return written or None
    lost = len(written) == 3 and written.isascii() and written.isdigit()
    raise Refusal("code_unknown", f"{written} is not an activity code of 4 or 5 digits", value=written, proposal="0" + written if lost else None)


_WHOLE = re.compile(r"-?[0-9]{1,18}|-?[0-9]{1,3}(?:\.[0-9]{3}){1,5}")


def integer(value: str | None) -> int | None:
    """A whole number, with or without the Vietnamese thousands dots."""
    written = (value or "").strip()
    if not written:
        return None
    if not _WHOLE.fullmatch(written):
        raise Refusal("wrong_type", f"{written} is not a whole number", value=written)
    return int(written.replace(".", ""))
