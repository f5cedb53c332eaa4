"""What a damage is, and the kinds that many datasets share.

A damage is a function from a row to the values it changes, or None where it cannot be planted. Each leaves exactly one thing wrong: where
two rules would notice, the other one's input is blanked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from include.sandbox.damaged_values import lost_letters, lost_zero, mojibake, other_sex, other_year, shifted_digits
from include.sandbox.wire import Wire, get

Edits = dict[str, str | None]
Plant = Callable[[Wire, Random], Edits | None]

DUPLICATE = "duplicate_key"
CONFLICT = "identity_conflict"
"""Both concern two rows and are planted by the province itself."""


@dataclass(frozen=True, slots=True)
class Damage:
    """``code`` is what the hub must answer, ``field`` the wire path at fault."""

    code: str
    field: str
    plant: Plant


def fixed(code: str, path: str, value: str | None, when: Callable[[Wire], object] = bool) -> Damage:
    """Puts ``value`` at ``path`` where ``when`` holds of the row."""
    return Damage(code, path, lambda row, _: {path: value} if when(row) else None)


def changed(code: str, path: str, change: Callable[[str], str | None], when: Callable[[Wire], object] = bool) -> Damage:
    """Puts ``change(value)`` at ``path`` where there is a value and ``change`` gives one."""

    def plant(row: Wire, _: Random) -> Edits | None:
        value = get(row, path)
        new = change(value) if value and when(row) else None
        return None if new is None or new == value else {path: new}

    return Damage(code, path, plant)


def names(path: str) -> tuple[Damage, ...]:
    """A name that lost letters, and one in the wrong character set."""
    return changed("name_lost_letters", path, lost_letters), changed("name_mojibake", path, mojibake)


def personal_numbers(path: str, sex: str) -> tuple[Damage, ...]:
    """The four ways a personal number breaks; ``sex`` is the path it must agree with."""
    return (
        changed("personal_number_invalid", path, shifted_digits),
        changed("personal_number_lost_zero", path, lost_zero),
        changed("personal_number_sex_mismatch", path, other_sex, lambda row: get(row, sex) in {"1", "2"}),
        changed("personal_number_year_mismatch", path, other_year),
    )
