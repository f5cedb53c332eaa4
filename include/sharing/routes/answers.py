"""What an endpoint gives back."""

from dataclasses import dataclass, field
from typing import Any

from include.sharing.operations import JSON

HTML = "text/html; charset=utf-8"


@dataclass(slots=True)
class Answer:
    """What goes back. ``body`` is bytes, a file (given in ranges too), or a document that becomes JSON."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media: str = JSON
