"""Errors nobody expected: told by where they happened, never in their own words, which may quote personal data."""

import sys
import traceback

from starlette.types import ASGIApp, Receive, Scope, Send

from include.settings import ROOT

OURS = tuple(f"{ROOT}/{name}/" for name in ("include", "connectors", "mappings", "quality"))


def place(error: Exception) -> None:
    """One line on standard error: the kind of error, and the places of ours that it came through, the nearest first."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if each.filename.startswith(OURS)] or frames[-1:]
    places = ", ".join(f"{each.filename.removeprefix(f'{ROOT}/')}:{each.lineno}" for each in reversed(ours))
    sys.stderr.write(f"{type(error).__name__} at {places}\n")


class Placed:
    """An application whose errors go no further: the server around it would write them out whole."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves. What goes wrong before the first request is told whole: there is no personal data yet, and it must be mended."""
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            place(error)
