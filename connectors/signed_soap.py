"""SOAP sources whose messages are addressed and signed both ways: WS-Addressing 1.0 under WS-Security X.509."""

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from connectors.addressing import UNDERSTOOD, Addressed, related
from connectors.contract import Contract
from connectors.envelope import FaultTable
from connectors.mtom import soap_part
from connectors.page import Cursor, Endpoint
from connectors.paging import Pager, Seen
from connectors.soap import SoapSource, soap_request
from connectors.transport import Answer, Auth, Transport
from connectors.wssecurity import SECURITY, Signature


class SignedSource(SoapSource):
    """A page is taken when it is signed by the agency, made just now, and says that it answers our very message."""

    def __init__(
        self,
        endpoint: Endpoint,
        contract: Contract,
        operation: str,
        item: str,
        arguments: Callable[[Cursor], Mapping[str, Any]],
        seen: Callable[[etree._Element, int], Seen],
        pager: Pager,
        faults: FaultTable,
        auth: Auth | None = None,
    ) -> None:
        self.signature = Signature(endpoint, contract.version)
        understood = UNDERSTOOD | {SECURITY}
        transport = Transport(contract.verdict(faults, understood), auth)
        super().__init__(
            endpoint, contract, operation, item, arguments, seen, pager, transport, trusted=lambda body: self.signature.signed(soap_part(body)),
            understood=understood,
        )  # fmt: skip

    def ask(self, arguments: Mapping[str, Any]) -> Answer:
        """One call, its answer held against it. Each attempt is a message of its own."""
        action, last = self.contract.soap_action(self.operation), ""

        def addressed() -> Addressed:
            nonlocal last
            made = Addressed(self.endpoint.url, action, self.contract.version, self.signature)
            last = made.message_id
            return made

        answer = self.transport.send(soap_request(self.endpoint, self.contract, self.operation, arguments, addressed))
        related(self.signature.fresh(soap_part(answer.body)), last, self.contract.version)
        return answer
