"""Converters run once per different value: within a batch always, and across batches for values that come again (names, codes, days)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from re import compile as pattern
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from mappings.refusal import Refusal

LIMIT = 30_000
"""Values kept per converter. Beyond it, only those of the present batch stay."""

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

    def learn(self, unique: set[Any], learned: dict[Any, Any], refused: dict[Any, Refusal]) -> None:
        """Adds what was just asked. Grown too large, it keeps what the present batch uses, and forgets the rest."""
        if len(self.known) + len(learned) > LIMIT:
            self.known = {value: self.known[value] for value in unique & self.known.keys()}
            self.refused = {value: self.refused[value] for value in unique & self.refused.keys()}
        self.known |= {None: None, "": None} | learned
        self.refused |= refused


_MEMOS: WeakKeyDictionary[Convert, _Memo] = WeakKeyDictionary()


def converted(values: Sequence[Any], convert: Convert, *, single: bool) -> tuple[dict[Any, Any], dict[Any, Refusal]]:
    """What each of ``values`` becomes, and why some become nothing. ``single``: one value each, else tuples of arguments."""
    unique = set(values)
    if single:
        unique -= {None, ""}
    memo = _MEMOS.setdefault(convert, _Memo())
    fresh = unique.difference(memo.known)
    learned, refused = _asked(fresh, convert, single=single)
    memo.learn(unique, learned, refused)
    return memo.known, memo.refused


def _asked(fresh: Iterable[Any], convert: Convert, *, single: bool) -> tuple[dict[Any, Any], dict[Any, Refusal]]:
    found: dict[Any, Any] = {}
    refused: dict[Any, Refusal] = {}
    if matches := _PLAIN.get(convert):
        found = {value: value for value in fresh if matches(value)}
        fresh = [value for value in fresh if value not in found]
    for value in fresh:
        try:
            found[value] = convert(value) if single else convert(*value)
        except Refusal as refusal:
            found[value] = None
            refused[value] = refusal
    return found, refused
