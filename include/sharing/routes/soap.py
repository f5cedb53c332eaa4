"""The SOAP interface over HTTP: an envelope becomes the body of the same question REST takes, and its answer an envelope again."""

import msgspec
from starlette.routing import Route

from include.sharing.call import WORD, Call, Headers
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
        raise Problem("method", "GET /soap?wsdl")
    text = FILE.read_text(encoding="utf-8").replace(PLACE, f"{service.tokens.issuer}/soap")
    return Answer(text.encode(), media=WSDL)


async def ask(service: Service, call: Call) -> Answer:
    """Answers an envelope. Whatever happens, what goes back is an envelope of the caller's version."""
    version = V12 if call.media_type == MEDIA[V12] else V11
    try:
        caller = await service.admit(call)
        asked = request(call.body, call.media_type, action_of(call))
        version = asked.version
        made = await QUESTIONS[asked.operation](service, as_rest(call, asked), caller)
        status, body = 200, response(version, asked.operation, msgspec.json.decode(msgspec.json.encode(made)))
    except (Fault, Problem) as error:
        status, body = fault(version, error, call.request_id)
    return Answer(body, status, media=f"{MEDIA[version]}; charset=utf-8")


def action_of(call: Call) -> str:
    """SOAPAction (1.1), or the ``action`` of the content type (1.2)."""
    if call.media_type == MEDIA[V11]:
        return call.headers.get("soapaction")
    parameters = call.headers.get("content-type").split(";")[1:]
    return next((value.strip() for name, _, value in (each.partition("=") for each in parameters) if name.strip().lower() == "action"), "")


def as_rest(call: Call, asked: Asked) -> Call:
    """The call REST would have been. Raises Problem when header and envelope name different purposes, dossiers or officers."""
    body = msgspec.json.encode(asked.members)
    made = Call(
        "POST", call.path, call.target, {}, Headers(call.headers.raw | {b"content-type": b"application/json"}), body, call.request_id,
        represented=call.represented,
    )  # fmt: skip
    for name in ("purpose", "dossier", "officer"):
        outside, inside = getattr(call, name), asked.caller.get(name, "")
        if outside and inside and outside != inside:
            raise Problem("ambiguous-request", f"{name}: tiêu đề HTTP và SOAP khác nhau · the HTTP and the SOAP header differ")
        if inside and not WORD.fullmatch(inside):
            raise Problem("invalid", name)
        setattr(made, name, outside or inside)
    return made


SAME = "lookupPersons"
ROUTES = [
    Route("/soap", Endpoint(wsdl, Operation("wsdl", "", "", "", open=True, same_as=SAME)), methods=["GET"]),
    Route("/soap", Endpoint(ask, Operation("soap", "", "", "", open=True, same_as=SAME)), methods=["POST"]),
]
