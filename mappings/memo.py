"""Converters run once per different value: within a batch always, and across batches for values that come again (names, codes, days)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from re import compile as pattern
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from mappings.refusal import Refusal

LIMIT = 30_000
"""Values kept per converter. Beyond it, only those of the present batch stay."""

SELDOM = 10
"""Values of which fewer than one in so many are met again are not kept."""
EMPTY: dict[Any, Any] = {None: None, "": None}

Convert = Callable[..., Any]
F = TypeVar("F", bound=Convert)
_PLAIN: dict[Convert, Callable[[str], Any]] = {}


def plain(form: str) -> Callable[[F], F]:
    """Declares that a converter takes text of this form as it is: it need not be asked."""
    matches = pattern(form).fullmatch

    def declared(convert: F) -> F:
        _PLAIN[convert] = matches
        return convert

    return declared


@dataclass(slots=True)
class _Memo:
    known: dict[Any, Any] = field(default_factory=dict)
    refused: dict[Any, Refusal] = field(default_factory=dict)

    def learn(self, unique: set[Any], learned: dict[Any, Any], refused: dict[Any, Refusal]) -> tuple[dict[Any, Any], dict[Any, Refusal]]:
        """What the batch needs to know. Grown too large, the memo keeps only what the batch met again, and of numbers that are met once, nothing."""
        if len(self.known) + len(learned) > LIMIT:
            met = unique & self.known.keys()
            self.known = {value: self.known[value] for value in met}
            self.refused = {value: self.refused[value] for value in met & self.refused.keys()}
            if len(met) * SELDOM < len(unique):
                return EMPTY | self.known | learned, self.refused | refused
        self.known |= EMPTY | learned
        self.refused |= refused
        return self.known, self.refused


_MEMOS: WeakKeyDictionary[Convert, _Memo] = WeakKeyDictionary()


def forget() -> None:
    """Empties every memo: a measurement begins as a process does."""
    _MEMOS.clear()


def converted(values: Sequence[Any], convert: Convert, *, single: bool) -> tuple[dict[Any, Any], dict[Any, Refusal]]:
    """What each of ``values`` becomes, and why some become nothing. ``single``: one value each, else tuples of arguments."""
    unique = set(values)
    if single:
        unique -= {None, ""}
    memo = _MEMOS.setdefault(convert, _Memo())
    fresh = unique.difference(memo.known)
    learned, refused = _asked(fresh, convert, single=single)
    return memo.learn(unique, learned, refused)


def _asked(fresh: set[Any], convert: Convert, *, single: bool) -> tuple[dict[Any, Any], dict[Any, Refusal]]:
    found: dict[Any, Any] = {}
    refused: dict[Any, Refusal] = {}
    if matches := _PLAIN.get(convert):
        taken = set(filter(matches, fresh))
        found = dict(zip(taken, taken, strict=True))
        fresh = fresh - taken
    for value in fresh:
        try:
            found[value] = convert(value) if single else convert(*value)
        except Refusal as refusal:
            found[value] = None
            refused[value] = refusal
    return found, refused
