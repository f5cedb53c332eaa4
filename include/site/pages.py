"""Rendering of pages."""

from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from include.numbers import spoken

SPOKEN: ContextVar[str] = ContextVar("spoken", default="vi")
"""The language of the page being made."""
TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates that escape everything and stumble over what is missing."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["n"] = number
    made.filters["shown"] = shown
    made.globals["menu"] = lambda: import_module("include.site.menu").menu()
    return made


def shown(value: Any) -> str:
    """A value as a page writes it: days and moments the Vietnamese way, numbers the reader's way, a dash for nothing."""
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return ", ".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)


def number(value: float) -> str:
    """A number as the reader's language writes it."""
    return spoken(value, SPOKEN.get())


def render(template: str, **values: Any) -> str:
    """The page."""
    return environment().get_template(template).render(**values)
