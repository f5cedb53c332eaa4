"""Vietnamese text as sources write it, and as the hub keeps it: NFC, one blank between words, no invisible signs, tones untouched."""

import re
import unicodedata

from mappings.memo import plain, turned
from mappings.refusal import Refusal

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f\x7f]")
_BLANKS = re.compile(r"\s+")
_ETH = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"})
_ETH_LETTERS = frozenset("ÐðƉɖ")
_NORDIC = frozenset("ÞþÆæÖö")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4\u2032", "'"))
_MARKS = re.compile("[\u0300-\u036f]")
_LOST = re.compile("[^\\W\\d_]\\?|\\?[^\\W\\d_]|\ufffd")
_SIGNS = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ"
_QUOTES = "‘’“”–—"
# UTF-8 read as Windows-1252: a lead byte, then a sign. Ã and á are Vietnamese too, so after them only what no text would have there counts.
_MOJIBAKE = re.compile(
    f"[ÄÅÆÇËÎÏäåæçëîï][\u0080-\u00bf{_SIGNS}{_QUOTES}]|[Ãã][\u0080-\u009f¡-¿{_SIGNS}]|[Ãã][{_QUOTES}](?=\\w)|[Áá]º|[Áá]»[\u0080-\u00bf{_SIGNS}{_QUOTES}]"
)
_ROMAN = frozenset({"II", "III", "IV"})

_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_LOWER = "bcdđfghjklmnpqrstvwxz" + "".join(unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in _TONES)
_UPPER = _LOWER.upper()
_NAME = f"[{_UPPER}][{_LOWER}]+(?: [{_UPPER}][{_LOWER}]*)*"
_CAPITALS = f"[{_UPPER}]+(?: [{_UPPER}]+)*"
"""A name of Vietnamese letters and single blanks only: nothing to clean, and no damage looks like it."""
_TEXT = f"[!-~{_UPPER}{_LOWER}]+(?: [!-~{_UPPER}{_LOWER}]+)*"


def clean(value: str) -> str:
    """``value`` in NFC, without invisible signs, blanks collapsed and stripped, the Nordic eth read as the Vietnamese đ it stands for."""
    if value.isascii():
        if value.isprintable() and "  " not in value:
            return value.strip(" ")
    elif not value.isprintable():
        value = _INVISIBLE.sub("", value)
    if not unicodedata.is_normalized("NFC", value):
        value = unicodedata.normalize("NFC", value)
    if not _ETH_LETTERS.isdisjoint(value) and _NORDIC.isdisjoint(value):
        value = value.translate(_ETH)
    if "  " in value or not value.isprintable():
        value = _BLANKS.sub(" ", _INVISIBLE.sub("", value))
    return value.strip()


@plain(_TEXT)
def text(value: str | None) -> str | None:
    """Any text; blank is None."""
    return (clean(value) or None) if value else None


def _all_titled(names: list[str]) -> list[str]:
    """Names in capitals, by syllable."""
    titled = "\n".join(names).title()
    return [_titled(name) for name in names] if " I" in titled else titled.split("\n")


@plain(_NAME)
@turned(_CAPITALS, _all_titled)
def person_name(value: str | None) -> str | None:
    """A person's full name: spelling and tones as given, capitals by syllable when the source wrote all capitals or none."""
    name = _undamaged(value).translate(_APOSTROPHES).strip(".,;: ")
    return (_titled(name) if name.isupper() or name.islower() else name) or None


def _undamaged(value: str | None) -> str:
    """The clean name. A wrong character set shows before cleaning, which takes some of its signs, or only after, when it joined others."""
    if not value:
        return ""
    name = clean(value)
    if _MOJIBAKE.search(value) or (name != value and _MOJIBAKE.search(name)):
        raise Refusal("name_mojibake", "họ tên bị đọc sai bảng mã", "the name was decoded with the wrong character set")
    if _LOST.search(name):
        raise Refusal(
            "name_lost_letters", "họ tên mất chữ: có dấu hỏi giữa một từ", "the name has lost letters: a question mark stands inside a word"
        )
    return name


def _titled(name: str) -> str:
    if _MARKS.search(name):
        return " ".join(word[:1].upper() + word[1:].lower() for word in name.split(" "))
    titled = name.title()
    if " I" not in name:
        return titled
    return " ".join(old if i and old in _ROMAN else new for i, (old, new) in enumerate(zip(name.split(" "), titled.split(" "), strict=True)))


def organisation_name(value: str | None) -> str | None:
    """An organisation's name: the case is the owner's (TNHH, CP, XNK), so it stays."""
    return _undamaged(value) or None


def given_name(full_name: str) -> str:
    """The last syllable; Vietnamese are called and listed by it."""
    return full_name.rsplit(" ", 1)[-1]
