"""A log of run reports with something in it."""

import pytest

from include.hub import Hub
from include.proof import log


def written(hub: Hub, *names: str) -> None:
    """Appends one report for each name, and signs the head after each, as runs do."""
    for name in names:
        data = b'{"run":"%s"}' % name.encode()
        with hub.db.transaction() as connection:
            row = connection.execute(
                "INSERT INTO hub.report (flow, run, document, sha256, at) VALUES ('births', %s, %s, '', %s) RETURNING seq",
                [name, data.decode(), hub.clock()],
            ).fetchone()
            assert row
            log.append_bytes(connection, "runs", [(str(row[0]), data)], hub.clock())
        log.seal(hub, "runs")


@pytest.fixture
def logged(hub: Hub) -> Hub:
    """Seven reports, each sealed."""
    written(hub, *(f"r{number}" for number in range(7)))
    return hub
