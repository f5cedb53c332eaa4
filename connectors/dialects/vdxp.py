"""The national portal behind the VDXP adapter: a login session in every body, and failures with HTTP 200.

Source: ``DongBoHoSoMC``, ``CapNhatTienDoHoSoMC`` and ``TraCuuHoSo`` of the national specification. ``error_code`` comes as ``"0"``,
``"00"``, ``0`` or ``"-3"`` and is read as a number; no message text ever decides anything. A batch is taken or refused as a whole, so a
refused one is halved until the dossier at fault stands alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from connectors.errors import BadAnswer, RequestRefused, SessionExpired, SourceRefused
from connectors.jsontext import NOT_JSON, read
from connectors.moments import stamp
from connectors.page import Check, Endpoint, Item, Outcome, Receipt
from connectors.rest import broken, tried
from connectors.transport import Answer, Auth, Patience, Request, Transport, plain_http

BASE = "/XrdAdapter/RestService/forward/mapi"
SESSION_GONE, EXISTS, MISSING, UNFIT = -2, -3, -4, -5
PROGRESS_PER_CALL = 10
FILED_HERE, BY_OWNER = "1", "1"
"""``NoiNopHoSo``: filed on the portal; ``NguonCapNhat``: whoever filed it changed it last, not an agency."""


class PortalRefusal(RequestRefused):
    """The portal will not take what was sent; its ``error_code`` as a number."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the portal refuses with error_code {code}")
        self.code = code


def envelope(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer."""
    try:
        return read(answer.body, dict[str, Any])
    except NOT_JSON as error:
        raise broken(answer, str(error)) from None


def verdict(answer: Answer) -> None:
    """HTTP, then ``error_code``."""
    plain_http(answer)
    try:
        code = int(envelope(answer)["error_code"])
    except (KeyError, TypeError, ValueError):
        raise BadAnswer("the portal's answer has no numeric error_code") from None
    if code == SESSION_GONE:
        raise SessionExpired("the portal's session is gone")
    if code in {EXISTS, MISSING, UNFIT}:
        raise PortalRefusal(code)
    if code != 0:
        raise SourceRefused(f"the portal refuses us with error_code {code}")


class Login(Auth):
    """Keeps a session; every body asks for it."""

    def __init__(self, endpoint: Endpoint, patience: Patience | None = None) -> None:
        self._endpoint = endpoint
        self._transport = Transport(verdict, patience=replace(patience or Patience(), attempts=1))  # the call that needs the session is patient
        self._session = ""

    def headers(self) -> dict[str, str]:
        """``dstcode`` names the portal behind the adapter."""
        return {"dstcode": self._endpoint.option("dstcode"), "Charset": "utf-8", "Content-Type": "application/json"}

    def close(self) -> None:
        """Closes kept connections."""
        self._transport.close()

    def renew(self) -> None:
        """Forgets the session."""
        self._session = ""

    @property
    def session(self) -> str:
        """The session, opened when there is none."""
        if not self._session:
            body = msgspec.json.encode({"username": self._endpoint.user, "password": self._endpoint.secret})
            answer = self._transport.send(Request("POST", self._endpoint.url + BASE + "/login", self.headers(), body=body))
            session = envelope(answer).get("session")
            if not isinstance(session, str) or not session:
                raise BadAnswer("the portal's login answer has no session")
            self._session = session
        return self._session


class Adapter:
    """Calls with the session in their body; renewed once when the portal has forgotten it."""

    def __init__(self, endpoint: Endpoint, patience: Patience | None = None) -> None:
        self.endpoint = endpoint
        self.login = Login(endpoint, patience)
        self.transport = Transport(verdict, self.login, patience)

    def request(self, path: str, service: str, **arguments: Any) -> Request:
        """The call of a service: ``g`` reads, ``p`` pushes."""

        def body() -> bytes:
            return msgspec.json.encode({"session": self.login.session, "madonvi": self.endpoint.option("madonvi"), "service": service, **arguments})

        return Request("POST", f"{self.endpoint.url}{BASE}/{path}", body=body)

    def close(self) -> None:
        """Closes kept connections."""
        self.login.close()
        self.transport.close()


class PortalSink:
    """Pushes dossiers and their progress. A payload is ``{"HoSo": {…}, "TienDo": [{…}, …]}``."""

    batch = 50

    def __init__(self, endpoint: Endpoint, patience: Patience | None = None) -> None:
        self._adapter = Adapter(endpoint, patience)
        self.close = self._adapter.close

    def call(self, path: str, service: str, **arguments: Any) -> dict[str, Any]:
        """One call with the session in its body."""
        return envelope(self._adapter.transport.send(self._adapter.request(path, service, **arguments)))

    def push(self, request_id: str, items: Sequence[Item]) -> list[Receipt]:  # noqa: ARG002 the portal knows no request ids
        """Dossiers filed on the portal are looked up first, by one call each, for ``TraCuuHoSo`` takes one code; then new dossiers, known ones,
        and the progress of those taken.
        """
        everything: Sequence[Item] = items
        receipts: dict[str, Receipt] = {}
        items = []
        for item in everything:
            found = self._looked_up(item)
            if isinstance(found, Receipt):
                receipts[item.reference] = found
            else:
                items.append(found)
        for known in (False, True):
            receipts |= self._dossiers([item for item in items if item.known is known], known)
        taken = [item for item in items if receipts[item.reference].outcome is Outcome.ACCEPTED]
        receipts |= self._progress(taken)
        return [receipts[item.reference] for item in everything]

    def _looked_up(self, item: Item) -> Item | Receipt:
        """The item, known if the portal holds a copy. One whose owner has changed it there since we last read waits: its outcome is unknown."""
        if item.payload["HoSo"].get("NoiNopHoSo") != FILED_HERE:
            return item
        copy = self.copy(item.reference)
        if copy and copy.get("NguonCapNhat") == BY_OWNER and item.seen and str(copy.get("NgayCapNhat")) > stamp(item.seen):
            return Receipt(item.reference, Outcome.UNKNOWN, "", "its owner has changed it on the portal; to be read first")
        return replace(item, known=copy is not None)

    def _dossiers(self, items: Sequence[Item], known: bool) -> dict[str, Receipt]:
        if not items:
            return {}
        try:
            self.call("p", "DongBoHoSoMC", isUpdating=str(known), data=[item.payload["HoSo"] for item in items])
        except PortalRefusal as error:
            if len(items) > 1:
                half = len(items) // 2
                return self._dossiers(items[:half], known) | self._dossiers(items[half:], known)
            if error.code == (MISSING if known else EXISTS):
                return self._other_way(items[0], known)
            return {items[0].reference: Receipt(items[0].reference, Outcome.REFUSED, str(error.code), str(error))}
        return {item.reference: Receipt(item.reference, Outcome.ACCEPTED, "0") for item in items}

    def _other_way(self, item: Item, known: bool) -> dict[str, Receipt]:
        """The portal knows better than our receipts whether it holds the dossier."""
        try:
            self.call("p", "DongBoHoSoMC", isUpdating=str(not known), data=[item.payload["HoSo"]])
        except PortalRefusal as error:
            return {item.reference: Receipt(item.reference, Outcome.REFUSED, str(error.code), str(error))}
        return {item.reference: Receipt(item.reference, Outcome.ACCEPTED, "0")}

    def _progress(self, items: Sequence[Item]) -> dict[str, Receipt]:
        steps = [(item.reference, step) for item in items for step in item.payload["TienDo"]]
        refused: dict[str, Receipt] = {}
        for start in range(0, len(steps), PROGRESS_PER_CALL):
            refused |= self._some_progress(steps[start : start + PROGRESS_PER_CALL])
        return refused

    def _some_progress(self, steps: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Receipt]:
        try:
            self.call("p", "CapNhatTienDoHoSoMC", data=[step for _, step in steps])
        except PortalRefusal as error:
            if len(steps) > 1:
                half = len(steps) // 2
                return self._some_progress(steps[:half]) | self._some_progress(steps[half:])
            reference = steps[0][0]
            return {reference: Receipt(reference, Outcome.REFUSED, str(error.code), f"progress: {error}")}
        return {}

    def copy(self, reference: str) -> dict[str, Any] | None:
        """The portal's copy of a dossier (``TraCuuHoSo``) with the moment of its last change and who made it, or None."""
        result = self.call("g", "TraCuuHoSo", mahoso=reference).get("result")
        return result[0] if isinstance(result, list) and result and isinstance(result[0], dict) else None

    def held(self, reference: str) -> dict[str, Any] | None:
        """What the portal's copy says of the dossier, or None."""
        copy = self.copy(reference)
        return None if copy is None else {name: value for name, value in copy.items() if name not in {"NgayCapNhat", "NguonCapNhat"}}

    def resolve(self, request_id: str, items: Sequence[Item]) -> list[Receipt]:  # noqa: ARG002
        """Looks each dossier up: held just as we sent it, then only the progress, which the portal takes once, is sent again."""
        arrived = [item for item in items if self.held(item.reference) == dict(item.payload["HoSo"])]
        receipts = {item.reference: Receipt(item.reference, Outcome.ACCEPTED, "0", "found by TraCuuHoSo") for item in arrived}
        receipts |= self._progress(arrived)
        return [receipts.get(item.reference, Receipt(item.reference, Outcome.UNKNOWN)) for item in items]

    def check(self) -> Iterator[Check]:
        """Login, then a look-up of a dossier that does not exist."""

        def look() -> str:
            self._adapter.login.renew()
            return "answers" if self.held("KHONG-CO-000000-0000") is None else "holds a dossier that cannot be"

        yield from tried(self._adapter.transport, look)
