"""WS-Addressing 1.0: where a message goes, what it asks, and which question an answer is to.

Source: W3C Web Services Addressing 1.0, Core and SOAP Binding. Answers are wanted on the same connection (the anonymous address), never at an
address that somebody else names.
"""

import uuid
from typing import Any

from lxml import etree

from connectors.envelope import SOAP_11, Version, header_of
from connectors.errors import BadAnswer
from connectors.xmlguard import parse

WSA = "http://www.w3.org/2005/08/addressing"
ANONYMOUS = f"{WSA}/anonymous"
UNDERSTOOD = frozenset(f"{{{WSA}}}{name}" for name in ("To", "From", "Action", "MessageID", "RelatesTo"))
"""Header elements of an answer that ``related`` looks at, or that say nothing to us."""


class Addressed:
    """Puts To, Action, MessageID and ReplyTo on a message; ``then`` (a signature, say) comes after, so that it signs them."""

    def __init__(self, to: str, action: str, version: Version = SOAP_11, then: Any = None) -> None:
        self._to, self._action, self._version, self._then = to, action, version, then
        self.message_id = f"urn:uuid:{uuid.uuid4()}"

    def apply(self, envelope: etree._Element, headers: dict[str, str]) -> tuple[etree._Element, dict[str, str]]:
        """The envelope with its addresses, in the way zeep calls it."""
        header = header_of(envelope, self._version)
        for name, value in (("To", self._to), ("Action", self._action), ("MessageID", self.message_id)):
            etree.SubElement(header, f"{{{WSA}}}{name}", nsmap={"wsa": WSA}).text = value
        reply = etree.SubElement(header, f"{{{WSA}}}ReplyTo", nsmap={"wsa": WSA})
        etree.SubElement(reply, f"{{{WSA}}}Address").text = ANONYMOUS
        applied: tuple[etree._Element, dict[str, str]] = self._then.apply(envelope, headers) if self._then else (envelope, headers)
        return applied


def related(body: bytes, message_id: str, version: Version = SOAP_11) -> None:
    """Raises BadAnswer unless the envelope says that it answers that message (Core §3.4)."""
    found = [(node.text or "").strip() for node in parse(body).findall(f"{{{version.namespace}}}Header/{{{WSA}}}RelatesTo")]
    if found != [message_id]:
        raise BadAnswer("the answer does not say that it answers this question (wsa:RelatesTo)")
