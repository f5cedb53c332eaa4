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
            raise Refusal(code, f"{{}} không phải mã của {what} ({expected})", f"{{}} is not a code of {what} ({expected})", value=written)
        return values[written]

    decode.__doc__ = f"The canonical value of a code of {what}: {expected}."
    return decode


def values_of(name: str, source: str) -> dict[str, str | None]:
    """The code list ``name`` of a source in ``codes/values.csv``: wire code to canonical value, None where the code says nothing."""
    found = {row["code"]: row["value"] or None for row in rows("values") if (row["list"], row["source"]) == (name, source)}
    if not found:
        raise LookupError(f"codes/values.csv has no list {name} of {source}")
    return found


def members(name: str) -> list[str]:
    """The canonical values of the code list ``name``, whatever the source."""
    found = sorted({row["value"] for row in rows("values") if row["list"] == name and row["value"]})
    if not found:
        raise LookupError(f"codes/values.csv has no list {name}")
    return found


def coded(name: str, source: str) -> Callable[[str | None], str | None]:
    """The converter of a code list of a source."""
    return _decoder(f"{name} ({source})", values_of(name, source))


hotich_sex, bhxh_sex, written_sex = coded("sex", "hotich"), coded("sex", "bhxh"), coded("sex", "text")
CHANNELS, APPLICANT_KINDS, PLACES, PAYMENTS = (
    {code: value or "" for code, value in values_of(name, "dvcqg").items()} for name in ("channel", "applicant_kind", "place", "payment")
)
channel, applicant_kind, place, payment, reuse = (coded(name, "dvcqg") for name in ("channel", "applicant_kind", "place", "payment", "reuse"))
marital_status = coded("marital_status", "dancu")
tax_status = coded("tax_status", "thue")
paper_kind, paper_status = coded("paper_kind", "kho"), coded("paper_status", "kho")
ticket_status, survey_channel = coded("ticket_status", "xephang"), coded("survey_channel", "xephang")
land_status, land_purpose = coded("land_status", "datdai"), coded("land_purpose", "datdai")
social_category = coded("social_category", "btxh")
agency_level, service_level = coded("agency_level", "dvcqg"), coded("service_level", "dvcqg")


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
dossier_status = _decoder("dossier_status", {code: code for code in DOSSIER_STATUSES}, "status_unknown")


def may_follow(before: str, after: str) -> bool:
    """Whether a dossier may go from status ``before`` to ``after`` (the same again is no move)."""
    return before == after or after in DOSSIER_STATUSES[before].moves


@cache
def reachable(before: str) -> frozenset[str]:
    """Every status a dossier may come to from ``before``, itself included, move by allowed move."""
    found, fresh = {before}, {before}
    while fresh:
        fresh = {after for status in fresh for after in DOSSIER_STATUSES[status].moves} - found
        found |= fresh
    return frozenset(found)


def _by_name(name: str) -> dict[str, str]:
    return {name_key(each): row["code"] for row in rows(name) for each in (row["name"], *filter(None, row["aliases"].split(";")))}


ETHNIC_GROUPS = {row["code"]: row["name"] for row in rows("ethnic_groups")}
_ETHNIC_BY_NAME = _by_name("ethnic_groups")


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
        "{} không phải mã hoặc tên dân tộc",
        "{} is not a code or name of an ethnic group",
        value=written,
        proposal=padded if padded in ETHNIC_GROUPS else None,
    )


RELIGIONS = {row["code"]: row["name"] for row in rows("religions")}
_RELIGION_BY_NAME = _by_name("religions")


def religion(value: str | None) -> str | None:
    """The code of a religion from its code or name; the list is not confirmed, so an unknown value is a matter of review."""
    written = clean(value or "")
    if not written or written in RELIGIONS:
        return written or None
    if code := _RELIGION_BY_NAME.get(name_key(written)):
        return code
    raise Refusal("code_unknown", "{} không phải mã hoặc tên tôn giáo", "{} is not a code or name of a religion", value=written)


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
    raise Refusal("code_unknown", "{} không phải một trong bảy tình trạng pháp lý", "{} is not one of the seven legal statuses", value=written)


_KIND_BY_TEXT = {name_key(text): kind for text, kind in values_of("enterprise_kind", "dkkd").items()}


def enterprise_kind(value: str | None) -> str | None:
    """What a registered legal form is: enterprise, cooperative, household, branch, office or place."""
    written = clean(value or "")
    if not written:
        return None
    if kind := _KIND_BY_TEXT.get(name_key(written)):
        return kind
    raise Refusal("code_unknown", "{} không phải loại hình trong danh mục", "{} is not a legal form of the list", value=written)


VSIC_DIVISIONS = {row["code"]: row["name"] for row in rows("vsic_divisions")}
_COUNTRY = re.compile(r"[A-Z]{2}")
_VIETNAM = frozenset({"việt nam", "vietnam", "viet nam"})


def nationality(value: str | None) -> str | None:
    """ISO 3166-1 alpha-2."""
    written = clean(value or "")
    if not written or _COUNTRY.fullmatch(written):
        return written or None
    if written.casefold() in _VIETNAM:
        return "VN"
    raise Refusal("code_unknown", "{} không phải mã nước gồm hai chữ hoa", "{} is not a country code of two capital letters", value=written)


def flag(value: str | None) -> bool | None:
    """0 or 1."""
    written = (value or "").strip()
    if not written:
        return None
    if written not in {"0", "1"}:
        raise Refusal("code_unknown", "{} không phải 0 hoặc 1", "{} is neither 0 nor 1", value=written)
    return written == "1"


_ACTIVITY = re.compile(r"[0-9]{4,5}")


def activity_code(value: str | None) -> str | None:
    """A VSIC code of 4 or 5 digits; 3 digits have lost a zero on a way through numbers."""
    written = (value or "").strip()
    if not written:
        return None
    if _ACTIVITY.fullmatch(written) and written[:2] in VSIC_DIVISIONS:
        return written
    if _ACTIVITY.fullmatch(written):
        raise Refusal("code_unknown", "{} không bắt đầu bằng ngành cấp 2 của VSIC 2018", "{} begins with no division of VSIC 2018", value=written)
    lost = len(written) == 3 and written.isascii() and written.isdigit()
    raise Refusal(
        "code_unknown",
        "{} không phải mã ngành 4 hoặc 5 chữ số",
        "{} is not an activity code of 4 or 5 digits",
        value=written,
        proposal="0" + written if lost else None,
    )


_WHOLE = re.compile(r"-?[0-9]{1,18}|-?[0-9]{1,3}(?:\.[0-9]{3}){1,5}")


def integer(value: str | None) -> int | None:
    """A whole number, with or without the Vietnamese thousands dots."""
    written = (value or "").strip()
    if not written:
        return None
    if not _WHOLE.fullmatch(written):
        raise Refusal("wrong_type", "{} không phải số nguyên", "{} is not a whole number", value=written)
    return int(written.replace(".", ""))
