"""SOAP envelopes, 1.1 and 1.2: opened strictly, faults told apart, and the HTTP each version travels in.

What a lenient reader lets pass is refused here: two Bodies, two children, a processing instruction in a value, a header that must be understood.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lxml import etree

from connectors.errors import BadAnswer, ConnectorError, SourceRefused, SourceUnavailable
from connectors.xmlguard import local, parse

FaultTable = Mapping[str, type[ConnectorError]]
"""What each fault code of a system means for us."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of SOAP."""

    name: str
    namespace: str
    media: str

    def headers(self, action: str) -> dict[str, str]:
        """HTTP headers of a call: the action stands in SOAPAction (1.1 §6.1.1) or in the content type (1.2 part 2 §6.5.3)."""
        if self is SOAP_11:
            return {"Content-Type": f"{self.media}; charset=utf-8", "SOAPAction": f'"{action}"'}
        return {"Content-Type": f"{self.media}; charset=utf-8" + (f'; action="{action}"' if action else "")}


SOAP_11 = Version("1.1", "http://schemas.xmlsoap.org/soap/envelope/", "text/xml")
SOAP_12 = Version("1.2", "http://www.w3.org/2003/05/soap-envelope", "application/soap+xml")
ENVELOPE = SOAP_11.namespace
MEDIA = {SOAP_11.media, SOAP_12.media}


def cut_short(body: bytes) -> bool:
    """An envelope was begun and not ended: the answer got lost on the way, and asking again will help."""
    return b"Envelope" in body[:1000] and not re.search(rb"</(?:[\w.-]+:)?Envelope\s*>", body[-1000:])


def only_child(body: bytes, version: Version = SOAP_11, understood: Collection[str] = ()) -> etree._Element:
    """The one child of the one Body of an envelope. ``understood`` are the header elements somebody here has looked at."""
    root = parse(body)
    check_root(root, version)
    if next(root.iter(etree.PI), None) is not None:
        raise BadAnswer("a processing instruction in the envelope")
    for header in root.findall(f"{{{version.namespace}}}Header/*"):
        check_understood(header, version, understood)
    bodies = root.findall(f"{{{version.namespace}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise BadAnswer(f"{len(bodies)} Body elements with {sum(len(b) for b in bodies)} children; one with one was expected")
    return bodies[0][0]


def header_of(envelope: etree._Element, version: Version) -> etree._Element:
    """The Header of a message of ours, made when there is none."""
    tag = f"{{{version.namespace}}}Header"
    header = envelope.find(tag)
    if header is None:
        header = etree.Element(tag)
        envelope.insert(0, header)
    return header


def check_root(root: etree._Element, version: Version) -> None:
    """Raises BadAnswer unless the root is an envelope of that version."""
    if root.tag != f"{{{version.namespace}}}Envelope":
        raise BadAnswer(f"the root is {local(root)}, a SOAP {version.name} Envelope was expected")


def check_understood(header: etree._Element, version: Version, understood: Collection[str]) -> None:
    """Raises BadAnswer on a header that must be understood and is not."""
    must = header.get(f"{{{version.namespace}}}mustUnderstand", "").strip() in {"1", "true"}
    if must and header.tag not in understood:
        raise BadAnswer(f"header {local(header)} must be understood, and is not")


def fault_of(child: etree._Element, version: Version = SOAP_11) -> tuple[str, str] | None:
    """(side, own code) of a Fault: side ``Client`` or ``Server``, own the system's ``ma`` or the subcode; None when it is no Fault."""
    if child.tag != f"{{{version.namespace}}}Fault":
        return None
    own = next((node.text or "" for node in child.iter("{*}ma")), "")
    if version is SOAP_11:
        return (child.findtext("faultcode") or "").split(":")[-1], own
    inside = f"{{{version.namespace}}}"
    side = (child.findtext(f"{inside}Code/{inside}Value") or "").split(":")[-1]
    codes = [(node.text or "").split(":")[-1] for node in child.iterfind(f"{inside}Code//{inside}Subcode/{inside}Value")]
    return {"Sender": "Client", "Receiver": "Server"}.get(side, side), own or (codes[-1] if codes else "")


def raise_fault(body: bytes, faults: FaultTable, version: Version = SOAP_11, understood: Collection[str] = ()) -> None:
    """Raises what a Fault means; returns when the body holds none."""
    found = fault_of(only_child(body, version, understood), version)
    if found is not None:
        side, own = found
        kind = faults.get(own) or (SourceUnavailable if side == "Server" else SourceRefused)
        raise kind(f"SOAP Fault {side} {own}".rstrip())
