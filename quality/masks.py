"""The rules, run on canonical columns: which rows fail, all of them. Pure Python over lists, each rule over the different values of a column.

Great Expectations tells the verdict of a run from these counts (``quality.engine``); stock Great Expectations run on the same rows gives the
same (a test holds the two together).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import compress
from operator import ne
from typing import Any, NamedTuple

from mappings.patterns import matched, unmatched
from quality.derive import TODAY, Helped, end_of
from quality.rules import Rule

Columns = Mapping[str, Sequence[Any]]
CANNOT = (TypeError, ValueError, AttributeError, LookupError)
"""What a check raises on values no canonical column holds: the rule is then in error, and no row is blamed."""


class Found(NamedTuple):
    """What one rule found: ``rows`` it speaks of, how many of them it ``evaluated`` (have a value), the ``bad`` ones by position."""

    rows: int
    evaluated: int
    bad: list[int]
    exception: str | None = None


class Present(NamedTuple):
    """The values of a column that are there, and their positions (None: all)."""

    values: Sequence[Any]
    at: Sequence[int] | None

    def where(self, wrong: Iterable[Any]) -> list[int]:
        """The positions of the values that are ``wrong``."""
        bad = frozenset(wrong)
        if not bad:
            return []
        return list(compress(range(len(self.values)) if self.at is None else self.at, map(bad.__contains__, self.values)))


class Batch:
    """The columns of one batch, prepared once for all rules that read them."""

    def __init__(self, columns: Columns, size: int, today: date) -> None:
        self.size = size
        self.today = today
        self._columns = columns
        self._values = Helped(columns, size, today)
        self._present: dict[str, Present] = {}
        self._unique: dict[str, set[Any]] = {}
        self._missing: dict[str, frozenset[int]] = {}

    def values(self, name: str) -> Sequence[Any]:
        """A column, given or derived. Raises LookupError when there is none."""
        found = self._values[name]
        if found is None:
            raise LookupError(f"there is no column {name}")
        return found

    def missing(self, name: str) -> frozenset[int]:
        """The positions at which a column has no value."""
        if name not in self._missing:
            at = self.present(name).at
            self._missing[name] = frozenset() if at is None else frozenset(range(self.size)).difference(at)
        return self._missing[name]

    def present(self, name: str) -> Present:
        """What is there of a column."""
        if name not in self._present:
            values = self.values(name)
            if values.count(None):
                at = [i for i, value in enumerate(values) if value is not None]
                self._present[name] = Present([values[i] for i in at], at)
            else:
                self._present[name] = Present(values, None)
        return self._present[name]

    def unique(self, name: str) -> set[Any]:
        """The different values of a column."""
        if name not in self._unique:
            self._unique[name] = set(self.present(name).values)
        return self._unique[name]

    def only(self, when: Mapping[str, Sequence[Any]]) -> tuple["Batch", list[int]]:
        """The rows whose fields have one of the values named, as a batch, and where they stand in this one."""
        kept: Iterable[int] = range(self.size)
        for name, members in when.items():
            known, values = frozenset(members), self.values(name)
            kept = [i for i in kept if values[i] in known]
        positions = list(kept)
        chosen = _Chosen(self, positions)
        return Batch(chosen, len(positions), self.today), positions


class _Chosen(Mapping[str, Sequence[Any]]):
    """Columns of some rows of a batch."""

    def __init__(self, batch: Batch, positions: list[int]) -> None:
        self._batch = batch
        self._positions = positions

    def __getitem__(self, name: str) -> Sequence[Any]:
        values = self._batch.values(name)
        return [values[i] for i in self._positions]

    def __iter__(self) -> Any:
        return iter(self._batch._columns)

    def __len__(self) -> int:
        return len(self._batch._columns)


def evaluate(rules: Sequence[Rule], columns: Columns, today: date) -> list[Found]:
    """What each rule found in the batch."""
    batch = Batch(columns, len(next(iter(columns.values()), ())), today)
    return [_found(rule, batch) for rule in rules]


def _found(rule: Rule, batch: Batch) -> Found:
    try:
        when = rule.args.get("when")
        if not when:
            return _checked(rule, batch)
        part, positions = batch.only(when)
        found = _checked(rule, part)
        return found._replace(bad=[positions[i] for i in found.bad])
    except CANNOT as error:
        return Found(0, 0, [], f"{type(error).__name__}: {error}" if isinstance(error, TypeError | LookupError) else type(error).__name__)


def _checked(rule: Rule, batch: Batch) -> Found:
    if rule.check in {"at_most", "equal"}:
        return _pair(rule, batch)
    if rule.check == "not_null":
        missing = batch.values(rule.field)
        bad = [i for i, value in enumerate(missing) if value is None] if missing.count(None) else []
        return Found(batch.size, batch.size, bad)
    present = batch.present(rule.field)
    return Found(batch.size, len(present.values), present.where(WRONG[rule.check](rule, batch)))


def _repeated(rule: Rule, batch: Batch) -> Iterable[Any]:
    values = batch.present(rule.field).values
    if len(batch.unique(rule.field)) == len(values):
        return ()
    return [value for value, times in Counter(values).items() if times > 1]


def _strangers(rule: Rule, batch: Batch) -> Iterable[Any]:
    return batch.unique(rule.field).difference(_members(rule.id, tuple(rule.values)))


@cache
def _members(_rule: str, values: tuple[Any, ...]) -> frozenset[Any]:
    return frozenset(values)


def _unmatched(rule: Rule, batch: Batch) -> Iterable[Any]:
    return unmatched(rule.args["pattern"], batch.unique(rule.field))


def _matched(rule: Rule, batch: Batch) -> Iterable[Any]:
    return matched(rule.args["pattern"], batch.unique(rule.field))


WRONG: dict[str, Callable[[Rule, Batch], Iterable[Any]]] = {
    "unique": _repeated,
    "in_set": _strangers,
    "regex": _unmatched,
    "not_regex": _matched,
}
"""The different values that fail a check of one field."""


def _pair(rule: Rule, batch: Batch) -> Found:
    """``at_most`` and ``equal``, on the rows where both sides have a value."""
    other = rule.args["other"]
    own = batch.present(rule.field)
    if other == TODAY:
        limit = end_of(batch.today)
        return Found(batch.size, len(own.values), own.where(value for value in batch.unique(rule.field) if not value <= limit))
    left, right = batch.values(rule.field), batch.values(other)
    missing = batch.missing(rule.field) | batch.missing(other)
    if rule.check == "equal":
        differ = compress(range(batch.size), map(ne, left, right))
        bad = [i for i in differ if i not in missing]
    else:
        both = range(batch.size) if not missing else [i for i in range(batch.size) if i not in missing]
        bad = [i for i in both if not left[i] <= right[i]]
    return Found(batch.size, batch.size - len(missing), bad)
