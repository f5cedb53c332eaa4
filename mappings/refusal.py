"""Why a value cannot be taken: a reason code of the catalogue and a sentence a person can read."""

import re
from typing import Self

_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")


def shape(value: str) -> str:
    """The form of ``value`` without its content: digits become ``#``, letters ``x``."""
    return _LETTER.sub("x", _DIGIT.sub("#", value))


class Refusal(ValueError):
    """A converter's only way to say no.

    ``code`` is a reason code of ``quality.issues``; ``str(refusal)`` the sentence; ``value`` the piece of the sentence that quotes the
    source, so that it can be masked when the field is personal; ``proposal`` a repair to be shown to a person, never applied.
    """

    def __init__(self, code: str, why: str, *, value: str | None = None, proposal: str | None = None):
        super().__init__(why)
        self.code = code
        self.why = why
        self.value = value
        self.proposal = proposal

    def bare(self) -> Self:
        """Itself without the frames it came through: kept in a memo, they would hold whole batches."""
        self.__context__ = None
        return self.with_traceback(None)

    @property
    def masked(self) -> str:
        """The sentence with the quoted value reduced to its shape."""
        return self.why.replace(self.value, shape(self.value)) if self.value else self.why
