"""Identifiers of land: certificates and parcels."""

import re

from mappings.identifiers import compact
from mappings.refusal import Refusal
from mappings.text import clean
from mappings.units import CURRENT, OLD_TO_NEW

_CODE = re.compile(r"[A-Z0-9]{12}")
_NUMBER = re.compile(r"[0-9]{1,6}")
_AREA = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,2}))?")


def certificate_code(value: str | None) -> str | None:
    """Mã giấy chứng nhận: 12 letters and digits (TT 10/2024/TT-BTNMT); older certificates have none."""
    code = compact(value).upper()
    if not code or _CODE.fullmatch(code):
        return code or None
    raise Refusal(
        "certificate_code_invalid", f"{len(code)} ký tự, cần 12 chữ cái và chữ số", f"{len(code)} characters, 12 letters and digits expected"
    )


def serial(value: str | None) -> str | None:
    """Số phát hành in capitals, without the blank it is printed with. Forms differ by year of print, so an odd one is a rule's to tell."""
    return compact(value).upper() or None


def sheet_number(value: str | None) -> str | None:
    """A map sheet or parcel number, leading zeros dropped: sheet 07 is sheet 7."""
    written = compact(value)
    if not written:
        return None
    if _NUMBER.fullmatch(written) and written.strip("0"):
        return written.lstrip("0")
    raise Refusal("parcel_invalid", "{} không phải số tờ bản đồ hoặc số thửa", "{} is not a number of a sheet or parcel", value=value)


def legacy_commune(value: str | None) -> str | None:
    """The commune whose map the sheet belongs to: the code of before 2025-07-01. Since then several communes' sheets share one commune."""
    written = compact(value)
    if not written or written in OLD_TO_NEW:
        return written or None
    if written in CURRENT:
        raise Refusal(
            "parcel_invalid",
            "{} là xã/phường hiện nay; cần xã của tờ bản đồ trước 2025-07-01",
            "{} is a commune of today; the sheet's own commune of before 2025-07-01 is needed",
            value=written,
        )
    raise Refusal("parcel_invalid", "{} không từng là xã/phường của tỉnh", "{} was no commune of the province", value=written)


def parcel_key(commune: str | None, sheet: str | None, parcel: str | None) -> str | None:
    """``legacy commune-sheet-parcel``, for instance ``07201-12-345``; None while a part is missing (its own field tells)."""
    try:
        parts = (legacy_commune(commune), sheet_number(sheet), sheet_number(parcel))
    except Refusal:
        return None
    return "-".join(part for part in parts if part) if all(parts) else None


def area_dm2(value: str | None) -> int | None:
    """Square metres with at most two decimals, comma or point, as whole square decimetres: nothing is rounded."""
    written = clean(value or "").replace(" ", "").removesuffix("m2").removesuffix("m²")
    if not written:
        return None
    if found := _AREA.fullmatch(written):
        return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    raise Refusal(
        "wrong_type", "{} không phải diện tích m² có tối đa hai số lẻ", "{} is not an area in square metres with at most two decimals", value=value
    )
