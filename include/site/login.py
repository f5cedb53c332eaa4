"""Entering and leaving. Five wrong passwords for a name close its door for a quarter of an hour."""

import hashlib
import time
from collections import deque

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from include.site.accounts import Account, accounts, end_sessions
from include.site.accounts import enter as known
from include.site.pages import render
from include.site.view import LANGUAGES, token

TRIES, WAIT = 5, 15 * 60.0
_wrong: dict[str, deque[float]] = {}
"""When wrong passwords came, by name; of this process."""


async def form(request: Request) -> Response:
    """The form."""
    return page(request, "")


async def enter(request: Request) -> Response:
    """Compares the password; a right one opens a new session."""
    sent = await request.form(max_files=0, max_fields=8)
    name, password = str(sent.get("name", ""))[:100], str(sent.get("password", ""))[:200]
    if sent.get("csrf") != token(request):
        return page(request, "Biểu mẫu đã hết hạn, hãy thử lại · The form has expired, try again")
    if closed(name):
        return page(request, "Sai quá nhiều lần, hãy đợi 15 phút · Too many wrong tries, wait 15 minutes", 429)
    account = await run_in_threadpool(known, request.app.state.hub.settings, name, password)
    if account is None:
        _wrong.setdefault(name, deque(maxlen=TRIES)).append(time.monotonic())
        return page(request, "Sai tên hoặc mật khẩu · Wrong name or password", 401)
    _wrong.pop(name, None)
    language = request.session.get("language", LANGUAGES[0])
    request.session.clear()
    request.session.update(account=account.name, since=mark(account), language=language)
    return RedirectResponse(inside(str(sent.get("next", "/"))), status_code=303)


async def leave(request: Request) -> Response:
    """Ends every session of the account: a cookie copied before is worth nothing after."""
    sent = await request.form(max_files=0, max_fields=4)
    if sent.get("csrf") == token(request):
        if account := present(request):
            await run_in_threadpool(end_sessions, request.app.state.hub.settings, account.name)
        request.session.clear()
    return RedirectResponse("/login", status_code=303)


def present(request: Request) -> Account | None:
    """Who is logged in; an account taken off the list, or whose password was changed, is out at once."""
    account = accounts(request.app.state.hub.settings).get(request.session.get("account", ""))
    return account if account and request.session.get("since") == mark(account) else None


def closed(name: str) -> bool:
    """Whether a name has been tried too often."""
    tries = _wrong.get(name, deque())
    return len(tries) == TRIES and time.monotonic() - tries[0] < WAIT


def mark(account: Account) -> str:
    """Changes when the account logs out, or its password or role does: older sessions end."""
    return hashlib.sha256(f"{account.role}|{account.agency}|{account.password}|{account.sessions}".encode()).hexdigest()[:16]


def inside(path: str) -> str:
    """A path of this site; whatever leads elsewhere becomes the first page."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def page(request: Request, trouble: str, status: int = 200) -> Response:
    """The form, with what was wrong."""
    language = request.session.get("language", LANGUAGES[0])

    def say(vi: str, en: str) -> str:
        return en if language == "en" else vi

    body = render("login.html", t=say, language=language, csrf=token(request), trouble=trouble, next=inside(request.query_params.get("next", "/")))
    return HTMLResponse(body, status_code=status)
