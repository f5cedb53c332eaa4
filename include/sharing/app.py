"""The application of one worker: the routes, and what keeps them alive."""

import os
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from include.settings import Settings
from include.sharing.problems import Problem
from include.sharing.routes import records, tokens
from include.sharing.routes.endpoint import refused
from include.sharing.service import Service

ROUTES = [*records.ROUTES, *tokens.ROUTES]
OTHER = {404: Problem("not-found"), 405: Problem("method")}


def application(service: Service) -> Starlette:
    """The routes around a service."""

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        await service.open()
        yield
        await service.close()

    async def elsewhere(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        return refused(OTHER.get(status, OTHER[404]), "-", {})

    async def broken(_: Request, error: Exception) -> Response:
        place = traceback.extract_tb(error.__traceback__)[-1]
        sys.stderr.write(f"{type(error).__name__} at {place.filename}:{place.lineno}\n")  # never its words: they may quote personal data
        return refused(Problem("unavailable"), "-", {})

    made = Starlette(routes=list(ROUTES), lifespan=life, exception_handlers={HTTPException: elsewhere, Exception: broken})
    made.router.redirect_slashes = False
    made.state.service = service
    return made


def worker() -> Starlette:
    """What uvicorn makes in each worker process; the parent's environment says where everything is."""
    environment = os.environ
    return application(
        Service(
            Settings.read(),
            environment["HUB_SHARING_DATABASE"],
            environment["HUB_SHARING_URL"].rstrip("/"),
            int(environment.get("HUB_SHARING_WORKERS", "1")),
        )
    )
