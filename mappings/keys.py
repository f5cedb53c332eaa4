"""Keys for comparing, searching and sorting Vietnamese names. Stored names are never changed by them."""

import re
import unicodedata

from mappings.text import clean

_TONES = ("aàảãáạ", "eèẻẽéẹ", "yỳỷỹýỵ", "oòỏõóọ", "uùủũúụ")
_TONE_OF = {letter: (row[0], i) for row in _TONES for i, letter in enumerate(row)}
_WITH_TONE = {(row[0], i): letter for row in _TONES for i, letter in enumerate(row)}
_OPEN_PAIR = re.compile(r"(o[àảãáạèẻẽéẹ]|(?<!q)u[ỳỷỹýỵ])(?![^\W\d_])")
_MARKS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4", "'"))

_ALPHABET = {letter: f"{i:02x}" for i, letter in enumerate(" 0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", start=1)}
_LETTER_MARKS = frozenset("\u0302\u0306\u031b")
_TONE_WEIGHT = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}


def _tone_first(match: re.Match[str]) -> str:
    first, second = match[0][0], match[0][1]
    plain, tone = _TONE_OF[second]
    return _WITH_TONE[first, tone] + plain


def name_key(name: str) -> str:
    """The exact key: equal for spellings of one name that differ only in capitals, blanks, apostrophe or tone placement (hoà = hòa).

    >>> name_key("NGUYỄN THUÝ  HOÀ")
    'nguyễn thúy hòa'
    """
    return _OPEN_PAIR.sub(_tone_first, clean(name).translate(_APOSTROPHES).casefold())


_Y_ROW = str.maketrans("yỳỷỹýỵ", "iìỉĩíị")
_VOWELS = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứự"
_OPEN_Y = re.compile(rf"(?<![{_VOWELS}])[yỳỷỹýỵ](?![^\W\d_])|(?<=qu)[yỳỷỹýỵ](?![^\W\d_])", re.IGNORECASE)


def spelling_key(name: str) -> str:
    """``name_key`` that also holds Lý and Lí, Mỹ and Mĩ, Quý and Quí for one; Thúy and Thúi, hay and hai stay two.

    >>> spelling_key("Lý Mỹ Quý") == spelling_key("Lí Mĩ Quí")
    True
    """
    return _OPEN_Y.sub(lambda found: found[0].translate(_Y_ROW), name_key(name))


def fold_key(name: str) -> str:
    """The search key: no tones, no marks, no capitals. Hà, Hạ and Há collide, so it finds candidates and never decides.

    >>> fold_key("Đặng Thị Huệ")
    'dang thi hue'
    """
    folded = _MARKS.sub("", unicodedata.normalize("NFD", clean(name).casefold()))
    return folded.replace("đ", "d").replace("’", "'")


def sort_key(value: str) -> str:
    """A key that sorts by the Vietnamese alphabet under plain byte order: letters, then tones, then capitals."""
    letters, tones, capitals = [], [], []
    for cluster in _clusters(unicodedata.normalize("NFD", value)):
        base = unicodedata.normalize("NFC", cluster[0] + "".join(mark for mark in cluster if mark in _LETTER_MARKS))
        lower = base.lower()
        letters.append(_ALPHABET.get(lower, "ff"))
        tones.append(max((_TONE_WEIGHT.get(mark, "0") for mark in cluster), default="0"))
        capitals.append("1" if base != lower else "0")
    return "".join(letters) + "00" + "".join(tones) + "-" + "".join(capitals)


def _clusters(decomposed: str) -> list[str]:
    clusters: list[str] = []
    for letter in decomposed:
        if clusters and unicodedata.combining(letter):
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters
