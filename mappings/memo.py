"""Converters run once per different value: within a batch always, and across batches for values that come again (names, codes, days)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from mappings.patterns import unmatched
from mappings.refusal import Refusal

LIMIT = 30_000
"""Values kept per converter. Beyond it, only those of the present batch stay."""

SELDOM = 10
"""Values of which fewer than one in so many are met again are not kept."""
MOSTLY = 0.7
"""Columns of which so many values differ from each other are not looked up value by value."""
EMPTY: dict[Any, Any] = {None: None, "": None}

Convert = Callable[..., Any]
F = TypeVar("F", bound=Convert)
_PLAIN: dict[Convert, str] = {}
_TURNED: dict[Convert, tuple[str, Callable[[list[str]], list[str]]]] = {}
_READING: dict[Convert, tuple[Convert, tuple[Convert | None, ...]]] = {}


def plain(form: str) -> Callable[[F], F]:
    """Declares that a converter takes text of this form as it is: it need not be asked."""

    def declared(convert: F) -> F:
        _PLAIN[convert] = rf"\A(?:{form})\Z"
        return convert

    return declared


def turned(form: str, turn: Callable[[list[str]], list[str]]) -> Callable[[F], F]:
    """Declares what a converter makes of texts of this form: all at once, what ``turn`` makes of them."""

    def declared(convert: F) -> F:
        _TURNED[convert] = (rf"\A(?:{form})\Z", turn)
        return convert

    return declared


def reading(*readers: Convert | None) -> Callable[[F], F]:
    """Declares that a converter of several values wants them read first, by converters that never refuse and leave fewer different ones."""

    def declared(convert: F) -> F:
        @wraps(convert)
        def direct(*values: Any) -> Any:
            return convert(*(reader(value) if reader else value for reader, value in zip(readers, values, strict=True)))

        _READING[direct] = (convert, readers)
        return direct  # type: ignore[return-value]

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


def converted(columns: Sequence[Sequence[Any]], convert: Convert) -> tuple[list[Any], dict[int, Refusal]]:
    """What the values of each row become, and by place why some become nothing. ``columns``: one for each value the converter takes."""
    if len(columns) == 1:
        return _single(columns[0], convert)
    if convert in _READING:
        convert, readers = _READING[convert]
        columns = [_single(column, reader)[0] if reader else column for column, reader in zip(columns, readers, strict=True)]
    memo, refused = _known(set(zip(*columns, strict=True)), convert, single=False)
    return [memo[values] for values in zip(*columns, strict=True)], _places(zip(*columns, strict=True), refused)


def _single(values: Sequence[Any], convert: Convert) -> tuple[list[Any], dict[int, Refusal]]:
    unique = set(values)
    filled = unique - EMPTY.keys()
    form = _PLAIN.get(convert)
    if form is None:
        if convert in _TURNED and len(filled) > MOSTLY * len(values):
            return _mostly_different(values, filled, convert)
        memo, refused = _known(filled, convert, single=True)
        return [memo[value] for value in values], _places(values, refused)
    odd = set(unmatched(form, filled))
    if not odd and "" not in unique:
        return list(values), {}
    memo, refused = _known(odd, convert, single=True)
    return [memo.get(value, value) for value in values], _places(values, refused)


def _mostly_different(values: Sequence[Any], filled: set[Any], convert: Convert) -> tuple[list[Any], dict[int, Refusal]]:
    """Values that hardly one comes twice of: all turned as they stand, and only the odd ones asked of the converter."""
    form, turn = _TURNED[convert]
    odd = set(unmatched(form, filled))
    memo, refused = _known(odd, convert, single=True)
    regular = next(iter(filled - odd), None)
    if regular is None:
        return [memo[value] for value in values], _places(values, refused)
    aside = odd.union(EMPTY)
    places = [at for at, value in enumerate(values) if value in aside]
    texts = list(values)
    for at in places:
        texts[at] = regular
    column: list[Any] = turn(texts)
    for at in places:
        column[at] = memo[values[at]]
    return column, _places(values, refused)


def _places(values: Iterable[Any], refused: dict[Any, Refusal]) -> dict[int, Refusal]:
    return {at: refused[value] for at, value in enumerate(values) if value in refused} if refused else {}


def _known(unique: set[Any], convert: Convert, *, single: bool) -> tuple[dict[Any, Any], dict[Any, Refusal]]:
    memo = _MEMOS.setdefault(convert, _Memo())
    learned, refused = _asked(unique.difference(memo.known), convert, single=single)
    return memo.learn(unique, learned, refused)


def _asked(fresh: set[Any], convert: Convert, *, single: bool) -> tuple[dict[Any, Any], dict[Any, Refusal]]:
    found: dict[Any, Any] = {}
    refused: dict[Any, Refusal] = {}
    if convert in _TURNED:
        form, turn = _TURNED[convert]
        odd = unmatched(form, fresh)
        if regular := list(fresh.difference(odd)):
            found = dict(zip(regular, turn(regular), strict=True))
        fresh = set(odd)
    for value in fresh:
        try:
            found[value] = convert(value) if single else convert(*value)
        except Refusal as refusal:
            found[value] = None
            refused[value] = refusal.bare()
    return found, refused
