"""The book of rules: every rule there is now, and every version that ever judged a row, kept for ever.

A result of two years ago names its rule; the version then in use is the last one that began before it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from include.hub import Hub
from include.runs import Run
from include.store.database import Connection
from mappings.canonical import ENTITIES
from quality.consistency import CrossRule, cross_rules
from quality.rules import Rule, rules


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule as its readers know it; ``document`` is what it does, to the letter."""

    id: str
    entity: str
    field: str
    code: str
    vi: str
    en: str
    legal: str
    fingerprint: str
    document: str


@cache
def today() -> tuple[Entry, ...]:
    """Every rule: of the entities' suites in the order of the entities, then those across records."""
    own = [of_suite(entity.name, rule) for entity in ENTITIES for rule in rules(entity.name)]
    return (*own, *map(across, cross_rules()))


def entry(rule: str) -> Entry:
    """The rule called ``rule``. LookupError when there is none."""
    for each in today():
        if each.id == rule:
            return each
    raise LookupError(f"không có quy tắc {rule} · there is no rule {rule}")


def of_suite(entity: str, rule: Rule) -> Entry:
    """A rule of an entity's suite."""
    document = {"check": rule.check, "field": rule.field, "steps": rule.steps, "args": rule.args, "code": rule.code}
    if rule.check == "in_set":
        document["values"] = rule.values if len(rule.values) <= 40 else hashlib.sha256(json.dumps(rule.values).encode()).hexdigest()
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return Entry(rule.id, entity, rule.shown, rule.code, rule.vi, rule.en, rule.legal, rule.fingerprint, text)


def across(rule: CrossRule) -> Entry:
    """A rule across records."""
    text = json.dumps({"when": " ".join(rule.when.split()), "code": rule.code}, ensure_ascii=False, sort_keys=True)
    print_ = hashlib.sha256(text.encode()).hexdigest()
    return Entry(rule.id, rule.entity, rule.field, rule.code, rule.vi, rule.en, rule.legal, print_, text)


def fingerprints(entity: str) -> dict[str, str]:
    """Rule → fingerprint of the rules of an entity."""
    return {each.id: each.fingerprint for each in today() if each.entity == entity}


def fingerprint(entity: str) -> str:
    """One fingerprint of all of them."""
    return hashlib.sha256(json.dumps(fingerprints(entity), sort_keys=True).encode()).hexdigest()


def keep(connection: Connection, run: Run, entity: str, at: datetime) -> None:
    """Keeps the versions a run used, each once, with the run that used it first."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hub.rule_version (rule, fingerprint, entity, document, flow, run, at) VALUES (%s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [(each.id, each.fingerprint, entity, each.document, run.flow, run.run, at) for each in today() if each.entity == entity],
        )


def versions(hub: Hub, rule: str) -> Sequence[Any]:
    """(fingerprint, document, flow, run, since) of every version of a rule, the latest first."""
    return hub.db.rows("SELECT fingerprint, document, flow, run, at FROM hub.rule_version WHERE rule = %s ORDER BY at DESC", rule)
