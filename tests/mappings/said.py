"""What a converter says to a value."""

from typing import Any

from mappings.apply import Converter
from mappings.refusal import Refusal


def said(convert: Converter, *values: str | None) -> tuple[Any, Refusal | None]:
    """The value taken and no refusal, or None and the refusal; any other exception is a fault and surfaces."""
    try:
        return convert(*values), None
    except Refusal as refusal:
        return None, refusal
