"""Doctor: every system tried as the hub would use it, with a verdict on whose side is at fault."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests

from connectors.page import Check, Endpoint
from include.errors import SettingMissing
from include.flows import FLOWS, TARGETS
from include.hub import Hub

SKEW = 60.0
Line = tuple[str, str, str, bool, str, str]


def examine(hub: Hub) -> Iterator[Line]:
    """(system, for, what, ok, detail, whose side), for every source and target."""
    clocks: set[str] = set()
    for uses, system, make in [(f.id, f.system, f.source) for f in FLOWS] + [(t.id, t.system, t.sink) for t in TARGETS]:
        try:
            endpoint = hub.settings.endpoint(system)
        except SettingMissing as error:
            yield system, uses, "configuration", False, str(error), "ours"
            continue
        if system not in clocks and endpoint.url.startswith("http"):
            clocks.add(system)
            check = clock(endpoint, hub)
            yield system, "", check.what, check.ok, check.detail, check.side
        connector = make(endpoint)
        for check in connector.check():
            yield system, uses, check.what, check.ok, check.detail, check.side
        connector.close()


def clock(endpoint: Endpoint, hub: Hub) -> Check:
    """Whether the system can be reached and its clock agrees with ours within a minute: tokens and digests depend on it."""
    try:
        answer = requests.get(f"{urlsplit(endpoint.url).scheme}://{urlsplit(endpoint.url).netloc}/", timeout=10, allow_redirects=False)
    except requests.RequestException as error:
        return Check("reach", False, type(error).__name__, "theirs or the network: nobody answers at this address")
    try:
        skew = abs((parsedate_to_datetime(answer.headers.get("Date", "")) - hub.clock()).total_seconds())
    except (ValueError, TypeError):
        return Check("clock", True, "the system does not tell its time")
    if skew > SKEW:
        return Check("clock", False, f"{skew:.0f} s apart from ours", "either: compare both with NTP")
    return Check("clock", True, "in step")
