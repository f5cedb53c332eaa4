"""Why a value cannot be taken: a reason code of the catalogue and a sentence a person can read, in Vietnamese and English."""

import re
from typing import Self

_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
BETWEEN = " · "
"""Between the Vietnamese and the English half of a sentence."""


def both(vi: str, en: str) -> str:
    """A sentence in both languages."""
    return f"{vi}{BETWEEN}{en}"


NO_VALUE = both("nguồn không cho giá trị", "the source gave no value")


def no_text(value: object) -> str:
    """What is said of a structure where a text should be."""
    kind = type(value).__name__
    return both(f"{kind} ở chỗ cần văn bản", f"{kind} where text is expected")


def shape(value: str) -> str:
    """The form of ``value`` without its content: digits become ``#``, letters ``x``."""
    return _LETTER.sub("x", _DIGIT.sub("#", value))


class Refusal(ValueError):
    """A converter's only way to say no.

    ``code`` is a reason code of ``quality.issues``; ``vi`` and ``en`` are the sentence, in which ``{}`` stands for ``value``, the piece of the
    source that it quotes; ``proposal`` a repair to be shown to a person, never applied. ``why`` and ``str()`` tell both languages.
    """

    def __init__(self, code: str, vi: str, en: str, *, value: str | None = None, proposal: str | None = None):
        super().__init__(both(vi, en))
        self.code = code
        self.value = value
        self.proposal = proposal

    def bare(self) -> Self:
        """Itself without the frames it came through: kept in a memo, they would hold whole batches."""
        self.__context__ = None
        return self.with_traceback(None)

    @property
    def why(self) -> str:
        """The sentence."""
        return self.quoting(self.value)

    @property
    def masked(self) -> str:
        """The sentence with the quoted value reduced to its shape."""
        return self.quoting(self.value and shape(self.value))

    def quoting(self, value: str | None) -> str:
        """The sentence about ``value``."""
        said: str = self.args[0]
        return said if value is None else said.replace("{}", value)

    def __str__(self) -> str:
        return self.why
