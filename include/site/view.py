"""What a page is: a path, a function from a ``View`` to a response, and who may ask for it."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from include.flows import Flow
from include.hub import Hub
from include.site.accounts import Account, Role
from include.site.exports import exported
from include.site.pages import render
from include.site.table import Table

EVERYBODY = frozenset(Role)
LANGUAGES = ("vi", "en")
LONGEST = 18
"""Digits of a number the database holds."""


@dataclass(frozen=True, slots=True)
class View:
    """A request as pages see it: the hub, who asks, in which language, and what was sent."""

    request: Request
    hub: Hub
    account: Account
    language: str
    form: Mapping[str, str] = field(default_factory=dict)

    def say(self, vi: str, en: str) -> str:
        """The words in the reader's language."""
        return en if self.language == "en" else vi

    def heads(self, *pairs: str) -> tuple[str, ...]:
        """Headings, each as ``Vietnamese|English``."""
        return tuple(self.say(*pair.split("|")) for pair in pairs)

    def asked(self, name: str, default: str = "") -> str:
        """A parameter of the address."""
        return self.request.query_params.get(name, default)

    def named(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    @property
    def flows(self) -> Mapping[str, Flow]:
        """The flows this account may look at."""
        return {flow.id: flow for flow in self.account.flows}

    def flow(self, flow_id: str) -> Flow:
        """One of them. LookupError: not found, which is also what is said of somebody else's."""
        if flow_id not in self.flows:
            raise LookupError(self.say(f"không có nguồn {flow_id}", f"no source {flow_id}"))
        return self.flows[flow_id]

    def may(self, *roles: str) -> bool:
        """Whether the account has one of the roles."""
        return self.account.role in roles

    def show(self, template: str, *tables: Table, **values: Any) -> Response:
        """The page; or, when the address ends in ``?export=NAME.csv`` or ``.xlsx``, one of its tables as a file."""
        if wanted := self.asked("export"):
            return exported(self.hub, self.account.name, {table.name: table for table in tables}, wanted)
        told = {table.name: table for table in tables}
        return HTMLResponse(render(template, view=self, t=self.say, tables=told, csrf=token(self.request), path=self.request.url.path, **values))

    def back(self, path: str) -> Response:
        """Off to another page, after a form was taken."""
        return RedirectResponse(path, status_code=303)

    def link(self, **changes: str) -> str:
        """This page's address with other parameters."""
        return str(self.request.url.include_query_params(**changes)).replace(str(self.request.base_url), "/")


def number(text: str) -> int | None:
    """The number somebody typed; None when it is none, or longer than any the database holds."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST else None


def token(request: Request) -> str:
    """What every form of the session carries, so that no other site can send one."""
    made: str = request.session.setdefault("form", secrets.token_urlsafe(24))
    return made


@dataclass(frozen=True, slots=True)
class Page:
    """One address of the site."""

    path: str
    work: Callable[[View], Response]
    roles: frozenset[Role] = EVERYBODY
    posts: bool = False
    """Takes a form instead of being read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu."""

    path: str
    vi: str
    en: str
    roles: Sequence[Role] = tuple(Role)
