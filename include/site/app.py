"""The auditors' site as a Starlette app: who is there, in which language, and what may be asked. Pages themselves are in ``views``."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from connectors.errors import ConnectorError
from include.errors import HubError
from include.hub import Hub
from include.site import login, menu
from include.site.accounts import secret
from include.site.headers import Headers
from include.site.pages import SPOKEN, render
from include.site.view import LANGUAGES, Page, View, token
from include.unexpected import place

STATIC = Path(__file__).parent / "static"
HOURS = 8
"""A session ends after a working day."""
Handler = Callable[[Request], Awaitable[Response]]


def create(hub: Hub, *, https: bool = False) -> Starlette:
    """The site on a hub. ``https``: cookies travel over TLS only."""
    settings = hub.settings
    routes = [
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
        Route("/login", login.form, methods=["GET"]),
        Route("/login", login.enter, methods=["POST"]),
        Route("/logout", login.leave, methods=["POST"]),
        Route("/language/{language}", language, methods=["GET"]),
        Route("/health", lambda _: Response("ok"), methods=["GET"]),
        *(Route(page.path, served(page), methods=["POST" if page.posts else "GET"]) for page in menu.pages()),
    ]
    session = Middleware(SessionMiddleware, secret_key=secret(settings, "session"), max_age=HOURS * 3600, same_site="lax", https_only=https)
    frames = settings.environment.get("HUB_SITE_EMBED_IN", "")
    app = Starlette(routes=routes, middleware=[Middleware(Headers, frames=frames), session], exception_handlers={404: missing})
    app.state.hub = hub
    return app


def served(page: Page) -> Handler:
    """The page behind the door: log-in, role, the form's token; the work itself in a thread."""

    async def handle(request: Request) -> Response:
        account = login.present(request)
        if account is None:
            return RedirectResponse("/login?next=" + request.url.path, status_code=303)
        view = View(request, request.app.state.hub, account, spoken(request))
        if account.role not in page.roles:
            return problem(view, 403, view.say("Tài khoản của bạn không có quyền này.", "Your account has no right to this."))
        if page.posts:
            form = {name: str(value) for name, value in (await request.form(max_files=0, max_fields=40)).items()}
            if form.get("csrf") != token(request):
                return problem(view, 403, view.say("Biểu mẫu đã hết hạn, hãy mở lại trang.", "The form has expired: open the page again."))
            view = View(request, view.hub, account, view.language, form)
        return await run_in_threadpool(answered, page, view)

    return handle


def answered(page: Page, view: View) -> Response:
    """The page's answer; what the hub foresees is told in a sentence."""
    SPOKEN.set(view.language)
    try:
        return page.work(view)
    except LookupError as error:
        return problem(view, 404, str(error.args[0] if error.args else error))
    except ConnectorError as error:
        return problem(view, 502, view.say("Hệ thống bên kia không trả lời đúng", "The other system did not answer as it should") + f": {error}")
    except HubError as error:
        return problem(view, 400, str(error))
    except Exception as error:  # noqa: BLE001 whatever it is, the reader gets a page
        place(error)
        said = "Hãy báo người vận hành; nhật ký máy chủ cho biết lỗi ở đâu.", "Tell whoever runs the hub; the server's log tells where."
        return problem(view, 500, view.say(*said))


def spoken(request: Request) -> str:
    """The reader's language; Vietnamese until another was chosen."""
    chosen = request.query_params.get("lang") or request.session.get("language")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


async def language(request: Request) -> Response:
    """Keeps the language, and goes back to the page."""
    chosen = request.path_params["language"]
    request.session["language"] = chosen if chosen in LANGUAGES else LANGUAGES[0]
    return RedirectResponse(login.inside(request.query_params.get("next", "/")), status_code=303)


def problem(view: View, status: int, text: str) -> Response:
    """A page that says what went wrong."""
    page = render("problem.html", view=view, t=view.say, csrf=token(view.request), path=view.request.url.path, tables={}, status=status, text=text)
    return HTMLResponse(page, status_code=status)


async def missing(request: Request, _error: Exception) -> Response:
    """No such address."""
    account = login.present(request) if "session" in request.scope else None
    if account is None:
        return RedirectResponse("/login", status_code=303)
    view = View(request, request.app.state.hub, account, spoken(request))
    return problem(view, 404, view.say("Không có trang này.", "There is no such page."))
