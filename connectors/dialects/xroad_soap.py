"""X-Road message protocol 4.0 over SOAP: who asks whom stands in the header, and the answer is bound to the very bytes of the question.

Source: X-Road "Message Protocol v4.0" (pr-mess). The answer repeats our headers and carries ``requestHash``, the SHA-512 of the request as the
security server received it; an answer whose echo or hash does not fit is somebody else's, and a BadAnswer.
"""

import base64
import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from connectors.contract import Contract
from connectors.envelope import ENVELOPE, only_child
from connectors.errors import BadAnswer, RequestRefused, SourceRefused, SourceUnavailable
from connectors.page import Cursor, Endpoint
from connectors.paging import Pager, Seen
from connectors.soap import SoapSource
from connectors.transport import Answer, Request, Transport, Verdict, plain_http
from connectors.xmlguard import parse

XROAD = "http://x-road.eu/xsd/xroad.xsd"
IDENTIFIERS = "http://x-road.eu/xsd/identifiers"
_ID = f"{{{IDENTIFIERS}}}"
_PARTS = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode", "serviceCode")
_TRY_AGAIN = (
    "networkerror",
    "servicefailed",
    "timeout",
    "maintenancemode",
    "outdatedglobalconf",
    "globalconfoutdated",
    "loggingfailed",
    "timestampingfailed",
)


def headers(endpoint: Endpoint, operation: str, message_id: str) -> list[etree._Element]:
    """The X-Road headers of a call. Options ``client`` and ``service`` are ``instance:class:member:subsystem``, ``userid`` the officer's system."""
    client = _identifier("client", endpoint.option("client").split(":"))
    service = _identifier("service", [*endpoint.option("service").split(":"), operation])
    service.set(f"{_ID}objectType", "SERVICE")
    texts = [_text("id", message_id), _text("userId", endpoint.option("userid")), _text("protocolVersion", "4.0")]
    return [client, service, *texts]


def _identifier(name: str, values: list[str]) -> etree._Element:
    node = etree.Element(f"{{{XROAD}}}{name}", {f"{_ID}objectType": "SUBSYSTEM"}, nsmap={"xrd": XROAD, "id": IDENTIFIERS})
    for part, value in zip(_PARTS, values, strict=False):
        etree.SubElement(node, f"{_ID}{part}").text = value
    return node


def _text(name: str, value: str) -> etree._Element:
    node = etree.Element(f"{{{XROAD}}}{name}", nsmap={"xrd": XROAD})
    node.text = value
    return node


def with_headers(body: bytes, nodes: list[etree._Element]) -> bytes:
    """The envelope with ``nodes`` as its header."""
    envelope = parse(body)
    header = envelope.find(f"{{{ENVELOPE}}}Header")
    if header is None:
        header = etree.Element(f"{{{ENVELOPE}}}Header")
        envelope.insert(0, header)
    header.extend(nodes)
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def request_hash(sent: bytes) -> str:
    """What ``requestHash`` must be for the bytes sent."""
    return base64.b64encode(hashlib.sha512(sent).digest()).decode()


def bound(body: bytes, sent: bytes) -> None:
    """Raises BadAnswer unless the answer repeats the headers of the question, in order, with the hash of its bytes."""
    asked = [_plain(node) for node in _header(sent)]
    nodes = _header(body)
    given = [_plain(node) for node in nodes if etree.QName(node).localname != "requestHash"]
    if given != asked:
        raise BadAnswer("the X-Road headers of the answer are not those of the question")
    if [node.text for node in nodes if etree.QName(node).localname == "requestHash"] != [request_hash(sent)]:
        raise BadAnswer("requestHash is not the hash of the bytes sent: this answers another question")


def _header(body: bytes) -> list[etree._Element]:
    return [node for node in parse(body).findall(f"{{{ENVELOPE}}}Header/*") if isinstance(node.tag, str) and node.tag.startswith(f"{{{XROAD}}}")]


def _plain(node: etree._Element) -> tuple[Any, ...]:
    """Name, attributes, text and children, whatever the prefixes."""
    return (node.tag, sorted(node.attrib.items()), (node.text or "").strip(), [_plain(child) for child in node])


def verdict(answer: Answer) -> None:
    """Faults by the X-Road code: whose side, and whether to try again. Codes come in two spellings, ``ServiceFailed`` and ``service_failed``."""
    if b"Fault" in answer.body[:4000] and answer.media_type == "text/xml":
        child = only_child(answer.body)
        if child.tag == f"{{{ENVELOPE}}}Fault":
            raise_for((child.findtext("faultcode") or "").split(":")[-1])
    plain_http(answer)


def raise_for(code: str) -> None:
    """Raises the error an X-Road fault code stands for."""
    flat = code.replace("_", "").lower()
    if any(sign in flat for sign in _TRY_AGAIN):
        raise SourceUnavailable(f"X-Road {code}")
    if flat.startswith("client"):
        raise RequestRefused(f"X-Road {code}")
    side = "our security server" if flat.startswith("server.clientproxy") else "their side"
    raise SourceRefused(f"X-Road {code} ({side})")


class XroadSource(SoapSource):
    """A dataset behind one X-Road service. An answer may carry a business ``fault`` in its body: that is a refusal too."""

    def __init__(
        self,
        endpoint: Endpoint,
        contract: Contract,
        operation: str,
        item: str,
        arguments: Callable[[Cursor], Mapping[str, Any]],
        seen: Callable[[etree._Element, int], Seen],
        pager: Pager,
    ) -> None:
        transport = Transport(_checked(contract, operation))
        super().__init__(endpoint, contract, operation, item, arguments, seen, pager, transport)

    def ask(self, arguments: Mapping[str, Any]) -> Answer:
        """One call under a message id of its own, its answer held against it."""
        sent = b""
        message_id = str(uuid.uuid4())

        def body() -> bytes:
            nonlocal sent
            sent = with_headers(self.contract.request(self.operation, arguments), headers(self.endpoint, self.operation, message_id))
            return sent

        answer = self.transport.send(
            Request("POST", self.endpoint.url, headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}, body=body)
        )
        bound(answer.body, sent)
        return answer


def _checked(contract: Contract, operation: str) -> Verdict:
    shut = contract.verdict({})

    def checked(answer: Answer) -> None:
        verdict(answer)
        shut(answer)
        fault = contract.open(answer.body, operation).find("{*}fault")
        if fault is not None:
            raise SourceRefused(f"the service refuses: {fault.findtext('{*}faultCode')}")

    return checked
