"""Pages of the service, rendered on the server: documentation, problems, what citizens and agencies see. No script, nothing from elsewhere."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from include.sharing.call import Call
from include.sharing.routes.answers import HTML, Answer
from include.site.pages import SPOKEN, shown

TEMPLATES = Path(__file__).parent / "templates"
STYLE = Path(__file__).parent.parent / "site" / "static" / "hub.css"
LANGUAGES = ("vi", "en")
POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
OWN = {"content-security-policy": POLICY, "referrer-policy": "no-referrer"}
"""The browser fetches nothing but our style sheet, and tells nobody where it came from."""


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates that escape everything and stumble over what is missing."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {"shown": shown, "code": code, "vi": lambda text: text.partition(" · ")[0], "en": lambda text: text.rpartition(" · ")[2]}
    return made


def code(text: str) -> Markup:
    """What stands between back quotes as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 escaped in the same breath


def language(call: Call) -> str:
    """The reader's language: Vietnamese unless asked otherwise."""
    wanted = call.query.get("lang", "")
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def page(call: Call, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any) -> Answer:
    """The page in the reader's language; the other one is a link away."""
    lang = language(call)
    SPOKEN.set(lang)

    def say(vi: str, en: str) -> str:
        return en if lang == "en" else vi

    text = environment().get_template(template).render(lang=lang, t=say, path=call.path, other=say("en", "vi"), **values)
    return Answer(text.encode(), status, {**OWN, **(headers or {})}, HTML)
