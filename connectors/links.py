"""Links to the next page: in a ``Link`` header (RFC 8288), or as an address in the body. They are followed on the same host only."""

import re
from urllib.parse import urljoin, urlsplit

from connectors.errors import BadAnswer
from connectors.transport import Answer

_TOKEN = r"[\w!#$%&'*+.^`|~-]+"  # noqa: S105 a token of RFC 9110's grammar
_PARAMETER = re.compile(rf"\s*;\s*({_TOKEN})\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*)))?")
_TARGET = re.compile(r"[\s,]*<([^>]*)>")


def next_link(answer: Answer) -> str:
    """The target of the link whose relations hold ``next``; empty when there is none. Raises BadAnswer on two different ones."""
    found = {target for target, relations in links(answer.headers.get("Link", "")) if "next" in relations}
    if len(found) > 1:
        raise BadAnswer("the Link header names two next pages")
    return found.pop() if found else ""


def links(header: str) -> list[tuple[str, set[str]]]:
    """(target, relations in lower case) of each link about the answer itself. Of two ``rel`` the first counts (RFC 8288 §3.3)."""
    out, at = [], 0
    while target := _TARGET.match(header, at):
        at = target.end()
        named: dict[str, str] = {}
        while parameter := _PARAMETER.match(header, at):
            at = parameter.end()
            value = re.sub(r"\\(.)", r"\1", parameter[2]) if parameter[2] is not None else parameter[3] or ""
            named.setdefault(parameter[1].lower(), value)
        if "anchor" not in named:  # a link about something else (RFC 8288 §3.2)
            out.append((target[1].strip(), set(named.get("rel", "").lower().split())))
    if header[at:].strip(" \t,"):
        raise BadAnswer("the Link header cannot be read")
    return out


def same_host(url: str, link: str) -> str:
    """``link``, relative ones made whole, if it leads to the scheme, host and port of ``url``. Raises BadAnswer: our token goes nowhere else."""
    whole = urljoin(url, link)
    ours, theirs = urlsplit(url), urlsplit(whole)
    if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
        raise BadAnswer(f"the next link leads to {theirs.netloc or 'nowhere'}")
    return whole
