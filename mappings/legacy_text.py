"""Text in the Vietnamese fonts of the 1990s. Only for sources declared so: nothing here guesses.

TCVN3 (ABC) draws its capitals with tones by a capital font (.VnTimeH), so such capitals come back small: what the bytes do not say is
not invented. VNI writes a letter and its mark as two signs.
"""

import re

from mappings.refusal import Refusal
from mappings.text import clean

_SMALL = "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵ"
_SIGNS = "¸µ¶·¹¨¾»¼½Æ©ÊÇÈÉË®ÐÌÎÏÑªÕÒÓÔÖÝ×ØÜÞãßáâä«èåæçé¬íêëìîóïñòô\xadøõö÷ùýúûüþ"
_TCVN3 = dict(zip(_SIGNS, _SMALL, strict=True)) | dict(zip("¡¢§£¤¥¦", "ĂÂĐÊÔƠƯ", strict=True))
_TCVN3_TABLE = str.maketrans(_TCVN3)

_TONES = {"a": "aáàảãạ", "ă": "ăắằẳẵặ", "â": "âấầẩẫậ", "e": "eéèẻẽẹ", "ê": "êếềểễệ", "o": "oóòỏõọ", "ô": "ôốồổỗộ", "ơ": "ơớờởỡợ"}
_TONES |= {"u": "uúùủũụ", "ư": "ưứừửữự", "y": "yýỳỷỹ"}
_PLAIN, _HAT, _BREVE = ("", "ù", "ø", "û", "õ", "ï"), ("â", "á", "à", "å", "ã", "ä"), ("ê", "é", "è", "ú", "ü", "ë")


def _vni_pairs() -> dict[str, str]:
    pairs = {"í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ñ": "đ"}
    for base, sign, marks in (
        ("a", "a", _PLAIN), ("ă", "a", _BREVE), ("â", "a", _HAT), ("e", "e", _PLAIN), ("ê", "e", _HAT), ("o", "o", _PLAIN),
        ("ô", "o", _HAT), ("ơ", "ô", _PLAIN), ("u", "u", _PLAIN), ("ư", "ö", _PLAIN), ("y", "y", _PLAIN),
    ):  # fmt: skip
        pairs |= {sign + mark: letter for mark, letter in zip(marks, _TONES[base], strict=False) if sign + mark != letter}
    return (
        pairs
        | {sign.upper(): letter.upper() for sign, letter in pairs.items()}
        | {sign.capitalize(): letter.upper() for sign, letter in pairs.items()}
    )


_VNI = _vni_pairs()
_VNI_SIGN = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))


def from_tcvn3(value: str) -> str:
    """TCVN3 text (read as Latin-1 or Windows-1252 signs) in Unicode.

    >>> from_tcvn3("B¾c Ninh")
    'Bắc Ninh'
    """
    return clean(tcvn3_letters(value))


def tcvn3_letters(value: str) -> str:
    """The same, spaces and line breaks untouched: for whole files."""
    return value.translate(_TCVN3_TABLE)


def from_vni(value: str) -> str:
    """VNI-Windows text in Unicode.

    >>> from_vni("Baéc Ninh")
    'Bắc Ninh'
    """
    return clean(_VNI_SIGN.sub(lambda found: _VNI[found[0]], value))


DECODERS = {"tcvn3": from_tcvn3, "vni": from_vni}


def decoded(value: str, encoding: str) -> str:
    """``value`` from a declared legacy encoding (tcvn3, vni). What is left over of the old signs is a Refusal: the declaration is wrong."""
    found = DECODERS[encoding](value)
    if left := [sign for sign in found if "\x80" <= sign <= "\xbf"]:
        raise Refusal(
            "name_mojibake",
            f"{len(left)} ký tự không thuộc {encoding}: bảng mã khai báo sai",
            f"{len(left)} signs are not {encoding}: the declared encoding is wrong",
        )
    return found
