"""Telephone numbers and e-mail addresses."""

import re

from mappings.memo import turned
from mappings.refusal import Refusal
from mappings.text import clean

_SEPARATORS = re.compile(r"[\s.()\-\u200b\ufeff]+")
_PHONE = re.compile(r"(?:(?:\+84|0084|84)0?|0)(2[0-9]{8,9}|[35789][0-9]{8})")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")


@turned("0[35789][0-9]{8}", lambda numbers: [f"+84{number[1:]}" for number in numbers])
def phone(value: str | None) -> str | None:
    """A Vietnamese telephone number in E.164; whether its prefix is in use is a rule of quality, since prefixes change."""
    if not value:
        return None
    number = _SEPARATORS.sub("", value)
    if not number:
        return None
    if found := _PHONE.fullmatch(number):
        return "+84" + found[1]
    raise Refusal(
        "phone_invalid",
        "không phải số điện thoại Việt Nam: 0 hoặc +84, rồi 9 số di động hoặc 9 đến 10 số cố định",
        "not a Vietnamese telephone number: 0 or +84, then 9 digits of a mobile or 9 to 10 of a landline",
    )


def email(value: str | None) -> str | None:
    """One e-mail address, as given; a blank inside is not mended, for the address without it may be somebody else's."""
    address = clean(value or "")
    if not address:
        return None
    if len(address) <= 254 and _EMAIL.fullmatch(address):
        return address
    raise Refusal("email_invalid", "không phải một địa chỉ thư dạng tên@miền", "not one e-mail address of the form name@domain")
