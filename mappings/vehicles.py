"""Vehicle plates (TT 24/2023/TT-BCA). Series grow, so the form is taken loosely and special series by their own list."""

import re

from mappings.refusal import Refusal

_NOISE = re.compile(r"[\s.\-_\u200b\ufeff]+")
_CIVIL = re.compile(r"[1-9][0-9][A-ZĐ]{1,2}[0-9]?[0-9]{4,5}")
_ARMY = re.compile(r"[A-DHKPQTV][A-X]B?[0-9]{4}")
_DIPLOMATIC = re.compile(r"[0-9]{2}(?:NG|QT|NN|CV)[0-9]{5,6}|[0-9]{5}(?:NG|QT|NN|CV)[0-9]{2}")
_TEMPORARY = re.compile(r"T[0-9]{7}")


def plate(value: str | None) -> str | None:
    """Biển số in capitals without blanks, dots and dashes.

    >>> plate("99A-123.45")
    '99A12345'
    """
    written = _NOISE.sub("", value or "").upper()
    if not written:
        return None
    if any(form.fullmatch(written) for form in (_CIVIL, _ARMY, _DIPLOMATIC, _TEMPORARY)):
        return written
    raise Refusal("plate_invalid", "không phải biển số Việt Nam như 99A-123.45", "not a Vietnamese plate such as 99A-123.45")
