"""Errors nobody expected: told by where they happened, never in their own words, which may quote personal data."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.errors import ConnectorError
from include.errors import HubError, SettingWrong, Unexpected
from include.settings import ROOT
from mappings.requirements.reading import CatalogueFault

OURS = tuple(f"{ROOT}/{name}/" for name in ("include", "connectors", "mappings", "quality"))
FORESEEN = (HubError, ConnectorError, CatalogueFault, psycopg.Error, OSError)
"""Errors whose words quote no record; ``store.database`` sees to PostgreSQL's."""
STORES = ("botocore", "aiobotocore", "gcsfs", "azure")
"""Packages whose errors speak of a bucket."""
KEYS = (KeyError, IndexError)
"""Of the ``LookupError``s, which else are sentences of the hub, those that quote what was looked for."""
MOST = 10
"""Places told of one error."""


def told(error: Exception) -> str:
    """The kind of error, and the places of ours that it came through, the nearest first."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if each.filename.startswith(OURS)] or frames[-1:]
    places = dict.fromkeys(f"{each.filename.removeprefix(f'{ROOT}/')}:{each.lineno}" for each in reversed(ours))
    inner = f" ({'; '.join(told(each) for each in error.exceptions)})" if isinstance(error, ExceptionGroup) else ""
    return f"{type(error).__name__} at {', '.join(list(places)[:MOST])}{inner}"


def place(error: Exception) -> None:
    """One line on standard error."""
    sys.stderr.write(told(error) + "\n")


def foreseen(error: Exception) -> Exception:
    """The error, if it is foreseen; ``Unexpected``, which says only where it happened, if it is not."""
    within = error.orig if isinstance(error, DBAPIError) else error
    if type(within).__module__.startswith(STORES):
        return SettingWrong(
            "HUB_OBJECTS_URL, HUB_PAPERS_URL: nơi lưu từ chối, kiểm tra tài khoản của nó · the store refuses; see to its credentials"
            f" ({type(within).__name__})"
        )
    if isinstance(within, FORESEEN) or (isinstance(within, LookupError) and not isinstance(within, KEYS)):
        return within
    return Unexpected(told(error))


@contextmanager
def discreet() -> Iterator[None]:
    """Lets only what is foreseen through."""
    try:
        yield
    except Exception as error:
        known = foreseen(error)
        if known is error:
            raise
        raise known from None


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
