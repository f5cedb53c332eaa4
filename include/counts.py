"""Numbers that add up: every step returns one of these, and the books are their sum."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows by what became of them. In every run: received = new + changed + unchanged + quarantined."""

    pages: int = 0
    received: int = 0
    staged: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    held: int = 0
    """Of the unchanged: rows that lie in quarantine from before, and came again as they were."""
    warned: int = 0
    gone: int = 0
    """Records that are no longer at the source; none of the rows received."""
    published: int = 0
    refused: int = 0
    pending: int = 0

    def __add__(self, other: Self) -> "Counts":
        return Counts(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    @classmethod
    def of(cls, document: dict[str, Any] | None) -> "Counts":
        """From the JSON form; absent numbers are zero."""
        return cls(**(document or {}))

    def document(self) -> dict[str, int]:
        """The numbers that are not zero."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def balanced(self) -> bool:
        """Whether every row received ended in exactly one place."""
        return self.received == self.new + self.changed + self.unchanged + self.quarantined
