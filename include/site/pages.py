"""Rendering of pages."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates that escape everything and stumble over what is missing."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["n"] = number
    return made


def number(value: float) -> str:
    """A number the Vietnamese way: dots between thousands, a comma before decimals."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,"))


def render(template: str, **values: Any) -> str:
    """The page."""
    return environment().get_template(template).render(**values)
