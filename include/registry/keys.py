"""The matching keys that stand beside the canonical values in staging and golden tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from mappings.canonical import Entity
from mappings.keys import name_key
from mappings.memo import converted
from mappings.text import given_name


def matching_keys(entity: Entity, columns: Mapping[str, Sequence[Any]]) -> dict[str, list[str | None]]:
    """The key columns of a batch, one value per row; names that come again are not worked out again."""
    if entity.name != "person":
        return {}
    names = columns["full_name"]
    return {"name_key": converted([names], name_key)[0], "given_key": converted([names], given_key)[0]}


def given_key(name: str) -> str:
    """The exact key of the given name alone."""
    return name_key(given_name(name))
