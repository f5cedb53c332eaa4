"""WSO2 API Manager, as provincial LGSP gateways run it: faults in JSON or XML, codes in 9009xx (authentication) and 9008xx (throttling)."""

import re

import msgspec

from connectors.errors import SessionExpired, SourceRefused, SourceUnavailable
from connectors.transport import Answer, plain_http, retry_after

EXPIRED = {900901}
REFUSED = {900902, 900903, 900906, 900907, 900908, 900910, 700700}
LATER = {900800, 900801, 900802, 900803, 900804, 900805, 900806, 900807, 303001, 101503, 101504, 101505}


def fault_code(answer: Answer) -> int | None:
    """The code of a gateway fault; None when the answer is not one."""
    if answer.status < 400:
        return None
    if answer.media_type.endswith("xml"):
        found = re.search(rb"<(?:\w+:)?code>\s*(\d+)\s*</(?:\w+:)?code>", answer.body)
        return int(found[1]) if found else None
    try:
        return int(msgspec.json.decode(answer.body)["fault"]["code"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return None


def verdict(answer: Answer) -> None:
    """The gateway's faults by code, then plain HTTP."""
    code = fault_code(answer)
    if code in EXPIRED:
        raise SessionExpired(f"gateway fault {code}: the token is wrong or has expired")
    if code in REFUSED:
        raise SourceRefused(f"gateway fault {code}: not allowed; check the application's subscription")
    if code in LATER:
        raise SourceUnavailable(f"gateway fault {code}", retry_after(answer.headers))
    plain_http(answer)
