"""A table as the site shows and exports it: the same columns and rows on the page, in CSV and in XLSX."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quality.dqi import colour


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with a link or a tone: good, warn, bad, none."""

    value: Any
    href: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """``name`` is the file it is exported as; ``columns`` are headings in the reader's language."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""
    """Said below the heading: what the table leaves out, what a figure means."""

    @property
    def right(self) -> list[bool]:
        """Which columns hold numbers, and stand to the right."""
        columns = [[row[column] for row in self.rows if plain(row[column]) is not None] for column in range(len(self.columns))]
        return [bool(values) and all(map(numeric, values)) for values in columns]


TONES = {"green": "good", "yellow": "warn", "red": "bad", "none": "none"}


def score(value: float | None, href: str = "", *, identifier: bool = False) -> Cell:
    """A score of the index in its colour."""
    shown = None if value is None else floored(value)
    return Cell(shown, href, TONES[colour(value, identifier=identifier)])


def floored(value: float) -> float:
    """To two decimals, downwards: 99.996 is not 100."""
    return int(value * 100) / 100


def plain(cell: Any) -> Any:
    """What a file holds of a cell: numbers, moments and text."""
    value = cell.value if isinstance(cell, Cell) else cell
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(each) for each in value)
    return value


def numeric(cell: Any) -> bool:
    """Whether a cell stands to the right."""
    value = cell.value if isinstance(cell, Cell) else cell
    return isinstance(value, int | float) and not isinstance(value, bool)
