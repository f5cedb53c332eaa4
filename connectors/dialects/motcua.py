"""The one-stop system as a target: batches with a request id, one result per item, and a look-up of lost answers."""

from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree

from connectors.auth import Basic
from connectors.errors import RequestRefused, SourceRefused, SourceUnavailable
from connectors.page import Check, Endpoint, Item, Outcome, Receipt
from connectors.rest import tried
from connectors.soap import Contract, FaultTable, contract, soap_request
from connectors.transport import Patience, Transport
from connectors.xmlguard import local

FAULTS: FaultTable = {"XACTHUC": SourceRefused, "QUATAI": SourceUnavailable, "THAMSO": RequestRefused}
TAKEN = {"00", "01"}


class OnestopSink:
    """Pushes one kind of record with ``operation``, whose list argument is called ``item``."""

    batch = 200

    def __init__(self, endpoint: Endpoint, operation: str, item: str, patience: Patience | None = None) -> None:
        self._endpoint = endpoint
        self._operation = operation
        self._item = item
        self._contract: Contract = contract("motcua.wsdl")
        self._transport = Transport(self._contract.verdict(FAULTS), Basic(endpoint), patience)

    def close(self) -> None:
        """Closes kept connections."""
        self._transport.close()

    def _call(self, operation: str, **arguments: Any) -> etree._Element:
        answer = self._transport.send(soap_request(self._endpoint, self._contract, operation, arguments))
        return self._contract.open(answer.body, operation)

    def push(self, request_id: str, items: Sequence[Item]) -> list[Receipt]:
        """One call; a request whose content is refused as a whole is halved, with ids derived from the first so that a repeat repeats them."""
        payload = [dict(item.payload) for item in items]
        try:
            root = self._call(self._operation, maYeuCau=request_id, **{self._item: payload})
        except RequestRefused as error:
            if len(items) == 1:
                return [Receipt(items[0].reference, Outcome.REFUSED, "THAMSO", str(error))]
            half = len(items) // 2
            return self.push(f"{request_id}.0", items[:half]) + self.push(f"{request_id}.1", items[half:])
        return self._receipts(root, items)

    def _receipts(self, root: etree._Element, items: Sequence[Item]) -> list[Receipt]:
        results = {found["maThamChieu"]: found for found in (fields(node) for node in root if local(node) == "ketQua")}
        return [receipt(item, results.get(item.reference)) for item in items]

    def resolve(self, request_id: str, items: Sequence[Item]) -> list[Receipt]:
        """Asks for the results of a request by its id."""
        root = self._call("TraCuuYeuCau", maYeuCau=request_id)
        if fields(root).get("daXuLy") not in {"true", "1"}:
            return [Receipt(item.reference, Outcome.UNKNOWN) for item in items]
        return self._receipts(root, items)

    def check(self) -> Iterator[Check]:
        """Credentials, then a look-up of a request that never was."""
        yield from tried(self._transport, lambda: "answers" if len(self._call("TraCuuYeuCau", maYeuCau="doctor")) else "")


def fields(node: etree._Element) -> dict[str, str]:
    """The text children of an element."""
    return {local(child): child.text or "" for child in node}


def receipt(item: Item, result: dict[str, str] | None) -> Receipt:
    """One result as a receipt; an item the answer does not name is unknown, not accepted."""
    if result is None:
        return Receipt(item.reference, Outcome.UNKNOWN, "", "not named in the answer")
    outcome = Outcome.ACCEPTED if result["ma"] in TAKEN else Outcome.REFUSED
    return Receipt(item.reference, outcome, result["ma"], result["moTa"] if outcome is Outcome.REFUSED else "")
