"""The gate: whether a run may publish what it has, judged by its counts alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

MINIMUM = 50
"""Below so many rows a share says nothing."""


@dataclass(frozen=True, slots=True)
class RunCounts:
    """What a run has counted. ``filled`` is the number of rows with a value, by canonical field; ``full`` tells a run over the whole source."""

    rows: int
    quarantined: int
    filled: Mapping[str, int] = field(default_factory=dict)
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


def decide(
    run: RunCounts,
    earlier: RunCounts | None = None,
    last_full: RunCounts | None = None,
    *,
    limit: float = 0.20,
    floor: float = 0.90,
    gone: Collection[str] = (),
) -> GateVerdict:
    """The verdict on ``run``.

    ``earlier`` is the entity's last good run from the same source, ``last_full`` its last good full run; ``limit`` is the largest share of
    quarantined rows, ``floor`` the smallest share of the last full run's rows, ``gone`` are the fields a person said the source has dropped.
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


def _emptied(run: RunCounts, earlier: RunCounts | None, gone: Collection[str]) -> list[Reason]:
    """A field that was filled and now is empty in every row: the source lost a column, or renamed it."""
    if earlier is None or run.rows < MINIMUM:
        return []
    lost = [name for name, count in earlier.filled.items() if count >= MINIMUM / 2 and run.filled.get(name, 0) == 0 and name not in gone]
    return [Reason("column_emptied", f"trường {name} trống ở mọi bản ghi", f"{name} is empty in every row", 1.0, 0.0, name) for name in lost]


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
