"""Behind a one-time link: the session it opens, and the page it leads to."""

from include.sharing import links
from include.sharing.call import Call
from include.sharing.pages import language, page
from include.sharing.problems import Problem
from include.sharing.routes.answers import HTML, Answer
from include.sharing.routes.endpoint import Open
from include.sharing.service import Service


def door(kind: str) -> Open:
    """Opens the session of a kind of page; a mere HEAD, as programs send that show what is behind a link, leaves it unopened."""

    async def enter(service: Service, call: Call) -> Answer:
        if call.method == "HEAD":
            return Answer(b"", media=HTML)
        try:
            cookie = await links.enter(service, kind, call.params["link"])
        except Problem as problem:
            return page(call, "door.html", problem.status, text=problem.detail)
        return Answer(b"", 303, {"location": f"/{kind}?lang={language(call)}", "set-cookie": cookie})

    return enter
