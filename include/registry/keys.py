"""The matching keys that stand beside the canonical values in staging and golden tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from mappings.canonical import Entity
from mappings.keys import name_key
from mappings.text import given_name


def matching_keys(entity: Entity, columns: Mapping[str, Sequence[Any]]) -> dict[str, list[str | None]]:
    """The key columns of a batch, one value per row; each name is worked out once."""
    if entity.name != "person":
        return {}
    names = columns["full_name"]
    keys = {name: (name_key(name), name_key(given_name(name))) for name in set(names) if name}
    pairs = [keys.get(name, (None, None)) for name in names]
    return {"name_key": [pair[0] for pair in pairs], "given_key": [pair[1] for pair in pairs]}
