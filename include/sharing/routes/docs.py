"""What the service says about itself: the OpenAPI document, its pages, the pages problems point to, health."""

from typing import Any

from starlette.routing import Route

from include.sharing.call import Call
from include.sharing.openapi import VERSION, document, operations
from include.sharing.operations import TAGS, TEXT, Operation, of
from include.sharing.pages import STYLE, page
from include.sharing.problems import KINDS, Problem
from include.sharing.routes.answers import Answer
from include.sharing.routes.endpoint import Endpoint
from include.sharing.service import Service


def routes() -> list[Route]:
    """Every route of the service."""
    from include.sharing.app import ROUTES as FOUND

    return FOUND


async def openapi(service: Service, call: Call) -> Answer:
    """The OpenAPI document; for a caller who shows a proof, what its agreements grant."""
    granted = None
    if "authorization" in call.headers or "signature-input" in call.headers:
        caller = await service.admit(call)
        granted = service.registry.held_by(caller.client.id)
    return Answer(document(service.tokens.issuer, routes(), granted), headers={"access-control-allow-origin": "*"})


async def docs(service: Service, call: Call) -> Answer:
    """Every operation on one page."""
    made = document(service.tokens.issuer, routes())
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {tag: [] for tag in TAGS}
    for path, item in made["paths"].items():
        base = item["servers"][0]["url"] if "servers" in item else made["servers"][0]["url"]
        for method, each in item.items():
            if method != "servers":
                by_tag[each["tags"][0]].append((method.upper(), base + path, each))
    tags = [(tag, *TAGS[tag], by_tag[tag]) for tag in TAGS if by_tag[tag]]
    return page(call, "docs.html", tags=tags, issuer=service.tokens.issuer, version=VERSION, schemas=made["components"]["schemas"])


async def problems(_: Service, call: Call) -> Answer:
    """Every problem."""
    return page(call, "problems.html", kinds=KINDS)


async def problem(_: Service, call: Call) -> Answer:
    """What a problem means, when it comes, and what to do."""
    name = call.params["code"]
    if name not in KINDS:
        raise Problem("not-found")
    ends = [(about.id, about.vi, about.en) for _, about in operations(routes()) if name in about.every_problem and not about.same_as]
    return page(call, "problem.html", name=name, kind=KINDS[name], ends=ends)


async def style(_: Service, __: Call) -> Answer:
    """The style sheet."""
    return Answer(STYLE.read_bytes(), headers={"cache-control": "max-age=3600"}, media="text/css; charset=utf-8")


async def home(_: Service, __: Call) -> Answer:
    """To the documentation."""
    return Answer(b"", 303, {"location": "/docs"})


async def health(service: Service, _: Call) -> Answer:
    """Whether questions can be answered: agreements are in sight, this month's key is there, the database answers."""
    service.registry.sight()
    service.registry.key()
    await service.pool.fetchval("SELECT 1")
    return Answer({"status": "OK"})


HTML_PAGE: dict[str, Any] = {"type": "string", "contentMediaType": "text/html"}


def described(name: str, vi: str, en: str, media: str = "text/html", **more: Any) -> Operation:
    """An operation that is about the service and open to anybody."""
    return Operation(name, "metadata", vi, en, answer=HTML_PAGE if media == "text/html" else {"type": "object"}, media=media, open=True, **more)


OPENAPI = described("openapi", "Tài liệu OpenAPI", "The OpenAPI document", "application/json")
HEALTH = Operation("health", "metadata", "Dịch vụ có trả lời được không", "Whether questions can be answered", answer=of({"status": TEXT}), open=True)
ROUTES = [
    Route("/", Endpoint(home, described("home", "Trang đầu", "Home", same_as="openapi")), methods=["GET"]),
    Route("/v1/openapi.json", Endpoint(openapi, OPENAPI), methods=["GET"]),
    Route("/openapi.json", Endpoint(openapi, described("openapi", "", "", "application/json", same_as="openapi")), methods=["GET"]),
    Route("/docs", Endpoint(docs, described("docs", "Trang tài liệu", "The documentation", same_as="openapi")), methods=["GET"]),
    Route("/problems", Endpoint(problems, described("problems", "Các lỗi", "Problems", same_as="openapi")), methods=["GET"]),
    Route("/problems/{code}", Endpoint(problem, described("problem", "Một lỗi", "A problem", same_as="openapi")), methods=["GET"]),
    Route("/hub.css", Endpoint(style, described("style", "", "", "text/css", same_as="openapi")), methods=["GET"]),
    Route("/v1/health", Endpoint(health, HEALTH), methods=["GET"]),
]
