"""The application of one worker: the routes, and what keeps them alive."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from include.garbage import settle
from include.settings import Settings
from include.sharing.call import name_of
from include.sharing.problems import Problem
from include.sharing.routes import agency, changes, docs, exports, me, once, records, soap, tokens, usage, writes, xroad
from include.sharing.routes.endpoint import Endpoint, refused, sent
from include.sharing.service import Service
from include.unexpected import Placed

MODULES = (records, once, tokens, exports, changes, writes, usage, docs, me, agency, soap, xroad)
ROUTES: list[Route] = [route for module in MODULES for route in module.ROUTES]
HOT = {route.path: route.endpoint for route in records.ROUTES if isinstance(route.endpoint, Endpoint)}
"""POST to one of these goes straight to its endpoint: the router and its middleware would cost a third of a look-up."""


class Front:
    """The service in front of its router."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.router = router(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The hot endpoints at once, everything else through the router."""
        scope["service"] = self.service
        hot = HOT.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        await (hot or self.router)(scope, receive, send)


def router(service: Service) -> Starlette:
    """The routes around a service."""

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        await service.open()
        yield
        await service.close()

    async def elsewhere(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 405:
            return Told(Problem("method", beside={"allow": methods(request)}))
        return Told(Problem("not-found"))

    async def broken(_: Request, __: Exception) -> Response:
        return Told(Problem("unavailable"))

    made = Starlette(routes=list(ROUTES), lifespan=life, exception_handlers={HTTPException: elsewhere, Exception: broken})
    made.router.redirect_slashes = False
    return made


def methods(request: Request) -> str:
    """What can be asked at the request's address, by all routes there."""
    return ", ".join(sorted({name for route in ROUTES if route.matches(request.scope)[0] is not Match.NONE for name in route.methods or ()}))


class Told(Response):
    """A problem, told as any endpoint tells it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(status_code=problem.status)
        self.problem = problem

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Puts it on the wire."""
        headers = dict(scope["headers"])
        request_id = name_of(headers)
        await sent(refused(self.problem, request_id, headers), request_id, headers, send)


def application(service: Service) -> Placed:
    """What a server serves."""
    return Placed(Front(service))


def worker() -> Placed:
    """What uvicorn makes in each worker process; the parent's environment says where everything is."""
    environment = os.environ
    settle()
    return application(
        Service(
            Settings.read(),
            environment["HUB_SHARING_DATABASE"],
            environment["HUB_SHARING_URL"].rstrip("/"),
            int(environment.get("HUB_SHARING_WORKERS", "1")),
        )
    )
