"""What happens to a dossier: a walk along the allowed moves between the portal's ten statuses, stopped where the province stands still.

Statuses: 1 newly filed, 2 received, 3 refused, 4 in progress, 5 supplement requested, 6 payment requested, 7 withdrawn, 8 stopped,
9 handled, 10 result returned (QCVN 120:2019).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from include.sandbox.moments import AS_OF
from include.sandbox.tables import Weighted

_WALKS = Weighted(
    {
        "1 2 4 9 10": 70,
        "1 2 9 10": 8,
        "1 2 4 5 4 9 10": 8,
        "1 2 6 4 9 10": 4,
        "1 3": 3,
        "1 2 4 8": 2,
        "1 2 7": 2,
        "1 2 5 3": 2,
        "1 2 4 5": 1,
    }
)


@dataclass(slots=True)
class History:
    """The moves made until the province stands still, and the dates that follow from them."""

    moves: list[tuple[str, datetime]] = field(default_factory=list)
    due: datetime | None = None

    @property
    def status(self) -> str:
        """The present status."""
        return self.moves[-1][0]

    @property
    def last(self) -> datetime:
        """When it last changed."""
        return self.moves[-1][1]

    def at(self, status: str) -> datetime | None:
        """When the dossier first reached ``status``."""
        return next((moment for each, moment in self.moves if each == status), None)


def walk(random: Random, filed: datetime, working_days: int) -> History:
    """One history: most are handled in time, some late, the youngest are still under way."""
    history = History()
    steps = _WALKS.draw(random).split(" ")
    pace = (0.3 + random.random() * 0.8) * working_days * 1.4 / max(1, len(steps) - 2)
    moment = filed
    for status in steps:
        if moment >= AS_OF:
            break
        history.moves.append((status, moment))
        if status == "2":
            history.due = moment.replace(hour=17, minute=0, second=0) + timedelta(days=1 + int(working_days * 1.4))
        wait = 0.05 + random.random() if status in {"1", "9"} else pace * (0.4 + random.random())
        moment += timedelta(seconds=int(wait * 86400) + 60)
    return history
