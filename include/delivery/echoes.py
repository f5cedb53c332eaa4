"""What targets that are sources too were told, so that its repetition is not taken for their own word.

A system that takes a dossier tells it back in its next list of changes. Field by field, what it repeats of what it was last told says nothing
new: the merge does not take it (``registry.sql.takes``), so that neither provenance nor version moves and nothing is sent on. What differs
from what it was told is its own word, and is merged like any other.
"""

from collections import abc
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from connectors.page import Item
from include.flows import TARGETS, Flow, Target
from include.store.database import Connection
from mappings.apply import Mapping, apply

encoder = msgspec.json.Encoder()


class Sent(Protocol):
    """A record that was accepted."""

    @property
    def entity_id(self) -> UUID:
        """The golden record."""

    @property
    def item(self) -> Item:
        """As it was sent."""


def remember(connection: Connection, target: Target, accepted: Sequence[Sent], at: datetime) -> None:
    """Writes down what the target was told, in canonical form: the payload read as the target's own mapping will read it back."""
    sent = [one for one in accepted if one.item.payload]
    if target.echo is None or not sent:
        return
    records = canonical(target.echo.dataset, [target.echo.wire(one.item.payload) for one in sent])
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hub.told (target, entity_id, record, at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (target, entity_id) DO UPDATE SET record = excluded.record, at = excluded.at",
            [(target.id, one.entity_id, record, at) for one, record in zip(sent, records, strict=True)],
        )


def canonical(dataset: Mapping, wires: Sequence[abc.Mapping[str, Any]]) -> list[str]:
    """Records of the wire as ``hub.told`` keeps them: canonical, as JSON."""
    columns, names = apply(dataset, wires).columns, dataset.entity.names
    return [encoder.encode({name: columns[name][place] for name in names}).decode() for place in range(len(wires))]


def own_targets(flow: Flow) -> list[str]:
    """The targets that go to the system a flow reads from."""
    return [each.id for each in TARGETS if each.echo and (each.entity, each.system) == (flow.dataset.entity.name, flow.dataset.system)]
