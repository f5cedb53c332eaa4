"""The SOAP interface over HTTP: an envelope becomes the body of the same question REST takes, and its answer an envelope again."""

import msgspec
from starlette.routing import Route

from include.sharing.call import WORD, Call, Headers, kept
from include.sharing.operations import Operation
from include.sharing.problems import Problem
from include.sharing.routes.answers import Answer
from include.sharing.routes.endpoint import Endpoint
from include.sharing.routes.records import ROUTES as RECORDS
from include.sharing.service import Service
from include.sharing.soap.contract import FILE, PLACE
from include.sharing.soap.envelope import MEDIA, V11, V12, Asked, Fault, fault, request, response

WSDL = "text/xml; charset=utf-8"
QUESTIONS = {each.about.id: each.known for each in (route.endpoint for route in RECORDS) if isinstance(each, Endpoint) and each.known}
"""What answers REST, by operation."""


async def wsdl(service: Service, call: Call) -> Answer:
    """The contract, with the service's own address in it."""
    if {name.lower() for name in call.query} != {"wsdl"}:
        raise Problem("method", "GET /soap?wsdl", beside={"allow": "POST"})
    text = FILE.read_text(encoding="utf-8").replace(PLACE, f"{service.tokens.issuer}/soap")
    return Answer(text.encode(), media=WSDL)


async def ask(service: Service, call: Call) -> Answer:
    """Answers an envelope."""
    caller = await service.admit(call)
    try:
        asked = asked_of(call)
    except Fault as wrong:
        return refused(wrong, call.request_id, call.headers.raw)
    made = await QUESTIONS[asked.operation](service, as_rest(service, call, asked), caller)
    return told(asked.version, 200, response(asked.version, asked.operation, msgspec.json.decode(msgspec.json.encode(made))))


def asked_of(call: Call) -> Asked:
    """What the envelope asks. Raises Fault."""
    asked = request(call.body, call.media_type, action_of(call))
    if asked.operation not in QUESTIONS:
        raise Fault("Sender", "không có thao tác này · there is no such operation")
    return asked


def refused(error: Problem | Fault, request_id: str, headers: dict[bytes, bytes]) -> Answer:
    """Whatever happens, what goes back is an envelope of the caller's version, as its content type names it."""
    version = V12 if Headers(headers).media_type == MEDIA[V12] else V11
    return told(version, *fault(version, error, request_id))


def told(version: str, status: int, body: bytes) -> Answer:
    """An envelope as an answer."""
    return Answer(body, status, media=f"{MEDIA[version]}; charset=utf-8")


def action_of(call: Call) -> str:
    """SOAPAction (1.1), or the ``action`` of the content type (1.2)."""
    if call.media_type == MEDIA[V11]:
        return call.headers.get("soapaction")
    parameters = call.headers.get("content-type").split(";")[1:]
    return next((value.strip() for name, _, value in (each.partition("=") for each in parameters) if name.strip().lower() == "action"), "")


def as_rest(service: Service, call: Call, asked: Asked) -> Call:
    """The call REST would have been. Raises Problem when header and envelope name different purposes, dossiers or officers."""
    body = msgspec.json.encode(asked.members)
    made = Call(
        "POST", call.path, call.target, {}, Headers(call.headers.raw | {b"content-type": b"application/json"}), body, call.request_id,
        represented=call.represented,
    )  # fmt: skip
    for name, place in (("purpose", "purpose"), ("dossier", "dossier"), ("officer", "asker")):
        outside, inside = getattr(call, place), asked.caller.get(name, "")
        if outside and inside and outside != inside:
            raise Problem("ambiguous-request", f"{name}: tiêu đề HTTP và SOAP khác nhau · the HTTP and the SOAP header differ")
        if inside and not WORD.fullmatch(inside):
            raise Problem("invalid", name)
        setattr(made, place, outside or inside)
    made.officer = kept(service.registry, made.asker)
    return made


SAME = "lookupPersons"
ROUTES = [
    Route("/soap", Endpoint(wsdl, Operation("wsdl", "", "", "", open=True, same_as=SAME)), methods=["GET"]),
    Route("/soap", Endpoint(ask, Operation("soap", "", "", "", open=True, same_as=SAME), refuse=refused), methods=["POST"]),
]
