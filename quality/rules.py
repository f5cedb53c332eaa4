"""Quality rules: YAML that people who do not write Python read and sign, as typed values.

A rule is ODCS-shaped: an id, the fields, a check with arguments, a dimension, the law and a title in both languages. Its ``code`` in the catalogue
of reason codes gives severity, cause and remedy.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mappings.codes import DOSSIER_STATUSES, ETHNIC_GROUPS, LEGAL_STATUSES, members
from mappings.identifiers import BIRTH_PROVINCES
from mappings.refusal import both
from mappings.units import CURRENT
from quality.derive import origin
from quality.issues import CATALOGUE, Severity

FOLDER = Path(__file__).parent / "rules"
STEPS = ("mapped", "merged", "preflight")
"""A row as it was understood, records as several rows made them, records before they are sent to another system."""

CHECKS = frozenset({"not_null", "unique", "regex", "not_regex", "in_set", "at_most", "equal"})
"""``at_most`` and ``equal`` compare with another field of the row; the others look at one field. Missing values are only ``not_null``'s business."""

LISTS: dict[str, Callable[[], list[str]]] = {
    "birth_provinces": lambda: sorted(BIRTH_PROVINCES),
    "communes": lambda: sorted(CURRENT),
    "dossier_statuses": lambda: list(DOSSIER_STATUSES),
    "ethnic_groups": lambda: sorted(ETHNIC_GROUPS),
    "legal_statuses": lambda: list(LEGAL_STATUSES),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one entity. ``field`` is the column checked, ``shown`` the field of the entity an issue names."""

    id: str
    steps: tuple[str, ...]
    field: str
    shown: str
    check: str
    args: dict[str, Any]
    code: str
    dimension: str
    vi: str
    en: str
    legal: str

    @property
    def why(self) -> str:
        """The reason of a row at fault, in both languages."""
        return f"{self.id}: {both(self.vi, self.en)}"

    @property
    def severity(self) -> Severity:
        """What a failing row meets."""
        return CATALOGUE[self.code].severity

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the rule reads."""
        other = [self.args["other"]] if "other" in self.args else []
        return (self.field, *other, *self.args.get("when", {}))

    @property
    def values(self) -> list[Any]:
        """The members of an ``in_set``, given in place or by the name of a code list."""
        if "list" not in self.args:
            return list(self.args["values"])
        name = self.args["list"]
        return LISTS[name]() if name in LISTS else members(name)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the rule does, so that an old verdict tells exactly which rule it used."""
        what = [self.id, self.field, self.check, self.args, self.values if self.check == "in_set" else None, self.code]
        return hashlib.sha256(json.dumps(what, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@cache
def rules(entity: str) -> tuple[Rule, ...]:
    """All rules of an entity, in the order of its file."""
    document = yaml.safe_load((FOLDER / f"{entity}.yaml").read_text(encoding="utf-8"))
    return tuple(_rule(one) for one in document["quality"])


def rules_at(entity: str, step: str) -> tuple[Rule, ...]:
    """The rules of an entity that hold at a step."""
    if step not in STEPS:
        raise LookupError(f"{step} is not a step of the rules: {', '.join(STEPS)}")
    return tuple(rule for rule in rules(entity) if step in rule.steps)


def _rule(one: dict[str, Any]) -> Rule:
    if one["check"] not in CHECKS:
        raise LookupError(f"rule {one['id']}: {one['check']} is not a check")
    if one["code"] not in CATALOGUE:
        raise LookupError(f"rule {one['id']}: {one['code']} is not a reason code")
    field = one["field"]
    return Rule(
        id=one["id"],
        steps=tuple(one.get("steps", STEPS)),
        field=field,
        shown=one.get("shown", origin(field)),
        check=one["check"],
        args=one.get("args", {}),
        code=one["code"],
        dimension=one["dimension"],
        vi=one["title"]["vi"],
        en=one["title"]["en"],
        legal=one.get("legal", ""),
    )
