"""What was planted where, so that the hub's report can be held against it, to the row."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Mark = dict[str, str]
"""``dataset``, ``key``, ``code``, ``field``."""


@dataclass(slots=True)
class Truth:
    """Filled while rows are made; complete when the last row is.

    ``people`` gives for each true person the (dataset, source key) of every row about them, the dossiers they own included. ``again`` are
    components handed in although the state held a valid equivalent at filing, ``unbacked`` those said to be reused although it held none
    (``dossier``, ``component``, ``what``); both of dossiers without damage.
    """

    seed: int
    as_of: str
    rows: dict[str, int] = field(default_factory=dict)
    damages: list[Mark] = field(default_factory=list)
    warnings: list[Mark] = field(default_factory=list)
    people: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    again: list[Mark] = field(default_factory=list)
    unbacked: list[Mark] = field(default_factory=list)

    def about(self, person: int, dataset: str, key: str) -> None:
        """Notes that the row is about the person."""
        self.people.setdefault(person, []).append((dataset, key))

    def as_json(self) -> dict[str, Any]:
        """The document."""
        return {
            "seed": self.seed,
            "as_of": self.as_of,
            "rows": self.rows,
            "enterprises": self.rows.get("enterprises", 0),
            "dossiers": self.rows.get("dossiers", 0),
            "damages": self.damages,
            "warnings": self.warnings,
            "people": self.people,
            "again": self.again,
            "unbacked": self.unbacked,
        }

    def write(self, path: Path) -> None:
        """Writes ``truth.json``."""
        path.write_text(json.dumps(self.as_json(), ensure_ascii=False), encoding="utf-8")
