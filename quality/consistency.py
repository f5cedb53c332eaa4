"""Rules across records, read from ``consistency.yaml``: the same shape a lawyer signs, with a condition for PostgreSQL instead of a check."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from mappings.refusal import both
from quality.issues import CATALOGUE

FILE = Path(__file__).parent / "consistency.yaml"


@dataclass(frozen=True, slots=True)
class CrossRule:
    """``when`` is SQL over the golden record ``g``, true for a record at fault."""

    id: str
    entity: str
    field: str
    code: str
    vi: str
    en: str
    when: str
    legal: str = ""

    @property
    def why(self) -> str:
        """The reason of a row at fault, in both languages."""
        return f"{self.id}: {both(self.vi, self.en)}"


@cache
def cross_rules() -> tuple[CrossRule, ...]:
    """All of them, in the order of the file. Raises ValueError on a reason code that is not in the catalogue, or is not a warning."""
    found = tuple(_rule(one) for one in yaml.safe_load(FILE.read_text(encoding="utf-8")))
    for rule in found:
        if rule.code not in CATALOGUE or CATALOGUE[rule.code].severity != "warn":
            raise LookupError(f"{rule.id}: {rule.code} is not a warning of the catalogue")
    return found


def _rule(one: dict[str, object]) -> CrossRule:
    title = one["title"]
    assert isinstance(title, dict)  # noqa: S101 the file is ours, and a test reads it
    plain = {name: str(one[name]).strip() for name in ("id", "entity", "field", "code", "when", "legal") if name in one}
    return CrossRule(**plain, vi=title["vi"], en=title["en"])
