"""The one-stop system as a target: batches with a request id, one result per item, and a look-up of lost answers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from lxml import etree

from connectors.auth import Basic
from connectors.contract import Contract, contract
from connectors.envelope import FaultTable
from connectors.errors import RequestRefused, SourceRefused, SourceUnavailable
from connectors.page import Check, Endpoint, Item, Outcome, Receipt
from connectors.rest import tried
from connectors.soap import soap_request
from connectors.transport import Patience, Transport
from connectors.xmlguard import local, to_dict

FAULTS: FaultTable = {"XACTHUC": SourceRefused, "QUATAI": SourceUnavailable, "THAMSO": RequestRefused}
TAKEN = {"00", "01"}
CHANGED = "30"
BY_DESK = "motcua"


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


class OnestopDossierSink(OnestopSink):
    """Dossiers, which desks change too: each is looked up before it is written, and what a desk changed unseen is not overwritten.

    A look-up's moment goes along as ``capNhatTruoc``; the system refuses with 30 when the copy has changed in between. In both cases the
    outcome is unknown: the record waits until the change has been read.
    """

    batch = 100

    def __init__(self, endpoint: Endpoint, patience: Patience | None = None) -> None:
        super().__init__(endpoint, "CapNhatHoSo", "hoSo", patience)
        self._shape = self._contract.shape("HoSo")

    def held(self, references: Sequence[str]) -> dict[str, tuple[dict[str, Any], str]]:
        """(record, who changed it last) of the dossiers the system holds, by code (``TraCuuHoSo``)."""
        found: dict[str, tuple[dict[str, Any], str]] = {}
        for node in self._call("TraCuuHoSo", maHoSo=list(references)):
            record = to_dict(node[0], self._shape)
            found[record["maHoSo"]] = (record, node[1].text or "")
        return found

    def push(self, request_id: str, items: Sequence[Item]) -> list[Receipt]:
        """One look-up and one call for all that is to be written."""
        held = self.held([item.reference for item in items])
        receipts: dict[str, Receipt] = {}
        writing = []
        for item in items:
            record, by = held.get(item.reference, ({}, ""))
            moment = record.pop("capNhatLuc", "")
            if record == dict(item.payload):
                receipts[item.reference] = Receipt(item.reference, Outcome.ACCEPTED, "01", "found by TraCuuHoSo")
            elif by == BY_DESK and later(moment, item.seen):
                receipts[item.reference] = Receipt(item.reference, Outcome.UNKNOWN, CHANGED, "a desk has changed it; to be read first")
            else:
                writing.append(replace(item, payload={**item.payload, "capNhatTruoc": moment}))
        if writing:
            receipts |= {receipt.reference: receipt for receipt in super().push(request_id, writing)}
        return [receipts[item.reference] for item in items]


def later(moment: str, seen: str) -> bool:
    """Whether an ISO moment lies behind what was seen."""
    return bool(seen) and datetime.fromisoformat(moment) > datetime.fromisoformat(seen)


def fields(node: etree._Element) -> dict[str, str]:
    """The text children of an element."""
    return {local(child): child.text or "" for child in node}


def receipt(item: Item, result: dict[str, str] | None) -> Receipt:
    """One result as a receipt; an item the answer does not name is unknown, not accepted."""
    if result is None:
        return Receipt(item.reference, Outcome.UNKNOWN, "", "not named in the answer")
    outcome = Outcome.ACCEPTED if result["ma"] in TAKEN else Outcome.UNKNOWN if result["ma"] == CHANGED else Outcome.REFUSED
    return Receipt(item.reference, outcome, result["ma"], "" if outcome is Outcome.ACCEPTED else result["moTa"])
