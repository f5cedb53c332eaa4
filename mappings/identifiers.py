"""Identifiers of people, enterprises, agencies, dossiers and procedures, by the rules the law gives them; land and vehicles have their own."""

import re
from datetime import date

from mappings.memo import plain
from mappings.refusal import Refusal

_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_DIGITS = re.compile(r"[0-9]+")
_PERSONAL = re.compile(r"[0-9]{12}")

_PROVINCES = """001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042 044 045
046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096"""
BIRTH_PROVINCES = frozenset(_PROVINCES.split())
"""Provinces of birth registration before 2025 (QĐ 124/2004). Other prefixes are legal: the person was born abroad."""


def compact(value: str | None) -> str:
    """``value`` without any blank."""
    if not value:
        return ""
    return _BLANKS.sub("", value) if not value.isalnum() else value


def counted(value: str, expected: str) -> tuple[str, str]:
    """What is wrong with the form of a number, without telling the number; in Vietnamese and English."""
    if not _DIGITS.fullmatch(value):
        return f"không chỉ gồm chữ số 0-9; cần {expected} chữ số", f"not only digits 0-9; {expected} digits expected"
    return f"{len(value)} chữ số, cần {expected}", f"{len(value)} digits, {expected} expected"


@plain(r"[0-9]{12}")
def personal_number(value: str | None) -> str | None:
    """Số định danh cá nhân, 12 digits (NĐ 137/2015 Đ13); it has no check digit."""
    number = compact(value)
    if _PERSONAL.fullmatch(number):
        return number
    if not number:
        return None
    if len(number) == 11 and _DIGITS.fullmatch(number) and number[0] != "0":
        raise Refusal(
            "personal_number_lost_zero",
            "11 chữ số, cần 12: có thể mất số 0 ở đầu",
            "11 digits, 12 expected: a leading zero may be lost",
            proposal="0" + number,
        )
    raise Refusal("personal_number_invalid", *counted(number, "12"))


@plain(r"[0-9]{9}")
def old_id_number(value: str | None) -> str | None:
    """Số CMND, 9 digits. Out of validity since 2025, still a key to look a person up by."""
    number = compact(value)
    if not number:
        return None
    if len(number) == 9 and _DIGITS.fullmatch(number):
        return number
    proposal = "0" + number if len(number) == 8 and _DIGITS.fullmatch(number) and number[0] != "0" else None
    raise Refusal("old_id_invalid", *counted(number, "9"), proposal=proposal)


@plain(r"[0-9]{10}(?:[0-9]{2})?")
def insurance_number(value: str | None) -> str | None:
    """Mã số BHXH: 10 digits, or the 12 of the personal number since 1/8/2025."""
    number = compact(value)
    if not number:
        return None
    if len(number) in {10, 12} and _DIGITS.fullmatch(number):
        return number
    raise Refusal("insurance_number_invalid", *counted(number, "10/12"))


_PASSPORT = re.compile(r"[A-Z][0-9]{7,8}")


def passport(value: str | None) -> str | None:
    """A Vietnamese passport: one letter and 7 or 8 digits."""
    number = compact(value).upper()
    if not number or _PASSPORT.fullmatch(number):
        return number or None
    raise Refusal("passport_invalid", "cần một chữ cái và 7 hoặc 8 chữ số", "one letter and 7 or 8 digits expected")


_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_BRANCH = re.compile(r"([0-9]{10})-?([0-9]{3})")


def tax_check_digit(first_nine: str) -> str | None:
    """The tenth digit of a tax code; None when no code with these nine digits is ever issued (TT 105/2020/TT-BTC Đ5)."""
    remainder = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_nine, strict=True)) % 11
    return None if remainder == 0 else str((10 - remainder) % 10)


def tax_code(value: str | None) -> str | None:
    """Mã số thuế: 10 digits, 13 for a branch (kept without its dash), or the 12 of an individual since 1/7/2025."""
    number = compact(value)
    if not number or _PERSONAL.fullmatch(number):
        return number or None
    if branch := _BRANCH.fullmatch(number):
        if branch[2] == "000":
            raise Refusal("tax_code_invalid", "số đơn vị phụ thuộc 000 không bao giờ được cấp", "branch number 000 is never issued")
        _check_tax(branch[1])
        return branch[1] + branch[2]
    if len(number) == 10 and _DIGITS.fullmatch(number):
        _check_tax(number)
        return number
    if "-" in number and _DIGITS.fullmatch(number.replace("-", "")):
        raise Refusal("tax_code_invalid", "đơn vị phụ thuộc có 10 chữ số, một gạch nối và 3 chữ số", "a branch has 10 digits, one dash and 3 digits")
    padded = "0" + number
    lost = len(number) == 9 and _DIGITS.fullmatch(number) and tax_check_digit(padded[:9]) == padded[9]
    raise Refusal("tax_code_invalid", *counted(number, "10/12/13"), proposal=padded if lost else None)


def _check_tax(number: str) -> None:
    if tax_check_digit(number[:9]) != number[9] or number[2:9] == "0000000":
        raise Refusal("tax_code_invalid", "sai chữ số kiểm tra", "the check digit is wrong")


def tax_code_display(code: str) -> str:
    """As printed: a branch has a dash before its last three digits."""
    return f"{code[:10]}-{code[10:]}" if len(code) == 13 else code


_AGENCY_OLD = re.compile(r"([0-9A-Z]{3})\.([0-9A-Z]{2})\.([0-9A-Z]{2})\.([A-Z][0-9]{2})")
_AGENCY_NEW = re.compile(r"[A-Z][0-9]{2}(\.[0-9A-Z]{2,3}){0,3}")


def agency_code(value: str | None) -> str | None:
    """Mã định danh cơ quan in the order of QĐ 20/2020 (ministry or province first), from that order or from QCVN 102:2016's.

    >>> agency_code("000.00.16.H05")
    'H05.16'
    """
    code = compact(value).upper()
    if not code:
        return None
    if old := _AGENCY_OLD.fullmatch(code):
        return _without_zero_tail(list(old.groups()[::-1]))
    if _AGENCY_NEW.fullmatch(code):
        return _without_zero_tail(code.split("."))
    raise Refusal(
        "agency_code_invalid",
        "{} không phải mã cơ quan như H05.16 hoặc 000.00.16.H05",
        "{} is not an agency code such as H05.16 or 000.00.16.H05",
        value=value,
    )


def _without_zero_tail(segments: list[str]) -> str:
    while len(segments) > 1 and not segments[-1].strip("0"):
        segments.pop()
    return ".".join(segments)


_DOSSIER = re.compile(r"(?:[0-9A-Z]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Z][0-9]{2}|[A-Z][0-9]{2}(?:\.[0-9A-Z]{2,3}){0,3})-([0-9]{6})-[0-9]{4,6}")
_PROCEDURE = re.compile(r"([0-9]\.[0-9]{6})(?:\.[0-9A-Z]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Z][0-9]{2})?")


def dossier_code(value: str | None) -> str | None:
    """Mã hồ sơ ``agency-YYMMDD-number`` (TT 03/2025/TT-VPCP); the one-stop system owns it, the hub only checks it."""
    code = compact(value).upper()
    if not code:
        return None
    found = _DOSSIER.fullmatch(code)
    if not found:
        raise Refusal("dossier_code_invalid", "{} không có dạng cơ quan-YYMMDD-số", "{} is not of the form agency-YYMMDD-number", value=value)
    if not _is_day(found[1]):
        raise Refusal("dossier_code_invalid", "phần ngày của {} không phải là ngày", "the date in {} is not a date", value=value)
    return code


def _is_day(yymmdd: str) -> bool:
    try:
        date(2000 + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:]))
    except ValueError:
        return False
    return True


def procedure_code(value: str | None) -> str | None:
    """Mã TTHC: the national eight characters; a local tail (``.000.00.00.H05``) names who published it and is not part of the key."""
    code = compact(value).upper()
    if not code:
        return None
    if found := _PROCEDURE.fullmatch(code):
        return found[1]
    raise Refusal("procedure_code_invalid", "{} không phải mã thủ tục như 1.001193", "{} is not a procedure code such as 1.001193", value=value)
