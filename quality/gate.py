"""The gate: whether a run may publish what it has, judged by its counts alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

MINIMUM = 50
"""Below so many rows a share says nothing."""


class Filled(NamedTuple):
    """So many ``rows``, and how many of them have a value, by canonical field."""

    rows: int
    fields: Mapping[str, int]


Stages = Mapping[str, Filled]
"""By the stage its rows have come to (``Entity.stage``): a dossier just filed has no day of return yet."""


@dataclass(frozen=True, slots=True)
class RunCounts:
    """What a run has counted; ``full`` tells a run over the whole source."""

    rows: int
    quarantined: int
    filled: Stages = field(default_factory=dict)
    full: bool = False
    stops: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the gate closes, in both languages. ``value`` is how bad it is, more being worse, ``expected`` what may be; ``field``: of which."""

    code: str
    vi: str
    en: str
    value: float = 1.0
    expected: float | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """Open when there is no reason against it."""

    reasons: tuple[Reason, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the run may publish."""
        return not self.reasons


NOTHING: Stages = MappingProxyType({})


def decide(
    run: RunCounts,
    earlier: Stages = NOTHING,
    last_full: RunCounts | None = None,
    *,
    limit: float = 0.20,
    floor: float = 0.90,
    gone: Collection[str] = (),
) -> GateVerdict:
    """The verdict on ``run``.

    ``earlier`` is what good runs before it had filled, ``last_full`` the last good full run; ``limit`` is the largest share of quarantined rows,
    ``floor`` the smallest share of the last full run's rows, ``gone`` are the fields a person said the source has dropped.
    """
    reasons = [*_stopped(run), *_too_many_held(run, limit), *_emptied(run, earlier, gone), *_shrunk(run, last_full, floor)]
    return GateVerdict(tuple(reasons))


def _stopped(run: RunCounts) -> list[Reason]:
    if not run.stops:
        return []
    return [Reason("stopped", f"{run.stops} trang không đọc được", f"{run.stops} pages could not be read")]


def _too_many_held(run: RunCounts, limit: float) -> list[Reason]:
    if run.rows < MINIMUM or run.quarantined <= limit * run.rows:
        return []
    share = f"{run.quarantined}/{run.rows}"
    return [
        Reason(
            "too_many_quarantined",
            f"{share} bản ghi bị giữ lại, quá mức {limit:.0%}",
            f"{share} rows are quarantined, more than {limit:.0%}",
            round(run.quarantined / run.rows, 4),
            limit,
        )
    ]


def _emptied(run: RunCounts, earlier: Stages, gone: Collection[str]) -> list[Reason]:
    """A field that is empty in every row, where rows of the same stages had it: the source lost a column, or renamed it."""
    here = {name for filled in run.filled.values() for name, count in filled.fields.items() if count}
    names = dict.fromkeys(name for filled in earlier.values() for name in filled.fields)
    lost = [name for name in names if name not in here and name not in gone and _expected(run, earlier, name) >= MINIMUM / 2]
    return [Reason("column_emptied", f"trường {name} trống ở mọi bản ghi", f"{name} is empty in every row", 1.0, 0.0, name) for name in lost]


def _expected(run: RunCounts, earlier: Stages, name: str) -> float:
    """How many rows of the run would have the field, were it filled as before."""
    known = [(run.filled[stage].rows, before) for stage, before in earlier.items() if stage in run.filled and before.rows]
    return sum(rows * before.fields.get(name, 0) / before.rows for rows, before in known)


def _shrunk(run: RunCounts, last_full: RunCounts | None, floor: float) -> list[Reason]:
    if last_full is None or not run.full or run.rows >= floor * last_full.rows:
        return []
    return [
        Reason(
            "too_few_rows",
            f"{run.rows} bản ghi, lần đồng bộ đầy đủ trước có {last_full.rows} (tối thiểu {floor:.0%})",
            f"{run.rows} rows, the last full run had {last_full.rows} (at least {floor:.0%} expected)",
            round(1 - run.rows / last_full.rows, 4),
            round(1 - floor, 4),
        )
    ]
