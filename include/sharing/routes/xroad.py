"""What X-Road asks of a REST service about itself: listMethods, allowedMethods, getOpenAPI (protocol for REST metadata, r1).

Behind a security server the client is known by the server's certificate or token; ``X-Road-Client`` says for whom it asks and is only logged.
"""

from collections.abc import Sequence
from typing import Any

from starlette.routing import Route

from include.sharing.auth.caller import Caller
from include.sharing.call import Call
from include.sharing.grants import Grant
from include.sharing.inputs import Input, text
from include.sharing.openapi import allowed, document, operations
from include.sharing.operations import TEXT, Operation, of
from include.sharing.problems import Problem
from include.sharing.routes.docs import routes
from include.sharing.routes.endpoint import endpoint
from include.sharing.service import Service

SERVICE = "hub"
"""The service code of the whole REST interface; each operation is one of its endpoints."""
NAMES = ("xroad_instance", "member_class", "member_code", "subsystem_code")


def provider(call: Call) -> dict[str, str]:
    """Who we are in X-Road, as the security server says in ``X-Road-Service``; empty when nobody said."""
    parts = call.headers.get("x-road-service").split("/")
    return dict(zip(NAMES, [*parts, "", "", "", ""][:4], strict=True))


def listed(call: Call, grants: Sequence[Grant] | None) -> dict[str, Any]:
    """The service, and of its endpoints those the agreements allow."""
    found = [
        {"method": next(iter(sorted((route.methods or {"GET"}) - {"HEAD"}))), "path": route.path}
        for route, about in operations(routes())
        if not about.same_as and not about.open and allowed(about, grants)
    ]
    return {"service": [provider(call) | {"service_code": SERVICE, "service_type": "OPENAPI", "endpoint_list": found}]}


async def list_methods(_: Service, call: Call, __: Caller) -> Any:
    """Everything there is."""
    return listed(call, None)


async def allowed_methods(service: Service, call: Call, caller: Caller) -> Any:
    """What the caller may ask."""
    return listed(call, service.registry.held_by(caller.client.id))


async def get_openapi(service: Service, call: Call, _: Caller) -> Any:
    """The OpenAPI document, or the part of it that is one operation (``serviceCode`` is its operationId)."""
    code = call.query.get("serviceCode", SERVICE)
    if set(call.query) - {"serviceCode"}:
        raise Problem("invalid", "serviceCode", [{"in": "query", "pointer": "serviceCode", "detail": f"{SERVICE}, operationId"}])
    if code != SERVICE and code not in {about.id for _, about in operations(routes()) if not about.same_as}:
        raise Problem("not-found")
    return document(service.tokens.issuer, routes(), only="" if code == SERVICE else code)


ENDPOINT = of({"method": TEXT, "path": TEXT})
LISTED = of(
    {
        "service": {
            "type": "array",
            "items": of(dict.fromkeys((*NAMES, "service_code", "service_type"), TEXT) | {"endpoint_list": {"type": "array", "items": ENDPOINT}}),
        }
    }
)
CODE = Input("serviceCode", text, {"type": "string", "maxLength": 100}, "Mã dịch vụ hoặc operationId · Service code or operationId", required=False)
ABOUT_LIST = Operation("listMethods", "metadata", "X-Road: mọi thao tác", "X-Road: every operation", answer=LISTED)
ABOUT_ALLOWED = Operation("allowedMethods", "metadata", "X-Road: thao tác được phép", "X-Road: what the caller may ask", answer=LISTED)
ABOUT_OPENAPI = Operation(
    "getOpenAPI", "metadata", "X-Road: tài liệu OpenAPI", "X-Road: the OpenAPI document", query=(CODE,), answer={"type": "object"},
    problems=("not-found",),
)  # fmt: skip
ROUTES = [
    Route("/v1/list-methods", endpoint(list_methods, ABOUT_LIST), methods=["GET"]),
    Route("/v1/allowed-methods", endpoint(allowed_methods, ABOUT_ALLOWED), methods=["GET"]),
    Route("/v1/get-open-api", endpoint(get_openapi, ABOUT_OPENAPI), methods=["GET"]),
    Route("/listMethods", endpoint(list_methods, Operation("listMethods", "", "", "", same_as="listMethods")), methods=["GET"]),
    Route("/allowedMethods", endpoint(allowed_methods, Operation("allowedMethods", "", "", "", same_as="allowedMethods")), methods=["GET"]),
    Route("/getOpenAPI", endpoint(get_openapi, Operation("getOpenAPI", "", "", "", same_as="getOpenAPI")), methods=["GET"]),
]
"""X-Road's own names stand at the root, where a security server looks for them; ours are spelt as API design rules want."""
